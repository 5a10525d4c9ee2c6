/** What callers hear when nobody answers, servers that ask for a wait, and servers that are behind. */
import { describe, expect, it } from 'vitest';
import { settle } from '../../src/testing/doubles/fake-clock.js';
import { ask, callCounts, scene, waits } from './scene.js';
import { answerTo, fails, fileOf, hangs, hashOf } from './scripted-source.js';
import type { Script } from './scene.js';

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

  it('repeats a question that made a source throw', async () => {
    const { outcomes } = await ask(scene([() => ({ throws: new Error('x') })]));
    expect(outcomes).toMatchObject([{ kind: 'unanswered', reason: 'unreachable', attempts: 3 }]);
  });

  it('does not repeat a question to a server that left it out of its answer', async () => {
    const one = scene([() => ({ reply: { kind: 'answer', body: { answers: [] } } })]);
    const { outcomes, tookMs } = await ask(one);
    expect(outcomes).toMatchObject([{ kind: 'unanswered', attempts: 1 }]);
    expect(tookMs).toBe(0);
  });

  it('repeats only what a server may still answer', async () => {
    const one = scene([{ script: (call) => (call === 0 ? { reply: { kind: 'failed', retry: false } } : call === 1 ? fails : 'answers'), maxBatch: 1 }, { script: () => fails, maxBatch: 1000 }]);
    expect((await ask(one, [1, 2])).outcomes).toMatchObject([{ kind: 'unanswered' }, { kind: 'answered', from: 'a' }]);
    expect(one.servers[0]!.calls.map(({ question }) => question.hashes[0]![3])).toEqual([1, 2, 2]);
  });

  it('says so at once to a caller who does not wait, and asks nobody', async () => {
    const one = scene([() => 'answers']);
    expect(await one.client.ask([fileOf(1)], { holdMs: 0 })).toMatchObject([{ kind: 'unanswered', attempts: 0 }]);
    await settle();
    expect(callCounts(one)).toEqual([0]);
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

it('lets every question earn its share of repeats', async () => {
  const one = scene([() => fails], { retryBudget: { ratio: 1, perSecond: 0 } });
  for (let i = 1; i <= 3; i++) {
    await ask(one);
    expect(callCounts(one)).toEqual([2 * i]);
  }
});

describe('a server that asks for a wait', () => {
  it('is asked again when the wait is over, within the hold, by who has asked enough before', async () => {
    const one = scene([(call) => (call === 25 ? waits(2_000) : 'answers')]);
    for (let n = 0; n < 25; n++) {
      await ask(one, [100 + n]);
    }
    const { outcomes, tookMs } = await ask(one);
    expect(outcomes).toMatchObject([{ kind: 'answered' }]);
    expect(tookMs).toBe(2_000);
  });

  it('is not asked again by who has asked little: at no time does it see more for having asked', async () => {
    const one = scene([(call) => (call === 0 ? waits(2_000) : 'answers')]);
    const { outcomes, tookMs } = await ask(one);
    expect([outcomes[0]?.kind, tookMs, ...callCounts(one)]).toEqual(['unanswered', 0, 1]);
    await one.clock.advance(2_000);
    expect((await ask(one)).outcomes).toMatchObject([{ kind: 'answered' }]);
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
    for (const generations of [[5, 6], [6, 5]]) {
      const one = scene([...generations.map((generation) => says(generation, hashOf(1))), () => fails]);
      const { outcomes } = await ask(one, [1], { minGeneration: 7 });
      expect(outcomes).toMatchObject([{ kind: 'unanswered', reason: 'server-behind', fallback: { answer: { generation: 6 } } }]);
    }
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
