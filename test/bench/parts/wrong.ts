/** A host module whose parts are all wrong, each in a way that makes it fast. */
import type { CacheSlot, VerdictCache } from '../../../src/cache/verdict-cache.js';
import type { MemoryQueueOptions } from '../../../src/pending/memory-queue.js';
import { createMemoryQueue } from '../../../src/pending/memory-queue.js';
import type { PendingQueue } from '../../../src/pending/pending-queue.js';
import type { Transport } from '../../../src/query/transport.js';
import type { Matcher } from '../../../src/scan/matcher.js';

export const name = 'wrong parts';

/** Looks at nothing. */
export function createMatcher(): Matcher {
  return { open: () => ({ update: () => undefined, finish: () => ({ findings: [] }) }) };
}

/** Answers by itself. */
export function createTransport(): Transport {
  return { schemes: { http: 'plain' }, send: async () => ({ kind: 'failed', retry: false }) };
}

/** Gives what was put last, whatever is asked for. */
export function createCache(): VerdictCache {
  let last: CacheSlot | undefined;
  return {
    get: (keys) => keys.map(() => last),
    put: (given) => void (last = given.at(-1)?.[1]),
    forget: () => undefined,
  };
}

/** Says that everything is settled, and keeps it. */
export function createQueue({ clock }: MemoryQueueOptions): PendingQueue {
  return { ...createMemoryQueue({ clock }), settle: async () => true };
}
