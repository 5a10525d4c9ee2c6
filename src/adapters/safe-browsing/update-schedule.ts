/** When a list is to be fetched again, and when it is too old to be believed. Pure; figures of the API's documentation. */
import type { Random } from '../../base/seams.js';

/** What is known of the updates of one list. Instants are epoch ms. */
export interface ListSchedule {
  /** The last good update; 0 for never. */
  readonly updatedAt: number;
  /** Not before this. */
  readonly dueAt: number;
  /** Failures since the last good update. */
  readonly failures: number;
}

/** Nothing fetched yet: due at once. */
export const neverUpdated: ListSchedule = { updatedAt: 0, dueAt: 0, failures: 0 };

const quarterMs = 15 * 60_000;
const dayMs = 86_400_000;

/** After a good update: as long as the server wants, at once where it has more to send. */
export function afterSuccess(now: number, minimumWaitMs: number): ListSchedule {
  return { updatedAt: now, dueAt: now + Math.min(minimumWaitMs, dayMs), failures: 0 };
}

/** After a failure: min(2^(n−1) · 15 min · (1 + random), 24 h), or longer where the server said so. */
export function afterFailure(schedule: ListSchedule, options: { readonly now: number; readonly random: Random; readonly waitMs?: number | undefined }): ListSchedule {
  const failures = schedule.failures + 1;
  const backoffMs = Math.min(2 ** Math.min(failures - 1, 16) * quarterMs * (1 + options.random()), dayMs);
  const waitMs = Math.max(backoffMs, Math.min(options.waitMs ?? 0, dayMs));
  return { ...schedule, failures, dueAt: options.now + waitMs };
}

/** Whether "not on the list" may still be believed. A clock that went back makes nothing younger than it is. */
export function isFresh(schedule: ListSchedule, now: number, maxAgeMs: number): boolean {
  return schedule.updatedAt > 0 && now >= schedule.updatedAt - 300_000 && now - schedule.updatedAt <= maxAgeMs;
}

/** How long to wait before an update is worth a look: a due instant that a clock left behind in the future counts for a day at most. */
export function msUntilDue(schedule: ListSchedule, now: number): number {
  return Math.min(Math.max(0, schedule.dueAt - now), dayMs);
}
