/**
 * The layout of the database, as the list of its changes: version n is the first n of them, one after the other. A
 * change that was published is never edited; the next version is a further one, which may read what is there.
 *
 * No change removes a record: what it cannot carry over stays where it is.
 */
import type { Database, UpgradeTransaction } from './idb.js';

/** One change of the layout. Synchronous: only requests of the transaction may be waited for in it. */
export type Migration = (database: Database, transaction: UpgradeTransaction) => void;

/** All changes, oldest first. */
export const migrations: readonly Migration[] = [createStores];

/** Version 1. Keys of entries and items are fields, so that no record can be told to stand under another's key. */
function createStores(database: Database): void {
  const entries = database.createObjectStore('entries', { keyPath: 'seq', autoIncrement: true });
  entries.createIndex('byId', 'id');
  entries.createIndex('byIdentity', ['owner', 'identity']);
  entries.createIndex('byLane', ['owner', 'lane', 'seq']);
  const items = database.createObjectStore('items', { keyPath: ['seq', 'number'] });
  items.createIndex('byId', 'id');
  items.createIndex('byPlace', ['seq', 'place']);
  database.createObjectStore('lanes', { keyPath: ['owner', 'lane'] }).createIndex('byTurn', ['owner', 'turn']);
  const answers = database.createObjectStore('answers', { keyPath: 'key' });
  answers.createIndex('byOrder', 'order');
  database.createObjectStore('state', { keyPath: 'key' });
  database.createObjectStore('rules', { keyPath: 'id' });
  database.createObjectStore('totals', { keyPath: 'of' });
}
