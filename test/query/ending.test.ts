/** How asking ends: abort in every phase, late answers, close, probes. */
import { describe, expect, it } from 'vitest';
import { settle } from '../../src/testing/fake-clock.js';
import { answers, answerTo, createBench, createScriptedSource, fails, fileOf, hangs, hashOf, prefixKey } from './scripted-source.js';
import type { QueryClientOptions } from '../../src/query/create-query-client.js';
import type { Bench, ScriptedOptions, ScriptedSource, Step } from './scripted-source.js';

type Given = Omit<ScriptedOptions, 'clock' | 'script'> & { readonly steps: (call: number) => Step | 'answers' };

function scene(given: readonly Given[], options: Partial<QueryClientOptions> = {}): Bench & { readonly servers: readonly ScriptedSource[] } {
  const servers: ScriptedSource[] = [];
  const bench = createBench((clock) => {
    given.forEach(({ steps, ...more }, i) => {
      const script = (question: Parameters<ScriptedOptions['script']>[0], call: number): Step => {
        const step = steps(call);
        return step === 'answers' ? answers(question) : step;
      };
      servers.push(createScriptedSource({ id: String.fromCharCode(97 + i), clock, script, ...more }));
    });
    return servers;
  }, options);
  return { ...bench, servers };
}

const answersOne = (afterMs: number, ignoresSignal = false): Step => ({
  reply: { kind: 'answer', body: { answers: [answerTo(hashOf(1).slice(0, 4))] } },
  afterMs,
  ignoresSignal,
});
const throttles: Step = { reply: { kind: 'wait', waitMs: 60_000 } };

