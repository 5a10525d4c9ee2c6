import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readThreatEntrySets } from '../../../src/adapters/safe-browsing/v4-entries.js';
import { fromHex, toHex } from '../../../src/base/bytes.js';
import { VedetteError } from '../../../src/base/errors.js';
import { sharedPath } from '../../shared.js';

const path = sharedPath('data/url/rice.json');
interface Vector {
  readonly kind: string;
  readonly proto?: readonly string[] | string;
  readonly expect?: readonly (string | number)[];
}
const vectors = path === undefined ? [] : (JSON.parse(readFileSync(path, 'utf8')) as { vectors: readonly Vector[] }).vectors;
const messagesOf = ({ proto = [] }: Vector): Uint8Array[] => [proto].flat().map((hex) => fromHex(hex)!);

describe('entries of Safe Browsing version 4', () => {
  it.skipIf(path === undefined)('the shared vectors of hashes', () => {
    const cases = vectors.filter((one) => one.kind === 'ThreatEntrySet-hashes');
    expect(cases.length).toBeGreaterThan(3);
    for (const vector of cases) {
      expect(readThreatEntrySets(messagesOf(vector)).hashes.map(toHex)).toEqual(vector.expect);
    }
  });

  it.skipIf(path === undefined)('the shared vectors of indices', () => {
    const cases = vectors.filter((one) => one.kind === 'ThreatEntrySet-indices');
    expect(cases.length).toBeGreaterThan(1);
    for (const vector of cases) {
      expect(readThreatEntrySets(messagesOf(vector)).indices).toEqual(vector.expect);
    }
  });

  it('any bytes are entries or a typed error', () => {
    const seeds = vectors.filter((one) => one.kind.startsWith('ThreatEntrySet')).flatMap(messagesOf);
    const mutated = fc.tuple(fc.constantFrom(new Uint8Array(0), ...seeds), fc.nat(), fc.nat(255), fc.nat()).map(([bytes, at, byte, cut]) => {
      const copy = bytes.slice(0, bytes.length - (cut % (bytes.length + 1)) * (cut % 3 === 0 ? 1 : 0));
      if (copy.length > 0) {
        copy[at % copy.length] = byte;
      }
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 64 })), (bytes) => {
        try {
          readThreatEntrySets([bytes], { maxEntries: 1000 });
        } catch (error) {
          expect(VedetteError.is(error)).toBe(true);
        }
      }),
      { numRuns: 10 * Number(process.env.FUZZ_RUNS ?? 100) },
    );
  });
});
