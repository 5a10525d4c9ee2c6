import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Located } from '../../src/location/location-probe.js';
import { lookAgainMs } from '../../src/location/look-again.js';
import { placeAfterChange, placeFrom, unknownPlace, type Place } from '../../src/location/place.js';

const runs = Number(process.env['FUZZ_RUNS'] ?? 100);
const reference: Located = { location: 'internal', by: 'reference server', proof: 'challenge' };
const noReference: Located = { location: 'external', by: 'no reference server', proof: 'challenge' };
const gateway: Located = { location: 'internal', by: 'gateway 192.0.2.1', proof: 'hint' };
const noGateway: Located = { location: 'external', by: 'no known gateway', proof: 'hint' };
const host = (location: Located['location']): Located => ({ location, by: 'the host' });

const located = fc.record({
  location: fc.constantFrom('internal', 'external'),
  by: fc.string({ minLength: 1 }),
  proof: fc.constantFrom('challenge', 'hint', undefined),
}) as fc.Arbitrary<Located>;

describe('where the host is', () => {
  it.each<[string, readonly Located[], Partial<Place>]>([
    ['nothing is known', [], { location: 'external', near: 'external', proof: 'none' }],
    ['a reference server has met its challenge', [reference, noGateway], { location: 'internal', near: 'internal', proof: 'challenge', by: 'reference server' }],
    ['it has, behind a known gateway', [reference, gateway], { location: 'internal', proof: 'challenge' }],
    ['only the gateway is known', [noReference, gateway], { location: 'external', near: 'internal', proof: 'none', by: 'gateway 192.0.2.1' }],
    ['the gateway is all there is', [gateway], { location: 'external', near: 'internal', proof: 'none' }],
    ['neither is there', [noReference, noGateway], { location: 'external', near: 'external', by: 'no reference server' }],
    ['the host says so', [host('internal')], { location: 'internal', near: 'internal', proof: 'host', by: 'the host' }],
    ['the host says no', [host('external')], { location: 'external', near: 'external', proof: 'none', by: 'the host' }],
  ])('when %s', (_, found, place) => {
    expect(placeFrom(found)).toMatchObject(place);
  });

  it('is inside only where somebody who can prove it says so', () => {
    fc.assert(
      fc.property(fc.array(located, { maxLength: 4 }), (found) => {
        const isProven = found.some((one) => one.proof !== 'hint' && one.location === 'internal');
        expect(placeFrom(found).location).toBe(isProven ? 'internal' : 'external');
      }),
      { numRuns: runs },
    );
  });

  it('is not changed by hints', () => {
    fc.assert(
      fc.property(fc.array(located, { maxLength: 4 }), (found) => {
        const { location, proof } = placeFrom(found);
        expect(placeFrom(found.filter((one) => one.proof !== 'hint'))).toMatchObject({ location, proof });
      }),
      { numRuns: runs },
    );
  });

  it('would be wrong if the gateway were believed (sabotage of these tests)', () => {
    const believing = (found: readonly Located[]): Place => placeFrom(found.map(({ location, by }) => ({ location, by })));
    expect(believing([noReference, gateway]).location).toBe('internal');
    expect(placeFrom([noReference, gateway]).location).toBe('external');
  });
});

describe('a change of the network', () => {
  it.each<[string, Place, Partial<Place>]>([
    ['ends what a challenge has proven', placeFrom([reference]), { location: 'external', near: 'external', proof: 'none' }],
    ['ends what a gateway hinted at', placeFrom([gateway]), { location: 'external', near: 'external' }],
    ["leaves the host's own word", placeFrom([host('internal')]), { location: 'internal', proof: 'host' }],
    ['leaves the outside', unknownPlace, unknownPlace],
  ])('%s', (_, before, after) => {
    expect(placeAfterChange(before)).toMatchObject(after);
  });
});

describe('the next look', () => {
  const facts = { place: placeFrom([noReference]), vain: 1, couldProve: true, recheckMs: 3_600_000 };
  it.each([
    ['inside: hourly', { ...facts, place: placeFrom([reference]), vain: 0 }, [3_600_000, 3_600_000]],
    ['outside, with nothing that could prove more: hourly', { ...facts, couldProve: false }, [3_600_000, 3_600_000]],
    ['after the first in vain: within a minute', facts, [30_000, 60_000]],
    ['after the third', { ...facts, vain: 3 }, [120_000, 240_000]],
    ['after a hundred: hourly', { ...facts, vain: 100 }, [1_800_000, 3_600_000]],
    ['never later than the configuration says', { ...facts, vain: 9, recheckMs: 20_000 }, [10_000, 20_000]],
  ] as const)('%s', (_, known, [least, most]) => {
    expect([lookAgainMs(known, () => 0), lookAgainMs(known, () => 1)]).toEqual([least, most]);
  });
});
