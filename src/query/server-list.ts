/**
 * Step 4: the servers and what is known about each: breaker, wait, and whether it answered the last time. A state is
 * an immutable value and changes by a pure function; the list keeps one for each server and tells when it shows.
 * Instants are monotonic ms, so a wall clock that jumps neither frees a server nor bans it.
 */
import { closedBreaker, isDue, nextBreaker } from './decide/breaker.js';
import { afterFailing, afterProbe } from './decide/probe-plan.js';
import type { Clock, Random } from '../base/seams.js';
import type { Breaker } from './decide/breaker.js';
import type { ServerStatus } from './query-client.js';
import type { ReputationSource } from './reputation-source.js';

/** What is known about a server. */
export interface ServerState {
  readonly breaker: Breaker;
  /** End of the wait that it asked for; in the past when there is none. */
  readonly waitUntilMs: number;
  /** How the last exchange went; `unknown` before the first and after a change of network. */
  readonly health: 'unknown' | 'good' | 'failing';
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

/** One server. */
export interface ServerEntry {
  readonly source: ReputationSource;
  readonly state: () => ServerState;
  readonly note: (note: ServerNote) => void;
}

/** The servers of one client. */
export interface ServerList {
  /** Local before global; within a scope as listed, or shuffled anew at each call. */
  inOrder(): readonly ServerEntry[];
  status(): readonly ServerStatus[];
  /** Monotonic instant before which a probe is of no use: one for all, so that a client has one place in the minute. */
  probeAtMs(): number;
  /** All that are not waiting have been probed. */
  probed(): void;
}

/** What the list is made of. */
export interface ServerListOptions {
  readonly sources: readonly ReputationSource[];
  readonly clock: Clock;
  readonly random: Random;
  readonly order: 'listed' | 'random';
  /** Called when the state that `status` shows has changed. */
  readonly onState: (server: string, state: ServerStatus['state']) => void;
  /** Called when a server has asked for a wait, with all that is left of it. */
  readonly onWait?: ((server: string, waitMs: number) => void) | undefined;
}

/** The time that a server is left alone when it asks for a wait without saying how long. */
export const unnamedWaitMs = 5_000;
/** The longest wait that a server can impose: what it says here is not signed. */
export const maxWaitMs = 86_400_000;

/** A list of servers of which nothing is known yet. */
export function createServerList(options: ServerListOptions): ServerList {
  const { clock, random } = options;
  let probeAtMs = Number.NEGATIVE_INFINITY;
  const onNote = (kind: ServerNote['kind']): void => {
    const at = { nowMs: clock.monotonicMs(), random };
    if (kind === 'attempt-failed') {
      probeAtMs = afterFailing(probeAtMs, at);
    } else if (kind === 'wait' || kind === 'recalled') {
      const freeAtMs = Math.min(...entries.map((entry) => entry.state().waitUntilMs));
      probeAtMs = afterFailing(probeAtMs, { ...at, freeAtMs });
    } else if (kind === 'reset') {
      probeAtMs = at.nowMs;
    }
  };
  const entries = options.sources.map((source) => createEntry(source, options, onNote));
  const local = entries.filter((entry) => entry.source.scope === 'local');
  const global = entries.filter((entry) => entry.source.scope !== 'local');
  const listed = [...local, ...global];
  return {
    inOrder: () => (options.order === 'listed' ? listed : [...shuffled(local, random), ...shuffled(global, random)]),
    status: () => entries.map((entry) => statusOf(entry.source.id, entry.state(), clock)),
    probeAtMs: () => probeAtMs,
    probed: () => {
      probeAtMs = afterProbe({ nowMs: clock.monotonicMs(), random });
    },
  };
}

/** A server of which nothing is known. */
export const unknownState: ServerState = {
  breaker: closedBreaker,
  waitUntilMs: Number.NEGATIVE_INFINITY,
  health: 'unknown',
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
      return { ...state, breaker: breakerAfterWait(state, note.waitMs, at), waitUntilMs, health: 'failing' };
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

/** What `status` shows. */
export function shownState(state: ServerState, nowMs: number): ServerStatus['state'] {
  if (state.breaker.kind !== 'closed') {
    return isDue(state.breaker, nowMs) ? 'half-open' : state.breaker.kind;
  }
  return state.waitUntilMs > nowMs ? 'waiting' : 'closed';
}

/** All items in an order where each place is equally likely (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
  }
  return mixed;
}

function createEntry(source: ReputationSource, options: ServerListOptions, onNote: (kind: ServerNote['kind']) => void): ServerEntry {
  const { clock, onState, onWait } = options;
  const { scope } = source;
  let state = unknownState;
  let shown: ServerStatus['state'] = 'closed';
  return {
    source,
    state: () => state,
    note: (note) => {
      const nowMs = clock.monotonicMs();
      state = nextServerState(state, note, { nowMs, scope });
      onNote(note.kind);
      if (note.kind === 'wait') {
        onWait?.(source.id, state.waitUntilMs - nowMs);
      }
      const next = shownState(state, nowMs);
      if (next !== shown) {
        shown = next;
        onState(source.id, next);
      }
    },
  };
}

function boundedWait(waitMs: number | undefined): number {
  return isNamed(waitMs) ? Math.min(waitMs, maxWaitMs) : unnamedWaitMs;
}

function isNamed(waitMs: number | undefined): waitMs is number {
  return waitMs !== undefined && waitMs >= 0;
}

function statusOf(id: string, state: ServerState, clock: Clock): ServerStatus {
  const nowMs = clock.monotonicMs();
  const shown = shownState(state, nowMs);
  const untilMs = shown === 'open' && state.breaker.kind === 'open' ? state.breaker.untilMs : state.waitUntilMs;
  if (shown === 'open' || shown === 'waiting') {
    return { id, state: shown, untilAt: Math.ceil(clock.now() + untilMs - nowMs) };
  }
  return shown === 'closed' && state.health === 'failing' ? { id, state: shown, failing: true } : { id, state: shown };
}
