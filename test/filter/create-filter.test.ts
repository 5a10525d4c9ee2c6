import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, equalBytes, toUtf8 } from '../../src/base/bytes.js';
import type { Fingerprint } from '../../src/base/fingerprint.js';
import { sha256 } from '../../src/fingerprint/digests.js';
import { createFilter } from '../../src/filter/create-filter.js';
import type { Filter } from '../../src/filter/filter.js';
import { decodeFilter, encodeFilter } from '../../src/pattern/filter-pattern.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { hashGroups } from '../../src/pattern/hashes/hash-groups.js';
import { entriesArbitrary, hashOf } from '../pattern/entries.js';
import { head } from '../pattern/fixtures.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) };

function filterOf(entries: readonly HashEntry[]): Filter {
  const sections = new Map(encodeFilter({ covers: 3, hostRule: 'psl', entries }));
  return createFilter(decodeFilter({ ...head, kind: 'filter', formatVersion: 1, sections, byteLength: 0 }), 4);
}

const fingerprint: fc.Arbitrary<Fingerprint> = fc.constantFrom(...hashGroups).chain((group) =>
  fc
    .record({ hash: hashOf(group.width), size: fc.option(fc.nat(3), { nil: undefined }) })
    .map(({ hash, size }) => ({ kind: group.kind, algorithm: group.algorithm, hash, ...(size === undefined ? {} : { size }) })),
);

const listing = (expression: string): HashEntry => ({
  kind: 'url',
  algorithm: 'sha256',
  hash: sha256(toUtf8(expression)),
  expression,
  disposition: 'malicious',
  threat: { name: 'T', type: 't' },
});

const meant = (entry: HashEntry, one: Fingerprint): boolean =>
  entry.kind === one.kind && entry.algorithm === one.algorithm && equalBytes(entry.hash, one.hash) && (entry.size === undefined || entry.size === one.size);

/** How often a filter calls something "not listed" that one of the entries means. Has to be 0. */
function misses(filter: Filter, entries: readonly HashEntry[], probes: readonly Fingerprint[]): number {
  return probes.filter((one) => filter.judge(one) === 'not-listed' && entries.some((entry) => meant(entry, one))).length;
}

describe('a filter', () => {
  it('never says "not listed" of what an entry means', () => {
    fc.assert(
      fc.property(entriesArbitrary, fc.array(fingerprint), (entries, probes) => {
        expect(misses(filterOf(entries), entries, [...probes, ...entries])).toBe(0);
      }),
      runs,
    );
  });

  it('says "maybe" only of a prefix that is listed for the kind and algorithm', () => {
    fc.assert(
      fc.property(entriesArbitrary, fc.array(fingerprint), (entries, probes) => {
        const filter = filterOf(entries);
        for (const one of probes.filter((probe) => filter.judge(probe) === 'maybe')) {
          const listed = entries.some(
            (entry) => entry.kind === one.kind && entry.algorithm === one.algorithm && compareBytes(entry.hash.subarray(0, 4), one.hash.subarray(0, 4)) === 0,
          );
          expect(listed).toBe(true);
        }
      }),
      runs,
    );
  });

  it('judges URL expressions by their host first, and is as sure with it as with all prefixes', () => {
    const host = fc.constantFrom('a.example', 'b.example', 'x.a.example', '1.2.3.4', '[::1]');
    const expression = fc.tuple(host, fc.constantFrom('/', '/?', '/x', '/x/', '/x/y?q')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(expression, { maxLength: 6 }), fc.array(expression), (listed, probes) => {
        const filter = filterOf(listed.map(listing));
        const hits = probes.filter((one) => filter.judge(listing(one)) === 'maybe');
        expect(hits).toEqual(probes.filter((one) => listed.includes(one)));
        for (const one of listed) {
          const { expression: _, ...bare } = listing(one);
          expect(filter.judge(bare)).toBe('maybe');
        }
      }),
      runs,
    );
  });

  it('reads no hash of a URL whose host is not listed', () => {
    const unread = { kind: 'url', algorithm: 'sha256', expression: 'b.example/x', get hash(): Uint8Array { throw new Error('read'); } } as const;
    expect(filterOf([listing('a.example/x')]).judge(unread)).toBe('not-listed');
    expect(filterOf([]).judge(unread)).toBe('not-listed');
    expect(() => filterOf([listing('b.example/')]).judge({ ...listing('b.example/x'), hash: unread.hash })).toThrow('read');
    expect(filterOf([listing('a.example/')]).hosts).toBeDefined();
    const { expression: _, ...bare } = listing('a.example/');
    expect(filterOf([bare]).hosts).toBeUndefined();
  });

  it('knows what it covers and what it wants', () => {
    const entry: HashEntry = { kind: 'file', algorithm: 'md5', hash: new Uint8Array(16), size: 3, disposition: 'malicious', threat: { name: 'T', type: 't' } };
    expect(filterOf([entry])).toMatchObject({ generation: 4, covers: 3, hostRule: 'psl', wants: { md5: [3] } });
    expect(filterOf([entry]).judge({ kind: 'file', algorithm: 'md5', hash: new Uint8Array(16), size: 3 })).toBe('maybe');
    expect(filterOf([entry]).judge({ kind: 'file', algorithm: 'md5', hash: new Uint8Array(16), size: 4 })).toBe('not-listed');
    expect(filterOf([entry]).judge({ kind: 'file', algorithm: 'md5', hash: new Uint8Array(16) })).toBe('maybe');
  });

  it('is sure of nothing about a hash of a wrong length', () => {
    expect(filterOf([]).judge({ kind: 'file', algorithm: 'sha256', hash: new Uint8Array(3) })).toBe('maybe');
  });

  it('would be noticed if it left out the MD5 entries, or took prefixes from the wrong end (sabotage)', () => {
    const entries: HashEntry[] = (['md5', 'sha256'] as const).map((algorithm) => ({
      kind: 'file',
      algorithm,
      hash: Uint8Array.from({ length: algorithm === 'md5' ? 16 : 32 }, (_, i) => i),
      disposition: 'malicious',
      threat: { name: 'T', type: 't' },
    }));
    const turned = entries.map((entry) => ({ ...entry, hash: entry.hash.slice().reverse() }));
    expect(misses(filterOf(entries.slice(1)), entries, entries)).toBe(1);
    expect(misses(filterOf(turned), entries, entries)).toBe(2);
  });
});
