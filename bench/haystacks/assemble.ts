/** From contents to a haystack: literals are drawn, blocks of all kinds put in turn, literals planted, all described. */
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import type { LiteralPools } from './draw-literals.js';
import { drawLiterals } from './draw-literals.js';
import type { Haystack, HaystackDescription, Kind } from './haystack.js';
import { blockOrder, haystackVersion, interleave, kinds, packLiterals, plant, sha256Of } from './haystack.js';

/** What a haystack is made of. */
export interface Ingredients {
  readonly contents: Readonly<Record<Kind, Buffer>>;
  /** How many files each content is made of, where it is made of files. */
  readonly files: Readonly<Partial<Record<Kind, number>>>;
  readonly pools: LiteralPools;
  readonly literals: number;
  readonly planted: number;
  readonly seed: number;
}

/** The same ingredients give the same haystack. */
export function assemble(from: Ingredients): Haystack {
  const random = createSeededRandom(from.seed);
  const literals = drawLiterals(from.pools, from.literals, random);
  const bytes = interleave(from.contents);
  plant(bytes, { literals, count: from.planted, random });
  return { bytes, literals, description: describe(from, bytes, literals) };
}

function describe(from: Ingredients, bytes: Buffer, literals: readonly Buffer[]): HaystackDescription {
  const byKind = kinds.map((kind) => {
    const share = blockOrder.filter((one) => one === kind).length / blockOrder.length;
    return [kind, { files: from.files[kind] ?? 0, bytes: bytes.length * share }] as const;
  });
  return {
    version: haystackVersion,
    bytes: bytes.length,
    sha256: sha256Of(bytes),
    byKind: Object.fromEntries(byKind),
    literals: literals.length,
    literalsSha256: sha256Of(packLiterals(literals)),
    planted: from.planted,
  };
}
