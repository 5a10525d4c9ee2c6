import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HashEntry } from '../../../src/pattern/hash-entry.js';
import { groupCode, hashGroups } from '../../../src/pattern/hashes/hash-groups.js';
import { sortEntries } from '../../../src/pattern/hashes/hash-order.js';
import { createMemoryStore } from '../../../src/server/memory-store.js';
import { importTable } from '../../../src/server/store/import/import-table.js';
import { mergeTable, type GroupChanges } from '../../../src/server/store/import/merge-table.js';
import { mayHoldAt, positionInFilter } from '../../../src/server/store/prefix-filter.js';
import { createTableStore } from '../../../src/server/store/table-store.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import { describeReputationStore } from '../../../src/testing/suites/store-suite.js';
import { serverPattern } from '../../support/server-fixtures.js';
import { checksum, cursorOver, drive, entries, hashSection, MemoryValues, openTable, origin, storedValues } from '../../support/stored-tables.js';
import { crypto } from '../../support/wire-fixtures.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const groups = [...hashGroups.keys()];

describeReputationStore({ describe, it }, {
  name: 'stored table',
  create: async (context) => {
    const values = await storedValues(context.entries);
    const table = openTable(values);
    return { ...createTableStore(table), generation: context.generation };
  },
});

function allEntries(values: MemoryValues): HashEntry[] {
  const table = openTable(values);
  return groups.flatMap((code) => Array.from({ length: table.group(code)?.count ?? 0 }, (_, row) => table.entryAt(code, row)));
}

describe('a stored table', () => {
  it('says what the store in memory says', async () => {
    await fc.assert(
      fc.asyncProperty(entries, async (listed) => {
        const memory = createMemoryStore(await serverPattern(listed), { crypto });
        const stored = createTableStore(openTable(await storedValues(listed)));
        const prefixes = [250, 0, 100, 50, 7, 50, 150, 200].map((byte) => new Uint8Array(4).fill(byte));
        for (const { kind, algorithm } of hashGroups) {
          expect(await stored.lookup(kind, algorithm, prefixes)).toEqual(await memory.lookup(kind, algorithm, prefixes));
        }
        expect(stored.entries).toBe(listed.length);
      }),
      runs,
    );
  });

  it('finds every one of many thousands, and hardly anything else passes its filter', async () => {
    const random = createSeededRandom(5);
    const listed = Array.from({ length: 20_000 }, (_, i): HashEntry => ({
      kind: 'file', algorithm: 'sha256', hash: Uint8Array.from({ length: 32 }, () => random() * 256),
      disposition: 'malicious', threat: { name: `Test.${i % 500}`, type: 'trojan' },
    }));
    const table = openTable(await storedValues(listed));
    const store = createTableStore(table);
    const found = await store.lookup('file', 'sha256', listed.map((one) => one.hash.subarray(0, 4)));
    expect(found.every((records, i) => records.some((one) => one.threats[0]?.name === `Test.${i % 500}`))).toBe(true);
    const { filter, filterBlocks } = table.rows('file', 'sha256')!.parts;
    const others = Array.from({ length: 20_000 }, () => Math.floor(random() * 2 ** 32));
    const passed = others.filter((prefix) => mayHoldAt(filter, positionInFilter(prefix, filterBlocks), prefix)).length;
    expect(passed).toBeLessThan(800);
  });

  it('refuses every section that the table in memory refuses, as it does, and takes no damaged one for another', async () => {
    const random = createSeededRandom(11);
    const section = await hashSection(Array.from({ length: 40 }, (_, i): HashEntry => ({
      kind: i % 2 === 0 ? 'file' : 'url', algorithm: 'sha256', hash: new Uint8Array(32).fill(i), disposition: 'suspicious', size: i,
      threat: { name: `N${i % 7}`, type: 't', detail: { i: i % 3 } },
    })));
    for (let i = 0; i < Number(process.env['FUZZ_RUNS'] ?? 100) * 4; i++) {
      const bad = section.slice(0, random() < 0.2 ? Math.floor(random() * section.length) : undefined);
      bad[Math.floor(random() * bad.length)]! ^= 1 << Math.floor(random() * 8);
      const values = new MemoryValues();
      const { openHashTable } = await import('../../../src/pattern/hashes/hash-table.js');
      const memory = outcome(() => [...openHashTable(bad).entries()]);
      const stored = outcome(() => {
        drive(importTable(cursorOver(bad), { sink: values, checksum, origin }));
        return allEntries(values);
      });
      expect(stored).toEqual(memory);
    }
  });

  it('notices every page that is not what was written', async () => {
    const values = await storedValues(Array.from({ length: 500 }, (_, i): HashEntry => ({
      kind: 'file', algorithm: 'sha256', hash: new Uint8Array(32).fill(i & 255).fill(i >>> 8, 4), disposition: 'malicious', threat: { name: `N${i}`, type: 't' },
    })));
    const random = createSeededRandom(3);
    for (const name of ['rows-0/0', 'names-blob/0', 'classes/0', 'types-blob/0', 'index-0/0', 'filter-0/0', 'rows-0/sums', 'names-starts/0']) {
      const bad = new MemoryValues(values);
      const value = values.get(name)!.slice();
      value[Math.floor(random() * value.length)]! ^= 16;
      bad.set(name, value);
      const ask = (): unknown => createTableStore(openTable(bad)).lookup('file', 'sha256', Array.from({ length: 256 }, (_, i) => new Uint8Array(4).fill(i)));
      expect(ask, name).toThrow(expect.objectContaining({ code: 'store-damaged' }) as Error);
      bad.delete(name);
      expect(ask, name).toThrow(expect.objectContaining({ code: 'store-damaged' }) as Error);
    }
    expect(() => openTable(new MemoryValues())).toThrow(expect.objectContaining({ code: 'store-damaged' }) as Error);
  });
});

