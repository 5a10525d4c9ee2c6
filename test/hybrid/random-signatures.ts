/** Random signature sets over a small world of contents and URLs, as text that `compile` reads. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { CompileSource } from '../../src/compile.js';
import type { SourceFormat } from '../../src/compile.js';

const tokens = ['alpha', 'bravo', 'carol', 'delta'] as const;

/** The files of the world. Few and alike, so that signatures meet them. */
export const contents: readonly string[] = [
  ...tokens,
  ...tokens.flatMap((a) => tokens.map((b) => `${a}-${b}`)),
  'alpha-bravo-carol',
  'delta-alpha-bravo',
  'alphaXbravo',
];

export const urls: readonly string[] = [
  'http://a.example/',
  'http://sub.a.example/',
  'http://a.example/x',
  'http://a.example/x/y',
  'http://a.example/x/y?q=1',
  'http://deep.sub.a.example/x/y?q=1',
  'http://b.example/x/',
  'https://b.example/x/z',
  'http://192.0.2.1/x',
];

const hosts = ['a.example', 'sub.a.example', 'b.example'] as const;
const digestNames = ['md5', 'sha1', 'sha256'] as const;

/** One line of S. */
export type Item =
  | { readonly kind: 'bytes'; readonly name: string; readonly parts: readonly string[]; readonly joint: 'near' | 'any' | 'far' }
  | {
      readonly kind: 'hash' | 'allow';
      readonly name: string;
      readonly content: string;
      readonly algorithm: (typeof digestNames)[number];
      readonly size: 'right' | 'wrong' | 'any';
    }
  | { readonly kind: 'url' | 'domain'; readonly name: string; readonly target: string };

/** S in three generations: each item stands in some of them. */
export interface Versions {
  readonly items: readonly { readonly item: Item; readonly generations: readonly boolean[] }[];
}

const content = fc.constantFrom(...contents);
const algorithm = fc.constantFrom(...digestNames);
const item: fc.Arbitrary<Item> = fc.oneof(
  fc.record({
    kind: fc.constant('bytes' as const),
    name: fc.constant(''),
    parts: fc.array(fc.constantFrom(...tokens), { minLength: 1, maxLength: 2 }),
    joint: fc.constantFrom('near' as const, 'any' as const, 'far' as const),
  }),
  fc.record({
    kind: fc.constant('hash' as const),
    name: fc.constant(''),
    content,
    algorithm,
    size: fc.constantFrom('right' as const, 'right' as const, 'wrong' as const, 'any' as const),
  }),
  fc.record({
    kind: fc.constant('allow' as const),
    name: fc.constant(''),
    content,
    algorithm,
    size: fc.constantFrom('right' as const, 'wrong' as const),
  }),
  fc.record({ kind: fc.constant('url' as const), name: fc.constant(''), target: fc.constantFrom(...urls) }),
  fc.record({ kind: fc.constant('domain' as const), name: fc.constant(''), target: fc.constantFrom(...hosts) }),
);

/** Random S, every item with a name of its own. */
export const versions: fc.Arbitrary<Versions> = fc
  .array(fc.record({ item, generations: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }) }), { minLength: 1, maxLength: 14 })
  .map((items) => ({ items: items.map((one, index) => ({ ...one, item: named(one.item, index) })) }));

/** The items of one generation (1 to 3). */
export function itemsOf(all: Versions, generation: number): Item[] {
  return all.items.filter((one) => one.generations[generation - 1]).map((one) => one.item);
}

/** A source per item: the names of URL entries come from their sources. */
export function sourcesOf(items: readonly Item[]): CompileSource[] {
  return items.map((one) => ({ name: `${one.name}.txt`, ...lineOf(one) }));
}

function named(one: Item, index: number): Item {
  return { ...one, name: `Sig-${index}` };
}

function lineOf(one: Item): { readonly format: SourceFormat; readonly text: string } {
  switch (one.kind) {
    case 'bytes':
      return { format: 'ndb', text: `${one.name}:0:*:${one.parts.map(hex).join({ near: '??', any: '*', far: '{2-8}' }[one.joint])}\n` };
    case 'hash': {
      const size = sizeOf(one);
      const line = `${digestOf(one)}:${size ?? '*'}:${one.name}${size === undefined ? ':73' : ''}\n`;
      return { format: one.algorithm === 'md5' ? 'hdb' : 'hsb', text: line };
    }
    case 'allow':
      return { format: one.algorithm === 'md5' ? 'fp' : 'sfp', text: `${digestOf(one)}:${sizeOf(one) ?? '*'}:${one.name}\n` };
    case 'url':
      return { format: 'urls', text: `${one.target}\n` };
    case 'domain':
      return { format: 'domains', text: `${one.target}\n` };
  }
}

export function digestOf(one: { readonly content: string; readonly algorithm: string }): string {
  return createHash(one.algorithm).update(one.content).digest('hex');
}

/** The size that an entry carries; undefined for any. */
export function sizeOf(one: { readonly content: string; readonly size: 'right' | 'wrong' | 'any' }): number | undefined {
  return one.size === 'any' ? undefined : one.size === 'right' ? one.content.length : one.content.length + 1;
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}
