/**
 * What every `ReputationSource` promises: it answers what it was asked, by hash, and says so when it cannot. A source that
 * knows files only, URLs only or some algorithms only is held to everything about these, and to failing for all others.
 */
import { compareBytes, equalBytes, toHex } from '../../base/bytes.js';
import { hashBytes, hashPrefix } from '../../base/fingerprint.js';
import type { Answer, AnswerRecord, FingerprintKind, HashAlgorithm, Question } from '../../base/fingerprint.js';
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
  /** What it can be asked about, by kind of subject. Default: files by all three algorithms, URLs by SHA-256. */
  readonly knows?: { readonly file?: readonly HashAlgorithm[]; readonly url?: readonly HashAlgorithm[] };
  /** It has names of its own for threats; those of the entries are then not expected. Default false. */
  readonly ownNames?: boolean;
}

/** A kind of subject with an algorithm. */
interface Way {
  readonly kind: FingerprintKind;
  readonly algorithm: HashAlgorithm;
}

interface Fixture extends PartMaker<ReputationSource, SourceContext> {
  readonly unreachable: (() => ReputationSource | Promise<ReputationSource>) | undefined;
  /** What it can be asked about: at least one. */
  readonly ways: readonly Way[];
  readonly others: readonly Way[];
  readonly ownNames: boolean;
  readonly entries: Entries;
}

/** The entries of the tests, of the first way that the source knows. */
interface Entries {
  readonly trojan: HashEntry;
  readonly other: HashEntry;
  readonly doubtful: HashEntry;
  /** Under the prefix of `trojan`. */
  readonly sibling: HashEntry;
  /** Not listed. */
  readonly stranger: HashEntry;
}

/** Registers the conformance suite of the reputation source. */
export function describeReputationSource(runner: TestRunner, options: SourceSuiteOptions): void {
  const known = waysOf(options);
  registerSuite<Fixture>(runner, {
    title: `ReputationSource: ${options.name}`,
    tests: options.unreachable === undefined ? tests : { ...tests, ...unreachableTests },
    skip: options.skip,
    open: () => ({ ...createPartMaker(options), unreachable: options.unreachable?.bind(options), ownNames: options.ownNames === true, ...known }),
    close: (fixture) => fixture.disposeAll(),
  });
}

/** All that a fingerprint can be. */
const allWays: readonly Way[] = [
  { kind: 'file', algorithm: 'sha256' },
  { kind: 'url', algorithm: 'sha256' },
  { kind: 'file', algorithm: 'sha1' },
  { kind: 'file', algorithm: 'md5' },
];

