/** The places of prefixes are those that a Map has. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { prefixNumber } from '../../src/base/fingerprint.js';
import { PrefixPlaces } from '../../src/query/decide/prefix-places.js';
import { hashOf } from './scripted-source.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const numbers = fc.oneof(fc.nat(20), fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff));

it('are those that a Map has, of none, of some, of many', () => {
  fc.assert(fc.property(fc.uniqueArray(numbers, { maxLength: 300 }), fc.array(numbers, { maxLength: 50 }), (asked, others) => {
    const places = new PrefixPlaces(asked.map((one) => hashOf(one)));
    const clear = new Map(asked.map((one, place) => [one, place]));
    for (const one of [...asked, ...others]) {
      expect(places.find(one)).toBe(clear.get(one) ?? -1);
    }
  }), runs);
});

it('are found in a full question, by signed numbers as by unsigned ones', () => {
  const hashes = Array.from({ length: 1000 }, (_, i) => hashOf(Math.imul(i, 0x9e37_79b1) >>> 0).slice(0, 4));
  const places = new PrefixPlaces(hashes);
  hashes.forEach((hash, place) => {
    expect(places.find(prefixNumber(hash))).toBe(place);
    expect(places.find(prefixNumber(hash) | 0)).toBe(place);
  });
});

it('are the first of two that are the same', () => {
  expect(new PrefixPlaces([hashOf(7, 1), hashOf(7, 2), hashOf(8)]).find(7)).toBe(0);
});
