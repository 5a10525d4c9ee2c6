/** From contents to a corpus: literals are drawn, contents put one behind the other, literals planted, all described. */
import type { Random } from '../../../src/base/seams.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import type { LiteralPools } from '../draw-literals.js';
import { drawLiterals } from '../draw-literals.js';
import { packLiterals, sha256Of } from '../haystack.js';
import type { ContentKind, Corpus, CorpusDescription } from './corpus.js';
import { corpusVersion, kinds } from './corpus.js';

/** What a corpus is made of. */
export interface CorpusIngredients {
  readonly contents: Readonly<Record<ContentKind, Buffer>>;
  /** How many files each content is made of, where it is made of files. */
  readonly files: Readonly<Partial<Record<ContentKind, number>>>;
  readonly pools: LiteralPools;
  readonly literals: number;
  readonly planted: number;
  readonly seed: number;
}

/** The same ingredients give the same corpus. */
export function assembleCorpus(from: CorpusIngredients): Corpus {
  const random = createSeededRandom(from.seed);
  const literals = drawLiterals(from.pools, from.literals, random);
  const parts = kinds.map((kind) => Buffer.from(from.contents[kind]));
  plant(parts, { literals, count: from.planted, random });
  const bytes = Buffer.concat(parts);
  return { bytes, literals, description: describe(from, bytes, literals) };
}

/** Copies literals to random places, half of them from the first hundredth; none lies over the end of a content. */
function plant(parts: readonly Buffer[], by: { readonly literals: readonly Buffer[]; readonly count: number; readonly random: Random }): void {
  const total = parts.reduce((sum, { length }) => sum + length, 0);
  for (let i = 0; i < by.count; i++) {
    const among = i % 2 === 0 ? Math.ceil(by.literals.length / 100) : by.literals.length;
    const literal = by.literals[Math.floor(by.random() * among)]!;
    let at = Math.floor(by.random() * total);
    const part = parts.find(({ length }) => {
      at -= length;
      return at < 0;
    })!;
    literal.copy(part, Math.min(at + part.length, part.length - literal.length));
  }
}

function describe(from: CorpusIngredients, bytes: Buffer, literals: readonly Buffer[]): CorpusDescription {
  const sizes = kinds.map((kind) => [kind, { bytes: from.contents[kind].length, files: from.files[kind] ?? 0 }] as const);
  return {
    version: corpusVersion,
    sha256: sha256Of(bytes),
    byKind: Object.fromEntries(sizes) as CorpusDescription['byKind'],
    literals: literals.length,
    literalsSha256: sha256Of(packLiterals(literals)),
    planted: from.planted,
  };
}
