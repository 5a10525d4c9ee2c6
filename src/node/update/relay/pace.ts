/**
 * A share of the line: so many bytes a second over all downloads together, a second's worth at once. Who takes bytes is told
 * how long to wait first, in the order of asking.
 */
import type { Clock } from '../../../base/seams.js';

/** Lets bytes through at a rate. */
export interface Pace {
  /** Resolves when so many bytes may be sent; rejects when the signal fires. */
  take(bytes: number, signal: AbortSignal): Promise<void>;
}

/** A pace by the monotonic clock. */
export function createPace(bytesPerSecond: number, clock: Pick<Clock, 'monotonicMs' | 'sleep'>): Pace {
  /** All that was taken has been sent by then at that rate. */
  let sentAtMs = Number.NEGATIVE_INFINITY;
  const burstMs = 1000;
  return {
    async take(bytes, signal) {
      const now = clock.monotonicMs();
      sentAtMs = Math.max(sentAtMs, now - burstMs) + (bytes / bytesPerSecond) * 1000;
      if (sentAtMs > now) {
        await clock.sleep(sentAtMs - now, signal, { background: true });
      }
    },
  };
}
