/** Asking and fail-over, on scripted servers and a clock that stands still. */
import { describe, expect, it } from 'vitest';
import { VedetteError } from '../../src/base/errors.js';
import { createQueryClient } from '../../src/query/create-query-client.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { after, answersOne, ask, callCounts, scene, waits } from './scene.js';
import { answerTo, createScriptedSource, fails, fileOf, hangs, hashOf, prefixKey } from './scripted-source.js';
import type { Step } from './scripted-source.js';

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
