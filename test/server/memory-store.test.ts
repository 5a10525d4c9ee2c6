import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, equalBytes, toHex } from '../../src/base/bytes.js';
import { hashBytes, hashPrefix } from '../../src/base/fingerprint.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { openContainer } from '../../src/pattern/container.js';
import { encodeQuery } from '../../src/protocol/query-message.js';
import { createHandler, type Handler } from '../../src/server/handler.js';
import { createMemoryStore } from '../../src/server/memory-store.js';
import { countedStore, createServerMetrics, type ServerMetrics } from '../../src/server/metrics.js';
import type { ReputationStore } from '../../src/server/reputation-store.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { recordsOf } from '../../src/server/records.js';
import { encodeStatement, decodeStatement } from '../../src/protocol/statement.js';
import { algorithms, kinds } from '../protocol/messages-arbitrary.js';
import { serverPattern, storeOf } from '../support/server-fixtures.js';
import { crypto, statementFor, trusted } from '../support/wire-fixtures.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };

/** Few different bytes, so that prefixes and whole hashes meet. */
const entries: fc.Arbitrary<HashEntry[]> = fc.array(
  fc.record({ kind: kinds, algorithm: algorithms, seed: fc.nat(3), tail: fc.nat(2), size: fc.option(fc.nat(2)), name: fc.constantFrom('A', 'B', 'C'), bad: fc.boolean() }),
  { maxLength: 30 },
).map((rows) => rows.map(({ kind, seed, tail, size, name, bad, ...row }): HashEntry => {
  const algorithm = kind === 'url' ? 'sha256' : row.algorithm;
  const hash = new Uint8Array(hashBytes[algorithm]).fill(seed, 0, 4).fill(tail, 4);
  return { kind, algorithm, hash, disposition: bad ? 'malicious' : 'suspicious', threat: { name, type: 'trojan' }, ...(size === null || kind === 'url' ? {} : { size }) };
}));

interface Answering {
  readonly handler: Handler;
  readonly metrics: ServerMetrics;
}

describe('the memory store', () => {
  it('says under each prefix exactly what is listed, as going through the list does', async () => {
    await fc.assert(
      fc.asyncProperty(entries, kinds, algorithms, async (listed, kind, algorithm) => {
        const store = await storeOf(listed, 9);
        expect(store.generation).toBe(9);
        const prefixes = [3, 0, 7, 1].map((seed) => new Uint8Array(4).fill(seed));
        const found = await store.lookup(kind, algorithm, prefixes);
        const facts = found.map((records) => records.flatMap((one) => one.threats.map((threat) => `${toHex(one.hash)} ${one.size} ${one.disposition} ${threat.name}`)).sort());
        const expected = prefixes.map((prefix) => {
          const under = listed.filter((one) => one.kind === kind && one.algorithm === algorithm && equalBytes(hashPrefix(one.hash), prefix));
          return [...new Set(under.map((one) => `${toHex(one.hash)} ${one.size} ${one.disposition} ${one.threat.name}`))].sort();
        });
        expect(facts).toEqual(expected);
      }),
      runs,
    );
  });

  it('answers byte for byte as one that gives lists of records, and counts the same', async () => {
    const groups = (['sha256', 'md5'] as const).map((algorithm) => ({ kind: 'file' as const, algorithm, prefixes: [0, 1, 2, 3, 7].map((seed) => new Uint8Array(4).fill(seed)) }));
    await fc.assert(
      fc.asyncProperty(entries, fc.boolean(), fc.constantFrom(undefined, 'direct', 'statement'), async (listed, isSigned, wants) => {
        const store = createMemoryStore(await serverPattern(listed), { crypto });
        const clear: ReputationStore = { generation: store.generation, lookup: (kind, algorithm, prefixes) => store.lookup(kind, algorithm, prefixes) };
        const body = encodeQuery({ nonce: new Uint8Array(16), groups, ...(wants === undefined ? {} : { wants }) });
        const [fast, slow] = [store, clear].map((one) => {
          const metrics = createServerMetrics();
          const signer = isSigned ? trusted : undefined;
          return { handler: createHandler({ store: countedStore(one, metrics), crypto, clock: new FakeClock(), signer }), metrics };
        }) as [Answering, Answering];
        expect(await fast.handler.answer?.(body)).toEqual(await slow.handler.answer?.(body));
        expect(fast.metrics.counts()).toEqual(slow.metrics.counts());
      }),
      runs,
    );
  });

  it('takes a file or an opened container, and nothing else', async () => {
    const file = await serverPattern([]);
    expect(createMemoryStore(openContainer(file, { crypto }), { crypto }).entries).toBe(0);
    expect(() => createMemoryStore(file.slice(0, -1), { crypto })).toThrow(expect.objectContaining({ code: 'pattern-refused' }) as Error);
    expect(() => createMemoryStore(new Uint8Array(0), { crypto })).toThrow(expect.objectContaining({ code: 'pattern-refused' }) as Error);
  });
});

