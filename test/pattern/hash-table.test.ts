import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, equalBytes } from '../../src/base/bytes.js';
import { isWanted } from '../../src/base/fingerprint.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { hashGroups } from '../../src/pattern/hashes/hash-groups.js';
import { compareEntries } from '../../src/pattern/hashes/hash-order.js';
import { encodeHashTable, openHashTable } from '../../src/pattern/hashes/hash-table.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { entriesArbitrary, hashOf } from './entries.js';
import { causeOf, hex, toHex } from './fixtures.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const sorted = (entries: readonly HashEntry[]): HashEntry[] => [...entries].sort(compareEntries);
const entry = (changes: Partial<HashEntry> = {}): HashEntry => ({
  kind: 'file',
  algorithm: 'sha256',
  hash: new Uint8Array(32).fill(7),
  disposition: 'malicious',
  threat: { name: 'Test', type: 'test' },
  ...changes,
});

describe('a hash table', () => {
  it('holds what it was made from, sorted, whatever the order of the input', () => {
    fc.assert(
      fc.property(entriesArbitrary, (entries) => {
        const table = openHashTable(encodeHashTable(entries));
        expect(table.count).toBe(entries.length);
        expect([...table.entries()]).toEqual(sorted(entries));
        expect(encodeHashTable([...entries].reverse())).toEqual(encodeHashTable(entries));
      }),
      runs,
    );
  });

  it('finds by full hash what a filter over the list finds', () => {
    fc.assert(
      fc.property(entriesArbitrary, fc.constantFrom(...hashGroups), fc.nat(), (entries, group, pick) => {
        const probe = entries.length > 0 && pick % 3 > 0 ? entries[pick % entries.length]! : entry({ ...group, hash: new Uint8Array(group.width) });
        const expected = entries.filter(
          (one) => one.kind === probe.kind && one.algorithm === probe.algorithm && equalBytes(one.hash, probe.hash),
        );
        expect(openHashTable(encodeHashTable(entries)).find(probe.kind, probe.algorithm, probe.hash)).toEqual(sorted(expected));
      }),
      runs,
    );
  });

  it('finds by prefix what a filter over the list finds', () => {
    fc.assert(
      fc.property(entriesArbitrary, fc.constantFrom(...hashGroups), hashOf(20), fc.integer({ min: 4, max: 16 }), (entries, group, hash, length) => {
        const prefix = hash.subarray(0, length);
        const expected = entries.filter(
          (one) => one.kind === group.kind && one.algorithm === group.algorithm && equalBytes(one.hash.subarray(0, length), prefix),
        );
        expect(openHashTable(encodeHashTable(entries)).byPrefix(group.kind, group.algorithm, prefix)).toEqual(sorted(expected));
      }),
      runs,
    );
  });

  it('wants exactly the digests that a comparison with its entries needs', () => {
    fc.assert(
      fc.property(entriesArbitrary, fc.nat(4), (entries, size) => {
        const wants = openHashTable(encodeHashTable(entries)).wants();
        for (const algorithm of ['md5', 'sha1'] as const) {
          const needed = entries.some((one) => one.algorithm === algorithm && (one.size === undefined || one.size === size));
          expect(isWanted(wants[algorithm], size)).toBe(needed);
        }
      }),
      runs,
    );
  });

  it('says nothing about hashes of another length, and refuses prefixes that are none', () => {
    const table = openHashTable(encodeHashTable([entry()]));
    expect(table.find('file', 'sha256', new Uint8Array(4).fill(7))).toEqual([]);
    expect(table.find('url', 'md5', new Uint8Array(16))).toEqual([]);
    expect(() => table.byPrefix('file', 'sha256', new Uint8Array(3))).toThrow(RangeError);
    expect(() => table.byPrefix('file', 'sha256', new Uint8Array(33))).toThrow(RangeError);
    expect(table.byPrefix('file', 'sha1', new Uint8Array(4))).toEqual([]);
  });

  it('hands out copies of its hashes, even over a Node Buffer', () => {
    const bytes = Buffer.from(encodeHashTable([entry()]));
    const table = openHashTable(bytes);
    table.find('file', 'sha256', entry().hash)[0]!.hash.fill(0);
    expect(table.find('file', 'sha256', entry().hash)).toEqual([entry()]);
  });

  it.each([
    ['a hash of another length', { hash: new Uint8Array(31) }],
    ['a URL by MD5', { kind: 'url' as const, algorithm: 'md5' as const, hash: new Uint8Array(16) }],
    ['a negative size', { size: -1 }],
    ['a score over 100', { score: 101 }],
    ['a detail over 4096 characters', { threat: { name: 'x', type: 'y', detail: 'z'.repeat(4095) } }],
  ])('is not made from %s', (_, changes) => {
    expect(() => encodeHashTable([entry(changes)])).toThrow();
  });

  it('takes 32 bytes for a SHA-256 entry of one name, and under 40 when every entry has a name of its own', () => {
    const random = createSeededRandom(1);
    const hash = (): Uint8Array => Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256));
    const listed = Array.from({ length: 5000 }, () => entry({ hash: hash() }));
    expect(openHashTable(encodeHashTable(listed)).byteLength / 5000).toBeLessThan(32.05);
    const named = listed.map((one, i) => ({ ...one, threat: { name: `Trojan-${String(i).padStart(5, '0')}`, type: 'trojan' } }));
    expect(openHashTable(encodeHashTable(named)).byteLength / 5000).toBeLessThan(40);
  });

  it('reads format version 1 as it was first written (golden bytes)', () => {
    expect([...openHashTable(golden).entries()]).toEqual(goldenEntries);
    expect(toHex(encodeHashTable(goldenEntries))).toBe(toHex(golden));
  });
});

