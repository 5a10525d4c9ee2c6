/** How a database is opened, shared with other versions of ourselves, lost and had again. */
import type * as Idb from 'idb';
import type { IDBPDatabase } from 'idb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connect, type Connection } from '../../../src/adapters/indexeddb/connection.js';
import { migrations, type Migration } from '../../../src/adapters/indexeddb/layout.js';
import { openIndexedDbQueue, openIndexedDbState, openIndexedDbStores } from '../../../src/adapters/indexeddb.js';
import { toArray } from '../../../src/testing/assertions.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';
import { fileAt } from '../../pending/subjects.js';
import { freshName } from './database.js';

const clock = new FakeClock();
const opened: { close(): unknown }[] = [];

afterEach(async () => {
  vi.unstubAllGlobals();
  vi.doUnmock('idb');
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

/** Closed after the test. */
async function closing<T extends { close(): unknown }>(opening: Promise<T>): Promise<T> {
  const one = await opening;
  opened.push(one);
  return one;
}

/** A further version: what the next release of vedette might do. */
const nextVersion: readonly Migration[] = [
  ...migrations,
  (_, transaction) => void transaction.objectStore('entries').createIndex('byId2' as 'byId', 'id'),
];

function connectTo(name: string, options: { readonly migrations?: readonly Migration[]; readonly waitMs?: number } = {}): Promise<Connection> {
  return closing(connect({ name, clock, waitMs: 1000, ...options }));
}

/** A database as a foreign script makes it. */
function foreignDatabase(name: string, version: number, upgrade: (database: IDBDatabase) => void = () => undefined): Promise<IDBDatabase> {
  return closing(
    new Promise((resolve, reject) => {
      const request = indexedDB.open(name, version);
      request.onupgradeneeded = () => upgrade(request.result);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('no error'));
    }),
  );
}

describe('opening', () => {
  it('says that the package is missing', async () => {
    vi.doMock('idb', () => {
      throw new Error('Cannot find package');
    });
    await expect(openIndexedDbStores({ name: freshName() })).rejects.toMatchObject({ code: 'peer-missing', detail: { package: 'idb' } });
  });

  it('says that there is no IndexedDB', async () => {
    vi.stubGlobal('indexedDB', undefined);
    await expect(openIndexedDbStores({ name: freshName() })).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('says what the browser said when it cannot be opened', async () => {
    vi.stubGlobal('indexedDB', { open: () => { throw new DOMException('no storage here', 'SecurityError'); } });
    await expect(openIndexedDbStores({ name: freshName() })).rejects.toMatchObject({ code: 'store-damaged', detail: { operation: 'opening', error: 'SecurityError' } });
  });

  it.each([{ maxEntries: 0 }, { maxBytes: 1.5 }, { maxAnswers: -1 }])('refuses the bounds %o and lets the database go', async (bounds) => {
    const name = freshName();
    await expect(openIndexedDbStores({ name, ...bounds })).rejects.toThrow(RangeError);
    await connectTo(name, { migrations: nextVersion });
  });

  it('leaves a database of somebody else untouched', async () => {
    const name = freshName();
    (await foreignDatabase(name, migrations.length, (database) => void database.createObjectStore('theirs').put('value', 'key'))).close();
    await expect(openIndexedDbStores({ name, clock })).rejects.toMatchObject({ code: 'unsupported', detail: { missing: expect.arrayContaining(['entries']) as unknown } });
    const again = await foreignDatabase(name, migrations.length);
    expect([...again.objectStoreNames]).toEqual(['theirs']);
  });

  it('leaves a database of a later version untouched', async () => {
    const name = freshName();
    await (await connectTo(name, { migrations: nextVersion })).close();
    await expect(openIndexedDbStores({ name, clock })).rejects.toMatchObject({ code: 'unsupported', detail: { error: 'VersionError' } });
  });

  it('promises the disk only where the browser knows the promise', async () => {
    const honest = await closing(openIndexedDbQueue({ name: freshName(), clock }));
    expect(honest.durability).toBe('disk');
    const known = Object.getOwnPropertyDescriptor(IDBDatabase.prototype, 'transaction')!;
    const original = known.value as (this: IDBDatabase, ...args: unknown[]) => IDBTransaction;
    Object.defineProperty(IDBDatabase.prototype, 'transaction', {
      ...known,
      value(this: IDBDatabase, ...args: unknown[]) {
        const transaction = original.apply(this, args);
        Object.defineProperty(transaction, 'durability', { value: undefined });
        return transaction;
      },
    });
    try {
      const old = await closing(openIndexedDbQueue({ name: freshName(), clock }));
      expect(old.durability).toBe('process');
      expect(await old.enqueue([fileAt('c1', '/p1')])).toMatchObject([{ kind: 'queued', durability: 'process' }]);
    } finally {
      Object.defineProperty(IDBDatabase.prototype, 'transaction', known);
    }
  });
});

describe('another version of ourselves', () => {
  it('takes over what an older one has left', async () => {
    const name = freshName();
    const queue = await openIndexedDbQueue({ name, clock });
    await queue.enqueue([fileAt('c1', '/p1')]);
    await queue.close();
    const next = await connectTo(name, { migrations: nextVersion });
    expect(await next.read(['entries'], (transaction) => transaction.objectStore('entries').count())).toBe(1);
  });

  it('does not have to wait for us, and is left untouched from then on', async () => {
    const name = freshName();
    const queue = await closing(openIndexedDbQueue({ name, clock }));
    await queue.enqueue([fileAt('c1', '/p1')]);
    const next = await connectTo(name, { migrations: nextVersion });
    await expect(queue.enqueue([fileAt('c2', '/p2')])).rejects.toMatchObject({ code: 'unsupported' });
    expect(await next.read(['entries'], (transaction) => transaction.objectStore('entries').count())).toBe(1);
  });

  it('gets what was acknowledged before it asked, a call that is under way included', async () => {
    const name = freshName();
    const queue = await closing(openIndexedDbQueue({ name, clock }));
    const calls = Array.from({ length: 10 }, (_, i) => queue.enqueue([fileAt(`c${i}`, `/p${i}`)]).then(() => 1, () => 0));
    const next = await connectTo(name, { migrations: nextVersion });
    const acknowledged = (await Promise.all(calls)).reduce((sum, one) => sum + one);
    expect(await next.read(['entries'], (transaction) => transaction.objectStore('entries').count())).toBe(acknowledged);
  });

  it('makes an opening busy when it does not let go, and the late database is let go at once', async () => {
    const name = freshName();
    const deaf = await foreignDatabase(name, 1, (database) => void database.createObjectStore('old'));
    const waiting = expect(connect({ name, clock, waitMs: 1000, migrations: [() => undefined, ...migrations] })).rejects.toMatchObject({ code: 'store-busy' });
    await clock.run(waiting);
    deaf.close();
    const next = await connectTo(name, { migrations: [() => undefined, ...migrations] });
    expect(next.created).toBe(false);
  });

  it('that fails to change the layout changes nothing', async () => {
    const name = freshName();
    const state = await openIndexedDbState({ name, clock });
    await state.set('key', Uint8Array.of(1));
    await state.close();
    const broken: readonly Migration[] = [...migrations, (database) => database.deleteObjectStore('state'), () => { throw new Error('a bug'); }];
    await expect(connect({ name, clock, waitMs: 1000, migrations: broken })).rejects.toMatchObject({ code: 'store-damaged' });
    const again = await closing(openIndexedDbState({ name, clock }));
    expect(await again.get('key')).toEqual(Uint8Array.of(1));
  });
});

describe('a connection that was lost', () => {
  it('is made again by the next call', async () => {
    const name = freshName();
    const databases: IDBDatabase[] = [];
    const original = indexedDB.open.bind(indexedDB);
    vi.spyOn(indexedDB, 'open').mockImplementation((...args) => {
      const request = original(...args);
      request.addEventListener('success', () => databases.push(request.result));
      return request;
    });
    const queue = await closing(openIndexedDbQueue({ name, clock }));
    await queue.enqueue([fileAt('c1', '/p1')]);
    databases[0]?.close();
    await queue.enqueue([fileAt('c2', '/p2')]);
    databases[1]?.close();
    await queue.enqueue([fileAt('c3', '/p3')]);
    expect(databases).toHaveLength(3);
    expect(await toArray(queue.list())).toHaveLength(3);
    vi.restoreAllMocks();
  });

  it('says that the database is a new one after the site’s data were cleared', async () => {
    const name = freshName();
    const stores = await closing(openIndexedDbStores({ name, clock }));
    await stores.queue.enqueue([fileAt('c1', '/p1')]);
    await new Promise((resolve) => {
      indexedDB.deleteDatabase(name).onsuccess = resolve;
    });
    expect(await stores.queue.counts('main')).toEqual({ due: 0, claimed: 0, dead: 0, orphaned: 0 });
    expect(stores.created).toBe(true);
  });

  it('is closed for good by close, after the calls that are under way', async () => {
    const name = freshName();
    const queue = await openIndexedDbQueue({ name, clock });
    const call = queue.enqueue([fileAt('c1', '/p1')]);
    await queue.close();
    expect(await call).toMatchObject([{ kind: 'queued' }]);
    await expect(queue.counts('main')).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('a connection that is lost late', () => {
  it('does not take the one that was made since with it: that one is closed in the end', async () => {
    const opened: { readonly database: IDBPDatabase; readonly terminated: () => void }[] = [];
    const real = await vi.importActual<typeof Idb>('idb');
    vi.doMock('idb', () => ({
      ...real,
      openDB: async (...[name, version, events]: Parameters<typeof real.openDB>) => {
        const database = await real.openDB(name, version, events);
        opened.push({ database, terminated: () => events?.terminated?.() });
        return database;
      },
    }));
    vi.resetModules();
    const { connect: connectAnew } = await import('../../../src/adapters/indexeddb/connection.js');
    const connection = await connectAnew({ name: freshName(), clock, waitMs: 1000 });
    // Closed by the browser without a word: the next calls find out.
    opened[0]?.database.close();
    const count = (): Promise<number> => connection.read(['state'], (transaction) => transaction.objectStore('state').count());
    expect(await Promise.all([count(), count(), count()])).toEqual([0, 0, 0]);
    expect(opened).toHaveLength(2);
    opened[0]?.terminated();
    expect(await count()).toBe(0);
    expect(opened).toHaveLength(2);
    await connection.close();
    expect(() => opened[1]?.database.transaction('state')).toThrow();
  });
});
