/** The query client on scripted servers and a clock that stands still. */
import { describe, expect, it } from 'vitest';
import { VedetteError } from '../../src/base/errors.js';
import { createQueryClient } from '../../src/query/create-query-client.js';
import { FakeClock, settle } from '../../src/testing/fake-clock.js';
import { answers, answerTo, createBench, createScriptedSource, fails, fileOf, hangs, hashOf, prefixKey } from './scripted-source.js';
import type { AskOutcome } from '../../src/query/query-client.js';
import type { Bench, ScriptedSource, Step } from './scripted-source.js';
import type { QueryClientOptions } from '../../src/query/create-query-client.js';

type Script = (call: number) => Step | 'answers' | 'lists 1';

interface Scene extends Bench {
  readonly servers: readonly ScriptedSource[];
}

/** One scripted server per script, ids a, b, c …; `lists 1` knows hash 1 as malicious. */
function scene(scripts: readonly (Script | (Partial<ScriptedSource> & { readonly script: Script }))[], options: Partial<QueryClientOptions> = {}): Scene {
  const servers: ScriptedSource[] = [];
  const bench = createBench((clock) => {
    scripts.forEach((given, i) => {
      const { script, ...more } = typeof given === 'function' ? { script: given } : given;
      servers.push(
        createScriptedSource({
          id: String.fromCharCode(97 + i),
          clock,
          script: (question, call) => {
            const step = script(call);
            return step === 'answers' ? answers(question) : step === 'lists 1' ? answers(question, { lists: [hashOf(1)] }) : step;
          },
          ...more,
        }),
      );
    });
    return servers;
  }, options);
  return { ...bench, servers };
}

const ask = async ({ client, clock }: Scene, prefixes: readonly number[] = [1], options = {}): Promise<{ outcomes: readonly AskOutcome[]; tookMs: number }> => {
  const beganMs = clock.monotonicMs();
  const outcomes = await clock.run(client.ask(prefixes.map((one) => fileOf(one)), options));
  return { outcomes, tookMs: clock.monotonicMs() - beganMs };
};
const callCounts = (one: Scene): number[] => one.servers.map((server) => server.calls.length);
const after = (afterMs: number, step: Step): Step => ({ ...step, afterMs });
const waits = (waitMs?: number): Step => ({ reply: { kind: 'wait', ...(waitMs === undefined ? {} : { waitMs }) } });

describe('asking', () => {
  it('answers what a server answers, a find and "not listed" alike', async () => {
    const one = scene([() => 'lists 1']);
    const { outcomes, tookMs } = await ask(one, [1, 2]);
    expect(outcomes).toMatchObject([
      { kind: 'answered', from: 'a', answer: { records: [{ disposition: 'malicious' }] } },
      { kind: 'answered', from: 'a', answer: { records: [] } },
    ]);
    expect(tookMs).toBe(0);
    expect(one.clock.sleeping).toBe(0);
  });

  it('hands every answer to the cache, with the strength that the exchange had', async () => {
    const one = scene([() => ({ reply: { kind: 'answer', body: { answers: [answerTo(hashOf(1).slice(0, 4))], strength: 3 } } })]);
    await ask(one);
    expect(one.cached).toMatchObject([{ key: prefixKey(fileOf(1)), origin: { id: 'a', strength: 3 } }]);
  });

  it('gives prefix sources nothing but the four bytes, and full-hash sources the hash', async () => {
    const one = scene([() => fails, { script: () => 'answers', asks: 'full-hash' }]);
    await ask(one);
    const [prefix] = one.servers[0]!.calls[0]!.question.hashes;
    expect(prefix).toEqual(hashOf(1).slice(0, 4));
    expect(prefix!.buffer.byteLength).toBe(4);
    expect(one.servers[1]!.calls[0]!.question.hashes).toEqual([hashOf(1)]);
  });

  it('resolves at once for nothing, and when there is no server', async () => {
    const one = scene([]);
    expect((await ask(one, [])).outcomes).toEqual([]);
    const { outcomes, tookMs } = await ask(one);
    expect(outcomes).toEqual([{ kind: 'unanswered', reason: 'unreachable', attempts: 0 }]);
    expect(tookMs).toBe(0);
  });

  it('asks local servers before global ones, in the order of the list', async () => {
    const one = scene([{ script: () => 'answers', scope: 'global' }, { script: () => fails }, { script: () => fails }]);
    const { outcomes } = await ask(one);
    expect(outcomes).toMatchObject([{ from: 'a' }]);
    expect(one.events.filter((event) => event.kind === 'query').map((event) => event.server)).toEqual(['b', 'c', 'a']);
  });

  it('spreads over the servers of a scope when the order is random', async () => {
    const one = scene([() => 'answers', () => 'answers', { script: () => 'answers', scope: 'global' }], { order: 'random' });
    for (let i = 0; i < 60; i++) {
      await ask(one, [i]);
    }
    const [a, b, c] = callCounts(one);
    expect(Math.min(a!, b!)).toBeGreaterThan(15);
    expect(c).toBe(0);
  });

  it('refuses a fingerprint whose hash has not the length of its algorithm', async () => {
    const one = scene([() => 'answers']);
    await expect(one.client.ask([{ kind: 'file', algorithm: 'md5', hash: hashOf(1) }], {})).rejects.toThrow(TypeError);
  });

  it('refuses settings out of their range, and two sources of one id', () => {
    const clock = new FakeClock();
    const source = createScriptedSource({ clock, script: () => hangs });
    const make = (more: object) => () => createQueryClient({ sources: [source], clock, random: () => 0, onAnswers: () => undefined, ...more });
    expect(make({ holdMs: -1 })).toThrow(RangeError);
    expect(make({ perServerMs: 0 })).toThrow(RangeError);
    expect(make({ rounds: 0 })).toThrow(RangeError);
    expect(make({ maxConcurrent: 0 })).toThrow(RangeError);
    expect(make({ sources: [{ ...source, maxBatch: 0 }] })).toThrow(RangeError);
    expect(make({ sources: [source, source] })).toThrow(VedetteError);
  });
});

