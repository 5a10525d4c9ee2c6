/**
 * Step 4: one question from its first attempt to its last. The loop is thin: it gathers the facts, `schedule.ts`
 * decides, the decision is carried out, and everything that happens meanwhile (an answer, a caller who joins or
 * leaves, time) rings the bell that the loop waits for.
 */
import { backoffMs } from '../decide/backoff.js';
import { attempt } from './attempt.js';
import { admits, isDue } from '../decide/breaker.js';
import { blame, giveAnswer, giveUp } from './coalesce.js';
import { nextAttempt } from '../decide/schedule.js';
import { createBell, notNeeded } from './turns.js';
import type { Clock, Random } from '../../base/seams.js';
import type { Asker } from './asker.js';
import type { AttemptEnd } from './attempt.js';
import type { Item, Items } from './coalesce.js';
import type { ScheduleFacts, ServerFacts } from '../decide/schedule.js';
import type { ServerEntry, ServerList } from '../server-list.js';
import type { Bell, Gate } from './turns.js';

/** What all questions of a client share. */
export interface RunContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly servers: ServerList;
  readonly items: Items;
  readonly asker: Asker;
  /** Limits how many attempts are on the wire at a time. */
  readonly gate: Gate;
  readonly retries: { mayRetry(): boolean; retried(): void };
  readonly rounds: number;
  readonly perServerMs: number;
}

/** A question on its way. */
export interface Run {
  /** Ends it without telling its callers anything. */
  close(): void;
  /** Resolves when nothing of it is left. */
  readonly ended: Promise<void>;
}

interface ServerRun {
  readonly entry: ServerEntry;
  attempts: number;
  /** Calls off what is on the wire, while anything is. */
  off: AbortController | undefined;
  answered: boolean;
  failed: boolean;
}

interface RunState {
  readonly items: Set<Item>;
  readonly servers: readonly ServerRun[];
  readonly bell: Bell;
  round: number;
  roundStartsAtMs: number;
  current: { readonly server: ServerRun; readonly endsAtMs: number } | undefined;
}

/** Starts asking about items of one kind, algorithm and group. */
export function startRun(items: readonly Item[], context: RunContext): Run {
  const mayAnswer = (entry: ServerEntry): boolean => items[0]?.rating !== true || entry.source.rated === true;
  const run: RunState = {
    items: new Set(items),
    servers: context.servers.inOrder().filter(mayAnswer).map((entry) => ({ entry, attempts: 0, off: undefined, answered: false, failed: false })),
    bell: createBell(context.clock),
    round: 1,
    roundStartsAtMs: Number.NEGATIVE_INFINITY,
    current: undefined,
  };
  for (const item of items) {
    item.onChange = (change) => {
      if (change === 'abort' && item.waiters.size === 0) {
        dropItem(run, item, context);
      }
      run.bell.ring();
    };
  }
  return {
    ended: drive(run, context),
    close: () => {
      run.items.forEach((item) => dropItem(run, item, context));
      run.bell.ring();
    },
  };
}

async function drive(run: RunState, context: RunContext): Promise<void> {
  const { clock, gate, random } = context;
  for (let isOver = false; !isOver && run.items.size > 0; ) {
    const nowMs = clock.monotonicMs();
    const facts = factsOf(run, context, nowMs);
    const next = nextAttempt(facts, nowMs);
    if (next.kind !== 'attempt') {
      gate.giveUp(run.bell);
    }
    switch (next.kind) {
      case 'attempt':
        if (gate.enter(run.bell)) {
          beginAttempt(run, { server: run.servers[next.server]!, endsAtMs: nowMs + next.forMs }, context);
        } else {
          await run.bell.wait(facts.holdEndsAtMs);
        }
        break;
      case 'next-round':
        run.roundStartsAtMs = nowMs + backoffMs(run.round++, random);
        break;
      case 'wait':
        await run.bell.wait(next.untilMs);
        break;
      case 'stop':
        isOver = true;
    }
  }
  finish(run, context);
}

function factsOf(run: RunState, context: RunContext, nowMs: number): ScheduleFacts {
  const open = [...run.items].filter((item) => item.waiters.size > 0);
  const servers = run.servers.map((server) => serverFacts(server, open, nowMs));
  if (servers.some((server) => server.readyAtMs > nowMs)) {
    open.forEach((item) => blame(item, 'throttled'));
  }
  let holdEndsAtMs: number | undefined;
  for (const item of open) {
    for (const waiter of item.waiters) {
      holdEndsAtMs = Math.max(holdEndsAtMs ?? waiter.holdEndsAtMs, waiter.holdEndsAtMs);
    }
  }
  return {
    servers,
    round: run.round,
    rounds: context.rounds,
    roundStartsAtMs: run.roundStartsAtMs,
    attemptEndsAtMs: run.current?.server.off !== undefined ? run.current.endsAtMs : undefined,
    holdEndsAtMs,
    perServerMs: context.perServerMs,
    mayRetry: context.retries.mayRetry(),
  };
}

function serverFacts(server: ServerRun, open: readonly Item[], nowMs: number): ServerFacts {
  const { breaker, waitUntilMs } = server.entry.state();
  const { id } = server.entry.source;
  const state = server.off !== undefined
    ? 'busy'
    : !admits(breaker, nowMs)
      ? 'open'
      : open.every((item) => item.spent.has(id))
        ? 'spent'
        : 'ready';
  return { state, attempts: server.attempts, readyAtMs: waitUntilMs };
}

function beginAttempt(run: RunState, current: NonNullable<RunState['current']>, context: RunContext): void {
  const { server } = current;
  const { entry } = server;
  const isTrial = isDue(entry.state().breaker, context.clock.monotonicMs());
  if (isTrial) {
    entry.note({ kind: 'trial' });
  }
  if (server.attempts > 0) {
    context.retries.retried();
  }
  run.current = current;
  server.attempts++;
  server.off = new AbortController();
  const items = [...run.items].filter((item) => item.waiters.size > 0 && !item.spent.has(entry.source.id));
  items.forEach((item) => item.attempts++);
  const work = attempt({
    entry,
    items,
    asker: context.asker,
    clock: context.clock,
    signal: server.off.signal,
    onAnswer: (item, answer) => {
      item.spent.add(entry.source.id);
      if (giveAnswer(item, answer, entry.source.id)) {
        dropItem(run, item, context);
      }
    },
  });
  void work.then((end) => {
    context.gate.exit();
    endAttempt(server, end, isTrial);
    run.bell.ring();
  });
}

function endAttempt(server: ServerRun, end: AttemptEnd, isTrial: boolean): void {
  server.off = undefined;
  server.answered ||= end.answered;
  if (isTrial && !end.answered) {
    server.entry.note({ kind: end.failed ? 'trial-failed' : 'trial-abandoned' });
  } else {
    server.failed ||= end.failed;
  }
}

/** Nobody needs the item any more; when it was the last one, what is on the wire is called off. */
function dropItem(run: RunState, item: Item, context: RunContext): void {
  run.items.delete(item);
  context.items.remove(item);
  if (run.items.size === 0) {
    run.servers.forEach((server) => server.off?.abort(notNeeded));
  }
}

function finish(run: RunState, context: RunContext): void {
  context.gate.giveUp(run.bell);
  for (const item of run.items) {
    context.items.remove(item);
    giveUp(item);
  }
  for (const { entry, failed, answered } of run.servers) {
    if (failed && !answered) {
      entry.note({ kind: 'question-failed' });
    }
  }
}
