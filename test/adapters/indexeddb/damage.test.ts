/** Records that were damaged or written by somebody else: told, passed over, never removed; the others are served. */
import './requests.js';
import { afterEach, describe, expect, it } from 'vitest';
import { connect, type Connection } from '../../../src/adapters/indexeddb/connection.js';
import type { StoreName } from '../../../src/adapters/indexeddb/idb.js';
import { openIndexedDbStores, type IndexedDbStores, type StoreDamage } from '../../../src/adapters/indexeddb.js';
import { toArray } from '../../../src/testing/assertions.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';
import { fileAt, owner } from '../../pending/subjects.js';
import { freshName } from './database.js';
import { abort, withHook, type RequestHook } from './requests.js';

const ends: (() => Promise<void>)[] = [];
const all = { limit: 100, leaseMs: 60_000 };
const everything = { ...all, include: 'dead' } as const;

afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

interface World {
  readonly stores: IndexedDbStores;
  readonly clock: FakeClock;
  readonly told: StoreDamage[];
  /** Lays hands on a record. */
  readonly tamper: (store: StoreName, key: unknown, change: (record: Record<string, unknown>) => object | undefined) => Promise<void>;
  readonly read: (store: StoreName, key: unknown) => Promise<unknown>;
}

async function openWorld(options: { readonly maxEntries?: number; readonly maxAnswers?: number } = {}): Promise<World> {
  const name = freshName();
  const clock = new FakeClock();
  const told: StoreDamage[] = [];
  const stores = await openIndexedDbStores({ name, clock, onDamage: (damage) => void told.push(damage), ...options });
  const other: Connection = await connect({ name, clock, waitMs: 1000 });
  ends.push(() => stores.close(), () => other.close());
  const read = (store: StoreName, key: unknown): Promise<unknown> => other.read([store], (transaction) => transaction.objectStore(store).get(key as string));
  return {
    stores,
    clock,
    told,
    read,
    async tamper(store, key, change) {
      const next = change((await read(store, key)) as Record<string, unknown>);
      await other.write([store], async (transaction) => {
        await (next === undefined ? transaction.objectStore(store).delete(key as string) : transaction.objectStore(store).put(next));
      });
    },
  };
}

describe('a damaged head', () => {
  const damages: readonly [string, (head: Record<string, unknown>) => object][] = [
    ['nothing but its key', ({ seq }) => ({ seq })],
    ['another type in a field', (head) => ({ ...head, open: 'many' })],
    ['a standing that is none', (head) => ({ ...head, standing: { attempts: -1 } })],
    ['a number of claims that is none', (head) => ({ ...head, claims: -1 })],
    ['a lease that is none', (head) => ({ ...head, lease: { from: 'now' } })],
    ['an instant that is none', (head) => ({ ...head, stoodAt: { wall: Number.NaN, mono: 0, process: 'p' } })],
  ];

  it.each(damages)('with %s is made anew from its items, once and for all', async (_, damage) => {
    const { stores, told, tamper, clock } = await openWorld();
    const { queue } = stores;
    await queue.enqueue([fileAt('c0', '/p0'), fileAt('c1', '/p1'), fileAt('c1', '/p2')]);
    const before = await toArray(queue.list());
    await tamper('entries', 2, damage);
    expect(await toArray(queue.list())).toEqual(before);
    expect(await queue.counts(owner)).toMatchObject({ due: 2 });
    expect(told).toEqual([{ store: 'entries', key: '2', became: 'rebuilt' }]);
    const claimed = await queue.claim(owner, all);
    expect(claimed.map(({ claim: _, ...entry }) => entry)).toEqual(before);
    // How often it was claimed is lost as well: the next claim must not have the name of one before.
    expect(claimed.map(({ claim = 0 }) => claim > 1_000_000)).toEqual([false, true]);
    await clock.advance(60_000);
    for (const { id, items } of await queue.claim(owner, all)) {
      for (const [index, item] of items.entries()) {
        expect(await queue.settle(id, item.id, 'done')).toBe(index === items.length - 1);
      }
    }
    expect(await toArray(queue.list())).toEqual([]);
    expect(told).toHaveLength(1);
  });

  it('without an item that could tell is passed over and stays', async () => {
    const { stores, told, tamper, read } = await openWorld();
    const { queue } = stores;
    await queue.enqueue([fileAt('c0', '/p0'), fileAt('c1', '/p1')]);
    await tamper('entries', 1, ({ seq }) => ({ seq, foreign: true }));
    await tamper('items', [1, 0], ({ seq, number }) => ({ seq, number, subject: 7 }));
    expect((await queue.claim(owner, everything)).map((entry) => entry.key)).toEqual([fileAt('c1', '/p1').key]);
    expect(await queue.counts(owner)).toMatchObject({ claimed: 1, due: 0 });
    expect(told).toEqual(expect.arrayContaining([{ store: 'entries', key: '1', became: 'skipped' }, { store: 'items', key: '[1,0]', became: 'skipped' }]));
    expect(await read('entries', 1)).toEqual({ seq: 1, foreign: true });
    expect(await queue.enqueue([fileAt('c0', '/p0')])).toMatchObject([{ kind: 'queued' }]);
  });
});

