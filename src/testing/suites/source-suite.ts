/** What every `ReputationSource` promises: it answers what it was asked, by hash, and says so when it cannot. */
import { compareBytes, equalBytes, toHex } from '../../base/bytes.js';
import { hashBytes, hashPrefix } from '../../base/fingerprint.js';
import type { Answer, FingerprintKind, HashAlgorithm, Question } from '../../base/fingerprint.js';
import type { HashEntry } from '../../pattern/hash-entry.js';
import type { ReputationSource } from '../../query/reputation-source.js';
import { assertEqual, assertSameSet, assertTrue, fail, outcomeOf, present, show, within } from '../assertions.js';
import { createPartMaker, registerSuite } from '../runner.js';
import type { PartMaker, SuiteOptions, SuiteTests, TestRunner } from '../runner.js';

/** What `create` is told: the entries that the source has to know. */
export interface SourceContext {
  readonly entries: readonly HashEntry[];
}

/** Options of `describeReputationSource`. */
export interface SourceSuiteOptions extends SuiteOptions<ReputationSource, SourceContext> {
  /** A source whose server cannot be reached. */
  unreachable?(): ReputationSource | Promise<ReputationSource>;
}

interface Fixture extends PartMaker<ReputationSource, SourceContext> {
  readonly unreachable: (() => ReputationSource | Promise<ReputationSource>) | undefined;
}

/** Registers the conformance suite of the reputation source. */
export function describeReputationSource(runner: TestRunner, options: SourceSuiteOptions): void {
  registerSuite<Fixture>(runner, {
    title: `ReputationSource: ${options.name}`,
    tests: options.unreachable === undefined ? tests : { ...tests, ...unreachableTests },
    skip: options.skip,
    open: () => ({ ...createPartMaker(options), unreachable: options.unreachable?.bind(options) }),
    close: (fixture) => fixture.disposeAll(),
  });
}

const tests: SuiteTests<Fixture> = {
  'it says who it is, what it asks by, how much it takes and how strongly it is believed': async ({ make }) => {
    const source = await make({ entries: [] });
    assertTrue('id is a text', source.id.length > 0);
    assertTrue(`scope: ${source.scope}`, source.scope === 'local' || source.scope === 'global');
    assertTrue(`asks: ${source.asks}`, source.asks === 'prefix' || source.asks === 'full-hash');
    assertTrue(`maxBatch: ${source.maxBatch}`, Number.isSafeInteger(source.maxBatch) && source.maxBatch >= 1);
    assertTrue(`strength: ${source.strength}`, [1, 2, 3, 4].includes(source.strength));
  },
  'a listed hash has a record with disposition and threat': async ({ make }) => {
    const source = await make({ entries: [trojan, other] });
    const answer = await askOne(source, trojan);
    const record = present('record', answer.records.find((one) => equalBytes(one.hash, trojan.hash)));
    assertEqual('disposition', record.disposition, 'malicious');
    assertEqual('threat names', record.threats.map((threat) => threat.name), ['Test.Trojan']);
  },
  'a hash that is not listed has an answer without a record of it': async ({ make }) => {
    const source = await make({ entries: [trojan] });
    const answer = await askOne(source, { kind: 'file', algorithm: 'sha256', hash: hashOf(99) });
    assertEqual('records of that hash', answer.records.filter((one) => equalBytes(one.hash, hashOf(99))).length, 0);
  },
  'what was asked together is answered each by its hash': async ({ make }) => {
    const source = await make({ entries: [trojan, other, doubtful] });
    const asked = [other, { ...trojan, hash: hashOf(99) }, trojan, doubtful].slice(0, source.maxBatch);
    const answers = await ask(source, 'file', 'sha256', asked.map((one) => one.hash));
    assertSameSet('answered', answers.map((one) => toHex(one.asked)), asked.map((one) => toHex(askedHash(source, one.hash))));
    for (const one of asked) {
      const records = answerOf(answers, askedHash(source, one.hash)).records.filter((record) => equalBytes(record.hash, one.hash));
      assertEqual(`records of ${toHex(one.hash.subarray(0, 4))}`, records.length, equalBytes(one.hash, hashOf(99)) ? 0 : 1);
    }
  },
  'records of an answer are of the hash that was asked': async ({ make }) => {
    const source = await make({ entries: [trojan, other, sibling] });
    for (const answer of await ask(source, 'file', 'sha256', [trojan.hash, other.hash].slice(0, source.maxBatch))) {
      for (const record of answer.records) {
        assertEqual('record', toHex(record.hash.subarray(0, answer.asked.length)), toHex(answer.asked));
        assertEqual('bytes of a record’s hash', record.hash.length, hashBytes.sha256);
      }
    }
  },
  'two hashes under one prefix keep their own records': async ({ make }) => {
    const source = await make({ entries: [trojan, sibling] });
    const answer = await askOne(source, sibling);
    const record = present('record', answer.records.find((one) => equalBytes(one.hash, sibling.hash)));
    assertEqual('threat names', record.threats.map((threat) => threat.name), ['Test.Sibling']);
  },
  'files and URLs are told apart, and so are algorithms': async ({ make }) => {
    const source = await make({ entries: [trojan, weak] });
    const asUrl = await askOne(source, { ...trojan, kind: 'url' });
    assertEqual('the file’s hash asked as a URL', asUrl.records.length, 0);
    const asMd5 = await askOne(source, weak);
    assertEqual('threat of the MD5', asMd5.records[0]?.threats[0]?.name, 'Test.Weak');
    const asSha1 = await askOne(source, { kind: 'file', algorithm: 'sha1', hash: trojan.hash.subarray(0, 20) });
    assertEqual('the SHA-256 asked as SHA-1', asSha1.records.length, 0);
  },
  'size and score of an entry come with its record': async ({ make }) => {
    const source = await make({ entries: [sized, rated] });
    assertEqual('size', (await askOne(source, sized)).records[0]?.size, sized.size);
    const record = (await askOne(source, rated)).records[0];
    assertEqual('score and disposition', [record?.score, record?.disposition], [rated.score, 'suspicious']);
  },
  'every answer has a life': async ({ make }) => {
    const source = await make({ entries: [trojan] });
    for (const hash of [trojan.hash, hashOf(99)]) {
      const { ttlMs, generation } = await askOne(source, { ...trojan, hash });
      assertTrue(`ttlMs: ${ttlMs}`, Number.isFinite(ttlMs) && ttlMs >= 0);
      assertTrue(`generation: ${show(generation)}`, generation === undefined || (Number.isSafeInteger(generation) && generation >= 0));
    }
  },
  'a question as large as it takes is answered': async ({ make }) => {
    const source = await make({ entries: [trojan] });
    const count = Math.min(source.maxBatch, 1_000);
    const hashes = [trojan.hash, ...Array.from({ length: count - 1 }, (_, i) => hashOf(1_000 + i))];
    const answers = await ask(source, 'file', 'sha256', hashes);
    assertEqual('answers', answers.length, new Set(hashes.map((hash) => toHex(askedHash(source, hash)))).size);
    assertEqual('records of the listed one', answerOf(answers, askedHash(source, trojan.hash)).records.length, 1);
  },
  'questions that overlap in time get their own answers': async ({ make }) => {
    const source = await make({ entries: [trojan, other] });
    const answers = await Promise.all([askOne(source, trojan), askOne(source, other), askOne(source, trojan)]);
    assertEqual('threats', answers.map((one) => one.records[0]?.threats[0]?.name), ['Test.Trojan', 'Test.Other', 'Test.Trojan']);
  },
  'the question is left as it was': async ({ make }) => {
    const source = await make({ entries: [trojan] });
    const question = questionFor(source, 'file', 'sha256', [trojan.hash]);
    const before = structuredClone(question);
    await lookup(source, question);
    assertEqual('question', question, before);
  },
  'a signal that has already fired ends it at once, and the next question is answered': async ({ make }) => {
    const source = await make({ entries: [trojan] });
    const question = questionFor(source, 'file', 'sha256', [trojan.hash]);
    await within('aborted lookup', 2_000, outcomeOf(() => source.lookup(question, { signal: AbortSignal.abort() })));
    assertEqual('records', (await askOne(source, trojan)).records.length, 1);
  },
};

