/**
 * Instants that outlive the process that wrote them. A monotonic clock means nothing to another tab, or to the same
 * service worker a minute later; the wall clock may have been set meanwhile. So both are kept, and who reads an instant
 * believes the monotonic clock for its own and the wall clock for those of others.
 */
import type { Clock } from '../../base/seams.js';

/** An instant as it is kept. Also what "now" is. */
export interface Instant {
  /** Epoch ms. */
  readonly wall: number;
  /** Monotonic ms, of the process that wrote it. */
  readonly mono: number;
  /** Marks the process: equal marks have one monotonic clock. */
  readonly process: string;
}

/** This instant of the process. */
export function instantOf(clock: Clock, process: string): Instant {
  return { wall: clock.now(), mono: clock.monotonicMs(), process };
}

/**
 * Ms from then to now. Infinity for what another process wrote in the future: the wall clock was set back, nobody can
 * tell how long ago it was, and what waits for that instant must not wait for years.
 */
export function elapsedMs(then: Instant, now: Instant): number {
  if (then.process === now.process) {
    return now.mono - then.mono;
  }
  return now.wall < then.wall ? Number.POSITIVE_INFINITY : now.wall - then.wall;
}

/** The instant in a record, or undefined. */
export function parseInstant(value: unknown): Instant | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const { wall, mono, process } = value as Readonly<Record<string, unknown>>;
  return isFiniteNumber(wall) && isFiniteNumber(mono) && typeof process === 'string' ? { wall, mono, process } : undefined;
}

/** A number that can be calculated with. */
export function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
