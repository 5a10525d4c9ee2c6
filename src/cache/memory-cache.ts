/** Step 3: slots in memory. quick-lru gives the order in which slots are lost, nothing else: time is `freshness.ts`. */
import QuickLru from 'quick-lru';
import { assertInteger } from '../base/assert.js';
import type { CacheSlot, VerdictCache } from './verdict-cache.js';

/** A `VerdictCache` in memory that can say how much it holds. */
export interface MemoryCache extends VerdictCache {
  get(keys: readonly string[]): readonly (CacheSlot | undefined)[];
  put(slots: readonly (readonly [key: string, slot: CacheSlot])[]): void;
  forget(what: 'all' | readonly string[]): void;
  /** Slots held now, never more than `maxEntries`. Walks all of them. */
  size(): number;
}

/**
 * Keeps at most `maxEntries` slots (default 100,000, about 50 MB of short answers); the longest unused go first, at
 * the latest when half the bound has been used since.
 * @throws RangeError when `maxEntries` is not an integer of 1 or more.
 */
export function createMemoryCache(options: { readonly maxEntries?: number | undefined } = {}): MemoryCache {
  const maxEntries = options.maxEntries ?? 100_000;
  assertInteger('maxEntries', maxEntries, { min: 1 });
  // quick-lru turns over two generations and so holds up to 2 × maxSize − 1 entries (its own `size` hides that).
  const slots = new QuickLru<string, CacheSlot>({ maxSize: Math.floor((maxEntries + 1) / 2) });
  return {
    get: (keys) => keys.map((key) => slots.get(key)),
    put: (given) => {
      for (const [key, slot] of given) {
        slots.set(key, slot);
      }
    },
    forget: (what) => {
      if (what === 'all') {
        slots.clear();
        return;
      }
      for (const key of what) {
        slots.delete(key);
      }
    },
    size: () => {
      let count = 0;
      for (const _ of slots.keys()) {
        count++;
      }
      return count;
    },
  };
}