describe("the caller's abort", () => {
  const phases: [string, readonly Given[], Partial<QueryClientOptions>, number][] = [
    ['before the question is sent', [{ steps: () => 'answers' }], { windowMs: 100 }, 50],
    ['in the same turn', [{ steps: () => 'answers' }], {}, -1],
    ['while the first server is being asked', [{ steps: () => hangs }], {}, 1_000],
    ['while a server that ignores its signal is being asked', [{ steps: () => ({ hangs: true, ignoresSignal: true }) }], {}, 1_000],
    ['while the second server is being asked', [{ steps: () => hangs }, { steps: () => hangs }], {}, 4_000],
    ['in the pause between rounds', [{ steps: () => fails }], {}, 1],
    ['while a wait of the server is sat out', [{ steps: () => ({ reply: { kind: 'wait', waitMs: 5_000 } }) }], {}, 2_000],
    ['in the queue for the wire', [{ steps: () => hangs, maxBatch: 1 }], { maxConcurrent: 1 }, 500],
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
    const one = scene([{ steps: () => 'answers' }]);
    await expect(one.client.ask([fileOf(1)], { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    await settle();
    expect(one.servers[0]!.calls).toHaveLength(0);
  });

  it('of one caller leaves the question to the others', async () => {
    const one = scene([{ steps: () => answersOne(1_000) }]);
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
    const one = scene([{ steps: () => 'answers' }]);
    const caller = new AbortController();
    await one.clock.run(one.client.ask([fileOf(1)], { signal: caller.signal }));
    caller.abort();
    expect(one.servers[0]!.calls[0]!.signal.aborted).toBe(false);
  });

  it('is no failure of the server', async () => {
    const one = scene([{ steps: () => hangs }]);
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
    const one = scene([{ steps: () => answersOne(2_000) }]);
    expect(await one.clock.run(one.client.ask([fileOf(1)], { holdMs: 500 }))).toMatchObject([{ kind: 'unanswered' }]);
    expect(one.cached).toEqual([]);
    await one.clock.advance(1_500);
    expect(one.cached).toMatchObject([{ key: prefixKey(fileOf(1)), origin: { id: 'a' } }]);
    expect(one.clock.sleeping).toBe(0);
    expect(one.client.inFlight()).toBe(0);
  });

  it('are what somebody who asks meanwhile gets, without another question', async () => {
    const one = scene([{ steps: () => answersOne(2_000) }]);
    await one.clock.run(one.client.ask([fileOf(1)], { holdMs: 500 }));
    const outcomes = await one.clock.run(one.client.ask([fileOf(1)], {}));
    expect(outcomes).toMatchObject([{ kind: 'answered' }]);
    expect(one.clock.monotonicMs()).toBe(2_000);
    expect(one.servers[0]!.calls).toHaveLength(1);
  });

  it('of a source that ignores its signal feed the cache and are used while somebody waits', async () => {
    const one = scene([{ steps: () => answersOne(3_500, true) }, { steps: () => hangs }]);
    const outcomes = await one.clock.run(one.client.ask([fileOf(1)], {}));
    expect(outcomes).toMatchObject([{ kind: 'answered', from: 'a' }]);
    expect(one.clock.monotonicMs()).toBe(3_500);
    expect(one.cached).toHaveLength(1);
    expect(one.events).toContainEqual({ kind: 'query', server: 'a', outcome: 'late', tookMs: 3_500 });
  });

  it('of a source that ignores that it was called off feed the cache as well, and its wait is heeded', async () => {
    const one = scene([{ steps: (call) => (call === 0 ? answersOne(1_500, true) : { ...throttles, afterMs: 1_500, ignoresSignal: true }) }]);
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
    const one = scene([{ steps: () => hangs }]);
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
    const one = scene([{ steps: () => 'answers' }], hooks);
    expect(await one.clock.run(one.client.ask([fileOf(1)], {}))).toMatchObject([{ kind: 'answered' }]);
  });
});

describe('close', () => {
  it('rejects what is pending, calls off what is on the wire, closes each source once', async () => {
    const one = scene([{ steps: () => hangs }, { steps: () => hangs }]);
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
    const one = scene([{ steps: () => 'answers' }, { steps: () => 'answers' }]);
    one.servers[0]!.close = () => new Promise(() => undefined);
    one.servers[1]!.close = () => { throw new Error('close'); };
    await one.clock.run(one.client.close());
    expect(one.clock.monotonicMs()).toBe(3_000);
  });

  it('drops late answers', async () => {
    const one = scene([{ steps: () => answersOne(3_500, true) }]);
    const asked = one.client.ask([fileOf(1)], {}).catch(() => undefined);
    await one.clock.advance(3_200);
    await one.client.close();
    await asked;
    await one.clock.advance(10_000);
    expect(one.cached).toEqual([]);
  });
});

describe('probes', () => {
  const never = new AbortController().signal;
  const down = async (one: ReturnType<typeof scene>): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      await one.clock.run(one.client.ask([fileOf(i)], {}));
    }
  };

  it('ask every server that is failing once, with four random bytes, and close the breaker of the first that is back', async () => {
    let isBack = false;
    const one = scene([{ steps: () => fails }, { steps: () => (isBack ? 'answers' : fails) }, { steps: () => fails, asks: 'full-hash' }], { rounds: 1 });
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
    const one = scene([{ steps: () => hangs }, { steps: () => 'answers' }], { rounds: 1 });
    expect(await one.client.probe({ signal: never })).toBe(true);
    expect(one.clock.monotonicMs()).toBe(0);
    await one.clock.advance(3_000);
    expect(one.clock.sleeping).toBe(0);
  });

  it('leave a server alone that asked for a wait', async () => {
    const one = scene([{ steps: () => throttles }]);
    await one.clock.run(one.client.ask([fileOf(1)], {}));
    expect(await one.clock.run(one.client.probe({ signal: never }))).toBe(false);
    expect(one.servers[0]!.calls).toHaveLength(1);
    expect(one.client.nextProbeAt()).toBe(one.clock.now() + 60_000);
  });

  it('do not bother a server that answered the last time', async () => {
    const one = scene([{ steps: () => 'answers' }]);
    await one.clock.run(one.client.ask([fileOf(1)], {}));
    expect(await one.client.probe({ signal: never })).toBe(true);
    expect(one.servers[0]!.calls).toHaveLength(1);
  });

  it('do not count as failed questions', async () => {
    const one = scene([{ steps: () => fails }]);
    for (let i = 0; i < 10; i++) {
      expect(await one.clock.run(one.client.probe({ signal: never }))).toBe(false);
    }
    expect(one.client.servers()).toEqual([{ id: 'a', state: 'closed' }]);
  });

  it('take an answer to something else for none', async () => {
    const one = scene([{ steps: () => answersOne(0) }]);
    expect(await one.clock.run(one.client.probe({ signal: never }))).toBe(false);
  });

  it('end at once on abort', async () => {
    const one = scene([{ steps: () => ({ hangs: true, ignoresSignal: true }) }]);
    const caller = new AbortController();
    const probed = one.client.probe({ signal: caller.signal });
    await one.clock.advance(100);
    caller.abort();
    expect(await probed).toBe(false);
    await settle();
    expect(one.clock.sleeping).toBe(0);
  });

  it('are of use at once in the beginning and after a reset, then every 5 to 60 s', async () => {
    const one = scene([{ steps: () => fails }]);
    expect(one.client.nextProbeAt()).toBe(one.clock.now());
    const pauses: number[] = [];
    for (let i = 0; i < 50; i++) {
      await one.clock.run(one.client.probe({ signal: never }));
      pauses.push(one.client.nextProbeAt() - one.clock.now());
    }
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(5_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(60_000);
    expect(new Set(pauses).size).toBeGreaterThan(45);
    one.client.reset();
    expect(one.client.nextProbeAt()).toBe(one.clock.now());
  });

  it('are of no use where there is no server', async () => {
    const one = scene([]);
    expect(await one.client.probe({ signal: never })).toBe(false);
    expect(one.client.nextProbeAt()).toBeGreaterThan(one.clock.now() + 60_000);
  });
});
