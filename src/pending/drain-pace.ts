/**
 * The pace of the drain, as pure decisions: when an entry that could not be settled is looked at again, and when it
 * is set aside. An entry is never set aside because no server could tell: that is no fault of its own.
 */
import { isPendingReason, type Reason } from '../base/verdict.js';
import type { Random } from '../base/seams.js';
import type { PendingEntry, ReleaseOptions } from './pending-queue.js';

/** Numbers to start from. */
export interface DrainPace {
  /** Wait after the first attempt; doubles with every further one. */
  readonly firstMs: number;
  /** Longest wait. */
  readonly longestMs: number;
  /** Failures of the entry's own after which it is set aside. */
  readonly deadAfter: number;
  /** Range of the wait while no server answers: the probe, not the entry, finds out when one is back. */
  readonly outageMs: readonly [number, number];
}

/** 1 minute doubling to 1 hour, set aside after 20 failures, 5 to 60 seconds while nobody answers. */
export const drainPace: DrainPace = { firstMs: 60_000, longestMs: 3_600_000, deadAfter: 20, outageMs: [5_000, 60_000] };

/** Chance and time of a decision. */
export interface DrainMoment {
  /** Epoch ms. */
  readonly now: number;
  readonly random: Random;
  readonly pace?: DrainPace | undefined;
  /** In place of `deadAfter`. */
  readonly maxAttempts?: number | undefined;
}

/** When an entry with so many unsettled attempts (1 after the first) is due again, epoch ms: half the wait is chance. */
export function nextDue(attempts: number, moment: DrainMoment): number {
  const { firstMs, longestMs } = moment.pace ?? drainPace;
  const waitMs = Math.min(firstMs * 2 ** Math.min(Math.max(0, attempts - 1), 30), longestMs);
  return moment.now + between(waitMs / 2, waitMs, moment.random);
}

/** Why an entry stays: no server could settle it (a reason), or its own check or remedy failed. */
export type StayReason = Reason | 'failed';

/** How to release an entry that was claimed and could not be settled. `entry` is as it was claimed. */
export function releaseAfter(
  entry: Pick<PendingEntry, 'attempts' | 'failures'>,
  reason: StayReason,
  moment: DrainMoment,
): ReleaseOptions {
  const pace = moment.pace ?? drainPace;
  if (reason === 'unreachable' || reason === 'throttled') {
    return { notBeforeAt: moment.now + between(pace.outageMs[0], pace.outageMs[1], moment.random) };
  }
  const notBeforeAt = nextDue(entry.attempts + 1, moment);
  if (!isOwnFault(reason)) {
    return { notBeforeAt };
  }
  const failures = (entry.failures ?? 0) + 1;
  return { notBeforeAt, failed: true, dead: failures >= (moment.maxAttempts ?? pace.deadAfter) };
}

/** What a server, an update or more room may mend later is no fault of the entry. */
function isOwnFault(reason: StayReason): boolean {
  return reason === 'failed' || !(isPendingReason(reason) || mendable.has(reason));
}

const mendable: ReadonlySet<Reason> = new Set<Reason>(['no-pattern', 'not-asked', 'overloaded', 'pending-full']);

function between(low: number, high: number, random: Random): number {
  return Math.round(low + (high - low) * random());
}
