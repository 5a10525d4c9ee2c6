/** Waits that servers asked for, over restarts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/base/bytes.js';
import { createMemoryState } from '../../src/preset/memory-state.js';
import { maxKeptWaits, mergeWaits, parseWaits, remainingMs } from '../../src/query/decide/kept-waits.js';
import { settle } from '../../src/testing/doubles/fake-clock.js';
import { ask, callCounts, scene, waits } from './scene.js';
import { fileOf } from './scripted-source.js';
import type { StateStore } from '../../src/base/seams.js';
import type { KeptWait } from '../../src/query/decide/kept-waits.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };

describe('kept waits', () => {
  it.each<[string, number, number, number, number]>([
    ['still lasts', 1_000, 1_000, 400, 600],
    ['is over', 1_000, 1_000, 1_000, 0],
    ['was over long ago', 1_000, 1_000, 1e9, 0],
    ['never grows when the clock is put back', 1e9, 1_000, 0, 1_000],
  ])('what is left of one that %s', (_, untilAt, waitMs, now, expected) => {
    expect(remainingMs({ server: 'a', untilAt, waitMs }, now)).toBe(expected);
  });

  it.each<[string, string, readonly KeptWait[]]>([
    ['nothing', '[]', []],
    ['no JSON', '[[', []],
    ['no list', '{"a":1}', []],
    ['damaged rows', '[["a",1],[1,2,3],["b","2",3],["c",-1,3],["d",1.5,3],null,["e",5,6]]', [{ server: 'e', untilAt: 5, waitMs: 6 }]],
    ['names that mean something to objects', '[["__proto__",5,6]]', [{ server: '__proto__', untilAt: 5, waitMs: 6 }]],
    ['too long a name', `[["${'x'.repeat(4097)}",5,6]]`, []],
  ])('reads %s', (_, text, expected) => {
    expect(parseWaits(text)).toEqual(expected);
  });

  it('reads and keeps a bounded number', () => {
    const many = Array.from({ length: maxKeptWaits + 1 }, (_, n) => [`${n}`, 10, 10]);
    expect(parseWaits(JSON.stringify(many))).toHaveLength(maxKeptWaits);
    const rows = many.map(([server]) => ({ server: String(server), untilAt: 10, waitMs: 10 }));
    expect(mergeWaits(rows, [{ server: 'new', untilAt: 10, waitMs: 10 }], 0)).toHaveLength(maxKeptWaits);
    expect(mergeWaits(rows, [{ server: 'new', untilAt: 10, waitMs: 10 }], 0)[0]?.server).toBe('new');
  });

  it('merges to the longer wait of each server, without what is over', () => {
    const wait = fc.record({ server: fc.constantFrom('a', 'b', 'c'), untilAt: fc.nat(100), waitMs: fc.nat(100) });
    fc.assert(
      fc.property(fc.array(wait), fc.array(wait), fc.nat(100), (kept, news, now) => {
        const merged = mergeWaits(kept, news, now);
        for (const server of ['a', 'b', 'c']) {
          const longest = Math.max(0, ...[...kept, ...news].filter((one) => one.server === server).map((one) => remainingMs(one, now)));
          expect(merged.filter((one) => one.server === server).map((one) => remainingMs(one, now))).toEqual(longest > 0 ? [longest] : []);
        }
      }),
      runs,
    );
  });
});

describe('a client that is started again', () => {
  const told = async (state: StateStore, waitMs: number | undefined, jumpMs = 0) => {
    const first = scene([() => waits(waitMs)], { state });
    await ask(first);
    await first.clock.run(first.client.close());
    const next = scene([() => 'answers'], { state });
    await next.clock.advance(first.clock.monotonicMs());
    next.clock.jumpWall(jumpMs);
    return next;
  };

  it('leaves a server alone that asked the former one for a wait, and asks it when that is over', async () => {
    const one = await told(createMemoryState(), 600_000);
    expect((await ask(one)).outcomes).toMatchObject([{ kind: 'unanswered', reason: 'throttled', attempts: 0 }]);
    expect(callCounts(one)).toEqual([0]);
    expect(one.client.servers()).toMatchObject([{ state: 'waiting' }]);
    expect(await one.clock.run(one.client.probe({ signal: new AbortController().signal }))).toBe(false);
    await one.clock.advance(600_000);
    expect((await ask(one)).outcomes).toMatchObject([{ kind: 'answered' }]);
  });

  it('would ask it at once without the store (sabotage)', async () => {
    const one = await told({ get: async () => undefined, set: async () => undefined }, 600_000);
    expect((await ask(one)).outcomes).toMatchObject([{ kind: 'answered' }]);
  });

  it.each([['put back by a year', -365 * 86_400_000, 1], ['put on by a year', 365 * 86_400_000, 0]])('waits no longer than was asked for when the clock was %s', async (_, jumpMs, waiting) => {
    const one = await told(createMemoryState(), 600_000, jumpMs);
    await ask(one);
    expect(callCounts(one)).toEqual([1 - waiting]);
    await one.clock.advance(600_000);
    await ask(one);
    expect(callCounts(one)).toEqual([2 - waiting]);
  });

  it('keeps the waits of servers that it does not know', async () => {
    const state = createMemoryState();
    await state.set('server-waits', toUtf8('[["elsewhere",1800000000000,200000000000]]'));
    const one = scene([() => waits(60_000)], { state });
    await ask(one);
    await one.client.close();
    const kept = parseWaits(new TextDecoder().decode(await state.get('server-waits')));
    expect(kept.map((wait) => wait.server).sort()).toEqual(['a', 'elsewhere']);
  });

  it.each<[string, StateStore]>([
    ['hangs', { get: () => new Promise(() => undefined), set: () => new Promise(() => undefined) }],
    ['rejects', { get: () => Promise.reject(new Error('disk')), set: () => Promise.reject(new Error('disk')) }],
    ['throws', { get: () => { throw new Error('disk'); }, set: () => { throw new Error('disk'); } }],
    ['holds something else', { get: async () => new Uint8Array(100).fill(0xff), set: async () => undefined }],
    ['holds too much', { get: async () => new Uint8Array(1024 * 1024 + 1), set: async () => undefined }],
  ])('does without a store that %s, and closes in time', async (_, state) => {
    const one = scene([(call) => (call === 0 ? waits(60_000) : 'answers'), () => 'answers'], { state });
    const { outcomes, tookMs } = await ask(one);
    expect(outcomes).toMatchObject([{ kind: 'answered', from: 'b' }]);
    expect(tookMs).toBeLessThanOrEqual(1_000);
    await one.clock.run(one.client.close());
    expect(one.clock.sleeping).toBe(0);
  });

  it('ends at the hold and at the abort of a caller while the store hangs', async () => {
    const one = scene([() => 'answers'], { state: { get: () => new Promise(() => undefined), set: async () => undefined } });
    expect(await ask(one, [1], { holdMs: 100 })).toMatchObject({ outcomes: [{ kind: 'unanswered' }], tookMs: 100 });
    const caller = new AbortController();
    const asked = one.client.ask([fileOf(2)], { signal: caller.signal });
    const probed = one.client.probe({ signal: caller.signal });
    await settle();
    caller.abort();
    await expect(asked).rejects.toMatchObject({ code: 'aborted' });
    expect(await probed).toBe(false);
    await one.clock.advance(2_000);
    expect(one.clock.sleeping).toBe(0);
  });
});
