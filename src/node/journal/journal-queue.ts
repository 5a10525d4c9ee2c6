/**
 * Step 5 on disk: the pending queue whose promises resolve when what they say is on the disk. The queue in memory
 * (`pending/queue-core.ts`) decides; every event goes into the journal before the answer goes out. The journal is
 * written anew when most of it is history, and after damage, of which a copy is kept.
 */
import { VedetteError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';
import type { PendingQueue } from '../../pending/pending-queue.js';
import type { QueueCore, Step } from '../../pending/queue-core.js';
import type { QueueEvent } from '../../pending/queue-event.js';
import { encodeEvent } from './event-codec.js';
import type { JournalLog } from './journal-log.js';
import type { Lock } from './lock.js';

/** A queue with a file behind it. */
export type JournalQueue = PendingQueue & { close(): Promise<void> };

/** Bytes of a record beside the text of its subject. */
const recordOverheadBytes = 96;

/** After a failed rewrite of a failed journal, the next is tried this much later at the earliest. */
const healPauseMs = 1000;

/** What a rewrite would gain: sizes in bytes, `baseBytes` as the last rewrite left the file. */
export interface FileBalance {
  readonly bytes: number;
  readonly liveBytes: number;
  readonly baseBytes: number;
  /** Growth that is always allowed. */
  readonly slackBytes: number;
}

/** Whether history dominates, and the file has grown by a good part since it was last looked at. */
export function isWorthRewriting({ bytes, liveBytes, baseBytes, slackBytes }: FileBalance): boolean {
  return bytes > slackBytes + 2 * liveBytes && bytes > slackBytes + 1.25 * baseBytes;
}

/** What the queue on disk is made of. */
export interface JournaledQueueParts {
  readonly core: QueueCore;
  readonly log: JournalLog;
  readonly lock: Lock;
  readonly clock: Clock;
  /** Bytes of history that are not worth a rewrite. */
  readonly slackBytes: number;
}

/** Ties the core to its journal. */
export class JournaledQueue implements JournalQueue {
  readonly durability = 'disk';
  readonly #core: QueueCore;
  readonly #log: JournalLog;
  readonly #lock: Lock;
  readonly #clock: Clock;
  readonly #slackBytes: number;
  #baseBytes = 0;
  #rewriting: Promise<void> | undefined;
  #healAt = Number.NEGATIVE_INFINITY;
  #closing: Promise<void> | undefined;

  constructor(parts: JournaledQueueParts) {
    this.#core = parts.core;
    this.#log = parts.log;
    this.#lock = parts.lock;
    this.#clock = parts.clock;
    this.#slackBytes = parts.slackBytes;
  }

  enqueue(...[subjects]: Parameters<PendingQueue['enqueue']>): ReturnType<PendingQueue['enqueue']> {
    return this.#change(() => this.#core.enqueue(subjects));
  }

  /** Leases live in memory: a claim is written down to be counted if the process dies of it, and not waited for. */
  async claim(...[owner, options]: Parameters<PendingQueue['claim']>): ReturnType<PendingQueue['claim']> {
    for (let wait = this.#obstacle(); wait !== undefined; wait = this.#obstacle()) {
      await wait;
    }
    const { value, events } = this.#core.claim(owner, options);
    this.#log.append(events.map(encodeEvent));
    return value;
  }

  intend(...[id, item, intent]: Parameters<PendingQueue['intend']>): Promise<void> {
    return this.#change(() => this.#core.intend(id, item, intent));
  }

  settle(...[id, item, outcome]: Parameters<PendingQueue['settle']>): Promise<boolean> {
    return this.#change(() => this.#core.settle(id, item, outcome));
  }

  release(...[id, options]: Parameters<PendingQueue['release']>): Promise<void> {
    return this.#change(() => this.#core.release(id, options));
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
    this.#closing ??= this.#end();
    return this.#closing;
  }

  /** Decides and applies in one turn, then writes, then answers. */
  async #change<T>(step: () => Step<T>): Promise<T> {
    // Looked at and acted upon in the same turn: a rewrite must not begin in between.
    for (let wait = this.#obstacle(); wait !== undefined; wait = this.#obstacle()) {
      await wait;
    }
    const { value, events } = step();
    this.#log.append(events.map(encodeEvent));
    // Also without events: what the answer rests on may have been decided by another call and not be written yet.
    await this.#log.commit();
    this.#rewriteIfWorth();
    return value;
  }

  /** What has to be waited for before the journal takes records; undefined when it does now. */
  #obstacle(): Promise<void> | undefined {
    if (this.#closing !== undefined) {
      throw new VedetteError('closed', 'the pending queue is closed');
    }
    if (this.#rewriting === undefined && this.#log.failure !== undefined) {
      this.#heal(this.#log.failure);
    }
    return this.#rewriting;
  }

  /** A failed journal is not appended to: it is written anew, from what is in memory, or stays failed. */
  #heal(failure: VedetteError): void {
    const now = this.#clock.monotonicMs();
    if (failure.code !== 'store-damaged' || now < this.#healAt) {
      throw failure;
    }
    this.#healAt = now + healPauseMs;
    this.#startRewrite();
  }

  #rewriteIfWorth(): void {
    const liveBytes = this.#core.textBytes + this.#core.itemCount * recordOverheadBytes;
    const file = { bytes: this.#log.bytes, liveBytes, baseBytes: this.#baseBytes, slackBytes: this.#slackBytes };
    if (this.#rewriting === undefined && this.#closing === undefined && isWorthRewriting(file)) {
      this.#startRewrite();
    }
  }

  #startRewrite(): void {
    this.#rewriting = this.#rewrite().finally(() => {
      this.#rewriting = undefined;
    });
  }

  async #rewrite(): Promise<void> {
    await this.#log.rewrite(payloadsOf(this.#core.snapshot()));
    // Also where there was no room: the next try waits until the file has grown by a good part again.
    this.#baseBytes = this.#log.bytes;
  }

  async #end(): Promise<void> {
    await this.#rewriting;
    try {
      await this.#log.close();
    } finally {
      await this.#lock.release();
    }
  }
}

/** Events as payloads, one at a time: a snapshot of everything is never in memory as a whole. */
export function* payloadsOf(events: Iterable<QueueEvent>): IterableIterator<Uint8Array> {
  for (const event of events) {
    yield encodeEvent(event);
  }
}