describe('fail-over', () => {
  it('goes to the next server at once when one fails', async () => {
    const one = scene([() => fails, () => 'lists 1']);
    const { outcomes, tookMs } = await ask(one);
    expect(outcomes).toMatchObject([{ kind: 'answered', from: 'b' }]);
    expect(tookMs).toBe(0);
  });

  it.each<[string, Step]>([
    ['throws', { throws: new Error('x') }],
    ['throws after a while', { throws: new Error('x'), afterMs: 100 }],
    ['gives nonsense', { reply: 'nonsense' as never }],
    ['cannot be believed', { reply: { kind: 'failed', retry: true, reason: 'bad-answer' } }],
    ['hangs', hangs],
    ['hangs and ignores its signal', { hangs: true, ignoresSignal: true }],
    ['asks for a wait', waits(60_000)],
    ['answers nothing', { reply: { kind: 'answer', body: { answers: [] } } }],
    ['answers something else', { reply: { kind: 'answer', body: { answers: [answerTo(hashOf(7).slice(0, 4))] } } }],
  ])('gets its answer from the next server when one %s', async (_, step) => {
    const one = scene([() => step, () => 'lists 1']);
    const { outcomes } = await ask(one);
    expect(outcomes).toMatchObject([{ kind: 'answered', from: 'b', answer: { records: [{ disposition: 'malicious' }] } }]);
    expect(one.clock.sleeping).toBe(0);
  });

  it('gives a slow server three seconds, then asks the next', async () => {
    const one = scene([() => hangs, () => 'answers']);
    expect((await ask(one)).tookMs).toBe(3_000);
    expect(one.servers[0]!.calls[0]!.signal.aborted).toBe(true);
  });

  it('shares a short hold among the servers, and still takes the slow one’s answer when it comes', async () => {
    const one = scene([(call) => (call === 0 ? { ...after(900, answersOne()), ignoresSignal: false } : 'answers'), () => hangs]);
    const { outcomes, tookMs } = await ask(one, [1], { holdMs: 1_000 });
    expect(callCounts(one)).toEqual([1, 1]);
    expect(one.servers[1]!.calls[0]!.atMs).toBe(500);
    expect(outcomes).toMatchObject([{ kind: 'answered', from: 'a' }]);
    expect(tookMs).toBe(900);
    expect(one.servers[1]!.calls[0]!.signal.aborted).toBe(true);
    expect(one.clock.sleeping).toBe(0);
  });

  it('keeps what was answered of a partial answer and asks the next server for the rest', async () => {
    const part: Step = { reply: { kind: 'answer', body: { answers: [answerTo(hashOf(2).slice(0, 4))] } } };
    const one = scene([() => part, () => 'lists 1']);
    const { outcomes } = await ask(one, [1, 2, 3]);
    expect(outcomes.map((outcome) => outcome.kind === 'answered' && outcome.from)).toEqual(['b', 'a', 'b']);
    expect(one.servers[1]!.calls[0]!.question.hashes).toEqual([1, 3].map((n) => hashOf(n).slice(0, 4)));
    expect(one.events[0]).toMatchObject({ kind: 'query', server: 'a', outcome: 'partial' });
  });

  it('matches answers that come in another order', async () => {
    const one = scene([
      {
        script: () => ({ reply: { kind: 'answer', body: { answers: [3, 2, 1].map((n) => answerTo(hashOf(n).slice(0, 4), { lists: [hashOf(1)] })) } } }),
      },
    ]);
    const { outcomes } = await ask(one, [1, 2, 3]);
    expect(outcomes.map((outcome) => outcome.kind === 'answered' && outcome.answer.records.length)).toEqual([1, 0, 0]);
  });
});

