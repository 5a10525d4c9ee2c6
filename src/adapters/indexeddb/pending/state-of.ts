/** How an entry stands at an instant, and what claims, their ends and new sightings make of it: pure functions. */
import type { ClaimOptions } from '../../../pending/pending-queue.js';
import type { Standing } from '../../../pending/queue-event.js';
import { oneAttemptMore } from '../../../pending/queue-state.js';
import { elapsedMs, type Instant } from '../instants.js';
import type { Head } from './records.js';

/** No wait is longer than this, whatever `notBeforeAt` says. */
const maxWaitMs = 86_400_000;

/** What an entry is waiting for. */
export type EntryState = 'claimed' | 'dead' | 'due' | 'waiting';

/**
 * The state of an entry. A wait is over when the wall clock says so, and also when as much time has passed as there
 * was to wait: a clock that was set back must not put a flagged file off for years.
 */
export function stateOf(head: Head, now: Instant): EntryState {
  const { lease, standing, stoodAt } = head;
  if (lease !== undefined && elapsedMs(lease.from, now) < lease.ms) {
    return 'claimed';
  }
  if (standing.dead) {
    return 'dead';
  }
  const waitMs = Math.min(Math.max(0, standing.notBeforeAt - stoodAt.wall), maxWaitMs);
  return now.wall >= standing.notBeforeAt || elapsedMs(stoodAt, now) >= waitMs ? 'due' : 'waiting';
}

/** Whether a claim may take the entry. */
export function isClaimable(head: Head, options: Pick<ClaimOptions, 'include' | 'overdueBefore'>, now: Instant): boolean {
  const { include = 'due', overdueBefore } = options;
  if (overdueBefore !== undefined && (head.at >= overdueBefore || head.standing.escalated === true)) {
    return false;
  }
  switch (stateOf(head, now)) {
    case 'due':
      return true;
    case 'waiting':
      return include !== 'due';
    case 'dead':
      return include === 'dead';
    case 'claimed':
      return false;
  }
}

/** True when a claim ran out: from then on it counts as an attempt that failed. */
export function hasLapsed(head: Head, now: Instant): boolean {
  return head.lease !== undefined && elapsedMs(head.lease.from, now) >= head.lease.ms;
}

/** The name of the claim that has the entry, if one does. */
export function claimOn(head: Head | undefined): number | undefined {
  return head?.lease === undefined ? undefined : head.claims;
}

/** The head after its claim, where it has one, has ended without settling. One that simply ended is held against it. */
export function endClaim(head: Head, failed: boolean): Head {
  const { lease, ...free } = head;
  return lease === undefined ? head : { ...free, standing: oneAttemptMore(head.standing, failed) };
}

/** The head with another standing from now on. */
export function standAs(head: Head, standing: Standing, now: Instant): Head {
  return { ...head, standing, stoodAt: now };
}
