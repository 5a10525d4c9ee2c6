/** Opens the stores of a browser: all of them over one connection, or each over its own. */
import { toHex } from '../../base/bytes.js';
import type { Clock, StateStore } from '../../base/seams.js';
import type { VerdictCache } from '../../cache/verdict-cache.js';
import type { PendingQueue } from '../../pending/pending-queue.js';
import { createPortableCrypto } from '../../preset/portable-crypto.js';
import { createSystemClock } from '../../preset/system-seams.js';
import { createCache } from './cache.js';
import { connect, type Connection } from './connection.js';
import { createDamageReporter, type DamageReporter, type StoreDamage } from './damage.js';
import { openLists, type ListSettings, type StoredHostLists } from './lists.js';
import { createQueue } from './pending/queue.js';
import { createState } from './state.js';

/** Where the stores are, for every one of them. */
export interface IndexedDbOptions {
  /** Name of the database. Stores of one name share it, over all tabs and workers of the origin. */
  readonly name: string;
  readonly clock?: Clock | undefined;
  /** How long to wait, in ms, for a tab that holds an older version of the database (10,000). */
  readonly waitMs?: number | undefined;
  /** Told once of every record that cannot be read. Nothing is removed because of it. */
  readonly onDamage?: ((damage: StoreDamage) => void) | undefined;
}

/** Bounds of the queue. */
export interface IndexedDbQueueOptions extends IndexedDbOptions {
  /** Entries at most (100,000). */
  readonly maxEntries?: number | undefined;
  /** Bytes of all items at most (64 MiB). The browser needs about twice as much. */
  readonly maxBytes?: number | undefined;
  /** A new id at every call, never the same again in any tab (96 random bits). */
  readonly ids?: (() => string) | undefined;
  /**
   * Marks this process in the records: equal for openings that share a monotonic clock, and for no others (random).
   */
  readonly process?: string | undefined;
}

/** Bound of the cache. */
export interface IndexedDbCacheOptions extends IndexedDbOptions {
  /** Slots at most (20,000); the ones written longest ago go first. */
  readonly maxAnswers?: number | undefined;
}

/** How rules are read. */
export interface IndexedDbListsOptions extends IndexedDbOptions {
  readonly lists?: ListSettings | undefined;
}

/** Options of `openIndexedDbStores`. */
export interface IndexedDbStoresOptions extends IndexedDbQueueOptions, IndexedDbCacheOptions, IndexedDbListsOptions {}

/** Parts of an engine, and their common end. */
export interface IndexedDbStores {
  readonly queue: PendingQueue;
  readonly cache: VerdictCache;
  readonly state: StateStore;
  readonly lists: StoredHostLists;
  /** True when the database was not there before: at the first start, or after the browser has thrown it away. */
  readonly created: boolean;
  /** Lets running calls end. */
  close(): Promise<void>;
}

interface Base {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly report: DamageReporter;
}

/**
 * Opens queue, cache, state and lists in one database.
 * @throws VedetteError `peer-missing` without the package `idb`; `unsupported` without IndexedDB, for a database that
 * is not one of vedette, or that a later version has written (both are left untouched); `store-busy` when another tab
 * holds an older version for longer than `waitMs`; `store-damaged` when the browser fails. RangeError for a bad bound.
 */
export async function openIndexedDbStores(options: IndexedDbStoresOptions): Promise<IndexedDbStores> {
  return over(options, async (base) => ({
    queue: queueOver(base, options),
    cache: cacheOver(base, options),
    state: createState(base.connection, base.report),
    lists: await openLists({ ...base, settings: options.lists ?? {} }),
    get created() {
      return base.connection.created;
    },
    close: () => base.connection.close(),
  }));
}

/**
 * Opens the queue alone.
 * @throws as `openIndexedDbStores`
 */
export async function openIndexedDbQueue(options: IndexedDbQueueOptions): Promise<PendingQueue & { close(): Promise<void> }> {
  return over(options, async (base) => ({ ...queueOver(base, options), close: () => base.connection.close() }));
}

/**
 * Opens the verdict cache alone.
 * @throws as `openIndexedDbStores`
 */
export async function openIndexedDbCache(options: IndexedDbCacheOptions): Promise<VerdictCache & { close(): Promise<void> }> {
  return over(options, async (base) => ({ ...cacheOver(base, options), close: () => base.connection.close() }));
}

/**
 * Opens the state store alone.
 * @throws as `openIndexedDbStores`
 */
export async function openIndexedDbState(options: IndexedDbOptions): Promise<StateStore & { close(): Promise<void> }> {
  return over(options, async ({ connection, report }) => ({ ...createState(connection, report), close: () => connection.close() }));
}

/**
 * Opens the host's lists alone.
 * @throws as `openIndexedDbStores`
 */
export async function openIndexedDbLists(options: IndexedDbListsOptions): Promise<StoredHostLists & { close(): Promise<void> }> {
  return over(options, async (base) => {
    const lists = await openLists({ ...base, settings: options.lists ?? {} });
    return { ...lists, close: () => base.connection.close() };
  });
}

/** What is made over a connection that is let go again when it cannot be made. */
async function over<T>({ name, clock = createSystemClock(), waitMs = 10_000, onDamage }: IndexedDbOptions, make: (base: Base) => Promise<T>): Promise<T> {
  const connection = await connect({ name, clock, waitMs });
  try {
    return await make({ connection, clock, report: createDamageReporter(onDamage) });
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function queueOver(base: Base, options: IndexedDbQueueOptions): PendingQueue {
  const { maxEntries = 100_000, maxBytes = 64 * 1024 * 1024, ids = randomId, process = randomId() } = options;
  return createQueue({ ...base, maxEntries, maxBytes, ids, process });
}

function cacheOver(base: Base, { maxAnswers = 20_000 }: IndexedDbCacheOptions): VerdictCache {
  return createCache({ ...base, maxEntries: maxAnswers });
}

function randomId(): string {
  return toHex(createPortableCrypto().randomBytes(12));
}