function answersOne(): Step {
  return { reply: { kind: 'answer', body: { answers: [answerTo(hashOf(1).slice(0, 4))] } } };
}

describe('when nobody answers', () => {
  it('goes three times over the servers with growing pauses, then says so', async () => {
    const one = scene([() => fails, () => fails]);
    const { outcomes, tookMs } = await ask(one);
    expect(outcomes).toEqual([{ kind: 'unanswered', reason: 'unreachable', attempts: 6 }]);
    expect(callCounts(one)).toEqual([3, 3]);
    expect(tookMs).toBeGreaterThan(0);
    expect(tookMs).toBeLessThanOrEqual(1_250);
    expect(one.clock.sleeping).toBe(0);
  });

  it('never makes a caller wait longer than the hold, to the millisecond', async () => {
    const one = scene([() => hangs, () => ({ hangs: true, ignoresSignal: true })]);
    const { outcomes, tookMs } = await ask(one);
    expect(outcomes).toMatchObject([{ kind: 'unanswered', reason: 'unreachable' }]);
    expect(tookMs).toBe(10_000);
    await one.clock.advance(3_000);
    expect(one.clock.sleeping).toBe(0);
  });

  it('holds each caller for its own time', async () => {
    const one = scene([() => hangs]);
    const done: string[] = [];
    const begin = (name: string, holdMs: number) => one.client.ask([fileOf(1)], { holdMs }).then(() => done.push(`${name} at ${one.clock.monotonicMs()}`));
    const all = Promise.all([begin('long', 5_000), begin('short', 1_000), begin('none', 0)]);
    await one.clock.run(all);
    expect(done).toEqual(['none at 0', 'short at 1000', 'long at 5000']);
  });

  it.each<[string, readonly Script[], string, number | undefined]>([
    ['unreachable', [() => fails, () => hangs], 'unreachable', undefined],
    ['throttled before unreachable', [() => waits(60_000), () => fails], 'throttled', undefined],
    ['a bad answer before throttled', [() => ({ reply: { kind: 'failed', retry: true, reason: 'bad-answer' } }), () => waits(60_000)], 'bad-answer', undefined],
    ['an answer without what was asked is a bad one', [() => ({ reply: { kind: 'answer', body: { answers: [] } } }), () => fails], 'bad-answer', undefined],
    ['behind before everything', [() => 'lists 1', () => ({ reply: { kind: 'failed', retry: true, reason: 'bad-answer' } }), () => waits(60_000)], 'server-behind', 7],
  ])('says why: %s', async (_, scripts, reason, minGeneration) => {
    for (const order of [scripts, [...scripts].reverse()]) {
      const { outcomes } = await ask(scene(order), [2], { minGeneration });
      expect(outcomes).toMatchObject([{ kind: 'unanswered', reason }]);
    }
  });

  it('does not repeat a question that a server refuses', async () => {
    const one = scene([() => ({ reply: { kind: 'failed', retry: false } })]);
    const { outcomes, tookMs } = await ask(one);
    expect(outcomes).toMatchObject([{ kind: 'unanswered', attempts: 1 }]);
    expect(tookMs).toBe(0);
  });

  it('repeats no more than its budget allows', async () => {
    const one = scene([() => fails], { retryBudget: { ratio: 0, perSecond: 0.2 } });
    await ask(one);
    await ask(one);
    expect(callCounts(one)).toEqual([4]);
  });
});

