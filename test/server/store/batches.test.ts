import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { prefixNumber } from '../../../src/base/fingerprint.js';
import type { HashEntry } from '../../../src/pattern/hash-entry.js';
import { encodeQuery } from '../../../src/protocol/query-message.js';
import { createHandler } from '../../../src/server/handler.js';
import { createMemoryStore } from '../../../src/server/memory-store.js';
import type { ReputationStore } from '../../../src/server/reputation-store.js';
import { createTableStore } from '../../../src/server/store/table-store.js';
import { noRow, RowSearch, severalRows } from '../../../src/server/store/stored/row-search.js';
import type { StoredRows } from '../../../src/server/store/stored/stored-rows.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import { serverPattern } from '../../support/server-fixtures.js';
import { MemoryValues, openTable, storedValues } from '../../support/stored-tables.js';
import { crypto, trusted } from '../../support/wire-fixtures.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };

/** 3,000 hashes: most alone, some under a prefix that others have too, 20 of them under one, 600 in one bucket of the index, and names of all lengths. */
function manyEntries(): HashEntry[] {
  const random = createSeededRandom(17);
  return Array.from({ length: 3_000 }, (_, i): HashEntry => {
    const hash = Uint8Array.from({ length: 32 }, () => random() * 256);
    hash.fill(0x77, 0, i % 150 === 0 ? 4 : i % 15 < 2 ? 3 : i % 15 < 4 ? 1 : 0);
    if (i % 15 > 9 && i % 15 < 12) {
      hash.fill(i % 7 === 0 ? 255 : 0, 0, 3);
    }
    return {
      kind: 'file', algorithm: 'sha256', hash, disposition: i % 9 === 0 ? 'suspicious' : 'malicious',
      threat: { name: i % 11 === 0 ? `Long.${'x'.repeat(i % 300)}` : `Test.${i % 200}`, type: i % 5 === 0 ? 'trojan' : 'worm' },
      ...(i % 13 === 0 ? { size: i } : {}), ...(i % 17 === 0 ? { score: i % 100 } : {}),
    };
  });
}

const listed = manyEntries();

/** Prefixes of listed hashes, of neighbours of these, and any others, in any order, some twice. */
const batches = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.nat(listed.length - 1).map((i) => prefixNumber(listed[i]!.hash)) },
    { weight: 1, arbitrary: fc.tuple(fc.nat(listed.length - 1), fc.constantFrom(-1, 1)).map(([i, by]) => (prefixNumber(listed[i]!.hash) + by) >>> 0) },
    { weight: 1, arbitrary: fc.nat(2 ** 32 - 1) },
    { weight: 1, arbitrary: fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1, 0x7777_7777) },
  ),
  { maxLength: 120, size: 'max' },
);
/** Most of these are not listed. */
const strangers = fc.array(fc.oneof({ weight: 9, arbitrary: fc.nat(2 ** 32 - 1) }, { weight: 1, arbitrary: fc.nat(listed.length - 1).map((i) => prefixNumber(listed[i]!.hash)) }), { maxLength: 120, size: 'max' });

function bytesOf(prefix: number): Uint8Array {
  return Uint8Array.of(prefix >>> 24, prefix >>> 16, prefix >>> 8, prefix);
}

describe('batches of a stored table', () => {
  let values: MemoryValues;
  let stored: ReturnType<typeof createTableStore>;
  let memory: ReputationStore;
  let rows: StoredRows;

  beforeAll(async () => {
    values = await storedValues(listed);
    const table = openTable(values);
    stored = createTableStore(table);
    rows = table.rows('file', 'sha256')!;
    memory = createMemoryStore(await serverPattern(listed), { crypto });
  });

  it('are answered as the store in memory answers them, in the order of the question', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(batches, strangers), async (batch) => {
        const prefixes = batch.map(bytesOf);
        expect(await stored.lookup('file', 'sha256', prefixes)).toEqual(await memory.lookup('file', 'sha256', prefixes));
      }),
      runs,
    );
  });

  it('are written as the clear way writes them, byte for byte', async () => {
    const clear = { generation: stored.generation, entries: stored.entries, lookup: memory.lookup.bind(memory) };
    const [fast, slow] = [stored, clear].map((store) => createHandler({ store, crypto, clock: new FakeClock(), signer: trusted }));
    await fc.assert(
      fc.asyncProperty(fc.oneof(batches, strangers), async (batch) => {
        const prefixes = [...new Set([1, ...batch])].map(bytesOf);
        const body = encodeQuery({ nonce: new Uint8Array(16), groups: [{ kind: 'file', algorithm: 'sha256', prefixes }], wants: 'direct' });
        expect(await fast?.answer?.(body)).toEqual(await slow?.answer?.(body));
      }),
      runs,
    );
  });

  it('are found as a search for each prefix finds them', () => {
    const search = new RowSearch(rows);
    const found = new Uint32Array(300);
    fc.assert(
      fc.property(fc.oneof(batches, strangers), (batch) => {
        const prefixes = Uint32Array.from(batch);
        search.find(prefixes, prefixes.length, found);
        batch.forEach((prefix, i) => {
          const row = rows.lowerBound(prefix);
          const count = rows.end(row, prefix, 2) - row;
          expect(found[i]).toBe(count === 0 ? noRow : count === 1 ? row : severalRows);
        });
      }),
      runs,
    );
  });

  it('are refused over an index that points nowhere, and never read beyond the rows', async () => {
    const random = createSeededRandom(23);
    const { crc32 } = await import('node:zlib');
    for (let i = 0; i < runs.numRuns; i++) {
      const bad = new MemoryValues(values);
      const index = values.get('index-0/0')!.slice();
      for (let at = 0; at < index.length; at += 4) {
        if (random() < 0.2) {
          new DataView(index.buffer).setUint32(at, random() < 0.5 ? random() * 2 ** 32 : random() * 6_000, true);
        }
      }
      bad.set('index-0/0', index);
      bad.set('index-0/sums', sumsOf(index, crc32));
      const prefixes = Array.from({ length: 100 }, () => bytesOf(Math.floor(random() * 2 ** 32)));
      expect(outcome(() => createTableStore(openTable(bad)).lookup('file', 'sha256', prefixes))).toMatch(/^(store-damaged|100 answers)$/);
    }
  });
});

function sumsOf(bytes: Uint8Array, sum: (bytes: Uint8Array) => number): Uint8Array {
  const sums = new Uint8Array(Math.ceil(bytes.length / 4096) * 4);
  for (let page = 0; page * 4096 < bytes.length; page++) {
    new DataView(sums.buffer).setUint32(page * 4, sum(bytes.subarray(page * 4096, (page + 1) * 4096)), true);
  }
  return sums;
}

function outcome(work: () => unknown): string {
  try {
    const answers = work();
    return Array.isArray(answers) ? `${answers.length} answers` : 'something else';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : `threw ${String(error)}`;
  }
}
