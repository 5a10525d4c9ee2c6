import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PrefixSet } from '../../src/filter/prefix-set.js';
import { createPrefixSet } from '../../src/filter/prefix-set.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const sorted = (numbers: Iterable<number>): Uint32Array => Uint32Array.from([...new Set(numbers)]).sort();
const uint32 = fc.oneof(fc.nat(20), fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(0, 0xffff, 0x10000, 2 ** 31, 2 ** 32 - 1));

/** Enough numbers for the indexed form, with edges of the 16-bit buckets among them. */
function largeSet(seed: number): { readonly numbers: Set<number>; readonly random: () => number } {
  const random = createSeededRandom(seed);
  const numbers = new Set([0, 0xffff, 0x10000, 0x7fff_ffff, 0x8000_0000, 0xffff_0000, 0xffff_ffff]);
  while (numbers.size < 100_000) {
    numbers.add(random() < 0.3 ? Math.floor(random() * 200_000) : Math.floor(random() * 2 ** 32));
  }
  return { numbers, random };
}

/** How often a set answers otherwise than the oracle: for members, their neighbours and 100,000 random numbers. */
function wrongAnswers(set: Pick<PrefixSet, 'has'>, oracle: ReadonlySet<number>, random: () => number): number {
  const probes = [...oracle].flatMap((one) => [one, (one + 1) >>> 0]);
  for (let i = 0; i < 100_000; i++) {
    probes.push(Math.floor(random() * 2 ** 32));
  }
  return probes.filter((probe) => set.has(probe) !== oracle.has(probe)).length;
}

describe('a prefix set', () => {
  it('answers as a Set does', () => {
    fc.assert(
      fc.property(fc.array(uint32), fc.array(uint32), (members, probes) => {
        const oracle = new Set(members);
        const set = createPrefixSet(sorted(members));
        expect(set.size).toBe(oracle.size);
        for (const probe of [...members, ...probes, ...members.map((one) => (one + 1) >>> 0)]) {
          expect(set.has(probe)).toBe(oracle.has(probe));
        }
      }),
      runs,
    );
  });

  it.each([1, 2, 3])('answers as a Set does when it is large (seed %i)', (seed) => {
    const { numbers, random } = largeSet(seed);
    const set = createPrefixSet(sorted(numbers));
    expect(wrongAnswers(set, numbers, random)).toBe(0);
    expect(set.size).toBe(100_000);
    expect(set.bytes).toBeLessThan(5 * set.size);
  });

  it.each([
    ['the lower 16 bits', (set: PrefixSet) => (prefix: number) => set.has(prefix & 0xffff)],
    ['the sign', (set: PrefixSet) => (prefix: number) => set.has(prefix & 0x7fff_ffff)],
    ['the largest member', (set: PrefixSet) => (prefix: number) => prefix !== 0xffff_ffff && set.has(prefix)],
  ])('would be noticed if it got %s wrong (sabotage)', (_, sabotage) => {
    const { numbers, random } = largeSet(1);
    expect(wrongAnswers({ has: sabotage(createPrefixSet(sorted(numbers))) }, numbers, random)).toBeGreaterThan(0);
  });

  it('does not keep the array, and does not change it', () => {
    const array = Uint32Array.of(1, 5, 9);
    const set = createPrefixSet(array);
    array.fill(7);
    expect([set.has(5), set.has(7)]).toEqual([true, false]);
  });

  it('takes nothing that is not strictly ascending', () => {
    expect(() => createPrefixSet(Uint32Array.of(1, 1))).toThrow(RangeError);
    expect(() => createPrefixSet(Uint32Array.of(2, 1))).toThrow(RangeError);
    expect(createPrefixSet(new Uint32Array(0)).has(0)).toBe(false);
  });
});
