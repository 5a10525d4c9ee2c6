import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PositionSet } from '../../src/scan/verify/position-set.js';
import { append, firstCommon, firstReaching, interval, shifted, spread, union } from '../../src/scan/verify/position-set.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) * 5 };
const numbers = fc.uniqueArray(fc.nat(60), { maxLength: 25 });

function setOf(positions: Iterable<number>): PositionSet {
  const set: number[] = [];
  [...positions].sort((a, b) => a - b).forEach((position) => append(set, position, position));
  return set;
}

function members(set: PositionSet): number[] {
  const all: number[] = [];
  for (let i = 0; i < set.length; i += 2) {
    for (let position = set[i]!; position <= set[i + 1]!; position++) {
      all.push(position);
    }
  }
  return all;
}

const sorted = (positions: Iterable<number>): number[] => [...new Set(positions)].sort((a, b) => a - b);

describe('a position set', () => {
  it('holds what was put in, in intervals that do not touch', () => {
    fc.assert(
      fc.property(numbers, (positions) => {
        const set = setOf(positions);
        expect(members(set)).toEqual(sorted(positions));
        for (let i = 2; i < set.length; i += 2) {
          expect(set[i]!).toBeGreaterThan(set[i - 1]! + 1);
        }
      }),
      runs,
    );
  });

  it('joins, moves and cuts as sets of numbers do', () => {
    fc.assert(
      fc.property(numbers, numbers, fc.integer({ min: -20, max: 20 }), (a, b, by) => {
        expect(members(union(setOf(a), setOf(b)))).toEqual(sorted([...a, ...b]));
        expect(members(shifted(setOf(a), by))).toEqual(sorted(a.map((position) => position + by)));
        expect(firstCommon(setOf(a), setOf(b))).toBe(sorted(a.filter((position) => b.includes(position)))[0]);
        // Whole intervals are passed over, and only such as lie below.
        const kept = members(setOf(a).slice(firstReaching(setOf(a), by)));
        expect(kept.filter((position) => position >= by)).toEqual(sorted(a.filter((position) => position >= by)));
      }),
      runs,
    );
  });

  it('spreads over a gap, either way, within bounds', () => {
    const gaps = fc.tuple(fc.integer({ min: -9, max: 9 }), fc.nat(9)).map(([min, more]) => ({ min, max: min + more }));
    fc.assert(
      fc.property(numbers, gaps, fc.nat(30), fc.nat(60), (a, gap, from, to) => {
        const expected = a.flatMap((position) => members(interval(position + gap.min, position + gap.max)));
        expect(members(spread(setOf(a), gap, { from, to }))).toEqual(sorted(expected.filter((position) => position >= from && position <= to)));
      }),
      runs,
    );
  });
});
