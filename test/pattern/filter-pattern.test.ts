import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Container } from '../../src/pattern/container.js';
import { buildContainer, openContainer } from '../../src/pattern/container.js';
import { decodeFilter, encodeFilter } from '../../src/pattern/filter-pattern.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { wantsOf } from '../../src/pattern/wants.js';
import { entriesArbitrary } from './entries.js';
import { causeOf, crypto, head, toHex } from './fixtures.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const containerOf = (sections: readonly (readonly [string, Uint8Array])[]): Container => ({
  ...head,
  kind: 'filter',
  formatVersion: 1,
  sections: new Map(sections),
  byteLength: 0,
});
const entry = (hash: number, changes: Partial<HashEntry> = {}): HashEntry => ({
  kind: 'file',
  algorithm: 'md5',
  hash: new Uint8Array(16).fill(hash),
  disposition: 'malicious',
  threat: { name: 'T', type: 't' },
  ...changes,
});

describe('a filter component', () => {
  it('holds the prefix of every entry, by kind and algorithm, and nothing else', () => {
    fc.assert(
      fc.property(entriesArbitrary, (entries) => {
        const { prefixes, ...rest } = decodeFilter(containerOf(encodeFilter({ covers: 9, hostRule: 'labels5', entries })));
        expect(rest).toEqual({ covers: 9, hostRule: 'labels5', wants: wantsOf(entries), hosts: undefined });
        const expected = new Set(entries.map((one) => `${one.kind} ${one.algorithm} ${toHex(one.hash.subarray(0, 4))}`));
        const held = prefixes.flatMap((table) =>
          Array.from(table.sorted, (prefix) => `${table.kind} ${table.algorithm} ${prefix.toString(16).padStart(8, '0')}`),
        );
        expect(new Set(held)).toEqual(expected);
        expect(held).toHaveLength(expected.size);
        expect(prefixes.every(({ sorted }) => sorted.every((prefix, i) => i === 0 || prefix > sorted[i - 1]!))).toBe(true);
      }),
      runs,
    );
  });

  it('wants sizes only where every entry has one, and nothing for SHA-256 and URLs', () => {
    const strong = { algorithm: 'sha256' as const, hash: new Uint8Array(32), size: 5 };
    expect(wantsOf([entry(1, { size: 9 }), entry(2, { size: 3 }), entry(3, { size: 9 }), entry(4, strong)])).toEqual({ md5: [3, 9] });
    expect(wantsOf([entry(1, { size: 9 }), entry(2)])).toEqual({ md5: 'any' });
    expect(wantsOf([entry(1, strong), entry(2, { ...strong, kind: 'url' })])).toEqual({});
    expect(wantsOf([entry(1, { size: 2 ** 53 - 1 }), entry(1, { size: 10 })])).toEqual({ md5: [10, 2 ** 53 - 1] });
  });

  it('passes through a container unchanged', async () => {
    const sections = encodeFilter({ covers: 9, hostRule: 'psl', entries: [entry(1, { size: 3 }), entry(2, { size: 2 ** 40 })] });
    const bytes = await buildContainer({ head: { ...head, kind: 'filter' }, sections, crypto });
    expect(decodeFilter(openContainer(bytes, { crypto }))).toEqual(decodeFilter(containerOf(sections)));
  });

  it('reads format version 1 as it was first written (golden bytes)', () => {
    const sections = encodeFilter({ covers: 9, hostRule: 'psl', entries: [entry(1, { size: 3 }), entry(2, { size: 300 })] });
    expect(sections.map(([name, bytes]) => [name, toHex(bytes)])).toEqual([
      ['meta', '090000000000000000'],
      ['prefixes-file-md5', '000101010102020202'],
      ['sizes-md5', '03a802'],
    ]);
  });

  const good = new Map(encodeFilter({ covers: 9, hostRule: 'psl', entries: [entry(1, { size: 3 }), entry(2, { size: 4 })] }));
  it.each([
    ['no meta', 'meta', undefined, 'malformed'],
    ['meta cut short', 'meta', [9, 0, 0, 0, 0, 0, 0, 0], 'truncated'],
    ['meta too long', 'meta', [9, 0, 0, 0, 0, 0, 0, 0, 0, 0], 'malformed'],
    ['an unknown host rule', 'meta', [9, 0, 0, 0, 0, 0, 0, 0, 2], 'version'],
    ['an unknown encoding', 'prefixes-file-md5', [1, 1, 1, 1, 1], 'version'],
    ['half a prefix', 'prefixes-file-md5', [0, 1, 1, 1, 1, 2, 2], 'malformed'],
    ['no prefix at all', 'prefixes-file-md5', [0], 'malformed'],
    ['a prefix twice', 'prefixes-file-md5', [0, 1, 1, 1, 1, 1, 1, 1, 1], 'malformed'],
    ['prefixes without sizes', 'sizes-md5', undefined, 'malformed'],
    ['sizes without prefixes', 'prefixes-file-md5', undefined, 'malformed'],
    ['a size in a longer form than needed', 'sizes-md5', [0x80, 0x00], 'malformed'],
    ['a size that does not end', 'sizes-md5', [0x80], 'truncated'],
    ['a size over 2^53', 'sizes-md5', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], 'malformed'],
    ['sizes that add up to more', 'sizes-md5', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 0], 'limit'],
  ] as const)('is refused with %s', (_, name, bytes, cause) => {
    const sections = new Map(good);
    sections.delete(name);
    if (bytes !== undefined) {
      sections.set(name, Uint8Array.from(bytes));
    }
    expect(causeOf(() => decodeFilter(containerOf([...sections])))).toBe(cause);
  });

  it('is refused as another component', () => {
    expect(causeOf(() => decodeFilter({ ...containerOf([...good]), kind: 'server-pattern' }))).toBe('kind');
  });
});
