/** Components whose contents drift from generation to generation, for the tests of deltas. */
import fc from 'fast-check';
import type { Random } from '../../src/base/seams.js';
import { emptyAgentPattern, encodeAgentPattern } from '../../src/pattern/agent-pattern.js';
import { buildContainer, type ComponentKind } from '../../src/pattern/container.js';
import { encodeFilter } from '../../src/pattern/filter-pattern.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { encodeLists, type ListRuleData } from '../../src/pattern/lists-pattern.js';
import { encodeServerPattern } from '../../src/pattern/server-pattern.js';
import type { ByteSignature } from '../../src/pattern/signature.js';
import { entryArbitrary } from '../pattern/entries.js';
import { crypto, signerFrom } from '../pattern/fixtures.js';
import { arbitrarySignature } from '../support/signatures.js';

export const kinds: readonly ComponentKind[] = ['server-pattern', 'filter', 'agent-pattern', 'lists'];

/** One generation as a file. */
export type Generation = Uint8Array;

/** Some generations of a component: each the one before with a few things more and a few less, sometimes all of them. */
export async function driftingComponent(kind: ComponentKind, random: Random, generations: number): Promise<Generation[]> {
  const pool = poolOf(random);
  const files: Generation[] = [];
  const isIn = pool.map(() => random() < 0.5);
  for (let generation = 1; generation <= generations; generation++) {
    const share = [0, 0.02, 0.1, 0.5, 1][Math.floor(random() * 5)]!;
    pool.forEach((_, i) => {
      isIn[i] = random() < share ? random() < 0.5 : isIn[i]!;
    });
    const sections = sectionsOf(kind, pool.filter((_, i) => isIn[i]), generation);
    const head = { kind, generation, createdAt: 1_700_000_000_000 + generation * 3_600_000, expiresAt: 1_800_000_000_000, periodMs: 3_600_000 };
    files.push(await buildContainer({ head, sections, crypto, signer: random() < 0.8 ? signerFrom(3) : undefined }));
  }
  return files;
}

interface Item {
  readonly entry: HashEntry;
  readonly signature: ByteSignature;
  readonly rule: ListRuleData;
}

const sizes = [3, 40, 200] as const;

function poolOf(random: Random): Item[] {
  const seed = Math.floor(random() * 2 ** 31);
  const count = sizes[Math.floor(random() * sizes.length)]!;
  const entries = fc.sample(entryArbitrary, { seed, numRuns: count });
  const signatures = fc.sample(arbitrarySignature, { seed, numRuns: count });
  return entries.map((entry, i) => ({
    entry: random() < 0.5 ? { ...entry, hash: entry.hash.map(() => Math.floor(random() * 256)) } : entry,
    signature: signatures[i]!,
    rule: { id: `rule-${String(i)}`, effect: random() < 0.5 ? 'approved' : 'blocked', keyword: `word ${String(random())}` },
  }));
}

function sectionsOf(kind: ComponentKind, items: readonly Item[], generation: number): [string, Uint8Array][] {
  const entries = items.map(({ entry }) => entry);
  switch (kind) {
    case 'server-pattern':
      return encodeServerPattern({ hostRule: 'psl', entries });
    case 'filter':
      return encodeFilter({ covers: generation, hostRule: 'psl', entries });
    case 'agent-pattern':
      return encodeAgentPattern({ ...emptyAgentPattern, signatures: items.map(({ signature }) => signature), allow: entries.filter(({ kind: of }) => of === 'file') });
    default:
      return encodeLists(items.map(({ rule }) => rule));
  }
}
