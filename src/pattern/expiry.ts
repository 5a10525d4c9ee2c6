/** How old a component may get: fresh, stale (keeps deciding, marked), expired (its "not found" counts for nothing). */

/** What the age of a component means (DESIGN §1, "Generations" (e)). */
export type PatternState = 'fresh' | 'stale' | 'expired';

/** The instants and the period that a component's head carries. */
export interface PatternTimes {
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms. */
  readonly expiresAt: number;
  readonly periodMs: number;
}

/**
 * Pure. Stale from two periods after `createdAt` on, expired from `expiresAt` on, whichever the period says.
 * A component from the future is fresh: clocks that run behind must not switch protection off.
 */
export function patternState(times: PatternTimes, now: number): PatternState {
  if (now >= times.expiresAt) {
    return 'expired';
  }
  return now >= times.createdAt + 2 * times.periodMs ? 'stale' : 'fresh';
}
