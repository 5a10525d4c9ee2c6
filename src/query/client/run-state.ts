/**
 * Step 4: what is known about one question on its way, and the facts that `schedule.ts` decides by.
 */
import { admits } from '../decide/breaker.js';
import { blame } from './coalesce.js';
import type { Clock, Random } from '../../base/seams.js';
import type { Alarm } from './alarm.js';
import type { Asker } from './asker.js';
import type { Item, Items, Waiter } from './coalesce.js';
import type { ScheduleFacts, ServerFacts } from '../decide/schedule.js';
import type { ServerEntry, ServerList } from '../server-list.js';
import type { Bell, Gate } from './turns.js';

/** What all questions of a client share. */
export interface RunContext {
  readonly clock: Clock;
  /** In the background. */
  readonly alarm: Alarm;
  readonly random: Random;
  readonly servers: ServerList;
  readonly items: Items;
  readonly asker: Asker;
  /** Limits how many attempts are on the wire at a time. */
  readonly gate: Gate;
  readonly retries: Retries;
  readonly rounds: number;
  readonly perServerMs: number;
  /** After which time a server's attempt is hedged; undefined: not at all. */
  readonly hedgeAfterMs: (server: string) => number | undefined;
  /** Resolves when the waits of an earlier process are known; undefined when they are. Never rejects. */
  readonly recalled: Promise<void> | undefined;
}

/** The retry budget of a client. */
export interface Retries {
  mayRetry(): boolean;
  /** Whether the next repeat may go to a server that has answered the question with a request to wait. */
  mayRetryAfterWait(): boolean;
  retried(how: { readonly afterWait: boolean }): void;
}

/** One server as one question has met it. */
export interface ServerRun {
  readonly entry: ServerEntry;
  attempts: number;
  /** Calls off what is on the wire, while anything is. */
  off: AbortController | undefined;
  answered: boolean;
  failed: boolean;
  /** It asked for a wait when it was asked this question. */
  waited: boolean;
}

/** One question. */
export interface RunState {
  /** Those that are over included. */
  readonly items: readonly Item[];
  /** How many of them are open. */
  left: number;
  readonly servers: readonly ServerRun[];
  readonly bell: Bell;
  round: number;
  roundStartsAtMs: number;
  current: CurrentAttempt | undefined;
  isHedged: boolean;
  isRecalled: boolean;
}

/** What is on the wire, and when it is not waited for alone any more. */
export interface CurrentAttempt {
  readonly server: ServerRun;
  readonly beganAtMs: number;
  /** When the next server is asked instead. */
  readonly endsAtMs: number;
  readonly isHedge: boolean;
}

/** What the next decision rests on. Open items are blamed on servers that are waiting. */
export function factsOf(run: RunState, context: RunContext, nowMs: number): ScheduleFacts {
  const open = wantedItems(run);
  const mayRetryAfterWait = context.retries.mayRetryAfterWait();
  const servers = run.servers.map((server) => serverFacts(server, { open, nowMs, mayRetryAfterWait }));
  if (servers.some((server) => server.readyAtMs > nowMs)) {
    open.forEach((item) => blame(item, 'throttled'));
  }
  return {
    servers,
    round: run.round,
    rounds: context.rounds,
    roundStartsAtMs: run.roundStartsAtMs,
    attemptEndsAtMs: run.current?.server.off !== undefined ? run.current.endsAtMs : undefined,
    hedgeAtMs: run.isHedged ? undefined : hedgeAtMs(run.current, context),
    holdEndsAtMs: lastHoldEndsAtMs(open),
    perServerMs: context.perServerMs,
    mayRetry: context.retries.mayRetry(),
  };
}

/** The items that somebody still waits for. */
export function wantedItems(run: RunState): Item[] {
  return run.items.filter((item) => item.isOpen && item.waiters.size > 0);
}

function lastHoldEndsAtMs(items: readonly Item[]): number | undefined {
  let endsAtMs: number | undefined;
  const take = ({ caller: { holdEndsAtMs } }: Waiter): void => {
    endsAtMs = endsAtMs === undefined || holdEndsAtMs > endsAtMs ? holdEndsAtMs : endsAtMs;
  };
  for (const item of items) {
    item.waiters.forEach(take);
  }
  return endsAtMs;
}

function hedgeAtMs(current: CurrentAttempt | undefined, { hedgeAfterMs }: RunContext): number | undefined {
  const afterMs = current === undefined ? undefined : hedgeAfterMs(current.server.entry.source.id);
  return current === undefined || afterMs === undefined ? undefined : current.beganAtMs + afterMs;
}

function serverFacts(
  server: ServerRun,
  { open, nowMs, mayRetryAfterWait }: { readonly open: readonly Item[]; readonly nowMs: number; readonly mayRetryAfterWait: boolean },
): ServerFacts {
  const { breaker, waitUntilMs } = server.entry.state();
  const { id } = server.entry.source;
  const state = server.off !== undefined
    ? 'busy'
    : !admits(breaker, nowMs)
      ? 'open'
      : open.every((item) => item.spent.has(id)) || (server.waited && !mayRetryAfterWait)
        ? 'spent'
        : 'ready';
  return { state, attempts: server.attempts, readyAtMs: waitUntilMs };
}
