import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstEnds } from '../../bench/haystacks/find-all.js';

/** Few values, so that literals overlap, repeat and begin alike. */
const byte = fc.constantFrom(0x00, 0xff);
const bytes = (min: number, max: number): fc.Arbitrary<Buffer> => fc.array(byte, { minLength: min, maxLength: max }).map((all) => Buffer.from(all));

function byIndexOf(literals: readonly Buffer[], haystack: Buffer): number[] {
  return literals.map((literal) => {
    const at = haystack.indexOf(literal);
    return at === -1 ? Number.POSITIVE_INFINITY : at + literal.length;
  });
}

type Find = typeof byIndexOf;

function agrees(find: Find): boolean {
  const property = fc.property(fc.array(bytes(4, 7), { maxLength: 8 }), bytes(0, 60), (literals, haystack) => {
    expect(find(literals, haystack)).toEqual(byIndexOf(literals, haystack));
  });
  return !fc.check(property, { numRuns: Number(process.env['FUZZ_RUNS'] ?? 300) }).failed;
}

describe('what a haystack holds', () => {
  it('is found where Buffer.indexOf finds it', () => {
    expect(agrees(firstEnds)).toBe(true);
  });

  it('is not found by searches that err: the same check notices', () => {
    const withoutTheEnd: Find = (literals, haystack) => firstEnds(literals, haystack.subarray(0, -1));
    const withTheLast: Find = (literals, haystack) => {
      return byIndexOf(literals, haystack).map((end, i) => (Number.isFinite(end) ? haystack.lastIndexOf(literals[i]!) + literals[i]!.length : end));
    };
    expect([agrees(withoutTheEnd), agrees(withTheLast)]).toEqual([false, false]);
  });

  it('refuses literals that are shorter than its window', () => {
    expect(() => firstEnds([Buffer.from('abc')], Buffer.from('abc'))).toThrow(RangeError);
  });
});
