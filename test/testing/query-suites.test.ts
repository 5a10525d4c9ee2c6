/** The suites of reputation source, transport and query client against wrong parts. */
import { describe, expect, it } from 'vitest';
import { concatBytes, equalBytes, toHex } from '../../src/base/bytes.js';
import { createInProcessTransport } from '../../src/preset/http/in-process-transport.js';
import { contentType } from '../../src/protocol/messages.js';
import { createQueryClient } from '../../src/query/create-query-client.js';
import type { AskOutcome, QueryClient } from '../../src/query/query-client.js';
import type { ReputationSource, SourceAnswers } from '../../src/query/reputation-source.js';
import type { Reply, SendOptions, Transport } from '../../src/query/transport.js';
import type { TestRunner } from '../../src/testing/runner.js';
import { createScriptedSource } from '../../src/testing/doubles/scripted-source.js';
import { describeQueryClient } from '../../src/testing/suites/query-client-suite.js';
import type { QueryClientContext } from '../../src/testing/suites/query/fixture.js';
import { describeReputationSource } from '../../src/testing/suites/source-suite.js';
import type { SourceContext } from '../../src/testing/suites/source-suite.js';
import { describeTransport } from '../../src/testing/suites/transport-suite.js';
import type { TransportContext } from '../../src/testing/suites/transport-suite.js';
import { failedTests, itCatches } from './sabotage.js';

describe('the suite of the reputation source', () => {
  type Create = (context: SourceContext) => ReputationSource;
  const suite = (runner: TestRunner, create: Create): void => describeReputationSource(runner, { name: 'under test', create });
  const wrong =
    (change: (source: ReputationSource) => Partial<ReputationSource>): Create =>
    ({ entries }) => {
      const source = createScriptedSource({ entries });
      return { ...source, ...change(source) };
    };
  const suiteOfNothing = (): void => describeReputationSource({ describe: (_, body) => body(), it: () => undefined }, { name: 'nothing', create: () => createScriptedSource(), knows: {} });
  type Answers = SourceAnswers['answers'];
  const answering = (change: (answers: Answers) => Answers): Create =>
    wrong((source) => ({
      async lookup(question, options) {
        const reply = await source.lookup(question, options);
        return reply.kind === 'answer' ? { kind: 'answer', body: { answers: change(reply.body.answers) } } : reply;
      },
    }));

  itCatches<Create>(
    [
      { wrong: 'asks by something else', part: wrong(() => ({ asks: 'path' as 'prefix' })), caughtBy: 'it says who it is, what it asks by, how much it takes and how strongly it is believed' },
      { wrong: 'knows nothing', part: answering((answers) => answers.map((one) => ({ ...one, records: [] }))), caughtBy: 'a listed hash has a record with disposition and threat' },
      { wrong: 'takes silence for "not listed"', part: answering((answers) => answers.filter((one) => one.records.length > 0)), caughtBy: 'a hash that is not listed has an answer without a record of it' },
      { wrong: 'answers by position', part: answering((answers) => answers.map((one, i) => ({ ...one, asked: answers[(i + 1) % answers.length]?.asked ?? one.asked }))), caughtBy: 'what was asked together is answered each by its hash' },
      { wrong: 'puts all records under every hash', part: answering((answers) => answers.map((one) => ({ ...one, records: answers.flatMap((other) => other.records) }))), caughtBy: 'records of an answer are of the hash that was asked' },
      { wrong: 'keeps one record under a prefix', part: answering((answers) => answers.map((one) => ({ ...one, records: one.records.slice(0, 1) }))), caughtBy: 'two hashes under one prefix keep their own records' },
      { wrong: 'takes a URL for a file', part: wrong((source) => ({ lookup: (question, options) => source.lookup({ ...question, kind: 'file' }, options) })), caughtBy: 'kinds and algorithms are told apart' },
      { wrong: 'loses the size', part: answering((answers) => answers.map((one) => ({ ...one, records: one.records.map(({ size: _, ...record }) => record) }))), caughtBy: 'a size of an entry comes with its record' },
      { wrong: 'says no life', part: answering((answers) => answers.map((one) => ({ ...one, ttlMs: Number.NaN }))), caughtBy: 'every answer has a life' },
      { wrong: 'takes less than it says', part: wrong((source) => ({ lookup: (question, options) => source.lookup({ ...question, hashes: question.hashes.slice(0, 100) }, options) })), caughtBy: 'a question as large as it takes is answered' },
      { wrong: 'writes into the question', part: wrong((source) => ({ lookup: (question, options) => { const reply = source.lookup(question, options); question.hashes.forEach((hash) => hash.fill(0)); return reply; } })), caughtBy: 'the question is left as it was' },
      { wrong: 'gives the answer of the last question to all', part: wrong((source) => { let last: Promise<Reply<SourceAnswers>> | undefined; return { lookup: async (question, options) => { last = source.lookup(question, options); await Promise.resolve(); return last; } }; }), caughtBy: 'questions that overlap in time get their own answers' },
      { wrong: 'does not hear an abort', part: wrong((source) => ({ lookup: (question, options) => (options.signal.aborted ? new Promise(() => undefined) : source.lookup(question, options)) })), caughtBy: 'a signal that has already fired ends it at once, and the next question is answered' },
    ],
    suite,
  );

  it('holds one that knows less to what it knows, and catches it when it answers "not listed" about the rest', async () => {
    const md5Only = (rest: Reply<SourceAnswers>): Create => wrong((source) => ({
      lookup: async (question, options) => (question.kind === 'file' && question.algorithm === 'md5' ? source.lookup(question, options) : rest),
    }));
    const skip = { 'a score of an entry comes with its record': 'it rates no URLs' };
    const failedOf = (create: Create): Promise<readonly string[]> =>
      failedTests((runner) => describeReputationSource(runner, { name: 'under test', create, knows: { file: ['md5'] }, skip }));
    expect(await failedOf(md5Only({ kind: 'failed', retry: false }))).toEqual([]);
    const lie = ['each kind and algorithm that it does not know is a failure: "not listed" would be a lie'];
    expect(await failedOf(md5Only({ kind: 'failed', retry: true }))).toEqual(lie);
    expect(await failedOf(({ entries }) => createScriptedSource({ entries }))).toEqual(lie);
    expect(() => suiteOfNothing()).toThrow(TypeError);
  });

  it('catches one that throws, and one that makes up an answer, when nobody is there', async () => {
    const create: Create = ({ entries }) => createScriptedSource({ entries });
    for (const unreachable of [() => Object.assign(createScriptedSource(), { mode: { kind: 'throw', error: new Error('reset') } as const }), () => createScriptedSource()]) {
      const failed = await failedTests((runner) => describeReputationSource(runner, { name: 'under test', create, unreachable }));
      expect(failed).toEqual(['a server that cannot be reached is a failure, not a throw and not an answer']);
    }
  });
});

