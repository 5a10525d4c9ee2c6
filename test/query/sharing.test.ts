/** Callers who share questions, questions that share the wire. */
import { describe, expect, it } from 'vitest';
import { settle } from '../../src/testing/doubles/fake-clock.js';
import { after, answersOne, ask, callCounts, scene, waits } from './scene.js';
import { answerTo, fails, fileOf, hangs, hashOf } from './scripted-source.js';
import type { Step } from './scripted-source.js';

describe('sharing', () => {
  it('puts equal prefixes in one question, whoever asks and however they overlap', async () => {
    const one = scene([() => after(100, answersOne())]);
    const first = Array.from({ length: 20 }, (_, i) => one.client.ask([fileOf(1, i)], {}));
    await settle();
    const second = Array.from({ length: 20 }, (_, i) => one.client.ask([fileOf(1, 20 + i)], {}));
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

  it('lets a caller who joins late make more of the question than those before could wait for', async () => {
    const one = scene([(call) => (call === 0 ? waits(2_000) : answersOne()), () => hangs], { perServerMs: 4_000 });
    await ask(one, [2], { holdMs: 1 });
    await ask(one, [1], { holdMs: 1_000 });
    const late = await ask(one, [1]);
    expect(late.outcomes).toMatchObject([{ kind: 'answered', from: 'a' }]);
    expect(one.servers[0]!.calls[1]!.atMs).toBe(2_000);
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

  it('keeps nobody from the wire for one who has his turn but must wait for a server', async () => {
    const isBehind = (hash: number): Step => ({ reply: { kind: 'answer', body: { answers: [answerTo(hashOf(hash).slice(0, 4), { generation: 6 })] } }, afterMs: 10 });
    const one = scene([(call) => (call < 2 ? isBehind(call + 1) : 'answers'), (call) => (call === 0 ? after(100, waits(2_000)) : 'answers')], { maxConcurrent: 1 });
    const stuck = [one.client.ask([fileOf(1)], { minGeneration: 7 })];
    await settle();
    stuck.push(one.client.ask([fileOf(2)], { minGeneration: 7 }));
    await one.clock.advance(200);
    expect(callCounts(one)).toEqual([2, 1]);
    const { outcomes, tookMs } = await ask(one, [3]);
    expect(outcomes).toMatchObject([{ kind: 'answered', from: 'a' }]);
    expect(tookMs).toBe(0);
    await one.clock.run(Promise.all(stuck));
  });

  it('makes nobody wait for a turn who shares nothing with others', async () => {
    const one = scene([(call) => (call === 0 ? hangs : 'answers')], { maxConcurrent: 1 });
    const first = one.client.ask([fileOf(1)], {});
    await settle();
    expect((await ask(one, [2], { group: Symbol('own') })).tookMs).toBe(0);
    await one.clock.run(first);
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