describe('opening a hash table refuses', () => {
  const small = encodeHashTable([entry({ size: 5 }), entry({ hash: new Uint8Array(32).fill(8), threat: { name: 'B', type: 't', detail: { a: 1 } } })]);

  it('every truncation and every trailing byte', () => {
    for (let length = 0; length < small.length; length++) {
      expect(causeOf(() => openHashTable(small.subarray(0, length))), `length ${length}`).not.toBe('accepted');
    }
    expect(causeOf(() => openHashTable(concatBytes([small, Uint8Array.of(0)])))).toBe('malformed');
  });

  it('hashes out of order', () => {
    const turned = small.slice();
    turned.set(new Uint8Array(32).fill(9), small.findIndex((byte, i) => byte === 7 && small[i + 31] === 7));
    expect(causeOf(() => openHashTable(turned))).toBe('malformed');
  });

  it('or reads completely: no mutation makes a lookup fail', () => {
    fc.assert(
      fc.property(entriesArbitrary, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), (entries, changes) => {
        const mutated = encodeHashTable(entries);
        for (const [at, value] of changes) {
          mutated[at % mutated.length] = value;
        }
        expectRefusedOrReadable(mutated);
      }),
      { numRuns: 5 * runs.numRuns },
    );
  });

  it('or reads completely: arbitrary bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64, max: 5 }), expectRefusedOrReadable), { numRuns: 5 * runs.numRuns });
  });
});

function expectRefusedOrReadable(bytes: Uint8Array): void {
  expect(['accepted', 'truncated', 'malformed', 'limit']).toContain(
    causeOf(() => {
      const table = openHashTable(bytes);
      for (const one of table.entries()) {
        expect(table.find(one.kind, one.algorithm, one.hash).length).toBeGreaterThan(0);
      }
      table.wants();
    }),
  );
}

const goldenEntries: HashEntry[] = [
  entry({ size: 300 }),
  entry({ algorithm: 'md5', hash: new Uint8Array(16).fill(1), disposition: 'suspicious', threat: { name: 'B', type: 't', detail: { a: 1 } } }),
  entry({ kind: 'url', hash: new Uint8Array(32).fill(2), score: 40 }),
];
const golden = hex(`
  020000000900000000000142000454657374020000000800000000000174010365737401000000090000000000077b22
  61223a317d0300000000ff01000000000000000028010000000000000001ff0000000001000000030002010000000707
  07070707070707070707070707070707070707070707070707070707070701002d010200010000000101010101010101
  010101010101010100020300010000000202020202020202020202020202020202020202020202020202020202020202
  0101
`);
