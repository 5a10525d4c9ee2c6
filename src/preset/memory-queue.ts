/** The memory queue on the real clock, for hosts that do not bring one of their own. It is loaded when something is flagged. */
import { assertInteger } from '../base/assert.js';
import type { Clock } from '../base/seams.js';
import type { MemoryQueueOptions } from '../pending/memory-queue.js';
import type { PendingQueue } from '../pending/pending-queue.js';
import { countedIds, createSystemClock } from './system-seams.js';

/**
 * A pending queue that lasts as long as the process.
 * @throws RangeError when a bound is no positive integer.
 */
export function createMemoryQueue(
  options: Omit<MemoryQueueOptions, 'clock'> & { readonly clock?: Clock | undefined } = {},
): PendingQueue {
  const { maxEntries = 1, maxBytes = 1 } = options;
  assertInteger('maxEntries', maxEntries, { min: 1 });
  assertInteger('maxBytes', maxBytes, { min: 1 });
  let loading: Promise<PendingQueue> | undefined;
  const get = (): Promise<PendingQueue> =>
    (loading ??= loadMemoryQueue({ ...options, clock: options.clock ?? createSystemClock() }).catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));
  return {
    durability: 'process',
    enqueue: async (subjects) => (await get()).enqueue(subjects),
    claim: async (owner, claim) => (await get()).claim(owner, claim),
    intend: async (...call) => (await get()).intend(...call),
    settle: async (...call) => (await get()).settle(...call),
    release: async (id, release) => (await get()).release(id, release),
    renew: async (...call) => (await (await get()).renew?.(...call)) ?? false,
    find: async (id) => (await get()).find(id),
    async *list() {
      yield* (await get()).list();
    },
    counts: async (owner) => (await get()).counts(owner),
    adopt: async (from, to) => (await (await get()).adopt?.(from, to)) ?? 0,
  };
}

/** The queue itself. */
export async function loadMemoryQueue(options: MemoryQueueOptions): Promise<PendingQueue> {
  const { createMemoryQueue: create } = await import('../pending/memory-queue.js');
  return create({ ...options, ids: options.ids ?? countedIds(options.clock) });
}
