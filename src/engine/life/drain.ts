/**
 * Drains the pending queue of one member: claims entries, oldest first, checks each anew, gives back what is still
 * open. It stops early when no server answers: the rest would only wait in vain.
 */
import type { CheckResult } from '../../base/check-result.js';
import { describeError, VedetteError } from '../../base/errors.js';
import type { Reason } from '../../base/verdict.js';
import type { PendingEntry, PendingQueue } from '../../pending/pending-queue.js';
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
}

const claimAtOnce = 64;
const recheckAtOnce = 8;
const leaseMs = 10 * 60_000;

/** Yields each result as soon as its item is settled. */
export async function* drain(input: DrainInput): AsyncGenerator<CheckResult> {
  const queue = await input.core.queue();
  // Kept claimed until the end, so that an entry which stays is not claimed again by the same drain.
  const staying: { readonly entry: PendingEntry; readonly reason: Reason | 'failed' }[] = [];
  try {
    for (let left = input.limit; left > 0; ) {
      const claimed = await queue.claim(input.member.name, {
        limit: Math.min(left, claimAtOnce),
        leaseMs,
        include: input.include,
      });
      if (claimed.length === 0) {
        return;
      }
      left -= claimed.length;
      for (let at = 0; at < claimed.length; at += recheckAtOnce) {
        const some = claimed.slice(at, at + recheckAtOnce);
        const outcomes = await Promise.all(some.map((entry) => recheckGuarded(entry, queue, input)));
        for (const [index, outcome] of outcomes.entries()) {
          const entry = some[index];
          if (entry === undefined) {
            continue;
          }
          if (outcome.kind === 'stays') {
            staying.push({ entry, reason: outcome.reason });
          }
          yield* outcome.results;
        }
        if (outcomes.every((outcome) => outcome.kind === 'stays' && noServer(outcome.reason))) {
          claimed.slice(at + recheckAtOnce).forEach((entry) => staying.push({ entry, reason: 'unreachable' }));
          return;
        }
      }
    }
  } finally {
    await giveBack(staying, queue, input.core);
  }
}

/** A check that fails in an unforeseen way costs the entry an attempt, never its place in the queue. */
async function recheckGuarded(entry: PendingEntry, queue: PendingQueue, input: DrainInput): Promise<Rechecked> {
  const { core, member, options } = input;
  try {
    return await recheck(entry, { core, member, queue, options });
  } catch (error) {
    const aborted = VedetteError.is(error) && (error.code === 'aborted' || error.code === 'closed');
    if (!aborted) {
      core.events.emit({ kind: 'fault', where: `recheck of ${entry.id}: ${describeError(error)}`, error });
    }
    return { kind: 'stays', reason: aborted ? 'unreachable' : 'failed', results: [] };
  }
}

async function giveBack(
  staying: readonly { readonly entry: PendingEntry; readonly reason: Reason | 'failed' }[],
  queue: PendingQueue,
  core: EngineCore,
): Promise<void> {
  const { clock, random, rules } = core.rooms;
  for (const { entry, reason } of staying) {
    const options = rules.releaseAfter(entry, reason, { now: clock.now(), random });
    await queue.release(entry.id, options).catch((error: unknown) => {
      core.events.emit({ kind: 'fault', where: 'queue', error });
    });
    if (options.dead === true) {
      core.events.emit({ kind: 'pending', change: 'dead', id: entry.id });
    }
  }
}

function noServer(reason: string): boolean {
  return reason === 'unreachable' || reason === 'throttled';
}
