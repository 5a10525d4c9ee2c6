/**
 * State in memory with a journal behind it: what every durable log here is made of (the pending queue, retro-hunt,
 * audit). The journal knows nothing of what its records say.
 *
 *     const state = { replay: (payload) => …, snapshot: () => …, liveBytes: () => … };    what is kept, in memory
 *     const journal = await openJournal({ dir, name: 'retro', clock, state });            replays what is on the disk
 *     const answer = await journal.write(() => ({ value, records: ['text'] }));           decide and apply, then write
 *
 * A step decides and applies in one turn and says what has to be written; `write` resolves with its answer when that,
 * and everything written before it, is on the disk. Steps in one turn share one sync. The file is written anew from
 * `snapshot` when most of it is history, and after the disk has failed; no step runs meanwhile. Records are texts of 1
 * to 1 MiB bytes in UTF-8 that do not end in a zero character: JSON is fine.
 */
import { VedetteError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';
import type { JournalLog } from './journal-log.js';
import type { Lock } from './lock.js';

/** What is kept in a journal, as it is in memory. */
export interface JournalState {
  /** Takes one record back when the journal is opened; false when it says nothing that can be used. Untrusted input. */
  replay(payload: Uint8Array): boolean;
  /** After the last record that was taken back. */
  endReplay?(): void;
  /** Records that make the state anew from nothing. The state does not change while they are taken. */
  snapshot(): Iterable<string>;
  /** Bytes that the records of a snapshot would have, roughly. */
  liveBytes(): number;
}

/** The answer of a step, and what has to be on the disk before the answer may be believed. */
export interface Recorded<T> {
  readonly value: T;
  readonly records: readonly string[];
}

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

/** What an open journal is made of. */
export interface JournalParts {
  readonly log: JournalLog;
  readonly lock: Lock;
  readonly clock: Clock;
  readonly state: Pick<JournalState, 'snapshot' | 'liveBytes'>;
  /** Bytes of history that are not worth a rewrite. */
  readonly slackBytes: number;
}

/** An open journal; made by `openJournal`. */
export class Journal {
  readonly #parts: JournalParts;
  #baseBytes = 0;
  #rewriting: Promise<void> | undefined;
  #healAt = Number.NEGATIVE_INFINITY;
  #closing: Promise<void> | undefined;

  constructor(parts: JournalParts) {
    this.#parts = parts;
  }

  /**
   * Takes a step, and resolves with its answer when its records are on the disk. What the step throws is thrown.
   * @throws VedetteError `store-damaged` when they are not there, or not surely (the state in memory has them all the
   * same, and so will the journal when it is written anew); `store-busy` when another process took the place; `closed`.
   */
  async write<T>(step: () => Recorded<T>): Promise<T> {
    const value = await this.#take(step);
    // Also without records: what the answer rests on may have been decided by another call and not be written yet.
    await this.#parts.log.commit();
    this.#rewriteIfWorth();
    return value;
  }

  /** As `write`, but the answer does not wait for the disk: its records are there with the next `write` at the latest. */
  note<T>(step: () => Recorded<T>): Promise<T> {
    return this.#take(step);
  }

  /** Waits for what is under way, closes the file and gives the directory free. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  /** Waits until steps may be taken; in that turn takes this one and gives its records, so that no rewrite comes between. */
  async #take<T>(step: () => Recorded<T>): Promise<T> {
    for (let wait = this.#obstacle(); wait !== undefined; wait = this.#obstacle()) {
      await wait;
    }
    const { value, records } = step();
    this.#parts.log.append(records);
    return value;
  }

  /** What has to be waited for before the journal takes records; undefined when it does now. */
  #obstacle(): Promise<void> | undefined {
    if (this.#closing !== undefined) {
      throw new VedetteError('closed', 'the journal is closed');
    }
    const { failure } = this.#parts.log;
    if (this.#rewriting === undefined && failure !== undefined) {
      this.#heal(failure);
    }
    return this.#rewriting;
  }

  /** A failed journal is not appended to: it is written anew, from what is in memory, or stays failed. */
  #heal(failure: VedetteError): void {
    const now = this.#parts.clock.monotonicMs();
    if (failure.code !== 'store-damaged' || now < this.#healAt) {
      throw failure;
    }
    this.#healAt = now + healPauseMs;
    this.#startRewrite();
  }

  #rewriteIfWorth(): void {
    const { log, state, slackBytes } = this.#parts;
    const isFree = this.#rewriting === undefined && this.#closing === undefined;
    if (isFree && isWorthRewriting({ bytes: log.bytes, liveBytes: state.liveBytes(), baseBytes: this.#baseBytes, slackBytes })) {
      this.#startRewrite();
    }
  }

  #startRewrite(): void {
    this.#rewriting = this.#rewrite().finally(() => {
      this.#rewriting = undefined;
    });
  }

  async #rewrite(): Promise<void> {
    const { log, state } = this.#parts;
    await log.rewrite(state.snapshot());
    // Also where there was no room: the next try waits until the file has grown by a good part again.
    this.#baseBytes = log.bytes;
  }

  async #end(): Promise<void> {
    await this.#rewriting;
    try {
      await this.#parts.log.close();
    } finally {
      await this.#parts.lock.release();
    }
  }
}