describe('a server that asks for a wait', () => {
  it('is asked again when the wait is over, within the hold', async () => {
    const one = scene([(call) => (call === 0 ? waits(2_000) : 'answers')]);
    const { outcomes, tookMs } = await ask(one);
    expect(outcomes).toMatchObject([{ kind: 'answered' }]);
    expect(tookMs).toBe(2_000);
  });

  it('is left alone by everybody until then, and nobody waits in vain for it', async () => {
    const one = scene([(call) => (call === 0 ? waits(20_000) : 'answers')]);
    expect((await ask(one)).outcomes).toMatchObject([{ kind: 'unanswered', reason: 'throttled', attempts: 1 }]);
    const { outcomes, tookMs } = await ask(one, [2]);
    expect(outcomes).toMatchObject([{ kind: 'unanswered', reason: 'throttled', attempts: 0 }]);
    expect(tookMs).toBe(0);
    expect(one.client.servers()).toEqual([{ id: 'a', state: 'waiting', untilAt: one.clock.now() + 20_000 }]);
    await one.clock.advance(20_000);
    expect((await ask(one)).outcomes).toMatchObject([{ kind: 'answered' }]);
  });

  it('is not sent the rest of a question that takes several', async () => {
    const one = scene([() => fails, { script: () => waits(60_000), maxBatch: 1 }]);
    await ask(one, Array.from({ length: 40 }, (_, i) => i));
    expect(callCounts(one)[1]).toBeLessThanOrEqual(4);
  });

  it('keeps its wait when the wall clock jumps', async () => {
    const one = scene([() => waits(60_000)]);
    await ask(one);
    one.clock.jumpWall(86_400_000);
    await ask(one);
    expect(callCounts(one)).toEqual([1]);
  });
});

describe('generations', () => {
  const says = (generation: number | undefined, ...lists: Uint8Array[]): { script: Script } => ({
    script: () => ({
      reply: { kind: 'answer', body: { answers: [answerTo(hashOf(1).slice(0, 4), { lists, ...(generation === undefined ? {} : { generation }) })] } },
    }),
  });

  it('an answer that is too old goes on to the next server', async () => {
    const one = scene([says(6), says(undefined), says(7)]);
    expect((await ask(one, [1], { minGeneration: 7 })).outcomes).toMatchObject([{ kind: 'answered', from: 'c' }]);
  });

  it('nobody is new enough: behind, at once and without repeats', async () => {
    const one = scene([says(6), says(5)]);
    const { outcomes, tookMs } = await ask(one, [1], { minGeneration: 7 });
    expect(outcomes).toEqual([{ kind: 'unanswered', reason: 'server-behind', attempts: 2 }]);
    expect(tookMs).toBe(0);
    expect(one.client.servers().map((server) => server.state)).toEqual(['closed', 'closed']);
  });

  it('an older find is kept in reserve, the newest of several', async () => {
    const one = scene([says(5, hashOf(1)), says(6, hashOf(1)), () => fails]);
    const { outcomes } = await ask(one, [1], { minGeneration: 7 });
    expect(outcomes).toMatchObject([{ kind: 'unanswered', reason: 'server-behind', fallback: { from: 'b', answer: { generation: 6 } } }]);
  });

  it('a newer answer beats an older find', async () => {
    const one = scene([says(6, hashOf(1)), says(7)]);
    expect((await ask(one, [1], { minGeneration: 7 })).outcomes).toMatchObject([{ kind: 'answered', from: 'b', answer: { records: [] } }]);
  });

  it('callers who want different generations share the question, not the answer', async () => {
    const one = scene([says(6), says(7)]);
    const [old, recent] = await one.clock.run(Promise.all([one.client.ask([fileOf(1)], {}), one.client.ask([fileOf(1)], { minGeneration: 7 })]));
    expect([old, recent]).toMatchObject([[{ from: 'a' }], [{ from: 'b' }]]);
    expect(callCounts(one)).toEqual([1, 1]);
  });
});

