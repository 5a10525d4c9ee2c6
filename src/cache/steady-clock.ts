/**
 * A clock that cannot be set. Its instants compare with those of every clock of the same id: where a system has one that
 * runs from its start, what one process kept has an age in the next one as well, whatever was done to the wall clock.
 */
export type { SteadyClock } from '../base/seams.js';

/** An instant on both clocks. */
export interface Instant {
  /** Epoch ms. */
  readonly now: number;
  readonly steadyMs: number;
  /** Of the steady clock. */
  readonly steadyId: string | number;
}

/** Both clocks now, and when this process first looked at them. */
export interface Present extends Instant {
  readonly since?: { readonly now: number; readonly steadyMs: number } | undefined;
}

/**
 * How long ago something was: the greater of what the clocks say, so that a wall clock that was put back makes nothing
 * younger. Infinity when that cannot be told: in the future by the clock that counts. Pure.
 */
export function ageMs(then: Instant, at: Present): number {
  const wallMs = at.now - then.now;
  if (then.steadyId === at.steadyId) {
    const steadyMs = at.steadyMs - then.steadyMs;
    return steadyMs < 0 ? Number.POSITIVE_INFINITY : Math.max(steadyMs, wallMs);
  }
  if (wallMs < 0) {
    return Number.POSITIVE_INFINITY;
  }
  // Of another process, and before this one began: since then at least this one's own time has passed.
  const { since } = at;
  const isBefore = since !== undefined && since.now >= then.now;
  return isBefore ? Math.max(wallMs, since.now - then.now + (at.steadyMs - since.steadyMs)) : wallMs;
}