describe('records', () => {
  const hash = new Uint8Array(32).fill(0xaa);
  const entry = (name: string, changes: Partial<HashEntry> = {}): HashEntry => ({
    kind: 'file', algorithm: 'sha256', hash, disposition: 'malicious', threat: { name, type: 'trojan' }, ...changes,
  });

  it('are one per hash, size, disposition and score, with their names', () => {
    const records = recordsOf([entry('B'), entry('A'), entry('A'), entry('C', { size: 3 }), entry('D', { score: 10 }), entry('E', { disposition: 'clean' })]);
    expect(records.map((one) => [one.size, one.score, one.disposition, one.threats.map((threat) => threat.name)])).toEqual([
      [undefined, undefined, 'malicious', ['A', 'B']],
      [3, undefined, 'malicious', ['C']],
      [undefined, 10, 'malicious', ['D']],
      [undefined, undefined, 'clean', []],
    ]);
  });

  it('are several when a hash has more names than one may carry', () => {
    const records = recordsOf(Array.from({ length: 130 }, (_, i) => entry(`N${i}`)));
    expect(records.map((one) => one.threats.length)).toEqual([64, 64, 2]);
    expect(new Set(records.flatMap((one) => one.threats.map((threat) => threat.name))).size).toBe(130);
  });

  it('carry names that the other side takes, whatever was listed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), fc.string({ unit: 'binary', maxLength: 100 }), (name, type) => {
        const records = recordsOf([{ ...entry(name), threat: { name, type } }]);
        const read = decodeStatement(encodeStatement(statementFor(hashPrefix(hash), { records })));
        expect(read).toMatchObject({ kind: 'understood', statement: { records } });
      }),
      runs,
    );
    expect(recordsOf([entry('Win.Test-1')])[0]!.threats[0]!.name).toBe('Win.Test-1');
    expect(recordsOf([entry('a\nb\u009b')])[0]!.threats[0]!.name).toBe('a\ufffdb\ufffd');
  });

  it('tell what the listed URL is filed under, in texts that the other side takes', () => {
    const filed = (...categories: unknown[]): HashEntry => entry('A', { disposition: 'clean', score: 90, threat: { name: 'A', type: 't', detail: { categories } as never } });
    const [record] = recordsOf([filed('b', 'a'), filed('c', 'a', 7, '', 'x\ny', 'z'.repeat(80))]);
    expect(record).toMatchObject({ threats: [], categories: ['a', 'b', 'c', 'x\ufffdy', 'z'.repeat(64)] });
    const read = decodeStatement(encodeStatement(statementFor(hashPrefix(hash), { records: [record!] })));
    expect(read).toMatchObject({ kind: 'understood', statement: { records: [record] } });
    const many = recordsOf([filed(...Array.from({ length: 40 }, (_, i) => `c${i}`))]);
    expect(many[0]!.categories).toHaveLength(16);
    for (const detail of [null, 7, 'categories', { categories: 'a' }, ['categories']]) {
      expect(recordsOf([entry('A', { threat: { name: 'A', type: 't', detail } })])[0]).not.toHaveProperty('categories');
    }
  });

  it('come in the order of the table, hash by hash', async () => {
    const store = await storeOf([entry('B', { hash: hash.with(31, 2) }), entry('A', { hash: hash.with(31, 1) })]);
    const [records] = await store.lookup('file', 'sha256', [hashPrefix(hash)]);
    expect(compareBytes(records![0]!.hash, records![1]!.hash)).toBeLessThan(0);
  });
});