describe('the suite of the transport', () => {
  type Create = (context: TransportContext) => Transport;
  const suite = (runner: TestRunner, create: Create): void =>
    describeTransport(runner, {
      name: 'under test',
      speaks: 'http',
      create: (context) => ({ transport: create(context), server: { id: 's', address: 'in-process:test', scope: 'local' } }),
    });
  type Send = Transport['send'];
  const wrong =
    (change: (good: Send, far: TransportContext['far']) => Send): Create =>
    ({ far }) => {
      const good = createInProcessTransport((request) => far.handle(request));
      return { ...good, send: change((body, options) => good.send(body, options), far) };
    };
  /** A transport that reads the whole response as it comes, whatever it is. */
  const careless =
    (judge: (response: Response, body: Uint8Array, options: SendOptions) => Reply<Uint8Array>): Create =>
    wrong((_, far) => async (body, options) => {
      const init = { method: 'POST', body: new Uint8Array(body), signal: options.signal };
      try {
        const response = await far.handle(new Request('http://x.invalid/v1/query', init));
        return judge(response, await readUnbounded(response), options);
      } catch {
        return { kind: 'failed', retry: true };
      }
    });

  itCatches<Create>(
    [
      { wrong: 'does not name the scheme of its server', part: ({ far }) => ({ ...createInProcessTransport((request) => far.handle(request)), schemes: { 'HTTP:': 'plain' } }), caughtBy: 'it names its schemes, and the server’s is among them' },
      { wrong: 'takes bytes for text', part: wrong((good) => (body, options) => good(new TextEncoder().encode(new TextDecoder().decode(body)), options)), caughtBy: 'bytes go there and come back unchanged' },
      { wrong: 'cuts answers at 64 KiB', part: wrong((good) => async (body, options) => { const reply = await good(body, options); return reply.kind === 'answer' ? { ...reply, body: reply.body.subarray(0, 65_536) } : reply; }), caughtBy: 'a large answer comes back whole' },
      { wrong: 'takes an empty answer for none', part: wrong((good) => async (body, options) => { const reply = await good(body, options); return reply.kind === 'answer' && reply.body.length === 0 ? { kind: 'failed', retry: true } : reply; }), caughtBy: 'an empty answer is an answer' },
      { wrong: 'sends the buffer behind a view', part: wrong((good) => (body, options) => good(new Uint8Array(body.buffer), options)), caughtBy: 'of a view only its own bytes are sent, and they are left as they were' },
      { wrong: 'has no limit', part: wrong((good) => (body, options) => good(body, { ...options, maxBytes: 1e9 })), caughtBy: 'an answer of exactly maxBytes is taken, one byte more is a failure' },
      { wrong: 'stops a byte early', part: wrong((good) => (body, options) => good(body, { ...options, maxBytes: options.maxBytes - 1 })), caughtBy: 'an answer of exactly maxBytes is taken, one byte more is a failure' },
      { wrong: 'forgets how long to wait', part: wrong((good) => async (body, options) => { const reply = await good(body, options); return reply.kind === 'wait' ? { kind: 'wait' } : reply; }), caughtBy: 'a server that asks to wait is understood, with its time and without' },
      { wrong: 'tries again by itself', part: wrong((good) => async (body, options) => { const reply = await good(body, options); return reply.kind === 'failed' ? good(body, options) : reply; }), caughtBy: 'what a server cannot answer is a failure, asked once, and the next exchange works' },
      { wrong: 'throws for what a server does', part: wrong((good) => async (body, options) => { const reply = await good(body, options); if (reply.kind === 'failed') { throw new Error('failed'); } return reply; }), caughtBy: 'what a server cannot answer is a failure, asked once, and the next exchange works' },
      { wrong: 'mixes answers up', part: wrong((good) => { let last: Promise<Reply<Uint8Array>> | undefined; return async (body, options) => { last = good(body, options); await Promise.resolve(); return last; }; }), caughtBy: 'exchanges that overlap in time get their own answers' },
      { wrong: 'does not hear an abort', part: wrong((good) => (body, options) => good(body, { ...options, signal: options.signal.aborted ? options.signal : new AbortController().signal })), caughtBy: 'a hanging exchange ends at once on abort and lets go of the server' },
      { wrong: 'ends for the caller and holds on to the server', part: wrong((good) => (body, options) => Promise.race([good(body, { ...options, signal: new AbortController().signal }), untilAborted(options.signal)])), caughtBy: 'a hanging exchange ends at once on abort and lets go of the server' },
      { wrong: 'ends everything on one abort', part: wrong((good) => { const all = new AbortController(); return (body, options) => { options.signal.addEventListener('abort', () => all.abort()); return good(body, { ...options, signal: all.signal }); }; }), caughtBy: 'an abort of one exchange does not touch another' },
      { wrong: 'sends before it looks at the signal', part: wrong((good) => (body, options) => { void good(body, { ...options, signal: new AbortController().signal }); return good(body, options); }), caughtBy: 'a signal that has already fired sends nothing' },
      { wrong: 'sends a cookie', part: wrong((_, far) => async (body) => { await far.handle(new Request('http://x.invalid/', { method: 'POST', body: new Uint8Array(body), headers: { authorization: 'Basic me' } })); return { kind: 'answer', body }; }), caughtBy: 'a request is a POST that carries nothing about the sender' },
      { wrong: 'follows redirects', part: wrong((good) => async (body, options) => { const reply = await good(body, options); return reply.kind === 'failed' && reply.detail === 'the server redirects' ? good(body, options) : reply; }), caughtBy: 'redirects are not followed' },
      { wrong: 'takes every status for good', part: careless((_, body) => ({ kind: 'answer', body })), caughtBy: 'no other status than 200 is an answer' },
      { wrong: 'takes every page for an answer', part: careless((response, body) => (response.status === 200 ? { kind: 'answer', body } : { kind: 'failed', retry: true })), caughtBy: 'a page of another type is no answer' },
      { wrong: 'takes half a body for the whole', part: careless((response, body) => (response.headers.get('content-type') === contentType ? { kind: 'answer', body } : { kind: 'failed', retry: true })), caughtBy: 'half a body is no answer' },
      { wrong: 'reads on for ever', part: careless((_, body, { maxBytes }) => (body.length > maxBytes ? { kind: 'failed', retry: false } : { kind: 'answer', body })), caughtBy: 'an endless body is read to the limit and no further' },
    ],
    suite,
  );
});

