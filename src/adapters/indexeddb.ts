/** The entry './adapters/indexeddb': queue, cache, state and lists of an engine in a browser's IndexedDB (over `idb`). */
export {
  openIndexedDbCache,
  openIndexedDbLists,
  openIndexedDbQueue,
  openIndexedDbState,
  openIndexedDbStores,
} from './indexeddb/open-stores.js';
export type {
  IndexedDbCacheOptions,
  IndexedDbListsOptions,
  IndexedDbOptions,
  IndexedDbQueueOptions,
  IndexedDbStores,
  IndexedDbStoresOptions,
} from './indexeddb/open-stores.js';
export type { StoreDamage } from './indexeddb/damage.js';
export type { ListSettings, StoredHostLists } from './indexeddb/lists.js';