describe('changes of a stored table', () => {
  it('lead to the table that importing all of it would have made', async () => {
    await fc.assert(
      fc.asyncProperty(entries, entries, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), fc.nat(3), async (before, more, keep, gone) => {
        const base = openTable(await storedValues(before));
        const changes = groups.map((code) => changesOf(code, { before, more, keep, gone: gone === code && keep[0]! }));
        const values = new MemoryValues();
        drive(mergeTable(base, { origin: { ...origin, generation: 8 }, groups: changes }, { sink: values, checksum }));
        const after = groups.flatMap((code) => resultOf(code, { before, more, keep, gone: gone === code && keep[0]! }));
        expect(allEntries(values)).toEqual(after);
        expect(openTable(values).head.origin.generation).toBe(8);
        const stored = createTableStore(openTable(values));
        const memory = createMemoryStore(await serverPattern(after), { crypto });
        const prefixes = [250, 0, 100, 50, 7, 150, 200].map((byte) => new Uint8Array(4).fill(byte));
        for (const { kind, algorithm } of hashGroups) {
          expect(await stored.lookup(kind, algorithm, prefixes)).toEqual(await memory.lookup(kind, algorithm, prefixes));
        }
      }),
      runs,
    );
  });

  it('are refused when they do not fit', async () => {
    const base = openTable(await storedValues([{ kind: 'file', algorithm: 'md5', hash: new Uint8Array(16), disposition: 'malicious', threat: { name: 'A', type: 't' } }]));
    const change = { kind: 'file', algorithm: 'md5', gone: false, addedCount: 0, added: () => [] } as const;
    for (const removed of [[1], [0, 0], [5, 0], [0, 1]]) {
      const merge = (): void => drive(mergeTable(base, { origin, groups: [{ ...change, removed }] }, { sink: new MemoryValues(), checksum }));
      expect(merge, String(removed)).toThrow(expect.objectContaining({ code: 'pattern-refused' }) as Error);
    }
  });
});

interface Change {
  readonly before: readonly HashEntry[];
  readonly more: readonly HashEntry[];
  readonly keep: readonly boolean[];
  readonly gone: boolean;
}

function ofGroup(code: number, all: readonly HashEntry[]): HashEntry[] {
  return sortEntries(all).filter((one) => groupCode(one.kind, one.algorithm) === code);
}

function changesOf(code: number, { before, more, keep, gone }: Change): GroupChanges {
  const { kind, algorithm } = hashGroups[code]!;
  const added = ofGroup(code, more);
  const removed = gone ? [] : ofGroup(code, before).flatMap((_, i) => (keep[i] === false ? [i] : []));
  return { kind, algorithm, gone, removed, addedCount: added.length, added: () => added };
}

function resultOf(code: number, { before, more, keep, gone }: Change): HashEntry[] {
  const kept = gone ? [] : ofGroup(code, before).filter((_, i) => keep[i] !== false);
  return sortEntries([...kept, ...ofGroup(code, more)]);
}

function outcome(make: () => HashEntry[]): unknown {
  try {
    return make();
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
}