function waysOf({ knows = { file: ['sha256', 'sha1', 'md5'], url: ['sha256'] } }: SourceSuiteOptions): Pick<Fixture, 'ways' | 'others' | 'entries'> {
  const isKnown = ({ kind, algorithm }: Way): boolean => knows[kind]?.includes(algorithm) === true;
  const ways = allWays.filter(isKnown);
  const [first] = ways;
  if (first === undefined) {
    throw new TypeError('knows: a source has to know something');
  }
  return { ways, others: allWays.filter((way) => !isKnown(way)), entries: entriesOf(first) };
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
  'a listed hash has a record with disposition and threat': async ({ make, entries, ownNames }) => {
    const source = await make({ entries: [entries.trojan, entries.other] });
    const record = recordOf(await askOne(source, entries.trojan), entries.trojan);
    assertEqual('disposition', record.disposition, 'malicious');
    assertNamed(record, entries.trojan, ownNames);
  },
  'each kind and algorithm that it knows is answered': async ({ make, ways, ownNames }) => {
    const listed = ways.map((way, n) => entry(way, 10 + n, `Test.Way.${n}`));
    const source = await make({ entries: listed });
    for (const one of listed) {
      assertNamed(recordOf(await askOne(source, one), one), one, ownNames);
      assertEqual('records of a hash that is not listed', recordsFor(await askOne(source, entry(one, 99, '')), entry(one, 99, '')).length, 0);
    }
  },
  'each kind and algorithm that it does not know is a failure: "not listed" would be a lie': async ({ make, entries, others }) => {
    const source = await make({ entries: [entries.trojan] });
    for (const way of others) {
      const reply = await within('lookup', 10_000, source.lookup(questionFor(source, way, [hashOf(way, 1)]), { signal: new AbortController().signal }));
      assertEqual(`${way.kind} by ${way.algorithm}`, [reply.kind, reply.kind === 'failed' && reply.retry], ['failed', false]);
    }
  },
  'a hash that is not listed has an answer without a record of it': async ({ make, entries }) => {
    const source = await make({ entries: [entries.trojan] });
    assertEqual('records of that hash', recordsFor(await askOne(source, entries.stranger), entries.stranger).length, 0);
  },
  'what was asked together is answered each by its hash': async ({ make, entries }) => {
    const { trojan, other, doubtful, stranger } = entries;
    const source = await make({ entries: [trojan, other, doubtful] });
    const asked = [other, stranger, trojan, doubtful].slice(0, source.maxBatch);
    const answers = await ask(source, trojan, asked.map((one) => one.hash));
    assertSameSet('answered', answers.map((one) => toHex(one.asked)), asked.map((one) => toHex(askedHash(source, one.hash))));
    for (const one of asked) {
      const records = recordsFor(answerOf(answers, askedHash(source, one.hash)), one);
      assertEqual(`records of ${toHex(one.hash.subarray(0, 4))}`, records.length, one === stranger ? 0 : 1);
    }
  },
  'records of an answer are of the hash that was asked': async ({ make, entries }) => {
    const { trojan, other, sibling } = entries;
    const source = await make({ entries: [trojan, other, sibling] });
    for (const answer of await ask(source, trojan, [trojan.hash, other.hash].slice(0, source.maxBatch))) {
      for (const record of answer.records) {
        assertEqual('record', toHex(record.hash.subarray(0, answer.asked.length)), toHex(answer.asked));
        assertEqual('bytes of a record’s hash', record.hash.length, hashBytes[trojan.algorithm]);
      }
    }
  },
  'two hashes under one prefix keep their own records': async ({ make, entries, ownNames }) => {
    const source = await make({ entries: [entries.trojan, entries.sibling] });
    const answer = await askOne(source, entries.sibling);
    assertEqual('records of that hash', recordsFor(answer, entries.sibling).length, 1);
    assertNamed(recordOf(answer, entries.sibling), entries.sibling, ownNames);
  },
  'kinds and algorithms are told apart': async ({ make, ways }) => {
    for (const listed of ways) {
      const source = await make({ entries: [entry(listed, 1, 'Test.Trojan')] });
      for (const asked of ways.filter((way) => way !== listed)) {
        const answer = await askOne(source, { ...asked, hash: hashOf(asked, 1) });
        assertEqual(`a ${listed.kind} by ${listed.algorithm} asked as a ${asked.kind} by ${asked.algorithm}`, answer.records.length, 0);
      }
    }
  },
  'a size of an entry comes with its record': async ({ make, entries }) => {
    const sized: HashEntry = { ...entries.trojan, size: 4_294_967_297 };
    assertEqual('size', recordOf(await askOne(await make({ entries: [sized] }), sized), sized).size, sized.size);
  },
  'a score of an entry comes with its record': async ({ make, ways }) => {
    const url = present('URLs that it knows', ways.find((way) => way.kind === 'url'));
    const rated: HashEntry = { ...entry(url, 6, 'Test.Rated'), disposition: 'suspicious', score: 62 };
    const record = recordOf(await askOne(await make({ entries: [rated] }), rated), rated);
    assertEqual('score and disposition', [record.score, record.disposition], [62, 'suspicious']);
  },
  'every answer has a life': async ({ make, entries }) => {
    const source = await make({ entries: [entries.trojan] });
    for (const one of [entries.trojan, entries.stranger]) {
      const { ttlMs, generation } = await askOne(source, one);
      assertTrue(`ttlMs: ${ttlMs}`, Number.isFinite(ttlMs) && ttlMs >= 0);
      assertTrue(`generation: ${show(generation)}`, generation === undefined || (Number.isSafeInteger(generation) && generation >= 0));
    }
  },
  'a question as large as it takes is answered': async ({ make, entries: { trojan } }) => {
    const source = await make({ entries: [trojan] });
    const count = Math.min(source.maxBatch, 1_000);
    const hashes = [trojan.hash, ...Array.from({ length: count - 1 }, (_, i) => hashOf(trojan, 1_000 + i))];
    const answers = await ask(source, trojan, hashes);
    assertEqual('answers', answers.length, new Set(hashes.map((hash) => toHex(askedHash(source, hash)))).size);
    assertEqual('records of the listed one', answerOf(answers, askedHash(source, trojan.hash)).records.length, 1);
  },
  'questions that overlap in time get their own answers': async ({ make, entries: { trojan, other } }) => {
    const source = await make({ entries: [trojan, other] });
    const asked = [trojan, other, trojan];
    const answers = await Promise.all(asked.map((one) => askOne(source, one)));
    asked.forEach((one, i) => assertEqual(`records of answer ${i}`, answers[i]!.records.map((record) => toHex(record.hash)), [toHex(one.hash)]));
  },
  'the question is left as it was': async ({ make, entries: { trojan } }) => {
    const source = await make({ entries: [trojan] });
    const question = questionFor(source, trojan, [trojan.hash]);
    const before = structuredClone(question);
    await lookup(source, question);
    assertEqual('question', question, before);
  },
  'a signal that has already fired ends it at once, and the next question is answered': async ({ make, entries: { trojan } }) => {
    const source = await make({ entries: [trojan] });
    const question = questionFor(source, trojan, [trojan.hash]);
    await within('aborted lookup', 2_000, outcomeOf(() => source.lookup(question, { signal: AbortSignal.abort() })));
    assertEqual('records', (await askOne(source, trojan)).records.length, 1);
  },
};

