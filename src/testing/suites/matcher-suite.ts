/** What every `Matcher` promises: it finds what its signatures mean, however the bytes are cut into chunks. */
import { fromLatin1 } from '../../base/bytes.js';
import type { Signal } from '../../base/seams.js';
import { bytesSource } from '../../base/subject.js';
import type { ByteSource } from '../../base/subject.js';
import type { ByteSignature } from '../../pattern/signature.js';
import type { Matcher, ScanOutcome, ScanSession } from '../../scan/matcher.js';
import { assertEqual, assertSameSet, assertTrue } from '../assertions.js';
import { createPartMaker, registerSuite } from '../runner.js';
import type { PartMaker, SuiteOptions, SuiteTests, TestRunner } from '../runner.js';
import { createSeededRandom } from '../doubles/seeded-random.js';
import { matcherCases } from './matcher/cases.js';
import type { MatcherCase } from './matcher/cases.js';
import { matchesOf, randomContent, randomSignatures, signature, text } from './matcher/signatures.js';

/** Options of `describeMatcher`. */
export interface MatcherSuiteOptions extends SuiteOptions<Matcher, readonly ByteSignature[]> {
  /** Seed of the random signatures and contents; the suite says it in every failure. Default 1. */
  readonly seed?: number;
  /** Random sets of signatures that are compared with the suite's own account. Default 60. */
  readonly rounds?: number;
}

interface Fixture extends PartMaker<Matcher, readonly ByteSignature[]> {
  readonly seed: number;
  readonly rounds: number;
}

/** Registers the conformance suite of the matcher. */
export function describeMatcher(runner: TestRunner, options: MatcherSuiteOptions): void {
  registerSuite<Fixture>(runner, {
    title: `Matcher: ${options.name}`,
    tests: { ...Object.fromEntries(matcherCases.map(testOfCase)), ...tests },
    skip: options.skip,
    open: () => ({ ...createPartMaker(options), seed: options.seed ?? 1, rounds: options.rounds ?? 60 }),
    close: (fixture) => fixture.disposeAll(),
  });
}

function testOfCase(one: MatcherCase): [string, (fixture: Fixture) => Promise<void>] {
  return [
    `it finds ${one.name}`,
    async ({ make }) => {
      const matcher = await make(one.signatures);
      const content = fromLatin1(one.content);
      for (const cut of [content.length, 1, 2, 3, 7]) {
        const outcome = await scan(matcher, content, { cuts: everyN(content.length, cut) });
        assertSameSet(`found in chunks of ${cut}`, namesOf(outcome), one.found);
      }
    },
  ];
}

const marker = (name: string): ByteSignature => signature(name, [text(`marker-of-${name}`)]);

