/** What every `ReputationStore` promises: one list for each prefix, in their order, of one generation and nothing else. */
import { hashBytes, hashPrefix, type AnswerRecord } from '../../base/fingerprint.js';
import { equalBytes, toHex } from '../../base/bytes.js';
import type { HashEntry } from '../../pattern/hash-entry.js';
import type { ReputationStore } from '../../server/reputation-store.js';
import { assertEqual, assertTrue } from '../assertions.js';
import { createPartMaker, registerSuite } from '../runner.js';
import type { PartMaker, SuiteOptions, SuiteTests, TestRunner } from '../runner.js';

/** What a store under test holds. */
export interface StoreContext {
  readonly entries: readonly HashEntry[];
  readonly generation: number;
}

/** Options of `describeReputationStore`. */
export type StoreSuiteOptions = SuiteOptions<ReputationStore, StoreContext>;

type Fixture = PartMaker<ReputationStore, StoreContext>;

/** Registers the conformance suite of the server's store. */
export function describeReputationStore(runner: TestRunner, options: StoreSuiteOptions): void {
  registerSuite<Fixture>(runner, {
    title: `ReputationStore: ${options.name}`,
    tests,
    skip: options.skip,
    open: () => createPartMaker(options),
    close: (fixture) => fixture.disposeAll(),
  });
}

const generation = 7;

const tests: SuiteTests<Fixture> = {
  'it names the generation that it answers from': async ({ make }) => {
    assertEqual('generation', (await make({ entries: [], generation })).generation, generation);
  },
  'the number of entries is right where it is told': async ({ make }) => {
    const { entries } = await make({ entries: [listed(1, 1), listed(1, 2), listed(2, 1)], generation });
    assertTrue(`entries: expected 3 or none, got ${entries}`, entries === undefined || entries === 3);
  },
  'a listed hash is under its prefix, in full and with what it is listed for': async ({ make }) => {
    const entry = listed(1, 1);
    const [records = []] = await lookup(await make({ entries: [entry], generation }), [entry]);
    const [record] = records;
    assertEqual('records', records.length, 1);
    assertTrue('the full hash', record !== undefined && equalBytes(record.hash, entry.hash));
    assertEqual('disposition', record?.disposition, 'malicious');
    assertEqual('threats', record?.threats.map((threat) => threat.name).join(), entry.threat.name);
  },
  'all hashes under one prefix are said': async ({ make }) => {
    const entries = [listed(1, 1), listed(1, 2), listed(1, 3)];
    const [records = []] = await lookup(await make({ entries, generation }), [listed(1, 1)]);
    assertEqual('hashes', hashesOf(records), entries.map((one) => toHex(one.hash)).join());
  },
  'every prefix has its list, in the order of the question, an empty one where nothing is listed': async ({ make }) => {
    const store = await make({ entries: [listed(1, 1), listed(3, 1)], generation });
    const found = await lookup(store, [listed(3, 1), listed(2, 1), listed(1, 1), listed(4, 1)]);
    assertEqual('lists', found.map(hashesOf).join(' | '), [toHex(listed(3, 1).hash), '', toHex(listed(1, 1).hash), ''].join(' | '));
  },
  'no prefixes give no lists': async ({ make }) => {
    assertEqual('lists', (await lookup(await make({ entries: [listed(1, 1)], generation }), [])).length, 0);
  },
  'kinds and algorithms are kept apart': async ({ make }) => {
    const store = await make({ entries: [listed(1, 1)], generation });
    const prefixes = [hashPrefix(listed(1, 1).hash)];
    for (const [kind, algorithm] of [['url', 'sha256'], ['file', 'sha1'], ['file', 'md5']] as const) {
      const [records = []] = await store.lookup(kind, algorithm, prefixes);
      assertEqual(`${kind} ${algorithm}`, records.length, 0);
    }
  },
  'an entry for one size says so': async ({ make }) => {
    const entry = { ...listed(1, 1), size: 4096 };
    const [records = []] = await lookup(await make({ entries: [entry], generation }), [entry]);
    assertEqual('size', records[0]?.size, 4096);
  },
  'a store without entries answers like any other': async ({ make }) => {
    const found = await lookup(await make({ entries: [], generation }), [listed(1, 1)]);
    assertEqual('lists', found.map(hashesOf).join(' | '), '');
    assertEqual('number of lists', found.length, 1);
  },
  'the prefixes that are asked are not written to': async ({ make }) => {
    const prefix = Uint8Array.from(hashPrefix(listed(1, 1).hash));
    await (await make({ entries: [listed(1, 1)], generation })).lookup('file', 'sha256', [prefix]);
    assertEqual('prefix', toHex(prefix), toHex(hashPrefix(listed(1, 1).hash)));
  },
};

/** A malicious file whose prefix is four times `head` and the rest of its hash `tail`. */
function listed(head: number, tail: number): HashEntry {
  const hash = new Uint8Array(hashBytes.sha256).fill(head, 0, 4).fill(tail, 4);
  return { kind: 'file', algorithm: 'sha256', hash, disposition: 'malicious', threat: { name: `Test.${head}.${tail}`, type: 'trojan' } };
}

function lookup(store: ReputationStore, asked: readonly HashEntry[]): ReturnType<ReputationStore['lookup']> {
  return store.lookup('file', 'sha256', asked.map((one) => hashPrefix(one.hash)));
}

function hashesOf(records: readonly AnswerRecord[]): string {
  return records.map((record) => toHex(record.hash)).sort().join();
}