async function readUnbounded(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const reader = response.body?.getReader();
  try {
    // 32 MiB stand for "for ever".
    for (let part = await reader?.read(); part?.done === false && parts.length < 2_048; part = await reader?.read()) {
      parts.push(part.value);
    }
  } catch {
    // What came before the break is taken for the whole.
  }
  await reader?.cancel().catch(() => undefined);
  return concatBytes(parts);
}

function untilAborted(signal: AbortSignal): Promise<Reply<Uint8Array>> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve({ kind: 'failed', retry: true })));
}

describe('the suite of the query client', () => {
  type Create = (context: QueryClientContext) => QueryClient;
  const suite = (runner: TestRunner, create: Create): void => describeQueryClient(runner, { name: 'under test', create, dispose: (client) => client.close() });
  const wrong =
    (change: (client: QueryClient, context: QueryClientContext) => Partial<QueryClient>, rules: Partial<QueryClientContext> = {}): Create =>
    (context) => {
      const client = createQueryClient({ ...context, ...rules });
      return { ...client, ...change(client, context) };
    };
  const asking = (change: (ask: QueryClient['ask'], context: QueryClientContext) => QueryClient['ask']): Create =>
    wrong((client, context) => ({ ask: change((...given) => client.ask(...given), context) }));
  const outcomes = (change: (outcome: AskOutcome) => AskOutcome): Create => asking((ask) => async (...given) => (await ask(...given)).map(change));
  const withSources = (change: (source: ReputationSource) => ReputationSource): Create => (context) =>
    createQueryClient({ ...context, sources: context.sources.map(change) });
  const emptyAnswer = (asked: Uint8Array): AskOutcome => ({ kind: 'answered', answer: { asked, records: [], ttlMs: 1_000 }, from: 'nobody' });

  itCatches<Create>(
    [
      { wrong: 'takes no answer for "not listed"', part: asking((ask) => async (fingerprints, options) => (await ask(fingerprints, options)).map((one, i) => (one.kind === 'answered' ? one : emptyAnswer(fingerprints[i]?.hash ?? new Uint8Array(0))))), caughtBy: 'when all servers fail in any way, nothing is answered, within the hold' },
      { wrong: 'leaves repeated ones out', part: asking((ask) => (fingerprints, options) => ask(fingerprints.filter((one, i) => fingerprints.findIndex((other) => equalBytes(one.hash, other.hash)) === i), options)), caughtBy: 'one outcome per fingerprint, in order, repeated ones included' },
      { wrong: 'gives outcomes in another order', part: asking((ask) => async (...given) => [...(await ask(...given))].reverse()), caughtBy: 'one outcome per fingerprint, in order, repeated ones included' },
      { wrong: 'sends full hashes to prefix sources', part: sendsFullHashes, caughtBy: 'a prefix source sees prefixes only' },
      { wrong: 'sends prefixes to full-hash sources', part: withSources((source) => ({ ...source, lookup: (question, options) => source.lookup({ ...question, hashes: question.hashes.map((hash) => hash.subarray(0, 4)) }, options) })), caughtBy: 'a full-hash source sees full hashes' },
      { wrong: 'asks for a URL as a file', part: asking((ask) => (fingerprints, options) => ask(fingerprints.map((one) => ({ ...one, kind: 'file' })), options)), caughtBy: 'kinds and algorithms are asked apart, each hash once' },
      { wrong: 'makes questions too large', part: withSources((source) => ({ ...source, maxBatch: 1_000 })), caughtBy: 'no question is larger than its source takes' },
      { wrong: 'shares nothing', part: asking((ask) => (fingerprints, options) => ask(fingerprints, { ...options, group: Symbol('own') })), caughtBy: 'callers who ask the same at the same time share a question' },
      { wrong: 'shares over groups', part: asking((ask) => (fingerprints, { group: _, ...options }) => ask(fingerprints, options)), caughtBy: 'callers of different groups share nothing' },
      { wrong: 'hands no answers on', part: (context) => createQueryClient({ ...context, onAnswers: () => undefined }), caughtBy: 'believed answers are handed on with their source, empty ones included' },
      { wrong: 'takes negatives of any age', part: asking((ask) => (fingerprints, { minGeneration: _, ...options }) => ask(fingerprints, options)), caughtBy: 'with only older servers a negative is no answer' },
      { wrong: 'keeps to the first server', part: (context) => createQueryClient({ ...context, sources: context.sources.slice(0, 1) }), caughtBy: 'when a server fails in any way, the next one answers' },
      { wrong: 'says one reason for all', part: outcomes((one) => (one.kind === 'answered' ? one : { ...one, reason: 'unreachable' })), caughtBy: 'the reason says which way it failed' },
      { wrong: 'does not keep the hold of the call', part: asking((ask) => (fingerprints, { holdMs: _, ...options }) => ask(fingerprints, options)), caughtBy: 'the hold of the call is kept' },
      { wrong: 'waits longer than its hold', part: asking((ask, { clock }) => async (...given) => { const all = await ask(...given); await clock.sleep(30_000, new AbortController().signal); return all; }), caughtBy: 'when all servers fail in any way, nothing is answered, within the hold' },
      { wrong: 'does not hear an abort', part: asking((ask) => (fingerprints, { signal, ...options }) => ask(fingerprints, signal?.aborted === true ? { ...options, signal } : options)), caughtBy: 'an abort ends the call at once with aborted, whatever it waits for' },
      { wrong: 'asks before it looks at the signal', part: asking((ask) => (fingerprints, { signal, ...options }) => ask(fingerprints, options).then((all) => { signal?.throwIfAborted(); return all; })), caughtBy: 'a signal that has already fired asks nothing' },
      { wrong: 'never leaves a bad server alone', part: wrong((client) => ({ ask: (...given) => { client.reset(); return client.ask(...given); } })), caughtBy: 'a server that keeps failing is left alone, and the others serve' },
      { wrong: 'never finds out that a server is back', part: wrong(() => ({ probe: () => Promise.resolve(false) })), caughtBy: 'a server that is back is found by a probe and used again' },
      { wrong: 'always says that a server is back', part: wrong(() => ({ probe: () => Promise.resolve(true) })), caughtBy: 'a server that is back is found by a probe and used again' },
      { wrong: 'forgets no failure when the network has changed', part: wrong(() => ({ reset: () => undefined })), caughtBy: 'when the network has changed, servers that were left alone are asked again' },
      { wrong: 'names no servers', part: wrong(() => ({ servers: () => [] })), caughtBy: 'it names its servers with their state' },
      { wrong: 'counts wrong', part: wrong(() => ({ inFlight: () => 1 })), caughtBy: 'nothing is on the wire before and after' },
      { wrong: 'goes on after it was closed', part: wrong(() => ({ close: () => Promise.resolve() })), caughtBy: 'closing ends what is under way with closed, and refuses what comes after' },
      { wrong: 'ignores a pause', part: ignoresPauses, caughtBy: 'a server that asked for a pause is left alone as long' },
    ],
    suite,
  );
});

/** Tells every source that it may see full hashes. */
function sendsFullHashes(context: QueryClientContext): QueryClient {
  let asked: readonly Uint8Array[] = [];
  const sources = context.sources.map((source): ReputationSource => ({
    ...source,
    lookup: (question, options) => {
      const full = question.hashes.map((prefix) => asked.find((hash) => toHex(hash).startsWith(toHex(prefix))) ?? prefix);
      return source.lookup({ ...question, hashes: full }, options);
    },
  }));
  const client = createQueryClient({ ...context, sources });
  return {
    ...client,
    ask: (fingerprints, options) => {
      asked = fingerprints.map((one) => one.hash);
      return client.ask(fingerprints, options);
    },
  };
}

/** Takes a pause for a failure. */
function ignoresPauses(context: QueryClientContext): QueryClient {
  const sources = context.sources.map((source): ReputationSource => ({
    ...source,
    async lookup(question, options) {
      const reply = await source.lookup(question, options);
      return reply.kind === 'wait' ? { kind: 'failed', retry: true } : reply;
    },
  }));
  return createQueryClient({ ...context, sources });
}
