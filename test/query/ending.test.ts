/** How asking ends: abort in every phase, late answers, hooks that throw, close. */
import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { settle } from '../../src/testing/doubles/fake-clock.js';
import { answersOne, scene, waits } from './scene.js';
import { fails, fileOf, hangs, prefixKey } from './scripted-source.js';
import type { Given } from './scene.js';
import type { QueryClientOptions } from '../../src/query/create-query-client.js';

describe("the caller's abort", () => {
  const phases: [string, readonly Given[], Partial<QueryClientOptions>, number][] = [
    ['before the question is sent', [{ script: () => 'answers' }], { windowMs: 100 }, 50],
    ['in the same turn', [{ script: () => 'answers' }], {}, -1],
    ['while the first server is being asked', [{ script: () => hangs }], {}, 1_000],
    ['while a server that ignores its signal is being asked', [{ script: () => ({ hangs: true, ignoresSignal: true }) }], {}, 1_000],
    ['while the second server is being asked', [{ script: () => hangs }, { script: () => hangs }], {}, 4_000],
    ['in the pause between rounds', [{ script: () => fails }], {}, 1],
    ['while a wait of the server is sat out', [{ script: () => ({ reply: { kind: 'wait', waitMs: 5_000 } }) }], { retryBudget: { ratio: 20, perSecond: 1 } }, 2_000],
    ['in the queue for the wire', [{ script: () => hangs, maxBatch: 1 }], { maxConcurrent: 1 }, 500],
  ];

  it.each(phases)('%s: rejects at once, calls the question off, leaves no wait', async (_, given, options, atMs) => {
    const one = scene(given, options);
    const caller = new AbortController();
    const asks = [1, 2].map((n) => one.client.ask([fileOf(n)], { signal: caller.signal }));
    const outcomes = Promise.allSettled(asks);
    if (atMs >= 0) {
      await one.clock.advance(atMs);
    }
    caller.abort(new Error('enough'));
    const ends = await outcomes;
    expect(ends.map((end) => end.status === 'rejected' && (end.reason as { code: string }).code)).toEqual(['aborted', 'aborted']);
    await settle();
    expect(one.servers.flatMap((server) => server.calls).every((call) => call.signal.aborted || one.events.length > 0)).toBe(true);
    expect(one.client.inFlight()).toBe(0);
    expect(one.clock.sleeping).toBe(0);
  });

  it('before it begins: rejects and asks nobody', async () => {
    const one = scene([{ script: () => 'answers' }]);
    await expect(one.client.ask([fileOf(1)], { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    await settle();
    expect(one.servers[0]!.calls).toHaveLength(0);
  });

  it('of one caller leaves the question to the others', async () => {
    const one = scene([{ script: () => answersOne(1_000) }]);
    const caller = new AbortController();
    const leaving = one.client.ask([fileOf(1)], { signal: caller.signal }).catch((error: unknown) => error);
    const staying = one.client.ask([fileOf(1)], {});
    await one.clock.advance(500);
    caller.abort();
    expect(await leaving).toMatchObject({ code: 'aborted' });
    expect(one.servers[0]!.calls[0]!.signal.aborted).toBe(false);
    expect(await one.clock.run(staying)).toMatchObject([{ kind: 'answered' }]);
  });

  it('after the answer changes nothing', async () => {
    const one = scene([{ script: () => 'answers' }]);
    const caller = new AbortController();
    await one.clock.run(one.client.ask([fileOf(1)], { signal: caller.signal }));
    expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0);
    caller.abort();
    expect(one.servers[0]!.calls[0]!.signal.aborted).toBe(false);
  });

  it('is no failure of the server', async () => {
    const one = scene([{ script: () => hangs }]);
    for (let i = 0; i < 5; i++) {
      const caller = new AbortController();
      const asked = one.client.ask([fileOf(1)], { signal: caller.signal }).catch(() => undefined);
      await one.clock.advance(100);
      caller.abort();
      await asked;
    }
    expect(one.client.servers()).toEqual([{ id: 'a', state: 'closed' }]);
    expect(one.events.map((event) => event.kind === 'query' && event.outcome)).toEqual(Array(5).fill('called-off'));
  });
});

describe('late answers', () => {
  it('of a question whose caller was not held any longer feed the cache', async () => {
    const one = scene([{ script: () => answersOne(2_000) }]);
    expect(await one.clock.run(one.client.ask([fileOf(1)], { holdMs: 500 }))).toMatchObject([{ kind: 'unanswered' }]);
    expect(one.cached).toEqual([]);
    await one.clock.advance(1_500);
    expect(one.cached).toMatchObject([{ key: prefixKey(fileOf(1)), origin: { id: 'a' } }]);
    expect(one.clock.sleeping).toBe(0);
    expect(one.client.inFlight()).toBe(0);
  });

  it('are what somebody who asks meanwhile gets, without another question', async () => {
    const one = scene([{ script: () => answersOne(2_000) }]);
    await one.clock.run(one.client.ask([fileOf(1)], { holdMs: 500 }));
    const outcomes = await one.clock.run(one.client.ask([fileOf(1)], {}));
    expect(outcomes).toMatchObject([{ kind: 'answered' }]);
    expect(one.clock.monotonicMs()).toBe(2_000);
    expect(one.servers[0]!.calls).toHaveLength(1);
  });

  it('of a source that ignores its signal feed the cache and are used while somebody waits', async () => {
    const one = scene([{ script: () => answersOne(3_500, true) }, { script: () => hangs }]);
    const outcomes = await one.clock.run(one.client.ask([fileOf(1)], {}));
    expect(outcomes).toMatchObject([{ kind: 'answered', from: 'a' }]);
    expect(one.clock.monotonicMs()).toBe(3_500);
    expect(one.cached).toHaveLength(1);
    expect(one.events).toContainEqual({ kind: 'query', server: 'a', outcome: 'late', tookMs: 3_500 });
  });

  it('of a source that ignores that it was called off feed the cache as well, and its wait is heeded', async () => {
    const one = scene([{ script: (call) => (call === 0 ? answersOne(1_500, true) : { ...waits(60_000), afterMs: 1_500, ignoresSignal: true }) }]);
    for (let i = 0; i < 2; i++) {
      const caller = new AbortController();
      const asked = one.client.ask([fileOf(1)], { signal: caller.signal }).catch(() => undefined);
      await one.clock.advance(1_000);
      caller.abort();
      await asked;
      await one.clock.advance(1_000);
    }
    expect(one.cached).toHaveLength(1);
    expect(one.client.servers()).toMatchObject([{ state: 'waiting' }]);
  });

  it('count for the breaker when they do not come', async () => {
    const one = scene([{ script: () => hangs }]);
    for (let i = 0; i < 3; i++) {
      await one.clock.run(one.client.ask([fileOf(i)], { holdMs: 100 }));
    }
    expect(one.client.servers()).toEqual([{ id: 'a', state: 'closed' }]);
    await one.clock.advance(3_000);
    expect(one.client.servers()).toMatchObject([{ id: 'a', state: 'open' }]);
  });
});

describe('hooks that throw', () => {
  it.each<[string, () => void | Promise<void>]>([
    ['throw', () => { throw new Error('hook'); }],
    ['reject', () => Promise.reject(new Error('hook'))],
  ])('cost no answer when they %s', async (_, hook) => {
    const hooks = { onAnswers: hook, onEvent: hook };
    const one = scene([{ script: () => 'answers' }], hooks);
    expect(await one.clock.run(one.client.ask([fileOf(1)], {}))).toMatchObject([{ kind: 'answered' }]);
  });
});

describe('close', () => {
  it('rejects what is pending, calls off what is on the wire, closes each source once', async () => {
    const one = scene([{ script: () => hangs }, { script: () => hangs }]);
    const asks = Promise.allSettled([one.client.ask([fileOf(1)], {}), one.client.ask([fileOf(2)], { group: Symbol('own') })]);
    await one.clock.advance(4_000);
    const late = one.client.ask([fileOf(3)], {}).catch((error: unknown) => error);
    await Promise.all([one.client.close(), one.client.close()]);
    for (const end of await asks) {
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'closed' } });
    }
    expect(await late).toMatchObject({ code: 'closed' });
    await expect(one.client.ask([fileOf(1)], {})).rejects.toMatchObject({ code: 'closed' });
    expect(await one.client.probe({ signal: new AbortController().signal })).toBe(false);
    expect(one.servers.map((server) => server.closed)).toEqual([1, 1]);
    expect(one.servers.flatMap((server) => server.calls).every((call) => call.signal.aborted)).toBe(true);
    await settle();
    expect(one.clock.sleeping).toBe(0);
    expect(one.client.inFlight()).toBe(0);
  });

  it('waits no longer than a server is given for a source that does not close', async () => {
    const one = scene([{ script: () => 'answers' }, { script: () => 'answers' }]);
    one.servers[0]!.close = () => new Promise(() => undefined);
    one.servers[1]!.close = () => { throw new Error('close'); };
    await one.clock.run(one.client.close());
    expect(one.clock.monotonicMs()).toBe(3_000);
  });

  it('drops late answers', async () => {
    const one = scene([{ script: () => answersOne(3_500, true) }]);
    const asked = one.client.ask([fileOf(1)], {}).catch(() => undefined);
    await one.clock.advance(3_200);
    await one.client.close();
    await asked;
    await one.clock.advance(10_000);
    expect(one.cached).toEqual([]);
  });
});