const tests: SuiteTests<Fixture> = {
  'without allMatches it finds at least one of those that match, and none that do not': async ({ make }) => {
    const matcher = await make([marker('a'), marker('b'), marker('c')]);
    const outcome = await scan(matcher, fromLatin1('.. marker-of-c .. marker-of-a ..'), { allMatches: false });
    const names = namesOf(outcome);
    assertTrue(`found: expected some of a and c, got ${names.join()}`, names.length > 0 && names.every((name) => name !== 'b'));
    assertEqual('found in clean bytes', namesOf(await scan(matcher, fromLatin1('marker-of-x'), { allMatches: false })), []);
  },
  'what is searched completely has no reason to be incomplete': async ({ make }) => {
    const matcher = await make([marker('a')]);
    assertEqual('incomplete', (await scan(matcher, fromLatin1('marker-of-a'), {})).incomplete, undefined);
    assertEqual('incomplete', (await scan(matcher, fromLatin1('nothing here'), {})).incomplete, undefined);
  },
  'a finding names the whole threat and a place where it is': async ({ make }) => {
    const threat = { name: 'Named', type: 'trojan' };
    const matcher = await make([{ ...marker('a'), threat }]);
    const content = fromLatin1('.... marker-of-a');
    const [finding] = (await scan(matcher, content, {})).findings;
    assertEqual('threat', finding?.threat, threat);
    if (finding?.at !== undefined) {
      assertEqual('at', finding.at, 5);
    }
  },
  'size known or not, the same is found': async ({ make }) => {
    const matcher = await make([marker('a'), { ...marker('b'), offset: { kind: 'end', before: 11, shift: 0 } }]);
    const content = fromLatin1('.. marker-of-a .. marker-of-b');
    assertSameSet('with size', namesOf(await scan(matcher, content, { knowsSize: true })), ['a', 'b']);
    assertSameSet('without size', namesOf(await scan(matcher, content, { knowsSize: false })), ['a', 'b']);
  },
  'a source that answers late and in small pieces serves as well': async ({ make }) => {
    const signatures = matcherCases.flatMap((one) => one.signatures);
    const named = signatures.map((one, i) => ({ ...one, threat: { name: `S${i}`, type: 'x' } }));
    const matcher = await make(named);
    const content = fromLatin1('headabtail abcd-marker123end headbbtail head m..m..m.z 1one1...2.......3.4667end abcd-marker');
    const expected = named.filter((one) => matchesOf(one, content).length > 0).map((one) => one.threat.name);
    assertSameSet('found', namesOf(await scan(matcher, content, { source: hesitantSource(content) })), expected);
  },
  'chunks are neither written to nor kept': async ({ make }) => {
    const matcher = await make([marker('a'), signature('gap', [text('head'), { kind: 'gap', min: 0 }, text('tail')])]);
    const content = fromLatin1('..head.. marker-of-a ..tail..');
    const session = matcher.open({ allMatches: true, size: content.length });
    for (let at = 0; at < content.length; at += 5) {
      const chunk = content.slice(at, at + 5);
      const before = chunk.slice();
      session.update(chunk);
      assertEqual('chunk after update', chunk, before);
      chunk.fill(0);
    }
    assertSameSet('found', namesOf(await session.finish(bytesSource(content), {})), ['a', 'gap']);
  },
  'empty chunks change nothing': async ({ make }) => {
    const matcher = await make([marker('a')]);
    const content = fromLatin1('.. marker-of-a ..');
    const outcome = await scan(matcher, content, { cuts: [0, 0, 6, 6, 9, content.length, content.length] });
    assertEqual('found', namesOf(outcome), ['a']);
  },
  'a chunk may be a view into a larger buffer': async ({ make }) => {
    const matcher = await make([marker('a')]);
    const around = fromLatin1('marker-of-a....marker-of-a');
    assertEqual('found', namesOf(await scan(matcher, around.subarray(5, 20), {})), []);
    assertEqual('found', namesOf(await scan(matcher, around.subarray(15), {})), ['a']);
  },
  'sessions that run interleaved do not see each other': async ({ make }) => {
    const matcher = await make([marker('a'), marker('b')]);
    const contents = [fromLatin1('.. marker-of-a ..'), fromLatin1('marker-of-b ....'), fromLatin1('marker-of- a b..')];
    const sessions = contents.map((content) => matcher.open({ allMatches: true, size: content.length }));
    feedInterleaved(sessions, contents);
    const outcomes = await Promise.all(sessions.map(async (session, i) => session.finish(bytesSource(contents[i] ?? new Uint8Array(0)), {})));
    assertEqual('found', outcomes.map(namesOf), [['a'], ['b'], []]);
  },
  'two matchers do not see each other': async ({ make }) => {
    const [one, other] = [await make([marker('a')]), await make([marker('b')])];
    const content = fromLatin1('marker-of-a marker-of-b');
    assertEqual('found', [namesOf(await scan(one, content, {})), namesOf(await scan(other, content, {}))], [['a'], ['b']]);
  },
  'a thousand signatures in a content of a hundred thousand bytes': async ({ make, seed }) => {
    const random = createSeededRandom(seed);
    const matcher = await make(Array.from({ length: 1_000 }, (_, i) => marker(`${i}.`)));
    const content = Uint8Array.from({ length: 100_000 }, () => Math.floor(random() * 256));
    const planted = [3, 77, 500, 999];
    planted.forEach((number, i) => content.set(fromLatin1(`marker-of-${number}.`), 16_380 * (i + 1)));
    for (const cuts of [everyN(content.length, 16_384), everyN(content.length, 4_097), everyN(content.length, content.length)]) {
      assertSameSet('found', namesOf(await scan(matcher, content, { cuts })), planted.map((number) => `${number}.`));
    }
  },
  'it agrees with a plain search on random signatures, contents and cuts': async ({ make, seed, rounds }) => {
    for (let round = 0; round < rounds; round++) {
      const random = createSeededRandom(seed * 1_000 + round);
      const signatures = randomSignatures(random, 1 + Math.floor(random() * 12));
      const matcher = await make(signatures);
      const content = randomContent(random, Math.floor(random() * 200));
      const expected = signatures.filter((one) => matchesOf(one, content).length > 0).map((one) => one.threat.name);
      const outcome = await scan(matcher, content, { cuts: randomCuts(random, content.length), knowsSize: random() < 0.5 });
      assertSameSet(`seed ${seed}, round ${round}: found`, namesOf(outcome), expected);
      assertTrue(`seed ${seed}, round ${round}: complete`, outcome.incomplete === undefined);
    }
  },
};

interface ScanOptions {
  readonly allMatches?: boolean;
  readonly knowsSize?: boolean;
  /** Ends of the chunks, ascending; the last is the length of the content. */
  readonly cuts?: readonly number[];
  readonly source?: ByteSource;
}

async function scan(matcher: Matcher, content: Uint8Array, options: ScanOptions): Promise<ScanOutcome> {
  const session = matcher.open({
    allMatches: options.allMatches ?? true,
    ...(options.knowsSize === false ? {} : { size: content.length }),
  });
  let at = 0;
  for (const end of options.cuts ?? [content.length]) {
    session.update(content.slice(at, end));
    at = end;
  }
  return session.finish(options.source ?? bytesSource(content), {});
}

function namesOf(outcome: ScanOutcome): string[] {
  return outcome.findings.map((finding) => finding.threat.name);
}

function everyN(length: number, n: number): number[] {
  return Array.from({ length: Math.ceil(length / Math.max(1, n)) }, (_, i) => Math.min(length, (i + 1) * n));
}

function randomCuts(random: () => number, length: number): number[] {
  const cuts = Array.from({ length: Math.floor(random() * 6) }, () => Math.floor(random() * (length + 1)));
  return [...cuts.sort((a, b) => a - b), length];
}

function feedInterleaved(sessions: readonly ScanSession[], contents: readonly Uint8Array[]): void {
  for (let at = 0; contents.some((content) => at < content.length); at += 4) {
    for (const [i, session] of sessions.entries()) {
      const chunk = contents[i]?.slice(at, at + 4) ?? new Uint8Array(0);
      if (chunk.length > 0) {
        session.update(chunk);
      }
    }
  }
}

/** Every read is answered in a later turn and with at most three bytes. */
function hesitantSource(content: Uint8Array): ByteSource {
  const source = bytesSource(content);
  return {
    size: content.length,
    async read(at: number, into: Uint8Array, options: Signal) {
      await Promise.resolve();
      return source.read(at, into.subarray(0, 3), options);
    },
  };
}
