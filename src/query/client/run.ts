/**
 * Step 4: one question from its first attempt to its last. The loop is thin: it gathers the facts, `schedule.ts`
 * decides, the decision is carried out, and everything that happens meanwhile (an answer, a caller who joins or
 * leaves, time) rings the bell that the loop waits for.
 */
import { backoffMs } from '../decide/backoff.js';
import { attempt } from './attempt.js';
import { isDue } from '../decide/breaker.js';
import { giveAnswer, giveUp } from './coalesce.js';
import { factsOf, wantedItems } from './run-state.js';
import { nextAttempt } from '../decide/schedule.js';
import { createBell, notNeeded } from './turns.js';
import type { AttemptEnd } from './attempt.js';
import type { Item, ItemWork } from './coalesce.js';
import type { CurrentAttempt, RunContext, RunState, ServerRun } from './run-state.js';
import type { ServerEntry } from '../server-list.js';

/** A question on its way. */
export interface Run {
  /** Ends it without telling its callers anything. */
  close(): void;
  /** Resolves when nothing of it is left. */
  readonly ended: Promise<void>;
}

/** Starts asking about items of one kind, algorithm and group. */
export function startRun(items: readonly Item[], context: RunContext): Run {
  const mayAnswer = (entry: ServerEntry): boolean => items[0]?.topic.rating !== true || entry.source.rated === true;
  const run: RunState = {
    items,
    left: items.length,
    servers: context.servers.inOrder().filter(mayAnswer).map((entry) => ({ entry, attempts: 0, off: undefined, answered: false, failed: false, waited: false })),
    bell: createBell(context.alarm),
    round: 1,
    roundStartsAtMs: Number.NEGATIVE_INFINITY,
    current: undefined,
    isHedged: false,
    isRecalled: context.recalled === undefined,
  };
  const work: ItemWork = {
    changed: (item, change) => {
      if (change === 'abort' && item.waiters.size === 0) {
        dropItem(run, item, context);
      }
      run.bell.ring();
    },
  };
  for (const item of items) {
    item.work = work;
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
  if (!run.isRecalled) {
    await untilRecalled(run, context);
  }
  for (let isOver = false; !isOver && run.left > 0; ) {
    const nowMs = clock.monotonicMs();
    const facts = factsOf(run, context, nowMs);
    const next = nextAttempt(facts, nowMs);
    if (next.kind !== 'attempt') {
      gate.giveUp(run.bell);
    }
    switch (next.kind) {
      case 'attempt':
        if (gate.enter(run.bell)) {
          const server = run.servers[next.server]!;
          beginAttempt(run, { server, beganAtMs: nowMs, endsAtMs: nowMs + next.forMs, isHedge: next.isHedge === true }, context);
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

/** What an earlier process was told comes before the first question, unless nobody waits for it any more. */
async function untilRecalled(run: RunState, { recalled }: RunContext): Promise<void> {
  void recalled?.then(() => {
    run.isRecalled = true;
    run.bell.ring();
  });
  while (!run.isRecalled && run.left > 0) {
    await run.bell.wait(undefined);
  }
}

function beginAttempt(run: RunState, current: CurrentAttempt, context: RunContext): void {
  const { server } = current;
  const { entry } = server;
  const isTrial = isDue(entry.state().breaker, context.clock.monotonicMs());
  if (isTrial) {
    entry.note({ kind: 'trial' });
  }
  if (server.attempts > 0 || current.isHedge) {
    context.retries.retried({ afterWait: server.waited });
  }
  run.isHedged ||= current.isHedge;
  run.current = current;
  server.attempts++;
  server.off = new AbortController();
  const items = wantedItems(run).filter((item) => !item.spent.has(entry.source.id));
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
  server.waited ||= end.waits;
  if (isTrial && !end.answered) {
    server.entry.note({ kind: end.failed ? 'trial-failed' : 'trial-abandoned' });
  } else {
    server.failed ||= end.failed;
  }
}

/** Nobody needs the item any more; when it was the last one, what is on the wire is called off. */
function dropItem(run: RunState, item: Item, context: RunContext): void {
  if (!item.isOpen) {
    return;
  }
  item.isOpen = false;
  run.left--;
  context.items.remove(item);
  if (run.left === 0) {
    run.servers.forEach((server) => server.off?.abort(notNeeded));
  }
}

function finish(run: RunState, context: RunContext): void {
  context.gate.giveUp(run.bell);
  for (const item of run.items) {
    if (item.isOpen) {
      item.isOpen = false;
      context.items.remove(item);
      giveUp(item);
    }
  }
  for (const { entry, failed, answered } of run.servers) {
    if (failed && !answered) {
      entry.note({ kind: 'question-failed' });
    }
  }
}
