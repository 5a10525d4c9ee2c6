/** The breaker as callers meet it. */
import { describe, expect, it } from 'vitest';
import { settle } from '../../src/testing/doubles/fake-clock.js';
import { after, answersOne, ask, callCounts, scene, waits } from './scene.js';
import { fails, fileOf, hangs } from './scripted-source.js';
import type { Step } from './scripted-source.js';

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
    expect(one.client.servers()).toEqual([{ id: 'a', state: 'closed', failing: true }]);
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

  it('is not opened by questions that got their answer from the server in the end', async () => {
    const one = scene([(call) => (call < 3 ? fails : answersOne())], { random: () => 0.5 });
    const source = one.servers[0]!;
    const lookup = source.lookup.bind(source);
    const together = one.clock.sleep(1_000, new AbortController().signal);
    source.lookup = async (question, options) => {
      const reply = await lookup(question, options);
      await (source.calls.length > 3 ? together : undefined);
      return reply;
    };
    await one.clock.run(Promise.all([1, 2, 3].map((n) => one.client.ask([fileOf(1)], { group: Symbol(`${n}`) }))));
    expect(callCounts(one)).toEqual([6]);
    expect(one.client.servers()).toEqual([{ id: 'a', state: 'closed' }]);
  });

  it('stays open for twice the time after a trial that failed', async () => {
    const one = scene([() => fails], { rounds: 1 });
    for (let i = 0; i < 3; i++) {
      await ask(one);
    }
    expect(one.client.servers()).toEqual([{ id: 'a', state: 'open', untilAt: one.clock.now() + 5_000 }]);
    await one.clock.advance(5_000);
    expect(one.client.servers()).toEqual([{ id: 'a', state: 'half-open' }]);
    await ask(one);
    expect(one.client.servers()).toEqual([{ id: 'a', state: 'open', untilAt: one.clock.now() + 10_000 }]);
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
