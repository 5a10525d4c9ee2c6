/**
 * Step 4: the servers of one client, their order, and when they are probed. The list keeps the state of each
 * (`decide/server-state.ts`) and tells when it shows.
 */
import { afterFailing, afterProbe } from './decide/probe-plan.js';
import { nextServerState, shownState, unknownState } from './decide/server-state.js';
import type { Clock, Random } from '../base/seams.js';
import type { ServerNote, ServerState } from './decide/server-state.js';
import type { ServerStatus } from './query-client.js';
import type { ReputationSource } from './reputation-source.js';

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
  /** The first probe is of use after up to this time; at once where absent. */
  readonly firstProbeWithinMs?: number | undefined;
  /** Called when the state that `status` shows has changed. */
  readonly onState: (server: string, state: ServerStatus['state']) => void;
  /** Called when a server has asked for a wait, with all that is left of it. */
  readonly onWait?: ((server: string, waitMs: number) => void) | undefined;
}

/** A list of servers of which nothing is known yet. */
export function createServerList(options: ServerListOptions): ServerList {
  const { clock, random } = options;
  const { firstProbeWithinMs } = options;
  let probeAtMs = firstProbeWithinMs === undefined ? Number.NEGATIVE_INFINITY : clock.monotonicMs() + firstProbeWithinMs * random();
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

function statusOf(id: string, state: ServerState, clock: Clock): ServerStatus {
  const nowMs = clock.monotonicMs();
  const shown = shownState(state, nowMs);
  const untilMs = shown === 'open' && state.breaker.kind === 'open' ? state.breaker.untilMs : state.waitUntilMs;
  if (shown === 'open' || shown === 'waiting') {
    return { id, state: shown, untilAt: Math.ceil(clock.now() + untilMs - nowMs) };
  }
  return shown === 'closed' && state.health === 'failing' ? { id, state: shown, failing: true } : { id, state: shown };
}
