/** Pages in memory, for engines that scan the same trees again within one process, and for tests. */
import { assertInteger } from '../../base/assert.js';
import type { ScanCache } from './scan-cache.js';

/**
 * Keeps at most `maxPages` pages (default 4,096: some 250,000 files, 20 MB); those that were put longest ago go first.
 * @throws RangeError when `maxPages` is not an integer of 1 or more.
 */
export function createMemoryScanCache(options: { readonly maxPages?: number | undefined } = {}): ScanCache {
  const maxPages = options.maxPages ?? 4_096;
  assertInteger('maxPages', maxPages, { min: 1 });
  const pages = new Map<string, Uint8Array>();
  return {
    get: (keys) => keys.map((key) => pages.get(key)),
    put(given) {
      for (const [key, page] of given) {
        pages.delete(key);
        pages.set(key, page);
        const [first] = pages.keys();
        if (pages.size > maxPages && first !== undefined) {
          pages.delete(first);
        }
      }
    },
    forget(what) {
      if (what === 'all') {
        pages.clear();
        return;
      }
      what.forEach((key) => pages.delete(key));
    },
  };
}
