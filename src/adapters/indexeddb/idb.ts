/**
 * The one place that knows the package `idb`, an optional peer that is loaded when the first database is opened: types
 * of our layout for the files beside this one, and the opening of a database.
 *
 * Every value is `unknown` here: what a database of a browser holds may have been written by anybody on the origin.
 */
import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb';
import { VedetteError } from '../../base/errors.js';

/** The stores, their keys and their indexes. */
export interface Layout extends DBSchema {
  /** Heads of pending entries, oldest first. */
  entries: { key: number; value: unknown; indexes: { byId: string; byIdentity: [owner: string, identity: string]; byLane: [owner: string, lane: string, seq: number] } };
  /** Items of pending entries, by the key of their entry and their number in it. */
  items: { key: [entry: number, item: number]; value: unknown; indexes: { byId: string; byPlace: [entry: number, place: string] } };
  /** Whose turn is next: by owner and lane. */
  lanes: { key: [owner: string, lane: string]; value: unknown; indexes: { byTurn: [owner: string, turn: number] } };
  /** Slots of the verdict cache, by when they were written. */
  answers: { key: string; value: unknown; indexes: { byOrder: number } };
  state: { key: string; value: unknown };
  rules: { key: string; value: unknown };
  /** What the other stores hold in all, so that nobody has to count. */
  totals: { key: string; value: unknown };
}

/** Names of all stores. */
export const storeNames: readonly StoreName[] = ['entries', 'items', 'lanes', 'answers', 'state', 'rules', 'totals'];

/** Name of a store. */
export type StoreName = 'entries' | 'items' | 'lanes' | 'answers' | 'state' | 'rules' | 'totals';

/** An open database. */
export type Database = IDBPDatabase<Layout>;

/** A transaction over any of the stores. */
export type Transaction<Mode extends 'readonly' | 'readwrite' = 'readonly' | 'readwrite'> = IDBPTransaction<Layout, StoreName[], Mode>;

/** The transaction in which the layout is changed. */
export type UpgradeTransaction = IDBPTransaction<Layout, ArrayLike<StoreName>, 'versionchange'>;

/** What happens to a database while it is opened and afterwards. */
export interface DatabaseEvents {
  /** Changes the layout. A throw undoes all of it, and the opening fails. */
  upgrade(database: Database, from: number, transaction: UpgradeTransaction): void;
  /** Somebody wants another version of the database, or none: it has to be let go. */
  blocking(): void;
  /** The browser has closed the database. */
  terminated(): void;
}

/**
 * Opens a database, in the end: another tab may hold an older version of it.
 * @throws VedetteError `peer-missing` without the package, `unsupported` without IndexedDB; what the browser throws.
 */
export async function openDatabase(name: string, version: number, events: DatabaseEvents): Promise<Database> {
  if (typeof indexedDB === 'undefined') {
    throw new VedetteError('unsupported', 'this runtime has no IndexedDB');
  }
  const { openDB } = await loadPeer();
  return openDB<Layout>(name, version, {
    upgrade: (database, from, _, transaction) => {
      try {
        events.upgrade(database, from, transaction);
      } catch (error) {
        transaction.done.catch(() => undefined);
        transaction.abort();
        throw error;
      }
    },
    blocking: () => events.blocking(),
    terminated: () => events.terminated(),
  });
}

async function loadPeer() {
  try {
    return await import('idb');
  } catch (cause) {
    throw new VedetteError('peer-missing', "the stores in IndexedDB need the package 'idb': install it beside vedette", {
      detail: { package: 'idb' },
      cause,
    });
  }
}