describe('a damaged item', () => {
  const damages: readonly [string, (item: Record<string, unknown>) => object][] = [
    ['a subject that is none', (item) => ({ ...item, subject: '[1,2,3]' })],
    ['a subject that is no text', (item) => ({ ...item, subject: new Uint8Array(9) })],
    ['an intent that is no JSON', (item) => ({ ...item, intent: '{' })],
    ['an outcome that is no text', (item) => ({ ...item, outcome: { done: true } })],
    ['no instant', ({ at: _, ...item }) => item],
  ];

  it.each(damages)('with %s is passed over, and the others of its entry are served', async (_, damage) => {
    const { stores, told, tamper, read } = await openWorld();
    const { queue } = stores;
    await queue.enqueue([fileAt('c0', '/p0'), fileAt('c0', '/p1')]);
    await tamper('items', [1, 0], damage);
    const [entry] = await queue.claim(owner, all);
    expect(entry?.items.map((item) => item.subject.locator?.ref)).toEqual(['/p1']);
    expect(told).toEqual([{ store: 'items', key: '[1,0]', became: 'skipped' }]);
    expect(await queue.settle(entry!.id, entry!.items[0]!.id, 'done')).toBe(false);
    expect(await read('items', [1, 0])).toBeDefined();
    await queue.release(entry!.id, { notBeforeAt: 0 });
    expect(await queue.claim(owner, all)).toEqual([]);
    expect(await queue.counts(owner)).toMatchObject({ due: 0, dead: 1 });
  });
});

describe('damage elsewhere', () => {
  it.each([
    ['are gone', () => undefined],
    ['are none', () => ({ of: 'pending', entries: 'many' })],
  ])('is mended when the totals of the queue %s: its bound holds', async (_, change) => {
    const { stores, tamper } = await openWorld({ maxEntries: 2 });
    await stores.queue.enqueue([fileAt('c0', '/p0'), fileAt('c1', '/p1')]);
    await tamper('totals', 'pending', change);
    expect(await stores.queue.enqueue([fileAt('c2', '/p2')])).toMatchObject([{ kind: 'refused' }]);
  });

  it('is nothing to the turns of the lanes', async () => {
    const { stores, tamper } = await openWorld();
    await stores.queue.enqueue([fileAt('c0', '/p0'), fileAt('c1', '/p1', { kind: 'digest' })]);
    await tamper('lanes', [owner, 'file'], () => undefined);
    await tamper('lanes', [owner, 'digest'], ({ owner: of, lane }) => ({ owner: of, lane, turn: 'next' }));
    const claimed = await stores.queue.claim(owner, all);
    expect(claimed).toHaveLength(2);
    for (const { id, items } of claimed) {
      expect(await stores.queue.settle(id, items[0]!.id, 'done')).toBe(true);
    }
  });

  it('makes a slot a miss, and the bound of the cache holds', async () => {
    const { stores, told, tamper } = await openWorld({ maxAnswers: 3 });
    await stores.cache.put([['a', []], ['b', []]]);
    await tamper('answers', 'a', ({ key, order }) => ({ key, order, slot: 'none' }));
    await tamper('totals', 'answers', () => ({ of: 'answers', slots: -0.5 }));
    expect(await stores.cache.get(['a', 'b'])).toEqual([undefined, []]);
    expect(told).toEqual([{ store: 'answers', key: '"a"', became: 'skipped' }]);
    await stores.cache.put([['c', []], ['d', []]]);
    expect(await stores.cache.get(['a', 'b', 'c', 'd'])).toEqual([undefined, [], [], []]);
  });

  it('makes a state that is none no state, and a rule that is none no rule', async () => {
    const { stores, told, tamper } = await openWorld();
    await stores.state.set('key', Uint8Array.of(1));
    await stores.lists.add({ id: 'good', effect: 'blocked', url: 'example.com/' });
    await stores.lists.add({ id: 'bad', effect: 'blocked', url: 'example.org/' });
    await tamper('state', 'key', ({ key }) => ({ key, value: 'text' }));
    await tamper('rules', 'bad', ({ id }) => ({ id, effect: 'both' }));
    expect(await stores.state.get('key')).toBeUndefined();
    await stores.lists.refresh();
    expect((await toArray(stores.lists.entries())).map(({ id }) => id)).toEqual(['good']);
    expect(told).toEqual([{ store: 'state', key: '"key"', became: 'skipped' }, { store: 'rules', key: '"bad"', became: 'skipped' }]);
  });

  it('is told once, whatever the listener does', async () => {
    const name = freshName();
    let told = 0;
    const stores = await openIndexedDbStores({ name, clock: new FakeClock(), onDamage: () => { told++; throw new Error('deaf'); } });
    const other = await connect({ name, clock: new FakeClock(), waitMs: 1000 });
    ends.push(() => stores.close(), () => other.close());
    await other.write(['state'], async (transaction) => void (await transaction.objectStore('state').put({ key: 'k', value: 1 })));
    expect([await stores.state.get('k'), await stores.state.get('k'), told]).toEqual([undefined, undefined, 1]);
  });
});

