import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, toHex, toUtf8 } from '../../src/base/bytes.js';
import type { Container } from '../../src/pattern/container.js';
import type { ListRuleData } from '../../src/pattern/lists-pattern.js';
import { decodeLists, encodeLists } from '../../src/pattern/lists-pattern.js';
import { causeOf, head } from './fixtures.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const subject = fc.oneof(
  fc.record({ url: text }),
  fc.record({ url: text, exactHost: fc.constant(true) }),
  fc.record({ keyword: text }),
  fc.record({ regex: text }),
  fc.record({ sha256: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex) }),
);
const rule: fc.Arbitrary<ListRuleData> = fc
  .tuple(fc.record({ id: text, effect: fc.constantFrom('approved' as const, 'blocked' as const) }), subject, fc.option(fc.maxSafeNat(), { nil: undefined }))
  .map(([base, what, untilAt]) => ({ ...base, ...what, ...(untilAt === undefined ? {} : { untilAt }) }));
const rules = fc.uniqueArray(rule, { selector: (one) => one.id, maxLength: 20 });
const containerOf = (bytes: Uint8Array): Container => ({ ...head, formatVersion: 1, sections: new Map([['rules', bytes]]), byteLength: 0 });
const bytesOf = (list: readonly ListRuleData[]): Uint8Array => encodeLists(list)[0]![1];

describe('a lists component', () => {
  it('gives back its rules, sorted by id, whatever their order', () => {
    fc.assert(
      fc.property(rules, (list) => {
        const sorted = [...list].sort((a, b) => compareBytes(toUtf8(a.id), toUtf8(b.id)));
        expect(decodeLists(containerOf(bytesOf(list)))).toEqual(sorted);
        expect(bytesOf([...list].reverse())).toEqual(bytesOf(list));
      }),
      runs,
    );
  });

  it('reads or refuses, whatever the bytes', () => {
    fc.assert(
      fc.property(rules, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), fc.nat(), (list, changes, cut) => {
        const bytes = bytesOf(list);
        const mutated = bytes.slice(0, cut % 2 === 0 ? bytes.length : cut % bytes.length);
        for (const [at, value] of changes) {
          mutated[at % mutated.length] = value;
        }
        expect(['accepted', 'truncated', 'malformed', 'limit']).toContain(causeOf(() => decodeLists(containerOf(mutated))));
      }),
      { numRuns: 3 * runs.numRuns },
    );
  });

  const good: ListRuleData = { id: 'a', effect: 'blocked', url: 'example.com/' };
  it.each([
    ['neither hash nor URL', { id: 'a', effect: 'blocked' }],
    ['both', { ...good, sha256: '00'.repeat(32) }],
    ['a keyword beside the URL', { ...good, keyword: 'bad' }],
    ['a keyword with an exact host', { id: 'a', effect: 'blocked', keyword: 'bad', exactHost: true }],
    ['a hash with an exact host', { id: 'a', effect: 'blocked', sha256: '00'.repeat(32), exactHost: true }],
    ['a hash that is none', { id: 'a', effect: 'blocked', sha256: '00'.repeat(20) }],
    ['no id', { ...good, id: '' }],
    ['an id over 256 bytes', { ...good, id: 'ä'.repeat(129) }],
    ['a URL over 8192 bytes', { ...good, url: 'x'.repeat(8193) }],
    ['an instant that is none', { ...good, untilAt: -1 }],
  ] as [string, ListRuleData][])('is not made from a rule with %s', (_, bad) => {
    expect(() => encodeLists([bad])).toThrow();
  });

  it('takes ids and URLs up to their limits, and each id once', () => {
    expect(decodeLists(containerOf(bytesOf([{ ...good, id: 'x'.repeat(256), url: 'x'.repeat(8192) }])))).toHaveLength(1);
    expect(() => encodeLists([good, good])).toThrow(TypeError);
    expect(causeOf(() => decodeLists(containerOf(Uint8Array.of(1, 0, 0, 0, 3, 1, 1, ...new Array<number>(257).fill(97)))))).toBe('limit');
    for (const unknown of [8, 9, 18, 24, 34, 48, 64, 128, 255]) {
      const bytes = Uint8Array.of(1, 0, 0, 0, unknown, 1, 0, 97, 1, 0, 97);
      expect([unknown, causeOf(() => decodeLists(containerOf(bytes)))]).toEqual([unknown, 'malformed']);
    }
    for (const known of [2, 3, 10, 11, 16, 17, 32, 33]) {
      expect(causeOf(() => decodeLists(containerOf(Uint8Array.of(1, 0, 0, 0, known, 1, 0, 97, 1, 0, 97))))).toBe('accepted');
    }
  });

  it('is refused as another component', () => {
    expect(causeOf(() => decodeLists({ ...containerOf(bytesOf([])), kind: 'filter' }))).toBe('kind');
  });
});
