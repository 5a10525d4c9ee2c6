/** The pending queue of durability `process`: it forgets with the process what it could not have settled. */
import type { Clock } from '../base/seams.js';
import type { PendingQueue } from './pending-queue.js';
import { QueueCore, type Step } from './queue-core.js';

/** Options of `createMemoryQueue`. */
export interface MemoryQueueOptions {
  readonly clock: Clock;
  /** Entries at most (100,000). */
  readonly maxEntries?: number | undefined;
  /** Bytes of all items at most (64 MiB). */
  readonly maxBytes?: number | undefined;
  /**
   * A new id at every call. Item ids become keys of remedies, which outlive the process: the default counts upward
   * from the instant of creation, so that two runs do not give out the same. Those of the presets have a part by chance
   * as well: two may begin at one instant.
   */
  readonly ids?: (() => string) | undefined;
}

/**
 * A queue in memory.
 * @throws RangeError when a bound is no positive integer.
 */
export function createMemoryQueue(options: MemoryQueueOptions): PendingQueue {
  const core = new QueueCore({ ...options, durability: 'process', ids: options.ids ?? countingIds(options.clock) });
  return {
    durability: 'process',
    enqueue: async (subjects) => valueOf(core.enqueue(subjects)),
    claim: async (owner, claim) => valueOf(core.claim(owner, claim)),
    intend: async (...call) => valueOf(core.intend(...call)),
    settle: async (...call) => valueOf(core.settle(...call)),
    release: async (id, release) => valueOf(core.release(id, release)),
    renew: async (...call) => valueOf(core.renew(...call)),
    find: async (id) => core.find(id),
    list: () => core.list(),
    counts: async (owner) => core.counts(owner),
    adopt: async (from, to) => valueOf(core.adopt(from, to)),
  };
}

function valueOf<T>(step: Step<T>): T {
  return step.value;
}

function countingIds(clock: Clock): () => string {
  const start = clock.now().toString(36);
  let count = 0;
  return () => `${start}-${(count++).toString(36)}`;
}
