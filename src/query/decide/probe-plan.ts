/**
 * Step 4: when a client next asks whether servers are back. Pure; instants are monotonic ms.
 *
 * Thousands of clients lose a server in the same second. Each draws its place in the minute once, wide, and keeps to it
 * with a narrow jitter: whenever the server is back, the probes, and the drains that follow them, come evenly spread.
 * Intervals drawn wide each time do not do that: after any outage the short ones come first (measured with 1,000 clients:
 * up to 1.9 times the mean in the first five seconds, 2.7 with three servers that draw one each).
 */
import type { Random } from '../../base/seams.js';

/** Range of the time between the first failure and the first probe. */
export const firstProbeMs: readonly [number, number] = [5_000, 60_000];
/** Range of the time between two probes. */
export const nextProbeMs: readonly [number, number] = [50_000, 60_000];

/** The instant of the next probe when an attempt has failed: one that was drawn already stays. */
export function afterFailing(
  probeAtMs: number,
  at: { readonly nowMs: number; readonly random: Random; /** All servers have asked for a wait until then. */ readonly freeAtMs?: number },
): number {
  const { nowMs, random, freeAtMs = nowMs } = at;
  if (freeAtMs > nowMs) {
    // Whoever was told the same time would come back in the same second.
    return probeAtMs >= freeAtMs ? probeAtMs : freeAtMs + firstProbeMs[1] * random();
  }
  return probeAtMs > nowMs ? probeAtMs : nowMs + between(firstProbeMs, random);
}

/** The instant of the next probe after one. */
export function afterProbe(at: { readonly nowMs: number; readonly random: Random }): number {
  return at.nowMs + between(nextProbeMs, at.random);
}

function between([low, high]: readonly [number, number], random: Random): number {
  return low + (high - low) * random();
}