describe('the breaker', () => {
  it('opens after three failed questions, so that the fourth is not held', async () => {
    const one = scene([() => hangs]);
    for (let i = 0; i < 3; i++) {
      expect((await ask(one)).tookMs).toBeGreaterThan(9_000);
    }
    await one.clock.advance(2_999);
    const { outcomes, tookMs } = await ask(one);
    expect(outcomes).toMatchObject([{ kind: 'unanswered', reason: 'unreachable', attempts: 0 }]);
    expect(tookMs).toBe(0);
    expect(one.events.filter((event) => event.kind === 'server')).toEqual([{ kind: 'server', server: 'a', state: 'open' }]);
  });

  it('counts questions, not attempts or callers', async () => {
    const one = scene([() => fails]);
    await one.clock.run(Promise.all(Array.from({ length: 50 }, (_, i) => one.client.ask([fileOf(i)], {}))));
    await ask(one);
    expect(callCounts(one)).toEqual([6]);
    expect(one.client.servers()).toEqual([{ id: 'a', state: 'closed' }]);
  });

  it('skips a server that is left alone, then tries it with one question', async () => {
    let isDown = true;
    const one = scene([() => (isDown ? fails : after(50, answersOne())), () => 'answers'], { rounds: 1 });
    for (let i = 0; i < 5; i++) {
      await ask(one);
    }
    expect(callCounts(one)).toEqual([3, 5]);
    isDown = false;
    await one.clock.advance(5_000);
    await one.clock.run(Promise.all([one.client.ask([fileOf(1)], {}), settle().then(() => one.client.ask([fileOf(2)], {}))]));
    expect(callCounts(one)).toEqual([4, 6]);
    expect(one.client.servers()[0]).toEqual({ id: 'a', state: 'closed' });
    expect(one.events.filter((event) => event.kind === 'server').map((event) => event.state)).toEqual(['open', 'half-open', 'closed']);
  });

  it('gives a trial back that its caller left', async () => {
    let step: Step = fails;
    const one = scene([() => step], { rounds: 1 });
    for (let i = 0; i < 3; i++) {
      await ask(one);
    }
    await one.clock.advance(5_000);
    step = hangs;
    const caller = new AbortController();
    const asked = one.client.ask([fileOf(1)], { signal: caller.signal });
    await settle();
    caller.abort();
    await expect(asked).rejects.toMatchObject({ code: 'aborted' });
    await settle();
    step = answersOne();
    expect((await ask(one)).outcomes).toMatchObject([{ kind: 'answered' }]);
  });

  it('closes on reset, while a wait stays', async () => {
    const one = scene([() => fails, () => waits(3_600_000)], { rounds: 1 });
    for (let i = 0; i < 3; i++) {
      await ask(one);
    }
    expect(one.client.servers().map((server) => server.state)).toEqual(['open', 'waiting']);
    one.client.reset();
    expect(one.client.servers().map((server) => server.state)).toEqual(['closed', 'waiting']);
    await ask(one);
    expect(callCounts(one)).toEqual([4, 1]);
  });

  it('is not opened by a server that flaps', async () => {
    const one = scene([(call) => (call % 2 === 0 ? fails : 'answers')]);
    for (let i = 0; i < 20; i++) {
      expect((await ask(one, [i])).outcomes).toMatchObject([{ kind: 'answered' }]);
      await one.clock.advance(1_000);
    }
    expect(one.client.servers()).toEqual([{ id: 'a', state: 'closed' }]);
  });
});

