/** Normalised views are searched for what can stand in them, and for nothing else: the same is found. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../../../src/base/bytes.js';
import { readNdb } from '../../../src/compile/readers/clamav-ndb.js';
import { readLdb } from '../../../src/compile/readers/logical/clamav-ldb.js';
import type { ByteSignature, LogicalSignature, MacroBody } from '../../../src/pattern/signature.js';
import { encodeSignatures } from '../../../src/pattern/signatures/signature-codec.js';
import { openSignatures } from '../../../src/pattern/signatures/signature-store.js';
import type { BodySearch } from '../../../src/scan/body-search.js';
import { createRuleMatcher } from '../../../src/scan/rules/rule-matcher.js';
import { createRuleSet } from '../../../src/scan/rules/rule-set.js';
import { bodiesInView } from '../../../src/scan/rules/views/view-bodies.js';
import { ViewSearches } from '../../../src/scan/rules/views/view-searches.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import { contextOf } from '../../compile/context.js';
import { randomCase } from '../../support/differential/cases.js';
import { arbitrarySignature } from '../../support/signatures.js';
import { scan } from '../../support/scan-feed.js';

const numRuns = Number(process.env.FUZZ_RUNS ?? 100);
const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
const inText = (byte: number): boolean => byte >= 0x20 && byte < 0x80 && !(byte >= 0x41 && byte <= 0x5a);

interface Source {
  readonly signatures: { readonly count: number; at(index: number): ByteSignature };
  readonly logical: readonly LogicalSignature[];
  readonly macros: readonly MacroBody[];
}

function sourceOf({ ndb = [], ldb = [] }: { readonly ndb?: readonly string[]; readonly ldb?: readonly string[] }): Source {
  const bodies = readNdb(ndb.join('\n'), contextOf());
  const { logical } = readLdb(ldb.join('\n'), contextOf());
  return { signatures: { count: bodies.signatures.length, at: (index) => bodies.signatures[index]! }, logical, macros: bodies.macros.map(({ body }) => body) };
}

describe('bodies that can stand in a text', () => {
  const bodiesOf = (...ndb: string[]): string => {
    const source = sourceOf({ ndb: ndb.map((line, i) => `${i}:${line}`) });
    return [...bodiesInView(createRuleSet(source), source.signatures, { targets: [0, 7], has: inText })].join();
  };

  it.each([
    ['lower case', `0:*:${hex('lower case, digits 09')}`, true],
    ['a capital letter', `0:*:${hex('Lower case')}`, false],
    ['a line feed', `0:*:${hex('lower\ncase')}`, false],
    ['a byte beyond ASCII', `0:*:${hex('lower')}e4`, false],
    ['an alternative of it', `0:*:${hex('lower')}(00|61)${hex('case')}`, true],
    ['alternatives that are none', `0:*:${hex('lower')}(00|41)${hex('case')}`, false],
    ['a gap', `0:*:${hex('lower')}{4-90}${hex('case')}`, true],
    ['nibbles that fit', `0:*:${hex('lower')}6?${hex('case')}`, true],
    ['nibbles that do not', `0:*:${hex('lower')}?a00${hex('case')}`, false],
    ['another target', `1:*:${hex('lower case')}`, false],
    ['its own target', `7:*:${hex('lower case')}`, true],
  ])('are those of %s', (_, line, expected) => {
    expect(bodiesOf(line)).toBe(expected ? '0' : '');
  });

  it('are the same, and more of nibbles at most, read where they lie', () => {
    fc.assert(
      fc.property(fc.array(arbitrarySignature, { maxLength: 20 }), (signatures) => {
        const store = openSignatures(encodeSignatures(signatures));
        const list = { count: signatures.length, at: (index: number) => signatures[index]! };
        const view = { targets: [0, 1, 7], has: (byte: number) => byte !== 0x71 };
        const expected = [...bodiesInView(createRuleSet({ signatures: list, logical: [], macros: [] }), list, view)];
        const surveyed = bodiesInView(createRuleSet({ signatures: store, logical: [], macros: [] }), store, view);
        expect([...surveyed]).toEqual(expect.arrayContaining(expected));
        const isSure = (index: number): boolean => signatures[index]!.nodes.every((node) => node.kind !== 'bytes' || node.mask.every((mask) => mask === 0xff));
        expect([...surveyed].filter(isSure)).toEqual(expected.filter(isSure));
      }),
      { numRuns },
    );
  });
});

describe('the searches of views', () => {
  const never: BodySearch = { open: () => expect.fail('was opened') };
  const searchesOf = (lines: { readonly ndb?: readonly string[]; readonly ldb?: readonly string[] }): ViewSearches => {
    const { signatures, ...rest } = sourceOf(lines);
    const set = createRuleSet({ signatures, ...rest });
    return new ViewSearches({ set, signatures, search: never, create: () => ({ open: () => expect.fail('was opened') }) });
  };

  it('are that of everything until enough has passed', () => {
    const searches = searchesOf({ ndb: [`A:0:*:${hex('Capital')}`, `B:3:*:${hex('page')}`] });
    expect(searches.of('text')).toBe(never);
    searches.pass(1000);
    expect(searches.of('text')).toBe('nothing');
    expect(searches.of('html')).toBe(never);
  });

  it('are their own where few bodies can stand in them', () => {
    const searches = searchesOf({ ndb: ['lower', 'Upper', 'Other', 'Last'].map((text) => `${text}:0:*:${hex(text)}`) });
    searches.pass(4 * 64);
    expect(searches.of('text')).toBe(never);
    searches.pass(4 * 1024);
    const own = searches.of('text');
    expect(own).not.toBe(never);
    expect(searches.of('text')).toBe(own);
    expect(searches.of('html')).toBe(never);
  });

  it('are there for rules that hold on nothing', () => {
    const searches = searchesOf({ ldb: [`T;Engine:81-255,Target:7;0=0;${hex('Never')}`] });
    searches.pass(100_000);
    expect(searches.of('text')).not.toBe('nothing');
    expect(searches.of('html')).toBe('nothing');
  });
});

describe('a matcher that has seen much', () => {
  it('finds what a new one does', async () => {
    for (let seed = 1; seed <= Math.ceil(numRuns / 5); seed++) {
      const random = createSeededRandom(seed);
      const one = randomCase(random, 3);
      const more = Array.from({ length: 60 }, (_, i) => `Upper${i}:${i % 8}:*:${hex(`Upper ${i}`)}`);
      const source = sourceOf({ ndb: [...one.ndb, ...more], ldb: one.ldb });
      const old = createRuleMatcher(source);
      await scan(old, fromLatin1('text without anything, '.repeat(4000)), { allMatches: false });
      await scan(old, fromLatin1(`<html>${'page without anything, '.repeat(4000)}`), { allMatches: false });
      for (const content of [...one.contents, fromLatin1(`text ${one.contents.map((bytes) => Buffer.from(bytes).toString('latin1').replace(/[^ -~]/g, '')).join(' ')} Upper 7 upper 7`)]) {
        expect([seed, await scan(old, content)]).toEqual([seed, await scan(createRuleMatcher(source), content)]);
      }
    }
  });
});
