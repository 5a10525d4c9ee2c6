/** Promises of `ask` while servers answer: right, in order, sparing with questions, and nothing but prefixes. */
import { toHex } from '../../../base/bytes.js';
import { assertEqual, assertSameSet, assertTrue, show } from '../../assertions.js';
import type { SuiteTests } from '../../runner.js';
import { answered, file, hashOf, listed, unanswered } from './fixture.js';
import type { QueryFixture } from './fixture.js';

/** Registered by `describeQueryClient`. */
export const askingTests: SuiteTests<QueryFixture> = {
  'nothing asked is nothing answered, and nobody is bothered': async ({ make, ask, source }) => {
    const server = source();
    assertEqual('outcomes', await ask(await make([server]), []), []);
    assertEqual('questions', server.questions.length, 0);
  },
  'one outcome per fingerprint, in order, repeated ones included': async ({ make, ask, source }) => {
    const outcomes = await ask(await make([source()]), [file(2), file(1), file(3), file(1)]);
    assertEqual('records', outcomes.map((one) => answered(one).answer.records.length), [0, 1, 0, 1]);
    assertEqual('from', outcomes.map((one) => answered(one).from), ['scripted', 'scripted', 'scripted', 'scripted']);
    assertEqual('threat', answered(outcomes[1]).answer.records[0]?.threats[0]?.name, 'Test.Listed');
  },
  'a prefix source sees prefixes only': async ({ make, ask, source }) => {
    const server = source({ asks: 'prefix' });
    await ask(await make([server]), [file(1), file(2)]);
    assertEqual('bytes of the hashes asked', server.questions.flatMap((one) => one.hashes.map((hash) => hash.length)), [4, 4]);
  },
  'a full-hash source sees full hashes': async ({ make, ask, source }) => {
    const server = source({ asks: 'full-hash' });
    const outcomes = await ask(await make([server]), [file(1), file(2)]);
    assertSameSet('hashes asked', server.questions.flatMap((one) => one.hashes.map(toHex)), [toHex(hashOf(1)), toHex(hashOf(2))]);
    assertEqual('records', outcomes.map((one) => answered(one).answer.records.length), [1, 0]);
  },
  'kinds and algorithms are asked apart, each hash once': async ({ make, ask, source }) => {
    const server = source();
    const md5 = { kind: 'file', algorithm: 'md5', hash: hashOf(1).subarray(0, 16) } as const;
    const outcomes = await ask(await make([server]), [file(1), { ...file(1), kind: 'url' }, md5, file(1), file(2)]);
    assertEqual('records', outcomes.map((one) => answered(one).answer.records.length), [1, 0, 0, 1, 0]);
    for (const question of server.questions) {
      const hashes = question.hashes.map(toHex);
      assertEqual(`unique hashes of ${show(question)}`, new Set(hashes).size, hashes.length);
    }
    assertSameSet('questions', server.questions.map((one) => `${one.kind} ${one.algorithm}`), ['file sha256', 'url sha256', 'file md5']);
  },
  'hashes under one prefix are one question and keep their own answers': async ({ make, ask, source }) => {
    const server = source();
    const sibling = { ...file(1), hash: hashOf(1).map((byte, i) => (i < 4 ? byte : byte ^ 0xff)) };
    const outcomes = await ask(await make([server]), [sibling, file(1)]);
    assertEqual('hashes asked', server.questions.flatMap((one) => one.hashes).length, 1);
    const names = outcomes.map((one, i) => answered(one).answer.records.filter((record) => toHex(record.hash) === toHex(i === 0 ? sibling.hash : hashOf(1))).length);
    assertEqual('records of the very hash', names, [0, 1]);
  },
  'no question is larger than its source takes': async ({ make, ask, source }) => {
    const server = source({ maxBatch: 10 });
    const outcomes = await ask(await make([server]), Array.from({ length: 35 }, (_, i) => file(i + 1)));
    assertTrue('all are answered', outcomes.length === 35 && outcomes.every((one) => one.kind === 'answered'));
    assertTrue('largest question', server.questions.every((one) => one.hashes.length <= 10));
  },
  'callers who ask the same at the same time share a question': async ({ make, ask, source, clock }) => {
    const server = source();
    server.mode = { kind: 'slow', delayMs: 500 };
    const client = await make([server]);
    const outcomes = await clock.run(Promise.all([ask(client, [file(1)]), ask(client, [file(1)]), ask(client, [file(1)])]));
    assertEqual('records', outcomes.map(([one]) => answered(one).answer.records.length), [1, 1, 1]);
    assertEqual('hashes asked', server.questions.flatMap((one) => one.hashes).length, 1);
  },
  'callers of different groups share nothing': async ({ make, ask, source, clock }) => {
    const server = source();
    server.mode = { kind: 'slow', delayMs: 500 };
    const client = await make([server]);
    await clock.run(Promise.all([ask(client, [file(1)], { group: Symbol('a') }), ask(client, [file(1)], { group: Symbol('b') })]));
    assertEqual('hashes asked', server.questions.flatMap((one) => one.hashes).length, 2);
  },
  'believed answers are handed on with their source, empty ones included': async ({ make, ask, source, handedOn }) => {
    await ask(await make([source({ id: 'one' })]), [file(1), file(2)]);
    assertSameSet('sources', new Set(handedOn.map((one) => one.from)), ['one']);
    assertEqual('answers', handedOn.reduce((sum, one) => sum + one.asked, 0), 2);
  },
  'a negative from an older generation is not taken when a newer server is there': async ({ make, ask, source }) => {
    const sources = [source({ id: 'old', generation: 4, entries: [] }), source({ id: 'new', generation: 5 })];
    const [outcome] = await ask(await make(sources), [file(1)], { minGeneration: 5 });
    assertEqual('from', [answered(outcome).from, answered(outcome).answer.records.length], ['new', 1]);
  },
  'with only older servers a negative is no answer': async ({ make, ask, source }) => {
    const [outcome] = await ask(await make([source({ generation: 4 })]), [file(2)], { minGeneration: 5 });
    assertEqual('reason', unanswered(outcome).reason, 'server-behind');
    assertEqual('fallback', unanswered(outcome).fallback, undefined);
  },
  'with only older servers a positive is a last resort': async ({ make, ask, source }) => {
    const [outcome] = await ask(await make([source({ id: 'old', generation: 4 })]), [file(1)], { minGeneration: 5 });
    if (outcome?.kind === 'answered') {
      // A find may also be taken at once: only "not listed" must be of the newest generation.
      assertEqual('threat', outcome.answer.records[0]?.threats[0]?.name, listed.threat.name);
      return;
    }
    const { fallback } = unanswered(outcome);
    assertEqual('fallback', [fallback?.from, fallback?.answer.records[0]?.threats[0]?.name], ['old', 'Test.Listed']);
  },
  'nothing is on the wire before and after': async ({ make, ask, source }) => {
    const client = await make([source()]);
    assertEqual('before', client.inFlight(), 0);
    await ask(client, [file(1)]);
    assertEqual('after', client.inFlight(), 0);
  },
};
