import { describe, expect, it } from 'vitest';
import { afterFailing, afterProbe } from '../../src/query/decide/probe-plan.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';

describe('the next probe', () => {
  const half = () => 0.5;

  it.each<[string, number, { nowMs: number; freeAtMs?: number }, number]>([
    ['after the first failure', Number.NEGATIVE_INFINITY, { nowMs: 1_000 }, 33_500],
    ['one that was drawn already stays', 2_000, { nowMs: 1_000 }, 2_000],
    ['one that is over does not', 1_000, { nowMs: 1_000 }, 33_500],
    ['a server may be asked still', 2_000, { nowMs: 1_000, freeAtMs: 0 }, 2_000],
    ['all have asked for a wait: some time after it', Number.NEGATIVE_INFINITY, { nowMs: 0, freeAtMs: 100_000 }, 130_000],
    ['all have asked for a wait that ends before', 130_000, { nowMs: 0, freeAtMs: 100_000 }, 130_000],
    ['all have asked for a longer wait', 130_000, { nowMs: 0, freeAtMs: 200_000 }, 230_000],
  ])('%s', (_, probeAtMs, at, expected) => {
    expect(afterFailing(probeAtMs, { ...at, random: half })).toBe(expected);
  });

  it('comes 50 to 60 s after one', () => {
    expect([0, 0.5, 1].map((chance) => afterProbe({ nowMs: 7, random: () => chance }))).toEqual([50_007, 55_007, 60_007]);
  });

  /** Of 1,000 clients that failed at 0: the largest 5 s bucket of the first probes after an instant, against the mean. */
  function peak(atMs: number, next: (nowMs: number) => number, first: (nowMs: number) => number = next): number {
    const buckets = new Array<number>(12).fill(0);
    for (let client = 0; client < 1_000; client++) {
      let probeAtMs = first(0);
      while (probeAtMs < atMs) {
        probeAtMs = next(probeAtMs);
      }
      const bucket = Math.floor((probeAtMs - atMs) / 5_000);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    return Math.max(...buckets) / (1_000 / 12);
  }

  it.each([5, 20, 55, 57, 60, 90, 115, 300, 3_600])('comes evenly to a server that is back after %d s', (outageS) => {
    const random = createSeededRandom(outageS);
    const next = (nowMs: number): number => afterProbe({ nowMs, random });
    const first = (nowMs: number): number => afterFailing(Number.NEGATIVE_INFINITY, { nowMs, random });
    expect(peak(outageS * 1_000, next, first)).toBeLessThan(1.7);
  });

  it('would come in a rush if each were drawn anew from the whole range (sabotage)', () => {
    const random = createSeededRandom(2);
    const wide = (nowMs: number): number => nowMs + 5_000 + 55_000 * random();
    const ofThree = (nowMs: number): number => Math.min(wide(nowMs), wide(nowMs), wide(nowMs));
    expect(peak(3_600_000, wide)).toBeGreaterThan(1.7);
    expect(peak(3_600_000, ofThree)).toBeGreaterThan(2);
  });
});
