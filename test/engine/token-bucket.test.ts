import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawn, fullBucket, msUntil, refilled, tokensIn, type Bucket, type BucketRate } from '../../src/engine/life/pending/token-bucket.js';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 100);
const rate: BucketRate = { perSecond: 10, burst: 5 };

describe('a bucket', () => {
  it.each<[string, Bucket, number, number]>([
    ['is full at first', fullBucket(rate, 1000), 1000, 5],
    ['never holds more than its burst', fullBucket(rate, 0), 1_000_000, 5],
    ['fills by its rate', { tokens: 0, atMs: 0 }, 100, 1],
    ['gives no token a millisecond early', { tokens: 0, atMs: 0 }, 99, 0],
    ['pays back what was promised ahead', { tokens: -2, atMs: 0 }, 299, 0],
    ['has some again after that', { tokens: -2, atMs: 0 }, 300, 1],
    ['loses nothing by a clock that stands', { tokens: 2, atMs: 500 }, 500, 2],
    ['loses nothing by a clock that goes back', { tokens: 2, atMs: 500 }, 100, 2],
    ['comes down to a smaller burst', { tokens: 50, atMs: 0 }, 0, 5],
  ])('%s', (_, bucket, nowMs, tokens) => {
    expect(tokensIn(refilled(bucket, rate, nowMs))).toBe(tokens);
  });

  it.each<[number, number, number]>([
    [5, 5, 0],
    [5, 6, 100],
    [0, 1, 100],
    [-3, 1, 400],
    [0.5, 1, 50],
  ])('of %d tokens makes whoever draws %d wait for %d ms', (tokens, count, waitMs) => {
    expect(drawn({ tokens, atMs: 0 }, rate, count)).toEqual({ bucket: { tokens: tokens - count, atMs: 0 }, waitMs });
  });

  it.each<[number, number, number]>([[5, 5, 0], [0, 1, 100], [-1, 1, 200], [0, 50, 500]])('of %d tokens has %d in %d ms', (tokens, count, ms) => {
    expect(msUntil({ tokens, atMs: 0 }, rate, count)).toBe(ms);
  });

  it('never lets more through than its burst and its rate in any span of time, to the millisecond', () => {
    const gap = fc.record({ idleMs: fc.nat({ max: 3000 }), count: fc.integer({ min: 1, max: 4 }) });
    fc.assert(
      fc.property(fc.array(gap, { maxLength: 40 }), fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 20 }), (gaps, perSecond, burst) => {
        const by = { perSecond, burst };
        const passed = play(gaps, by, (bucket, count) => drawn(bucket, by, count));
        for (const { at: from } of passed) {
          for (const { at: to } of passed.filter((one) => one.at >= from)) {
            const within = passed.filter(({ at }) => at >= from && at <= to).reduce((sum, one) => sum + one.count, 0);
            expect(within).toBeLessThanOrEqual(burst + (perSecond * (to - from + 1)) / 1000);
          }
        }
      }),
      { numRuns },
    );
  });

  it('that forgot what was drawn would let more through (check of this test)', () => {
    const passed = play(Array.from({ length: 10 }, () => ({ idleMs: 0, count: 4 })), rate, (bucket) => ({ bucket, waitMs: 0 }));
    expect(passed.reduce((sum, one) => sum + one.count, 0)).toBeGreaterThan(rate.burst);
  });
});

/** Draws one after the other, each after the wait of the one before; a draw larger than the burst is cut to it. */
function play(
  gaps: readonly { readonly idleMs: number; readonly count: number }[],
  by: BucketRate,
  draw: (bucket: Bucket, count: number) => { readonly bucket: Bucket; readonly waitMs: number },
): { readonly at: number; readonly count: number }[] {
  let [nowMs, bucket] = [0, fullBucket(by, 0)];
  return gaps.map(({ idleMs, count: wanted }) => {
    nowMs += idleMs;
    const count = Math.min(wanted, by.burst);
    const next = draw(refilled(bucket, by, nowMs), count);
    bucket = next.bucket;
    nowMs += next.waitMs;
    return { at: nowMs, count };
  });
}