describe('an origin that may not store more', () => {
  const quota = (): DOMException => new DOMException('no room', 'QuotaExceededError');
  /** At the request itself, or, as browsers that find out late do, at the end of the transaction. */
  const failures: readonly [string, (full: () => boolean) => RequestHook][] = [
    ['at the request', (full) => ({
      before(transaction, method) {
        if (full() && method === 'add') {
          abort(transaction);
          throw quota();
        }
      },
    })],
    ['at the end of the transaction', (full) => ({
      after(transaction, method) {
        if (full() && method === 'add') {
          Object.defineProperty(transaction, 'error', { value: quota(), configurable: true });
          abort(transaction);
        }
      },
    })],
  ];

  it.each(failures)('refuses what is new and acknowledges what is there (%s)', async (_, fail) => {
    const { stores } = await openWorld();
    const { queue } = stores;
    const [known] = await queue.enqueue([fileAt('c0', '/p0')]);
    const pending = await withHook(fail(() => true), () => queue.enqueue([fileAt('c1', '/p1'), fileAt('c0', '/p0')]));
    expect(pending).toEqual([{ kind: 'refused', code: 'pending-full' }, known]);
    expect(await toArray(queue.list())).toHaveLength(1);
  });

  it.each(failures)('accepts what still fits (%s)', async (_, fail) => {
    const { stores } = await openWorld();
    let adds = 0;
    const pending = await withHook(fail(() => ++adds === 3), () => stores.queue.enqueue([fileAt('c0', '/p0'), fileAt('c1', '/p1')]));
    expect(pending).toMatchObject([{ kind: 'queued' }, { kind: 'queued' }]);
    expect(await toArray(stores.queue.list())).toHaveLength(2);
  });

  it('is a typed error for everything else', async () => {
    const { stores } = await openWorld();
    const full: RequestHook = { before: (_, method) => { if (method === 'put') { throw quota(); } } };
    const error = { code: 'store-damaged', detail: { operation: 'writing', error: 'QuotaExceededError' } };
    await expect(withHook(full, () => stores.state.set('k', Uint8Array.of(1)))).rejects.toMatchObject(error);
    await expect(withHook(full, async () => stores.cache.put([['k', []]]))).rejects.toMatchObject(error);
    await stores.lists.add({ id: 'mine', effect: 'blocked', url: 'example.com/' });
    await expect(withHook(full, () => stores.lists.add({ id: 'mine', effect: 'approved', url: 'example.com/' }))).rejects.toMatchObject(error);
    await expect(withHook(full, () => stores.lists.add({ id: 'more', effect: 'blocked', url: 'example.org/' }))).rejects.toMatchObject(error);
    expect(await toArray(stores.lists.entries())).toMatchObject([{ id: 'mine', effect: 'blocked' }]);
  });
});
