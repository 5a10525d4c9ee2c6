/**
 * Step 5 on disk: the pending queue whose promises resolve when what they say is on the disk. The queue in memory
 * (`pending/queue-core.ts`) decides; every event goes into the journal before the answer goes out.
 */
import type { PendingQueue } from '../../pending/pending-queue.js';
import type { QueueCore, Step } from '../../pending/queue-core.js';
import type { QueueEvent } from '../../pending/queue-event.js';
import { decodeEvent, encodeEvent } from './event-codec.js';
import type { Journal, JournalState, Recorded } from './journal.js';

/** A queue with a file behind it. */
export type JournalQueue = PendingQueue & { close(): Promise<void> };

/** Bytes of a record beside the text of its subject. */
const recordOverheadBytes = 96;

/** Ties the core to its journal. */
export class JournaledQueue implements JournalQueue {
  readonly durability = 'disk';
  readonly #core: QueueCore;
  readonly #journal: Journal;

  constructor(core: QueueCore, journal: Journal) {
    this.#core = core;
    this.#journal = journal;
  }

  enqueue(...[subjects]: Parameters<PendingQueue['enqueue']>): ReturnType<PendingQueue['enqueue']> {
    return this.#journal.write(() => recorded(this.#core.enqueue(subjects)));
  }

  /** Leases live in memory: a claim is written down to be counted if the process dies of it, and not waited for. */
  claim(...[owner, options]: Parameters<PendingQueue['claim']>): ReturnType<PendingQueue['claim']> {
    return this.#journal.note(() => recorded(this.#core.claim(owner, options)));
  }

  intend(...call: Parameters<PendingQueue['intend']>): Promise<void> {
    return this.#journal.write(() => recorded(this.#core.intend(...call)));
  }

  settle(...call: Parameters<PendingQueue['settle']>): Promise<boolean> {
    return this.#journal.write(() => recorded(this.#core.settle(...call)));
  }

  release(...[id, options]: Parameters<PendingQueue['release']>): Promise<void> {
    return this.#journal.write(() => recorded(this.#core.release(id, options)));
  }

  /** Leases live in memory, and so do their renewals. */
  async renew(...call: Parameters<NonNullable<PendingQueue['renew']>>): Promise<boolean> {
    return this.#core.renew(...call).value;
  }

  adopt(from: string, to: string): Promise<number> {
    return this.#journal.write(() => recorded(this.#core.adopt(from, to)));
  }

  async find(id: string): ReturnType<PendingQueue['find']> {
    return this.#core.find(id);
  }

  list(): ReturnType<PendingQueue['list']> {
    return this.#core.list();
  }

  async counts(owner: string): ReturnType<PendingQueue['counts']> {
    return this.#core.counts(owner);
  }

  close(): Promise<void> {
    return this.#journal.close();
  }
}

/** The queue in memory as the state of a journal. */
export function queueState(core: QueueCore): JournalState {
  return {
    replay(payload) {
      const event = decodeEvent(payload);
      return event !== undefined && core.replay(event);
    },
    snapshot: () => recordsOf(core.snapshot()),
    liveBytes: () => core.textBytes + core.itemCount * recordOverheadBytes,
  };
}

/** A step as what the journal writes of it. */
export function recorded<T>({ value, events }: Step<T>): Recorded<T> {
  return { value, records: events.map(encodeEvent) };
}

/** One at a time: a snapshot of everything is never in memory as a whole. */
function* recordsOf(events: Iterable<QueueEvent>): IterableIterator<string> {
  for (const event of events) {
    yield encodeEvent(event);
  }
}
