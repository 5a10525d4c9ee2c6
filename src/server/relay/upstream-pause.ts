/** How long a relay leaves its upstream alone: pure, the state is an immutable value. Instants are monotonic ms. */
import type { Random } from '../../base/seams.js';

/** What is known about the upstream. */
export interface UpstreamState {
  /** Failures in a row. */
  readonly failures: number;
  /** It is not asked before. */
  readonly pausedUntilMs: number;
  /** Whether it asked for the pause itself. */
  readonly byRequest: boolean;
}

/** How an exchange went. */
export type UpstreamOutcome =
  | { readonly kind: 'answered' | 'failed' }
  | { readonly kind: 'wait'; readonly waitMs: number | undefined };

/** Nothing is known yet. */
export const untriedUpstream: UpstreamState = { failures: 0, pausedUntilMs: Number.NEGATIVE_INFINITY, byRequest: false };

const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
const unnamedWaitMs = 5_000;
/** What a response says about waiting is not signed: an attacker could ask for a year. */
const longestWaitMs = 3_600_000;

/** The state after an exchange: failures pause for 0.5 to 1 s, doubling to 30 to 60 s; a wait is obeyed up to an hour. */
export function afterExchange(
  state: UpstreamState,
  outcome: UpstreamOutcome,
  at: { readonly nowMs: number; readonly random: Random },
): UpstreamState {
  switch (outcome.kind) {
    case 'answered':
      return untriedUpstream;
    case 'failed': {
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(state.failures, 30));
      const pausedUntilMs = at.nowMs + pauseMs * (0.5 + 0.5 * at.random());
      return { failures: state.failures + 1, pausedUntilMs, byRequest: false };
    }
    case 'wait': {
      const waitMs = Math.min(outcome.waitMs ?? unnamedWaitMs, longestWaitMs);
      return { failures: state.failures, pausedUntilMs: at.nowMs + waitMs, byRequest: true };
    }
  }
}
