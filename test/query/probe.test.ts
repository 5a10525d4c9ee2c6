/** Probes: whether servers are back. */
import { describe, expect, it } from 'vitest';
import { settle } from '../../src/testing/doubles/fake-clock.js';
import { answersOne, scene, waits } from './scene.js';
import { fails, fileOf, hangs } from './scripted-source.js';

describe('probes', () => {
  const never = new AbortController().signal;
  const down = async (one: ReturnType<typeof scene>): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      await one.clock.run(one.client.ask([fileOf(i)], {}));
    }
  };

  it('ask every server that is failing once, with four random bytes, and close the breaker of the first that is back', async () => {
    let isBack = false;
    const one = scene([{ script: () => fails }, { script: () => (isBack ? 'answers' : fails) }, { script: () => fails, asks: 'full-hash' }], { rounds: 1 });
    await down(one);
    expect(one.client.servers().map((server) => server.state)).toEqual(['open', 'open', 'open']);
    expect(await one.clock.run(one.client.probe({ signal: never }))).toBe(false);
    isBack = true;
    expect(await one.clock.run(one.client.probe({ signal: never }))).toBe(true);
    expect(one.client.servers().map((server) => server.state)).toEqual(['open', 'closed', 'open']);
    expect(one.servers.map((server) => server.calls.length)).toEqual([5, 5, 5]);
    expect(one.servers.map((server) => server.calls[3]!.question.hashes[0]!.length)).toEqual([4, 4, 32]);
    expect(one.servers[0]!.calls[3]!.question).not.toEqual(one.servers[0]!.calls[4]!.question);
    expect(one.cached).toEqual([]);
  });

  it('are true as soon as one server answers, while the slow ones are still asked', async () => {
    const one = scene([{ script: () => hangs }, { script: () => 'answers' }], { rounds: 1 });
    expect(await one.client.probe({ signal: never })).toBe(true);
    expect(one.clock.monotonicMs()).toBe(0);
    await one.clock.advance(3_000);
    expect(one.clock.sleeping).toBe(0);
  });

  it('leave a server alone that asked for a wait', async () => {
    const one = scene([{ script: () => waits(60_000) }]);
    await one.clock.run(one.client.ask([fileOf(1)], {}));
    expect(await one.clock.run(one.client.probe({ signal: never }))).toBe(false);
    expect(one.servers[0]!.calls).toHaveLength(1);
    // Whoever was told the same time must not come back in the same second.
    const waitMs = one.client.nextProbeAt() - one.clock.now();
    expect(waitMs).toBeGreaterThanOrEqual(60_000);
    expect(waitMs).toBeLessThan(120_000);
  });

  it('do not bother a server that said within 50 s that it has too much to do, and are no sign that it is back', async () => {
    const one = scene([(call) => (call < 3 ? waits(1_000) : 'answers'), { script: () => fails, asks: 'full-hash' }], { rounds: 1 });
    await one.clock.run(one.client.ask([fileOf(1)], {}));
    await one.clock.advance(49_999);
    expect(await one.clock.run(one.client.probe({ signal: never }))).toBe(false);
    expect(one.servers[0]!.calls).toHaveLength(1);
    await one.clock.advance(1);
    // Its own answer to a probe does not put off the next one, which comes 50 s later at the earliest.
    expect(await one.clock.run(one.client.probe({ signal: never }))).toBe(false);
    await one.clock.advance(50_000);
    expect(await one.clock.run(one.client.probe({ signal: never }))).toBe(false);
    await one.clock.advance(50_000);
    expect(await one.clock.run(one.client.probe({ signal: never }))).toBe(true);
    expect(one.servers[0]!.calls).toHaveLength(4);
  });

  it('do not bother a server that answered the last time', async () => {
    const one = scene([{ script: () => 'answers' }]);
    await one.clock.run(one.client.ask([fileOf(1)], {}));
    expect(await one.client.probe({ signal: never })).toBe(true);
    expect(one.servers[0]!.calls).toHaveLength(1);
  });

  it('do not count as failed questions', async () => {
    const one = scene([{ script: () => fails }]);
    for (let i = 0; i < 10; i++) {
      expect(await one.clock.run(one.client.probe({ signal: never }))).toBe(false);
    }
    expect(one.client.servers()).toEqual([{ id: 'a', state: 'closed', failing: true }]);
  });

  it('take an answer to something else for none', async () => {
    const one = scene([{ script: () => answersOne(0) }]);
    expect(await one.clock.run(one.client.probe({ signal: never }))).toBe(false);
  });

  it('end at once on abort', async () => {
    const one = scene([{ script: () => ({ hangs: true, ignoresSignal: true }) }]);
    const caller = new AbortController();
    const probed = one.client.probe({ signal: caller.signal });
    await one.clock.advance(100);
    caller.abort();
    expect(await probed).toBe(false);
    await settle();
    expect(one.clock.sleeping).toBe(0);
  });

  it('are of use at once in the beginning and after a reset, then every 50 to 60 s', async () => {
    const one = scene([{ script: () => fails }]);
    expect(one.client.nextProbeAt()).toBe(one.clock.now());
    const pauses: number[] = [];
    for (let i = 0; i < 50; i++) {
      await one.clock.run(one.client.probe({ signal: never }));
      pauses.push(one.client.nextProbeAt() - one.clock.now());
    }
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(50_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(60_000);
    expect(new Set(pauses).size).toBeGreaterThan(45);
    one.client.reset();
    expect(one.client.nextProbeAt()).toBe(one.clock.now());
  });

  it('are of no use for 5 s at least after a server has begun to fail', async () => {
    const one = scene([{ script: (call) => (call === 0 ? 'answers' : fails) }], { rounds: 1 });
    await one.clock.run(one.client.ask([fileOf(1)], {}));
    await one.clock.run(one.client.ask([fileOf(1)], {}));
    expect(one.client.nextProbeAt() - one.clock.now()).toBeGreaterThanOrEqual(5_000);
  });

  it('have their place in the first minute where that is asked for, and a failure does not move it', async () => {
    const one = scene([() => fails], { firstProbeWithinMs: 60_000, random: () => 0.25 });
    const placeAt = one.clock.now() + 15_000;
    expect(one.client.nextProbeAt()).toBe(placeAt);
    await one.clock.run(one.client.ask([fileOf(1)], {}));
    expect(Math.floor(one.client.nextProbeAt())).toBe(placeAt);
    await one.clock.advance(20_000);
    expect(one.client.nextProbeAt()).toBe(one.clock.now());
  });

  it('are of no use where there is no server', async () => {
    const one = scene([]);
    expect(await one.client.probe({ signal: never })).toBe(false);
    expect(one.client.nextProbeAt()).toBeGreaterThan(one.clock.now() + 60_000);
  });
});
