import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.js';
import { openContainer, verifyContainer, type ComponentKind } from '../../src/pattern/container.js';
import { decodeServerPattern } from '../../src/pattern/server-pattern.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { sortEntries } from '../../src/pattern/hashes/hash-order.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { applyDelta } from '../../src/update/delta/apply-delta.js';
import { contentId } from '../../src/update/delta/component-file.js';
import { makeDelta } from '../../src/update/delta/make-delta.js';
import { readDelta } from '../../src/update/delta/read-delta.js';
import { crypto, signerFrom } from '../pattern/fixtures.js';
import { driftingComponent, kinds } from './delta-chains.js';

/** 1000 for the figure in docs/updates.md. */
const chains = Number(process.env['CHAINS'] ?? 40);
const seeds = fc.record({ seed: fc.integer(), kind: fc.constantFrom(...kinds), generations: fc.integer({ min: 2, max: 7 }) });
const settings = { numRuns: chains, ...(process.env['FUZZ_SEED'] === undefined ? {} : { seed: Number(process.env['FUZZ_SEED']) }) };

const generationsOf = (kind: ComponentKind, seed: number, count: number): Promise<Uint8Array[]> => driftingComponent(kind, createSeededRandom(seed), count);

describe('chains of deltas', () => {
  it('lead to the whole file, byte for byte, in single steps and in one leap', { timeout: 900_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async ({ seed, kind, generations }) => {
        const files = await generationsOf(kind, seed, generations);
        let file = files[0]!;
        for (const [i, next] of files.slice(1).entries()) {
          file = applyDelta(file, makeDelta(files[i]!, next, { crypto }), { crypto });
          expect(toHex(file)).toBe(toHex(next));
        }
        const leap = makeDelta(files[0]!, files.at(-1)!, { crypto });
        expect(toHex(applyDelta(files[0]!, leap, { crypto }))).toBe(toHex(file));
      }),
      settings,
    );
  });

  it('give a store the same entries as the files hold, by removals and additions alone', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async ({ seed, generations }) => {
        const files = await generationsOf('server-pattern', seed, generations);
        let entries = entriesIn(files[0]!);
        for (const [i, next] of files.slice(1).entries()) {
          const delta = makeDelta(files[i]!, next, { crypto });
          expect(readDelta(delta, { crypto })).toMatchObject({ base: contentId(files[i]!), result: contentId(next), byteLength: next.length });
          entries = changedBy(entries, delta);
          expect(entries).toEqual(entriesIn(next));
        }
      }),
      settings,
    );
  });

  it('carry the signature of the file over', async () => {
    const [from, to] = await generationsOf('filter', 11, 2);
    const result = applyDelta(from!, makeDelta(from!, to!, { crypto }), { crypto });
    const trust = [signerFrom(3).publicKey];
    expect(await verifyContainer(result, { crypto, trust })).toBe(openContainer(to!, { crypto }).keyId);
  });
});

function entriesIn(file: Uint8Array): HashEntry[] {
  return [...decodeServerPattern(openContainer(file, { crypto })).table.entries()];
}

/** What a store does that knows rows by group and number. */
function changedBy(entries: readonly HashEntry[], delta: Uint8Array): HashEntry[] {
  const section = readDelta(delta, { crypto }).sections.find(({ name }) => name === 'hashes');
  if (section?.kind === 'same') {
    return [...entries];
  }
  if (section?.kind !== 'table') {
    throw new Error(`a table changes by ${String(section?.kind)}`);
  }
  const kept: HashEntry[] = [];
  for (const kind of ['file', 'url'] as const) {
    for (const algorithm of ['sha256', 'sha1', 'md5'] as const) {
      const rows = entries.filter((one) => one.kind === kind && one.algorithm === algorithm);
      const group = section.groups.find((one) => one.kind === kind && one.algorithm === algorithm);
      const removed = new Set(group?.removed);
      [...removed].forEach((row, i) => expect(toHex(group!.removedHash(i))).toBe(toHex(rows[row]!.hash)));
      const staying = group?.gone === true ? [] : rows.filter((_, row) => !removed.has(row));
      const added = [...(group?.added() ?? [])];
      const touched = new Set(added.map(({ hash }) => toHex(hash)));
      expect(staying.filter(({ hash }) => touched.has(toHex(hash)))).toEqual([]);
      kept.push(...staying, ...added);
    }
  }
  return sortEntries(kept);
}
