/** A host module whose parts are all right: bundled, and given to the bench as `--engine`. */
import type { CacheSlot, VerdictCache } from '../../../src/cache/verdict-cache.js';
import type { MemoryQueueOptions } from '../../../src/pending/memory-queue.js';
import type { PendingQueue } from '../../../src/pending/pending-queue.js';
import { createMemoryQueue } from '../../../src/pending/memory-queue.js';

export const name = 'right parts';

export { createMatcher } from '../../../src/scan/multi-matcher.js';
export { createFetchTransport as createTransport } from '../../../src/preset/http/fetch-transport.js';

export function createCache(): VerdictCache {
  const slots = new Map<string, CacheSlot>();
  return {
    get: async (keys) => keys.map((key) => slots.get(key)),
    put: async (given) => given.forEach(([key, slot]) => slots.set(key, slot)),
    forget: () => slots.clear(),
  };
}

export function createQueue({ clock }: MemoryQueueOptions): PendingQueue {
  return createMemoryQueue({ clock });
}
