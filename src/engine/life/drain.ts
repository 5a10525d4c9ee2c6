/**
 * Drains the pending queue of one member: claims entries, oldest first, checks each anew, gives back what is still
 * open. It stops early when no server answers: the rest would only wait in vain.
 */
import type { CheckResult } from '../../base/check-result.js';
import type { Reason } from '../../base/verdict.js';
import type { PendingEntry, PendingQueue, ReleaseOptions } from '../../pending/pending-queue.js';
import type { CheckOptions } from '../checker.js';
import type { EngineCore, Member } from '../family/core.js';
import { recheck, type Rechecked } from './recheck.js';

/** One drain. */
export interface DrainInput {
  readonly core: EngineCore;
  readonly member: Member;
  readonly options: CheckOptions;
  /** Entries at most. */
  readonly limit: number;
  /** Which entries besides the due ones: those that wait for their time, and those set aside as well. */
  readonly include: 'due' | 'waiting' | 'dead';
  /** Told once, when everything that stays has been given back. */
  readonly onEnd?: ((end: DrainEnd) => void) | undefined;
}

/** How a drain ended. */
export interface DrainEnd {
  /** Something stays because nobody answered: the next answer is worth another look. */
  readonly starved: boolean;
  /** It ended at its limit: there may be more. */
  readonly cut: boolean;
}

const claimAtOnce = 64;
const recheckAtOnce = 8;
const leaseMs = 10 * 60_000;

/** Yields each result as soon as its item is settled. */
export async function* drain(input: DrainInput): AsyncGenerator<CheckResult> {
  const queue = await input.core.queue();
  // Kept claimed until the end, so that an entry which stays is not claimed again by the same drain.
  const held = new Map<string, Held>();
  let left = input.limit;
  try {
    while (left > 0) {
      const claimed = await queue.claim(input.member.name, {
        limit: Math.min(left, claimAtOnce),
        leaseMs,
        include: input.include,
      });
      if (claimed.length === 0) {
        return;
      }
      left -= claimed.length;
      claimed.forEach((entry) => held.set(entry.id, { entry, reason: undefined }));
      for (let at = 0; at < claimed.length; at += recheckAtOnce) {
        const some = claimed.slice(at, at + recheckAtOnce);
        const outcomes = await Promise.all(some.map((entry) => recheckInTime(entry, queue, input)));
        outcomes.forEach((outcome, index) => note(outcome, some[index], held));
        for (const outcome of outcomes) {
          yield* outcome.results;
        }
        if (outcomes.every((outcome) => outcome.kind === 'stays' && noServer(outcome.reason))) {
          claimed.slice(at + recheckAtOnce).forEach((entry) => held.set(entry.id, { entry, reason: 'unreachable' }));
          return;
        }
      }
    }
  } finally {
    // Whoever stops listening in the middle leaves entries behind that nobody has looked at.
    await giveBack(held.values(), queue, input.core);
    const starved = [...held.values()].some(({ reason }) => reason !== undefined && noServer(reason));
    input.onEnd?.({ starved, cut: left <= 0 });
  }
}

/** An entry that is claimed. Without a reason it was not looked at yet. */
interface Held {
  readonly entry: PendingEntry;
  readonly reason: Reason | 'failed' | undefined;
}

function note(outcome: Rechecked, entry: PendingEntry | undefined, held: Map<string, Held>): void {
  if (entry === undefined) {
    return;
  }
  if (outcome.kind === 'stays') {
    held.set(entry.id, { entry, reason: outcome.reason });
  } else {
    held.delete(entry.id);
  }
}

/** An opener or a handler that never comes back costs its entry an attempt, and nobody else their turn. */
async function recheckInTime(entry: PendingEntry, queue: PendingQueue, input: DrainInput): Promise<Rechecked> {
  const { core, member, options } = input;
  const over = new AbortController();
  const outOfTime = core.rooms.clock.sleep(leaseMs, over.signal, { background: true }).then(() => 'failed' as const);
  const leaving: (() => void)[] = [];
  const called = new Promise<'unreachable'>((resolve) => {
    for (const ending of [options.signal, core.closing]) {
      leaving.push(core.fanOut.follow(ending, () => resolve('unreachable')));
    }
  });
  try {
    const end = await Promise.race([recheck(entry, { core, member, queue, options }), outOfTime, called]);
    return typeof end === 'string' ? { kind: 'stays', reason: end, results: [] } : end;
  } finally {
    leaving.forEach((leave) => leave());
    over.abort();
  }
}

/** All together: a queue on disk makes one write of them. */
async function giveBack(held: Iterable<Held>, queue: PendingQueue, core: EngineCore): Promise<void> {
  const { clock, random, rules } = core.rooms;
  await Promise.all(
    [...held].map(async ({ entry, reason }) => {
      const { notBeforeAt } = entry;
      const options: ReleaseOptions = reason === undefined ? { notBeforeAt } : rules.releaseAfter(entry, reason, { now: clock.now(), random });
      await queue.release(entry.id, options).catch((error: unknown) => {
        core.events.emit({ kind: 'fault', where: 'queue', error });
      });
      if (options.dead === true) {
        core.events.emit({ kind: 'pending', change: 'dead', id: entry.id });
      }
    }),
  );
}

function noServer(reason: string): boolean {
  return reason === 'unreachable' || reason === 'throttled';
}
