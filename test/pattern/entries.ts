/** Arbitrary listed hashes for property tests, drawn so that equal hashes, prefixes and names do occur. */
import fc from 'fast-check';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { hashGroups } from '../../src/pattern/hashes/hash-groups.js';

/** A hash of few different first bytes and ends, so that two of them are often alike. */
export function hashOf(width: number): fc.Arbitrary<Uint8Array> {
  return fc
    .record({ head: fc.uint8Array({ minLength: 4, maxLength: 4, max: 2 }), tail: fc.constantFrom(0, 1, 0xfe, 0xff) })
    .map(({ head, tail }) => {
      const hash = new Uint8Array(width).fill(tail);
      hash.set(head);
      return hash;
    });
}

const size = fc.oneof(fc.nat(3), fc.nat(), fc.maxSafeNat());
const text = fc.oneof(fc.constantFrom('Trojan.A', 'Trojan.B', ''), fc.string({ unit: 'grapheme', maxLength: 12 }));

export const entryArbitrary: fc.Arbitrary<HashEntry> = fc.constantFrom(...hashGroups).chain((group) =>
  fc
    .record(
      {
        hash: hashOf(group.width),
        disposition: fc.constantFrom('malicious' as const, 'suspicious' as const, 'clean' as const, 'unknown' as const),
        threat: fc.record({ name: text, type: text, detail: fc.constantFrom({ campaign: 'x' }, [1, null], 'text') }, { requiredKeys: ['name', 'type'] }),
        size,
        score: fc.integer({ min: 0, max: 100 }),
      },
      { requiredKeys: ['hash', 'disposition', 'threat'] },
    )
    .map((rest) => ({ kind: group.kind, algorithm: group.algorithm, ...rest })),
);

export const entriesArbitrary: fc.Arbitrary<HashEntry[]> = fc.array(entryArbitrary, { maxLength: 60 });
