import { describe, expect, it } from 'vitest';
import { createAnswerCache } from '../../src/cache/create-answer-cache.js';
import { createMemoryCache } from '../../src/cache/memory-cache.js';
import { FakeClock, settle } from '../../src/testing/doubles/fake-clock.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { answerOf, fileOf, hashOf, prefixOf, recordOf } from './answers.js';
import type { AnswerCache, CacheAnswer } from '../../src/cache/answer-cache.js';
import type { VerdictCache } from '../../src/cache/verdict-cache.js';
import type { Question } from '../../src/base/fingerprint.js';

const signed = { id: 'signed', strength: 4 };
const loopback = { id: 'loopback', strength: 1 };
const find = answerOf({ records: [recordOf(hashOf(1))] });
const askPrefix: Question = { kind: 'file', algorithm: 'sha256', hashes: [prefixOf(1)] };

function cacheOver(store: VerdictCache, clock = new FakeClock()): { cache: AnswerCache; clock: FakeClock } {
  return { cache: createAnswerCache({ store, clock, random: () => 0, process: 'p' }), clock };
}

async function kinds(cache: AnswerCache, ...prefixes: number[]): Promise<string[]> {
  const found = await cache.lookup(prefixes.map((one) => fileOf(one)), {});
  return found.map((one) => one.kind);
}

/** A store that answers later, as a network one does. */
function slowStore(inner: VerdictCache = createMemoryCache()): VerdictCache & { calls: string[] } {
  const calls: string[] = [];
  const later = async <T>(name: string, work: () => T | Promise<T>): Promise<T> => {
    calls.push(name);
    await settle();
    return work();
  };
  return {
    calls,
    get: (keys) => later('get', () => inner.get(keys)),
    put: (slots) => later('put', () => inner.put(slots)),
    forget: (what) => later('forget', () => inner.forget(what)),
  };
}

describe('createAnswerCache', () => {
  it('finds by prefix what was stored by prefix, at once where the store answers at once', () => {
    const { cache } = cacheOver(createMemoryCache());
    void cache.store(askPrefix, [find], signed);
    const found = cache.lookup([fileOf(1), fileOf(1, 9), fileOf(2)], {}) as readonly CacheAnswer[];
    expect(found.map((one) => one.kind)).toEqual(['hit', 'hit', 'miss']);
  });

  it('finds by full hash what was stored by full hash, and the stronger of both', async () => {
    const { cache } = cacheOver(createMemoryCache());
    const ask = { ...askPrefix, hashes: [hashOf(1)] };
    await cache.store(ask, [answerOf({ asked: hashOf(1), records: [recordOf(hashOf(1))] })], { id: 'foreign', strength: 2 });
    expect(await kinds(cache, 1)).toEqual(['hit']);
    expect(await cache.lookup([fileOf(1, 9)], {})).toEqual([{ kind: 'miss' }]);
    await cache.store(askPrefix, [answerOf()], signed);
    expect(await cache.lookup([fileOf(1)], {})).toMatchObject([{ kind: 'hit', from: 'signed' }]);
  });

  it('keeps kinds and algorithms apart', async () => {
    const { cache } = cacheOver(createMemoryCache());
    await cache.store(askPrefix, [find], signed);
    const hash = hashOf(1);
    const others = await cache.lookup(
      [
        { kind: 'url', algorithm: 'sha256', hash },
        { kind: 'file', algorithm: 'sha1', hash: hash.slice(0, 20) },
        { kind: 'file', algorithm: 'md5', hash: hash.slice(0, 16) },
      ],
      {},
    );
    expect(others.map((one) => one.kind)).toEqual(['miss', 'miss', 'miss']);
  });

  it('never keeps an answer to something that was not asked', async () => {
    const { cache } = cacheOver(createMemoryCache());
    const odd = [answerOf({ asked: prefixOf(2) }), answerOf({ asked: new Uint8Array(3) }), answerOf({ asked: hashOf(1) })];
    await cache.store({ ...askPrefix, hashes: [prefixOf(1), new Uint8Array(3)] }, odd, signed);
    expect(await kinds(cache, 1, 2, 0)).toEqual(['miss', 'miss', 'miss']);
  });

  it('does not keep an answer of more than a thousand records', async () => {
    const { cache } = cacheOver(createMemoryCache());
    const ask = { ...askPrefix, hashes: [prefixOf(1), prefixOf(2)] };
    const long = (prefix: number, count: number) => answerOf({ asked: prefixOf(prefix), records: Array.from({ length: count }, () => recordOf(hashOf(prefix))) });
    await cache.store(ask, [long(1, 1000), long(2, 1001)], signed);
    expect(await kinds(cache, 1, 2)).toEqual(['hit', 'miss']);
  });

  it('forgets fingerprints by prefix and by full hash, or everything', async () => {
    const { cache } = cacheOver(createMemoryCache());
    await cache.store({ ...askPrefix, hashes: [prefixOf(1), prefixOf(2), hashOf(1)] }, [find, answerOf({ asked: prefixOf(2) }), answerOf({ asked: hashOf(1) })], signed);
    await cache.forget([fileOf(1)]);
    expect(await kinds(cache, 1, 2)).toEqual(['miss', 'hit']);
    await cache.forget('all');
    expect(await kinds(cache, 2)).toEqual(['miss']);
  });

  it('judges anew at every lookup', async () => {
    const { cache, clock } = cacheOver(createMemoryCache());
    await cache.store(askPrefix, [find], signed);
    await clock.advance(59_999);
    expect(await kinds(cache, 1)).toEqual(['hit']);
    await clock.advance(1);
    expect(await kinds(cache, 1)).toEqual(['stale']);
  });

  it('treats the entries of an earlier process by the wall clock alone', async () => {
    const store = createMemoryCache();
    const first = new FakeClock();
    await first.advance(5_000_000);
    await createAnswerCache({ store, clock: first, random: () => 0 }).store(askPrefix, [answerOf()], signed);
    const restarted = (startAt: number): AnswerCache => createAnswerCache({ store, clock: new FakeClock(startAt), random: createSeededRandom(1) });
    expect(await kinds(restarted(first.now() + 59_999), 1)).toEqual(['hit']);
    expect(await kinds(restarted(first.now() + 60_000), 1)).toEqual(['miss']);
    expect(await kinds(restarted(first.now() - 1), 1)).toEqual(['miss']);
  });
});