const unreachableTests: SuiteTests<Fixture> = {
  'a server that cannot be reached is a failure, not a throw and not an answer': async ({ unreachable, entries: { trojan } }) => {
    const source = present('unreachable source', await unreachable?.());
    const reply = await within('lookup', 10_000, source.lookup(questionFor(source, trojan, [trojan.hash]), { signal: new AbortController().signal }));
    assertEqual('reply', reply.kind, 'failed');
  },
};

async function askOne(source: ReputationSource, one: Way & Pick<HashEntry, 'hash'>): Promise<Answer> {
  return answerOf(await ask(source, one, [one.hash]), askedHash(source, one.hash));
}

async function ask(source: ReputationSource, way: Way, hashes: readonly Uint8Array[]): Promise<readonly Answer[]> {
  return lookup(source, questionFor(source, way, hashes));
}

async function lookup(source: ReputationSource, question: Question): Promise<readonly Answer[]> {
  const reply = await within('lookup', 10_000, source.lookup(question, { signal: new AbortController().signal }));
  return reply.kind === 'answer' ? reply.body.answers : fail(`expected an answer, got ${show(reply)}`);
}

function questionFor(source: ReputationSource, { kind, algorithm }: Way, hashes: readonly Uint8Array[]): Question {
  const unique = new Map(hashes.map((hash) => [toHex(askedHash(source, hash)), askedHash(source, hash)]));
  return { kind, algorithm, hashes: [...unique.values()].sort(compareBytes) };
}

function askedHash(source: ReputationSource, hash: Uint8Array): Uint8Array {
  return source.asks === 'prefix' ? hashPrefix(hash).slice() : hash;
}

function answerOf(answers: readonly Answer[], asked: Uint8Array): Answer {
  return present(`answer for ${toHex(asked)}`, answers.find((one) => equalBytes(one.asked, asked)));
}

function recordsFor(answer: Answer, { hash }: Pick<HashEntry, 'hash'>): AnswerRecord[] {
  return answer.records.filter((record) => equalBytes(record.hash, hash));
}

function recordOf(answer: Answer, listed: HashEntry): AnswerRecord {
  return present('record', recordsFor(answer, listed)[0]);
}

function assertNamed(record: AnswerRecord, listed: HashEntry, ownNames: boolean): void {
  const names = record.threats.map((threat) => threat.name);
  if (ownNames) {
    assertTrue(`threat names: ${show(names)}`, names.length > 0 && names.every((name) => name.length > 0));
  } else {
    assertEqual('threat names', names, [listed.threat?.name]);
  }
}

function hashOf({ algorithm }: Way, mark: number): Uint8Array {
  return Uint8Array.from({ length: hashBytes[algorithm] }, (_, i) => (i < 4 ? mark >>> (8 * (3 - i)) : mark * 31 + i * 7) & 0xff);
}

function entry({ kind, algorithm }: Way, mark: number, name: string): HashEntry {
  const type = kind === 'url' ? 'malicious-url' : 'trojan';
  return { kind, algorithm, hash: hashOf({ kind, algorithm }, mark), disposition: 'malicious', threat: { name, type } };
}

function entriesOf(way: Way): Entries {
  const trojan = entry(way, 1, 'Test.Trojan');
  return {
    trojan,
    other: entry(way, 2, 'Test.Other'),
    doubtful: { ...entry(way, 3, 'Test.Suspicious'), disposition: 'suspicious' },
    sibling: { ...entry(way, 1, 'Test.Sibling'), hash: trojan.hash.map((byte, i) => (i < 4 ? byte : byte ^ 0xff)) },
    stranger: entry(way, 99, ''),
  };
}
