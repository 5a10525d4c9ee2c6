/** The host's store behind a wall: no throw, no rejection, no endless wait and no surprise in its answers comes through. */
import type { Clock } from '../../base/seams.js';
import type { ScanCache } from './scan-cache.js';

/** A store that knows nothing where it fails. */
export interface SafeScanStore {
  get(keys: readonly string[]): readonly (Uint8Array | undefined)[] | Promise<readonly (Uint8Array | undefined)[]>;
  put(pages: readonly (readonly [key: string, page: Uint8Array])[]): Promise<void>;
}

/** Waits for an answer of the store at most `storeWaitMs` (default 500); for a write as long as it takes. */
export function createSafeStore(options: { readonly store: ScanCache; readonly clock: Clock; readonly storeWaitMs?: number | undefined }): SafeScanStore {
  const { store, clock } = options;

  async function withinTime(work: Promise<unknown>): Promise<unknown> {
    const over = new AbortController();
    const timeout = clock.sleep(options.storeWaitMs ?? 500, over.signal).catch(() => undefined);
    try {
      return await Promise.race([work.catch(() => undefined), timeout]);
    } finally {
      over.abort();
    }
  }

  return {
    get(keys) {
      const pagesIn = (found: unknown): (Uint8Array | undefined)[] => {
        const pages: readonly unknown[] = Array.isArray(found) && found.length === keys.length ? found : [];
        return keys.map((_, i) => (pages[i] instanceof Uint8Array ? pages[i] : undefined));
      };
      try {
        const found: unknown = store.get(keys);
        return found instanceof Promise ? withinTime(found).then(pagesIn) : pagesIn(found);
      } catch {
        return pagesIn(undefined);
      }
    },
    async put(pages) {
      try {
        await store.put(pages);
      } catch {
        // What cannot be kept is read again.
      }
    },
  };
}