describe('an answer cache over a store that answers later', () => {
  it('keeps the stronger answer whatever the order in which concurrent calls arrive', async () => {
    for (const order of [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]]) {
      const { cache } = cacheOver(slowStore());
      const calls = [
        () => cache.store(askPrefix, [find], signed),
        () => cache.store(askPrefix, [answerOf()], loopback),
        () => cache.store(askPrefix, [answerOf()], { id: 'foreign', strength: 2 }),
      ];
      await Promise.all(order.map(async (i) => calls[i]!()));
      expect(await cache.lookup([fileOf(1)], {})).toMatchObject([{ kind: 'hit', from: 'signed' }]);
    }
  });

  it('writes what gathers meanwhile in one go', async () => {
    const store = slowStore();
    const { cache } = cacheOver(store);
    const hashes = Array.from({ length: 200 }, (_, i) => prefixOf(i));
    await Promise.all(hashes.map(async (asked) => cache.store({ ...askPrefix, hashes: [asked] }, [answerOf({ asked })], signed)));
    expect(store.calls).toEqual(['get', 'put', 'get', 'put']);
    expect(await kinds(cache, 0, 100, 199)).toEqual(['hit', 'hit', 'hit']);
  });

  it('keeps a forget between two stores in its place', async () => {
    const { cache } = cacheOver(slowStore());
    const ask2 = { ...askPrefix, hashes: [prefixOf(2)] };
    await Promise.all([
      cache.store(askPrefix, [find], signed),
      cache.store(askPrefix, [find], loopback),
      cache.forget('all'),
      cache.store(ask2, [answerOf({ asked: prefixOf(2) })], signed),
    ]);
    expect(await kinds(cache, 1, 2)).toEqual(['miss', 'hit']);
  });

  it('leaves no wait behind', async () => {
    const { cache, clock } = cacheOver(slowStore());
    await cache.store(askPrefix, [find], signed);
    await cache.lookup([fileOf(1)], {});
    await settle();
    expect(clock.sleeping).toBe(0);
  });
});

