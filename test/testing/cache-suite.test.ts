import { describe, expect, it } from 'vitest';
import type { CacheSlot, VerdictCache } from '../../src/cache/verdict-cache.js';
import { describeVerdictCache } from '../../src/testing/suites/cache-suite.js';
import type { CacheContext } from '../../src/testing/suites/cache-suite.js';
import type { TestRunner } from '../../src/testing/runner.js';
import { failedTests, itCatches } from './sabotage.js';

type Create = (context: CacheContext) => VerdictCache;
const suite = (runner: TestRunner, create: Create): void => describeVerdictCache(runner, { name: 'under test', create });

/** The clearest cache there is: first in, first out. */
function plainCache({ maxEntries = 10_000 }: CacheContext): VerdictCache {
  const slots = new Map<string, CacheSlot>();
  return {
    get: (keys) => keys.map((key) => slots.get(key)),
    put: (all) => {
      for (const [key, slot] of all) {
        slots.delete(key);
        slots.set(key, slot);
        for (const [oldest] of slots) {
          if (slots.size > maxEntries) {
            slots.delete(oldest);
          }
        }
      }
    },
    forget: (what) => (what === 'all' ? slots.clear() : what.forEach((key) => slots.delete(key))),
  };
}

/** The plain cache with one thing changed. */
const wrong =
  (change: (cache: VerdictCache, context: CacheContext) => Partial<VerdictCache>): Create =>
  (context) => {
    const cache = plainCache(context);
    return { ...cache, ...change(cache, context) };
  };

describe('the suite of the verdict cache', () => {
  it('passes a plain cache', async () => {
    expect(await failedTests((runner) => suite(runner, plainCache))).toEqual([]);
  });

  itCatches<Create>(
    [
      { wrong: 'keeps nothing', part: wrong(() => ({ put: () => undefined })), caughtBy: 'what was put comes back whole' },
      { wrong: 'leaves misses out', part: wrong((cache) => ({ get: async (keys) => (await cache.get(keys)).filter((slot) => slot !== undefined) })), caughtBy: 'elements come in the order of the keys, misses and repeated keys included' },
      { wrong: 'takes keys without their case', part: wrong((cache) => ({ get: (keys) => cache.get(keys.map((key) => key.toLowerCase())), put: (all) => cache.put(all.map(([key, slot]) => [key.toLowerCase(), slot])) })), caughtBy: 'keys are told apart whatever characters they are made of' },
      { wrong: 'cuts keys at a zero byte', part: wrong((cache) => ({ get: (keys) => cache.get(keys.map((key) => key.split('\u0000')[0] ?? '')), put: (all) => cache.put(all.map(([key, slot]) => [key.split('\u0000')[0] ?? '', slot])) })), caughtBy: 'keys are told apart whatever characters they are made of' },
      { wrong: 'uses a plain object as its map', part: () => objectCache(), caughtBy: 'names of the language are no keys of their own' },
      { wrong: 'goes through JSON', part: wrong((cache) => ({ put: (all) => cache.put(JSON.parse(JSON.stringify(all)) as typeof all) })), caughtBy: 'what was put comes back whole' },
      { wrong: 'keeps the first of two puts', part: wrong((cache) => ({ put: async (all) => { for (const one of all) { if ((await cache.get([one[0]]))[0] === undefined) { await cache.put([one]); } } } })), caughtBy: 'a slot that is put again is replaced' },
      { wrong: 'keeps the list that it was given', part: wrong(() => { let kept: readonly (readonly [string, CacheSlot])[] = []; return { put: (all) => void (kept = all), get: (keys) => keys.map((key) => kept.findLast(([one]) => one === key)?.[1]) }; }), caughtBy: 'the list of slots is not kept' },
      { wrong: 'forgets everything when told to forget one', part: wrong((cache) => ({ forget: () => cache.forget('all') })), caughtBy: 'forgetting keys leaves the others' },
      { wrong: 'forgets nothing', part: wrong(() => ({ forget: () => undefined })), caughtBy: 'forgetting all leaves nothing, and the cache goes on' },
      { wrong: 'has no bound', part: () => plainCache({}), caughtBy: 'it holds no more slots than its bound' },
      { wrong: 'gives some slot under pressure', part: wrong((cache) => ({ get: async (keys) => { const all = await cache.get(keys); const any = all.find((slot) => slot !== undefined); return keys.length > 100 ? all.map((slot) => slot ?? any) : all; } })), caughtBy: 'under pressure a key gives its own slot or none' },
      { wrong: 'is shared by all', part: sharedCache(), caughtBy: 'two caches know nothing of each other' },
    ],
    suite,
  );
});

function objectCache(): VerdictCache {
  const slots: Record<string, CacheSlot> = {};
  return {
    get: (keys) => keys.map((key) => slots[key]),
    put: (all) => all.forEach(([key, slot]) => (slots[key] = slot)),
    forget: () => undefined,
  };
}

function sharedCache(): Create {
  const cache = plainCache({});
  return () => cache;
}
