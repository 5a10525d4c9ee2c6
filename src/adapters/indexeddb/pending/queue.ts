/**
 * The pending queue of a browser. It holds nothing in memory: several tabs and a service worker that may be killed at
 * any moment share the database, and every call is one transaction over what is there at that time.
 */
import { assertInteger } from '../../../base/assert.js';
import type { Pending } from '../../../base/check-result.js';
import type { Clock } from '../../../base/seams.js';
import type { PendingEntry, PendingQueue } from '../../../pending/pending-queue.js';
import { noteText } from '../../../pending/item-notes.js';
import type { Connection } from '../connection.js';
import type { DamageReporter } from '../damage.js';
import { instantOf } from '../instants.js';
import { isQuotaExceeded } from '../store-failure.js';
import { queueStores, ReadingDesk } from './reading-desk.js';
import { admit, adopt, claim, counts, intend, prepare, release, renew, settle, type Admission, type Prepared } from './steps.js';
import { WritingDesk } from './writing-desk.js';

/** What the queue is made of. */
export interface QueueParts {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly report: DamageReporter;
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** A new id at every call, never the same again, in any tab. */
  readonly ids: () => string;
  /** Marks the instants of this process: equal for queues that share a monotonic clock, and for no others. */
  readonly process: string;
}

/** Entries of a list that are read at once. */
const listPage = 64;

/**
 * A queue over the connection; of durability `disk` where the browser promises to have written what it acknowledges.
 * @throws RangeError when a bound is no positive integer.
 */
export function createQueue(parts: QueueParts): PendingQueue {
  assertInteger('maxEntries', parts.maxEntries, { min: 1 });
  assertInteger('maxBytes', parts.maxBytes, { min: 1 });
  const { connection, clock, report } = parts;
  const durability = connection.strict ? 'disk' : 'process';
  const admission: Admission = { ...parts, durability };
  const now = () => instantOf(clock, parts.process);

  const read = <T>(step: (desk: ReadingDesk) => Promise<T>): Promise<T> =>
    connection.read(queueStores, (transaction) => step(new ReadingDesk(transaction, report, now())));
  const write = <T>(step: (desk: WritingDesk) => Promise<T>): Promise<T> =>
    connection.write(queueStores, async (transaction) => {
      const desk = new WritingDesk(transaction, report, now());
      const value = await step(desk);
      await desk.end();
      return value;
    });
  const admitAll = (subjects: readonly Prepared[]): Promise<Pending[]> =>
    write(async (desk) => {
      const pending: Pending[] = [];
      for (const subject of subjects) {
        pending.push(await admit(desk, subject, admission));
      }
      return pending;
    });

  return {
    durability,
    enqueue: async (subjects) => (subjects.length === 0 ? [] : admitWhatFits(subjects.map(prepare), admitAll)),
    async claim(owner, options) {
      assertInteger('limit', options.limit, { min: 0 });
      assertInteger('leaseMs', options.leaseMs, { min: 1 });
      const own = { ...options };
      return options.limit === 0 ? [] : write((desk) => claim(desk, owner, own));
    },
    async intend(id, item, intent, name) {
      const text = eagerly(() => noteText('intent', intent));
      await write((desk) => intend(desk, { id, item, claim: name }, text));
    },
    async settle(id, item, outcome, name) {
      const text = eagerly(() => noteText('outcome', outcome));
      return write((desk) => settle(desk, { id, item, claim: name }, text));
    },
    async release(id, options) {
      const own = { ...options };
      await write((desk) => release(desk, id, own));
    },
    async renew(id, name, leaseMs) {
      assertInteger('leaseMs', leaseMs, { min: 1 });
      return write((desk) => renew(desk, { id, claim: name }, leaseMs));
    },
    find: (id) =>
      read(async (desk) => {
        const head = await desk.head(id);
        return head === undefined ? undefined : desk.view(head);
      }),
    list: () => listAll(read),
    counts: (owner) => read((desk) => counts(desk, owner)),
    adopt: async (from, to) => (from === to ? 0 : write((desk) => adopt(desk, from, to))),
  };
}

/** A full disk refuses what is new and nothing else: one by one, what is there already is still acknowledged. */
async function admitWhatFits(subjects: readonly Prepared[], admitAll: (subjects: readonly Prepared[]) => Promise<Pending[]>): Promise<Pending[]> {
  try {
    return await admitAll(subjects);
  } catch (error) {
    if (!isQuotaExceeded(error)) {
      throw error;
    }
  }
  if (subjects.length === 1) {
    return [{ kind: 'refused', code: 'pending-full' }];
  }
  const pending: Pending[] = [];
  for (const subject of subjects) {
    pending.push(...(await admitWhatFits([subject], admitAll)));
  }
  return pending;
}

/** Pages of what is there at the beginning, each read when its turn comes. */
async function* listAll(read: <T>(step: (desk: ReadingDesk) => Promise<T>) => Promise<T>): AsyncGenerator<PendingEntry> {
  const keys = await read((desk) => desk.keys());
  for (let at = 0; at < keys.length; at += listPage) {
    const page = await read(async (desk) => {
      const entries: PendingEntry[] = [];
      for (const key of keys.slice(at, at + listPage)) {
        const head = await desk.headAt(key);
        const entry = head === undefined ? undefined : await desk.view(head);
        entries.push(...(entry === undefined ? [] : [entry]));
      }
      return entries;
    });
    yield* page;
  }
}

/** The value of now, and its error only when somebody asks: the caller may change what it gave. */
function eagerly(make: () => string): () => string {
  try {
    const value = make();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
