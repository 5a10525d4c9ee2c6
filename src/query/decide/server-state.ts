/**
 * Step 4: what is known about one server, an immutable value that changes by a pure function: breaker, wait, and how
 * the last exchange went. Instants are monotonic ms, so a wall clock that jumps neither frees a server nor bans it.
 */
import { closedBreaker, isDue, nextBreaker } from './breaker.js';
import { nextProbeMs } from './probe-plan.js';
import type { ServerStatus } from '../query-client.js';
import type { Breaker } from './breaker.js';

/** What is known about a server. */
export interface ServerState {
  readonly breaker: Breaker;
  /** End of the wait that it asked for; in the past when there is none. */
  readonly waitUntilMs: number;
  /** How the last exchange went; `unknown` before the first and after a change of network. */
  readonly health: 'unknown' | 'good' | 'failing';
  /** When it last asked for a wait. */
  readonly toldAtMs: number;
}

/** What an exchange, a question or the host says about a server. */
export type ServerNote =
  | { readonly kind: 'success' }
  | { readonly kind: 'wait'; readonly waitMs: number | undefined }
  /** What is left of a wait that an earlier process was told. */
  | { readonly kind: 'recalled'; readonly waitMs: number }
  /** One attempt failed; whether its question did is another note. */
  | { readonly kind: 'attempt-failed' }
  | { readonly kind: 'question-failed' | 'trial' | 'trial-failed' | 'trial-abandoned' | 'reset' };

/** The time that a server is left alone when it asks for a wait without saying how long. */
export const unnamedWaitMs = 5_000;
/** The longest wait that a server can impose: what it says here is not signed. */
export const maxWaitMs = 86_400_000;

/** A server of which nothing is known. */
export const unknownState: ServerState = {
  breaker: closedBreaker,
  waitUntilMs: Number.NEGATIVE_INFINITY,
  health: 'unknown',
  toldAtMs: Number.NEGATIVE_INFINITY,
};

/** The state after a note. */
export function nextServerState(
  state: ServerState,
  note: ServerNote,
  at: { readonly nowMs: number; readonly scope: 'local' | 'global' },
): ServerState {
  switch (note.kind) {
    case 'success':
      return { ...state, breaker: nextBreaker(state.breaker, 'success', at), health: 'good' };
    case 'wait': {
      const waitUntilMs = Math.max(state.waitUntilMs, at.nowMs + boundedWait(note.waitMs));
      return { breaker: breakerAfterWait(state, note.waitMs, at), waitUntilMs, health: 'failing', toldAtMs: at.nowMs };
    }
    case 'recalled':
      return { ...state, waitUntilMs: Math.max(state.waitUntilMs, at.nowMs + boundedWait(note.waitMs)) };
    case 'attempt-failed':
      return { ...state, health: 'failing' };
    case 'reset':
      return { ...state, breaker: closedBreaker, health: 'unknown' };
    case 'question-failed':
    case 'trial':
    case 'trial-failed':
    case 'trial-abandoned':
      return { ...state, breaker: nextBreaker(state.breaker, note.kind, at) };
  }
}

/**
 * A server that says how long to wait can be reached and looks after itself: its breaker has no say. One that only
 * says "not now" again and again, each time it may be asked, is out of order like one that fails.
 */
function breakerAfterWait(state: ServerState, waitMs: number | undefined, at: { readonly nowMs: number; readonly scope: 'local' | 'global' }): Breaker {
  const { breaker } = state;
  if (isNamed(waitMs)) {
    return nextBreaker(breaker, 'success', at);
  }
  if (breaker.kind === 'half-open') {
    return nextBreaker(breaker, 'trial-failed', at);
  }
  return state.waitUntilMs > at.nowMs ? breaker : nextBreaker(breaker, 'question-failed', at);
}

/** Whether an answer of this server would be news. */
export function wantsProbe(state: ServerState): boolean {
  return state.health !== 'good' || state.breaker.kind !== 'closed';
}

/**
 * Whether it has said of late that it has too much to do: then a probe would only add to that, and the questions that it
 * is asked anyway tell when it is back.
 */
export function wasJustTold(state: ServerState, nowMs: number): boolean {
  return nowMs - state.toldAtMs < nextProbeMs[0];
}

/** What `status` shows. */
export function shownState(state: ServerState, nowMs: number): ServerStatus['state'] {
  if (state.breaker.kind !== 'closed') {
    return isDue(state.breaker, nowMs) ? 'half-open' : state.breaker.kind;
  }
  return state.waitUntilMs > nowMs ? 'waiting' : 'closed';
}

function boundedWait(waitMs: number | undefined): number {
  return isNamed(waitMs) ? Math.min(waitMs, maxWaitMs) : unnamedWaitMs;
}

function isNamed(waitMs: number | undefined): waitMs is number {
  return waitMs !== undefined && waitMs >= 0;
}
