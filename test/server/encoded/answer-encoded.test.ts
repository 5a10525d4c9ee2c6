import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HashEntry } from '../../../src/pattern/hash-entry.js';
import { maxAnswerBytes } from '../../../src/protocol/limits.js';
import { encodeStatementList } from '../../../src/protocol/answer-message.js';
import type { QueryMessage, Statement } from '../../../src/protocol/messages.js';
import { encodeQuery } from '../../../src/protocol/query-message.js';
import { encodeStatement } from '../../../src/protocol/statement.js';
import { hashGroups } from '../../../src/pattern/hashes/hash-groups.js';
import { StatementList } from '../../../src/server/encoded/statement-list.js';
import { writesStatements } from '../../../src/server/encoded/statement-writer.js';
import { createHandler, type Handler } from '../../../src/server/handler.js';
import { countedStore, createServerMetrics } from '../../../src/server/metrics.js';
import type { ReputationStore } from '../../../src/server/reputation-store.js';
import { createTableStore } from '../../../src/server/store/table-store.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';
import { entries, openTable, storedValues } from '../../support/stored-tables.js';
import { crypto, trusted } from '../../support/wire-fixtures.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const nonce = new Uint8Array(16).fill(3);

/** The same store without the ability: what is asked of it goes the clear way. */
function clear({ generation, entries: count, ...store }: ReputationStore): ReputationStore {
  return { generation, entries: count, lookup: (kind, algorithm, prefixes) => store.lookup(kind, algorithm, prefixes) };
}

function handlerOver(store: ReputationStore, isSigned: boolean): Handler {
  return createHandler({ store, crypto, clock: new FakeClock(), signer: isSigned ? trusted : undefined });
}

/** A question for everything that `entries` may list, and for what it does not. */
const everything: Omit<QueryMessage, 'wants'> = {
  nonce,
  groups: hashGroups.map(({ kind, algorithm }) => ({ kind, algorithm, prefixes: [0, 7, 50, 100, 150, 200, 250].map((byte) => new Uint8Array(4).fill(byte)) })),
};

describe('answers of a store that writes statements', () => {
  it('are byte for byte those of one that does not, however often it is asked', async () => {
    await fc.assert(
      fc.asyncProperty(entries, fc.boolean(), fc.constantFrom(undefined, 'direct', 'statement'), async (listed, isSigned, wants) => {
        const store = createTableStore(openTable(await storedValues(listed)));
        const [fast, slow] = [handlerOver(store, isSigned), handlerOver(clear(store), isSigned)];
        const body = encodeQuery({ ...everything, ...(wants === undefined ? {} : { wants }) });
        for (let time = 0; time < 3; time++) {
          const [one, other] = [await fast.answer?.(body), await slow.answer?.(body)];
          expect(one).toEqual(other);
          // Written over by the next.
          fast.sent?.(one!);
        }
      }),
      runs,
    );
  });

  it('count what they say as others do', async () => {
    await fc.assert(
      fc.asyncProperty(entries, async (listed) => {
        const store = createTableStore(openTable(await storedValues(listed)));
        const [fast, slow] = [createServerMetrics(), createServerMetrics()];
        for (let time = 0; time < 3; time++) {
          await handlerOver(countedStore(store, fast), true).answer?.(encodeQuery(everything));
          await handlerOver(countedStore(clear(store), slow), true).answer?.(encodeQuery(everything));
        }
        expect(fast.counts()).toEqual(slow.counts());
      }),
      runs,
    );
  });

  it('are written for the usual record without its going through a list of records', async () => {
    const listed = [1, 2, 3].map((byte): HashEntry => ({ kind: 'file', algorithm: 'sha256', hash: new Uint8Array(32).fill(byte), disposition: 'malicious', threat: { name: 'A', type: 't' } }));
    const store = createTableStore(openTable(await storedValues(listed)));
    const group = { kind: 'file', algorithm: 'sha256', prefixes: [1, 2, 3].map((byte) => new Uint8Array(4).fill(byte)) } as const;
    const list = new StatementList({ maxBytes: maxAnswerBytes });
    list.begin({ kind: 'file', algorithm: 'sha256', generation: 1, issuedAt: 2, expiresAt: 3, ttlMs: 4, keyId: new Uint8Array(8) });
    list.appendRecords = () => {
      throw new Error('by way of records');
    };
    // Met twice, a name is kept.
    await store.lookup(group.kind, group.algorithm, group.prefixes);
    await store.lookup(group.kind, group.algorithm, group.prefixes);
    expect(store.writeStatements(group, list)).toEqual({ hits: 3, threats: ['A', 'A', 'A'] });
  });

  it('are left to stores that can: the ability is looked for, and a wrapped store keeps it', async () => {
    const store = createTableStore(openTable(await storedValues([])));
    expect([writesStatements(store), writesStatements(clear(store)), writesStatements(countedStore(store, createServerMetrics()))]).toEqual([true, false, true]);
  });
});

describe('a list of statements', () => {
  const common = { kind: 'file', algorithm: 'sha256', generation: 2 ** 40, issuedAt: 1_750_000_000_000, expiresAt: 1_750_003_600_000, ttlMs: 3_600_000, keyId: new Uint8Array(8).fill(9) } as const;
  const statement = (i: number, nameBytes: number): Statement => ({
    ...common, prefix: Uint8Array.of(0, 0, i >> 8, i & 0xff),
    records: nameBytes === 0 ? [] : [{ hash: Uint8Array.of(0, 0, i >> 8, i & 0xff, ...new Uint8Array(28)), disposition: 'malicious', threats: [{ name: 'x'.repeat(nameBytes), type: 't' }] }],
  });

  it.each([0, 1, 15, 16, 17, 300])('is that of the clear form for %i statements of all lengths', (count) => {
    const all = Array.from({ length: count }, (_, i) => statement(i, [0, 1, 100, 140, 150, 170, 900][i % 7]!));
    const list = new StatementList({ maxBytes: maxAnswerBytes });
    list.begin(common);
    all.forEach(({ records }, i) => (records.length === 0 ? list.appendEmpty(i) : list.appendRecords(i, records, maxAnswerBytes)));
    expect(list.finish()).toEqual(encodeStatementList(all.map(encodeStatement)));
  });

  it('leaves out what does not fit, which keeps nothing later out, and what is over the limit of a statement', () => {
    const [long, short] = [statement(1, 500), statement(2, 0)];
    const list = new StatementList({ maxBytes: encodeStatement(long).length + 5 + encodeStatement(short).length + 5 });
    list.begin(common);
    list.appendRecords(1, long.records, encodeStatement(long).length - 1);
    list.appendRecords(1, long.records, encodeStatement(long).length);
    list.appendRecords(1, long.records, maxAnswerBytes);
    list.appendEmpty(2);
    list.appendEmpty(3);
    expect(list.finish()).toEqual(encodeStatementList([long, short].map(encodeStatement)));
  });

  it('is begun before anything is said', () => {
    expect(() => new StatementList({ maxBytes: 1000 }).appendRecords(1, [], 100)).toThrow(TypeError);
  });
});