describe('an answer cache over a store that misbehaves', () => {
  const broken = (get: VerdictCache['get'], more: Partial<VerdictCache> = {}): VerdictCache => ({ get, put: () => undefined, forget: () => undefined, ...more });
  const boom = (): never => {
    throw new Error('store');
  };
  const nonsense: [string, unknown][] = [
    ['nothing', undefined],
    ['no array', 'slots'],
    ['too few slots', [undefined]],
    ['slots of a wrong shape', [{}, 7]],
    ['entries of a wrong shape', [[{}], [null]]],
    ['an answer without bytes', [[{ ...validEntry(), answer: { asked: 'x', records: [], ttlMs: 1 } }], undefined]],
    ['bytes that went through JSON', JSON.parse(JSON.stringify([[validEntry()], null]))],
    ["another key's slot", [[{ ...validEntry(), answer: answerOf({ asked: prefixOf(2) }) }], undefined]],
    ['a life longer than a day', [[{ ...validEntry(), ttlMs: 1e12 }], undefined]],
    ['a disposition that there is not', [[{ ...validEntry(), answer: answerOf({ records: [{ ...recordOf(hashOf(1)), disposition: 'safe' as never }] }) }], undefined]],
    ['a threat that is none', [[{ ...validEntry(), answer: answerOf({ records: [{ ...recordOf(hashOf(1)), threats: [7 as never] }] }) }], undefined]],
    ['five entries', [Array.from({ length: 5 }, validEntry), undefined]],
  ];

  function validEntry(): object {
    return { answer: answerOf(), from: 'signed', strength: 4, receivedAt: 1_700_000_000_000, receivedMonotonicMs: 0, process: 'p', ttlMs: 60_000 };
  }

  it('takes its well-formed slot, so that the cases below fail for their own reason', async () => {
    expect(await kinds(cacheOver(broken(() => [[validEntry()], undefined] as never)).cache, 1)).toEqual(['hit']);
  });

  it.each(nonsense)('takes %s for a miss', async (_, value) => {
    expect(await kinds(cacheOver(broken(() => value as never)).cache, 1)).toEqual(['miss']);
    expect(await kinds(cacheOver(broken(() => Promise.resolve(value as never))).cache, 1)).toEqual(['miss']);
  });

  it('takes a throw and a rejection for a miss', async () => {
    expect(await kinds(cacheOver(broken(boom)).cache, 1)).toEqual(['miss']);
    expect(await kinds(cacheOver(broken(() => Promise.reject(new Error('store')))).cache, 1)).toEqual(['miss']);
  });

  it('survives a store that cannot be written', async () => {
    for (const fail of [boom, () => Promise.reject(new Error('store'))]) {
      const { cache } = cacheOver(broken((keys) => keys.map(() => undefined), { put: fail, forget: fail }));
      await cache.store(askPrefix, [find], signed);
      await cache.forget('all');
      expect(await kinds(cache, 1)).toEqual(['miss']);
    }
  });

  it('does not write over what it could not read', async () => {
    const put: unknown[] = [];
    const { cache } = cacheOver(broken(boom, { put: (slots) => void put.push(slots) }));
    await cache.store(askPrefix, [answerOf()], loopback);
    expect(put).toEqual([]);
  });

  it('waits half a second for a store that hangs, and no longer', async () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    const { cache, clock } = cacheOver(broken(never, { put: never, forget: never }));
    const before = clock.monotonicMs();
    expect(await clock.run(kinds(cache, 1))).toEqual(['miss']);
    expect(clock.monotonicMs() - before).toBe(500);
    await clock.run(Promise.all([cache.store(askPrefix, [find], signed), cache.forget('all'), cache.store(askPrefix, [find], signed)]));
    expect(clock.sleeping).toBe(0);
  });

  it('gathers a bounded number of answers while the store dawdles, and still forgets', async () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    const forgotten: unknown[] = [];
    const { cache, clock } = cacheOver(broken(never, { forget: (what) => void forgotten.push(what) }));
    let last: void | Promise<void> = undefined;
    for (let i = 0; i < 20_000; i++) {
      last = cache.store(askPrefix, [find], signed);
    }
    last = cache.forget('all');
    await clock.run(Promise.resolve(last));
    expect(forgotten).toEqual(['all']);
  });
});