const unreachableTests: SuiteTests<Fixture> = {
  'a server that cannot be reached is a failure, not a throw and not an answer': async ({ unreachable }) => {
    const source = present('unreachable source', await unreachable?.());
    const reply = await within('lookup', 10_000, source.lookup(questionFor(source, 'file', 'sha256', [trojan.hash]), { signal: new AbortController().signal }));
    assertEqual('reply', reply.kind, 'failed');
  },
};

async function askOne(source: ReputationSource, one: Pick<HashEntry, 'kind' | 'algorithm' | 'hash'>): Promise<Answer> {
  return answerOf(await ask(source, one.kind, one.algorithm, [one.hash]), askedHash(source, one.hash));
}

async function ask(source: ReputationSource, kind: FingerprintKind, algorithm: HashAlgorithm, hashes: readonly Uint8Array[]): Promise<readonly Answer[]> {
  return lookup(source, questionFor(source, kind, algorithm, hashes));
}

async function lookup(source: ReputationSource, question: Question): Promise<readonly Answer[]> {
  const reply = await within('lookup', 10_000, source.lookup(question, { signal: new AbortController().signal }));
  return reply.kind === 'answer' ? reply.body.answers : fail(`expected an answer, got ${show(reply)}`);
}

function questionFor(source: ReputationSource, kind: FingerprintKind, algorithm: HashAlgorithm, hashes: readonly Uint8Array[]): Question {
  const unique = new Map(hashes.map((hash) => [toHex(askedHash(source, hash)), askedHash(source, hash)]));
  return { kind, algorithm, hashes: [...unique.values()].sort(compareBytes) };
}

function askedHash(source: ReputationSource, hash: Uint8Array): Uint8Array {
  return source.asks === 'prefix' ? hashPrefix(hash).slice() : hash;
}

function answerOf(answers: readonly Answer[], asked: Uint8Array): Answer {
  return present(`answer for ${toHex(asked)}`, answers.find((one) => equalBytes(one.asked, asked)));
}

function hashOf(mark: number): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => (i < 4 ? mark >>> (8 * (3 - i)) : mark * 31 + i * 7) & 0xff);
}

function entry(mark: number, name: string): HashEntry {
  return { kind: 'file', algorithm: 'sha256', hash: hashOf(mark), disposition: 'malicious', threat: { name, type: 'trojan' } };
}

const trojan: HashEntry = entry(1, 'Test.Trojan');
const other: HashEntry = entry(2, 'Test.Other');
const doubtful: HashEntry = { ...entry(3, 'Test.Suspicious'), disposition: 'suspicious' };
const sibling: HashEntry = { ...entry(1, 'Test.Sibling'), hash: hashOf(1).map((byte, i) => (i < 4 ? byte : byte ^ 0xff)) };
const weak: HashEntry = { ...entry(4, 'Test.Weak'), algorithm: 'md5', hash: hashOf(4).subarray(0, 16), size: 7 };
const sized: HashEntry = { ...entry(5, 'Test.Sized'), size: 4_294_967_297 };
const rated: HashEntry = { ...entry(6, 'Test.Rated'), kind: 'url', disposition: 'suspicious', score: 62 };
