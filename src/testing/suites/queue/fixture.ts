/** What the tests of the pending queue have at hand: queues on a clock that stands still, and subjects to flag. */
import type { ClaimOptions, NewPending, PendingEntry, PendingQueue } from '../../../pending/pending-queue.js';
import { assertEqual, fail, present, show } from '../../assertions.js';
import { FakeClock } from '../../doubles/fake-clock.js';
import { createPartMaker } from '../../runner.js';
import type { SuiteOptions } from '../../runner.js';

/** What `create` is told: the clock that the queue has to live by, and the bounds that the test counts on. */
export interface QueueContext {
  readonly clock: FakeClock;
  /** Entries at most; undefined where the test does not care. */
  readonly maxEntries?: number;
  /** Bytes at most, in the queue's own count; undefined where the test does not care. */
  readonly maxBytes?: number;
}

/** Options of `describePendingQueue`. */
export interface QueueSuiteOptions extends SuiteOptions<PendingQueue, QueueContext> {
  /** Seed of the random sequences of calls; the suite says it in every failure. Default 1. */
  readonly seed?: number;
  /** Random sequences of 200 calls. Default 5. */
  readonly rounds?: number;
  /**
   * Ends the queue and opens another over the same durable place with the same context, as a restart does. Absent for
   * queues of durability `process`.
   */
  reopen?(queue: PendingQueue, context: QueueContext): PendingQueue | Promise<PendingQueue>;
}

/** One test's world. */
export interface QueueFixture {
  readonly clock: FakeClock;
  readonly make: (bounds?: Omit<QueueContext, 'clock'>) => Promise<PendingQueue>;
  readonly reopen: (queue: PendingQueue) => Promise<PendingQueue>;
  readonly disposeAll: () => Promise<void>;
}

/** A fresh world: a new clock, no queue yet. */
export function openQueueFixture(options: QueueSuiteOptions): QueueFixture {
  const clock = new FakeClock();
  const maker = createPartMaker(options);
  const contexts = new Map<PendingQueue, QueueContext>();
  return {
    clock,
    disposeAll: () => maker.disposeAll(),
    async make(bounds = {}) {
      const context = { clock, ...bounds };
      const queue = await maker.make(context);
      contexts.set(queue, context);
      return queue;
    },
    async reopen(queue) {
      const context = contexts.get(queue) ?? { clock };
      const again = (await options.reopen?.(queue, context)) ?? queue;
      maker.replace(queue, again);
      contexts.set(again, context);
      return again;
    },
  };
}

/** Owner of the entries of most tests. */
export const owner = 'engine-1';

/** A lease of a minute on up to a hundred entries. */
export const claimAll: ClaimOptions = { limit: 100, leaseMs: 60_000 };

/** The same, entries that wait or are dead included. */
export const claimEverything: ClaimOptions = { ...claimAll, include: 'dead' };

/** A file subject to flag, told apart by `mark`; `at` is its place, `false` for a subject without locator. */
export function pendingFile(mark: string, options: { readonly at?: string | false; readonly owner?: string } = {}): NewPending {
  const place = options.at ?? `/files/${mark}`;
  return {
    owner: options.owner ?? owner,
    kind: 'file',
    key: `key-${mark}`,
    fingerprints: [{ kind: 'file', algorithm: 'sha256', hash: hashOf(mark), size: 1234 }],
    reason: 'unreachable',
    subject: place === false ? { label: mark } : { label: place, locator: { scheme: 'file', ref: place } },
  };
}

/** 32 bytes that differ by mark; no digest of anything. */
export function hashOf(mark: string): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => (i * 7 + mark.charCodeAt(i % mark.length)) & 0xff);
}

/** Flags subjects one after another, a second apart, and gives the ids of their entries. */
export async function flag(fixture: QueueFixture, queue: PendingQueue, subjects: readonly NewPending[]): Promise<string[]> {
  const ids: string[] = [];
  for (const subject of subjects) {
    ids.push(await flagOne(queue, subject));
    await fixture.clock.advance(1_000);
  }
  return ids;
}

/** Flags one subject, which must be accepted, and gives the id of its entry. */
export async function flagOne(queue: PendingQueue, subject: NewPending): Promise<string> {
  const [pending] = await queue.enqueue([subject]);
  return pending?.kind === 'queued' ? pending.id : fail(`enqueue of ${subject.key}: expected queued, got ${show(pending)}`);
}

/** The entry, which must be there. */
export async function entryOf(queue: PendingQueue, id: string): Promise<PendingEntry> {
  return present(`entry ${id}`, await queue.find(id));
}

/** Keys of entries, in their order. */
export function keysOf(entries: readonly PendingEntry[]): string[] {
  return entries.map((entry) => entry.key);
}

/** Settles every item of the entry; the last must say that the entry is settled. */
export async function settleAll(queue: PendingQueue, entry: PendingEntry): Promise<void> {
  for (const [index, item] of entry.items.entries()) {
    const settled = await queue.settle(entry.id, item.id, { kind: 'done' });
    assertEqual(`settling item ${index + 1} of ${entry.items.length}`, settled, index === entry.items.length - 1);
  }
}
