/**
 * The open file of a journal: records are appended in the order in which they are given, and `commit` resolves when all
 * that were given before it are on the disk. Commits that come while a sync is under way share the next one. What is in
 * the records it does not know; `journal.ts` says how to keep something in one.
 *
 * The file is made longer by a piece of zeros at a time, together with the records that need the room: the syncs in
 * between change no length, which saves the file system a commit of its own (a quarter of the time on ext4).
 *
 * A write or sync that failed is never repeated and believed: after a failed sync the kernel may have dropped the
 * pages and would report success the next time. The log fails, everybody who waits is told, and nothing is taken until
 * the whole journal was written anew from memory.
 */
import { VedetteError } from '../../base/errors.js';
import { storeError } from '../store-error.js';
import { FrameBatch } from './frame-batch.js';
import { rewriteJournal, type JournalPlace, type Written, type Writer } from './write-journal.js';

interface Waiter {
  readonly upTo: number;
  resolve(): void;
  reject(error: VedetteError): void;
}

/** What a log is made with. */
export interface JournalLogParts {
  readonly place: JournalPlace;
  readonly lock: Writer;
  readonly written: Written;
  /** Bytes by which the file is made longer at a time. */
  readonly growBytes: number;
}

/** Appends to one journal file. */
export class JournalLog {
  readonly #place: JournalPlace;
  readonly #lock: Writer;
  readonly #growBytes: number;
  #written: Written;
  /** Records given, and those that are being written. */
  #batch = new FrameBatch();
  #underWay = new FrameBatch();
  #waiters: Waiter[] = [];
  /** Numbers of the last record given, and of the last one that is on the disk. */
  #given: number;
  #synced: number;
  #failure: VedetteError | undefined;
  #pumping: Promise<void> | undefined;

  constructor({ place, lock, written, growBytes }: JournalLogParts) {
    this.#place = place;
    this.#lock = lock;
    this.#growBytes = growBytes;
    this.#written = written;
    this.#given = written.sequence;
    this.#synced = written.sequence;
  }

  /** Bytes of the records in the file. */
  get bytes(): number {
    return this.#written.bytes;
  }

  /** Why nothing is taken, until `rewrite` has succeeded. */
  get failure(): VedetteError | undefined {
    return this.#failure;
  }

  /**
   * Gives records to be written soon; they are durable with the next `commit`.
   * @throws RangeError when a record is empty, longer than 1 MiB or ends in a zero character; those before it are given.
   */
  append(records: readonly string[]): void {
    if (records.length === 0 || this.#failure !== undefined) {
      return;
    }
    for (const record of records) {
      this.#batch.add(this.#given + 1, record);
      this.#given++;
    }
    this.#pump();
  }

  /**
   * Resolves when everything appended so far is on the disk.
   * @throws VedetteError `store-damaged` when it is not, or not surely; `store-busy` when the lock was taken away.
   */
  commit(): Promise<void> {
    if (this.#failure !== undefined) {
      return Promise.reject(this.#failure);
    }
    if (this.#synced >= this.#given) {
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ upTo: this.#given, resolve, reject });
      this.#pump();
    });
  }

  /**
   * Writes the journal anew. Nothing may be appended meanwhile. True when the new file has taken the place of the old;
   * false when the old one is still good and the new one was not to be had (no room), which is no failure.
   */
  async rewrite(records: Iterable<string>): Promise<boolean> {
    await this.#pumping;
    const outcome = await rewriteJournal(this.#place, records, this.#lock);
    switch (outcome.kind) {
      case 'written':
        await this.#replace(outcome.written);
        return true;
      case 'kept':
        // No room is no failure; a lock that was taken away is one.
        await this.#stillOurs();
        return false;
      case 'unsure':
        this.#fail(outcome.error, 'replacing');
        return false;
    }
  }

  /** Waits for what is under way and closes the file. */
  async close(): Promise<void> {
    await this.#pumping;
    this.#failure ??= new VedetteError('closed', 'the journal is closed');
    await this.#written.file.close();
  }

  async #replace(written: Written): Promise<void> {
    const old = this.#written.file;
    this.#written = written;
    this.#given = written.sequence;
    this.#synced = written.sequence;
    this.#failure = undefined;
    try {
      await old.close();
    } catch {
      // The old file has no name any more.
    }
  }

  #pump(): void {
    this.#pumping ??= this.#work();
  }

  async #work(): Promise<void> {
    try {
      // Those who ask in the same turn are served by the same write.
      await Promise.resolve();
      while (this.#batch.length > 0 || this.#waiters.length > 0) {
        await this.#writeAndSync();
      }
    } catch (error) {
      this.#fail(error, 'writing');
    } finally {
      // In the turn in which nothing was left to do: who comes next starts anew.
      this.#pumping = undefined;
    }
  }

  async #writeAndSync(): Promise<void> {
    const upTo = this.#given;
    if (this.#batch.length > 0) {
      await this.#write(upTo);
    }
    if (this.#waiters.length === 0) {
      return;
    }
    await this.#written.file.sync();
    // Asked after the sync: from here on a holder that was presumed dead acknowledges nothing.
    if (!(await this.#stillOurs())) {
      return;
    }
    this.#synced = upTo;
    const served = this.#waiters.filter((waiter) => waiter.upTo <= upTo);
    this.#waiters = this.#waiters.filter((waiter) => waiter.upTo > upTo);
    served.forEach((waiter) => waiter.resolve());
  }

  async #write(upTo: number): Promise<void> {
    const batch = this.#batch;
    this.#batch = this.#underWay;
    this.#underWay = batch;
    const { file, bytes, size } = this.#written;
    const end = bytes + batch.length;
    const zeros = end > size ? this.#growBytes : 0;
    await file.write(bytes, batch.padded(zeros));
    this.#written = { file, bytes: end, size: Math.max(size, end + zeros), sequence: upTo };
    batch.clear();
  }

  async #stillOurs(): Promise<boolean> {
    try {
      if (await this.#lock.isHeld()) {
        return true;
      }
      this.#fail(new VedetteError('store-busy', `${this.#place.dir} was taken over by another process`), 'locking');
    } catch (error) {
      this.#fail(error, 'locking');
    }
    return false;
  }

  #fail(cause: unknown, operation: string): void {
    const failure = storeError(operation, this.#place.name, cause);
    this.#failure = failure;
    this.#batch.clear();
    this.#underWay.clear();
    this.#waiters.splice(0).forEach((waiter) => waiter.reject(failure));
  }
}