describe('sharing', () => {
  it('puts equal prefixes in one question, whoever asks and however they overlap', async () => {
    const one = scene([() => after(100, answersOne())]);
    const first = Array.from({ length: 20 }, (_, i) => one.client.ask([fileOf(1, i)], {}));
    await settle();
    const second = Array.from({ length: 20 }, (_, i) => one.client.ask([fileOf(1, i)], {}));
    const outcomes = await one.clock.run(Promise.all([...first, ...second]));
    expect(outcomes.flat().every((outcome) => outcome.kind === 'answered')).toBe(true);
    expect(callCounts(one)).toEqual([1]);
    expect(one.servers[0]!.calls[0]!.question.hashes).toHaveLength(1);
  });

  it('asks a full-hash source about each of two hashes with one prefix', async () => {
    const one = scene([{ script: () => 'answers', asks: 'full-hash' }]);
    await one.clock.run(one.client.ask([fileOf(1, 1), fileOf(1, 2), fileOf(1, 1)], {}));
    expect(one.servers[0]!.calls[0]!.question.hashes).toEqual([hashOf(1, 1), hashOf(1, 2)]);
  });

  it('keeps the callers of one group apart from all others', async () => {
    const one = scene([() => after(100, answersOne())]);
    const groups = [undefined, Symbol('a'), Symbol('b')];
    const asks = groups.flatMap((group) => [0, 1].map(() => one.client.ask([fileOf(1)], group === undefined ? {} : { group })));
    await one.clock.run(Promise.all(asks));
    expect(callCounts(one)).toEqual([3]);
  });

  it('gathers what is asked in one turn into full questions, by kind and algorithm', async () => {
    const one = scene([{ script: () => 'answers', maxBatch: 1000 }]);
    const asks = Array.from({ length: 2500 }, (_, i) => one.client.ask([fileOf(i)], {}));
    const url = one.client.ask([{ ...fileOf(1), kind: 'url' }], {});
    const md5 = one.client.ask([{ kind: 'file', algorithm: 'md5', hash: hashOf(1).slice(0, 16) }], {});
    await one.clock.run(Promise.all([...asks, url, md5]));
    expect(one.servers[0]!.calls.map(({ question }) => [question.kind, question.algorithm, question.hashes.length])).toEqual([
      ['file', 'sha256', 1000],
      ['file', 'sha256', 1000],
      ['file', 'sha256', 500],
      ['url', 'sha256', 1],
      ['file', 'md5', 1],
    ]);
  });

  it('gathers for a window where one is set', async () => {
    const one = scene([() => 'answers'], { windowMs: 20 });
    const first = one.client.ask([fileOf(1)], {});
    await one.clock.advance(19);
    const second = one.client.ask([fileOf(2)], {});
    expect(callCounts(one)).toEqual([0]);
    await one.clock.run(Promise.all([first, second]));
    expect(callCounts(one)).toEqual([1]);
    expect(one.servers[0]!.calls[0]!.atMs).toBe(20);
  });

  it('splits a question for a server that takes less', async () => {
    const one = scene([() => fails, { script: () => 'answers', maxBatch: 3 }]);
    const { outcomes } = await ask(one, Array.from({ length: 10 }, (_, i) => i));
    expect(outcomes.every((outcome) => outcome.kind === 'answered')).toBe(true);
    expect(one.servers[1]!.calls.map(({ question }) => question.hashes.length)).toEqual([3, 3, 3, 1]);
  });

  it('keeps a limited number of attempts on the wire, in turn', async () => {
    const one = scene([{ script: () => 'answers', maxBatch: 1 }], { maxConcurrent: 2 });
    const source = one.servers[0]!;
    const lookup = source.lookup.bind(source);
    let most = 0;
    const done: number[] = [];
    source.lookup = async (question, options) => {
      most = Math.max(most, one.client.inFlight());
      await one.clock.sleep(100, options.signal);
      return lookup(question, options);
    };
    await one.clock.run(Promise.all(Array.from({ length: 7 }, (_, i) => one.client.ask([fileOf(i)], {}).then(() => done.push(i)))));
    expect(most).toBe(2);
    expect(done).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(one.clock.monotonicMs()).toBe(400);
    expect(one.client.inFlight()).toBe(0);
  });

  it('gives the turn of a caller who leaves the queue to the next', async () => {
    const one = scene([{ script: () => after(100, answersOne()), maxBatch: 1 }], { maxConcurrent: 1 });
    const leaving = new AbortController();
    const first = one.client.ask([fileOf(1)], {});
    const second = one.client.ask([fileOf(2)], { signal: leaving.signal }).catch(() => undefined);
    const third = one.client.ask([fileOf(3)], { holdMs: 150 });
    await one.clock.advance(50);
    leaving.abort();
    await one.clock.run(Promise.all([first, second, third]));
    expect(one.servers[0]!.calls.map((call) => call.atMs)).toEqual([0, 100]);
  });
});
