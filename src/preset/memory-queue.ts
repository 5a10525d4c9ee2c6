/** The memory queue on the real clock, for hosts that do not bring one of their own. */
import { createMemoryQueue as create, type MemoryQueueOptions } from '../pending/memory-queue.js';
import type { PendingQueue } from '../pending/pending-queue.js';
import type { Clock } from '../base/seams.js';
import { createSystemClock } from './system-seams.js';

/**
 * A pending queue that lasts as long as the process.
 * @throws RangeError when a bound is no positive integer.
 */
export function createMemoryQueue(
  options: Omit<MemoryQueueOptions, 'clock'> & { readonly clock?: Clock | undefined } = {},
): PendingQueue {
  return create({ ...options, clock: options.clock ?? createSystemClock() });
}
