/**
 * The pending queue as data in memory: entries in the order in which they came, changed by events and by nothing else.
 * What is decided from it (who is admitted, who is due) stands in `queue-core.ts`.
 *
 * Leases count monotonic time and live in memory only. A wait for `notBeforeAt` ends by the wall clock or by the
 * monotonic one, whichever comes first: a clock that is set back must not put a flagged file off for years.
 */
import type { Clock } from '../base/seams.js';
import type { StoredItem } from './entry-items.js';
import { laneOf } from './lanes.js';
import type { QueueEvent, Standing } from './queue-event.js';
import { identifySubject, identityOf, type SubjectIdentity } from './subject-record.js';
import { EntryTable } from './table/entry-table.js';
import { StoredEntry } from './table/stored-entry.js';

export { identityOf, StoredEntry };

/** No wait is longer than this, whatever `notBeforeAt` says. */
const maxWaitMs = 86_400_000;

/**
 * What an item is counted for beside its text. The only item of an entry takes less than half of that, every further
 * one up to twice as much: 100,000 files of ordinary paths stay within 64 MiB, in the count as in memory.
 */
export const itemOverheadBytes = 320;

/** The state of one queue. */
export class QueueState {
  readonly #clock: Clock;
  readonly #table: EntryTable;
  #bytes = 0;
  #items = 0;

  /** `seed`: of the hashes of ids and keys. */
  constructor(clock: Clock, seed: number) {
    this.#clock = clock;
    this.#table = new EntryTable(seed);
  }

  get entryCount(): number {
    return this.#table.count;
  }

  /** Texts of all items, with `itemOverheadBytes` for each. */
  get bytes(): number {
    return this.#bytes;
  }

  get itemCount(): number {
    return this.#items;
  }

  /** Texts of all items alone. */
  get textBytes(): number {
    return this.#bytes - this.#items * itemOverheadBytes;
  }

  /** Oldest first. */
  *entries(): IterableIterator<StoredEntry> {
    for (const row of this.#table.oldestFirst()) {
      yield new StoredEntry(this.#table, row);
    }
  }

  /** In any order, which costs less. */
  *inAnyOrder(): IterableIterator<StoredEntry> {
    for (const row of this.#table.rows()) {
      yield new StoredEntry(this.#table, row);
    }
  }

  get(id: string): StoredEntry | undefined {
    return this.#entry(this.#table.find(id));
  }

  /** The entry that a subject of this owner, kind and key joins. */
  same(owner: string, identity: string): StoredEntry | undefined {
    return this.#entry(this.#table.same(owner, identity));
  }

  /** So many entries of the owner that may be taken: the oldest of each lane, lanes in turn. */
  take(owner: string, limit: number, may: (entry: StoredEntry) => boolean): StoredEntry[] {
    return this.#table.take(owner, limit, (row) => may(new StoredEntry(this.#table, row))).map((row) => new StoredEntry(this.#table, row));
  }

  /**
   * Carries out one event. An event about something that is not there changes nothing: its beginning may be lost.
   * False when the event says nothing that could be carried out: the text of its subject is none. Who knows what that
   * text says may tell, which saves reading it.
   */
  apply(event: QueueEvent, known?: SubjectIdentity): boolean {
    switch (event.kind) {
      case 'enqueued':
        return this.#enqueued(event, known ?? identifySubject(event.subject));
      case 'claimed':
        event.entries.forEach((id) => this.#claimed(id, event.leaseMs));
        return true;
      case 'intended':
        this.#intended(event);
        return true;
      case 'settled':
        this.#settled(event);
        return true;
      case 'released':
        this.#released(event);
        return true;
      case 'standing':
        this.#standAs(event);
        return true;
    }
  }

  #enqueued(event: QueueEvent & { kind: 'enqueued' }, subject: SubjectIdentity | undefined): boolean {
    if (subject === undefined) {
      return false;
    }
    const item = { id: event.item, at: event.at, subject: event.subject };
    const bytes = costOf(event.subject);
    const entry = this.get(event.entry);
    this.#bytes += bytes;
    this.#items++;
    if (entry === undefined) {
      const { owner } = subject;
      const row = this.#table.add({ id: event.entry, owner, identity: identityOf(subject), lane: laneOf(subject), item, bytes });
      this.#stand(new StoredEntry(this.#table, row), { attempts: 0, failures: 0, notBeforeAt: event.at, dead: false });
      return true;
    }
    this.#table.changingItems(entry.row).add(item);
    entry.bytes += bytes;
    if (entry.isDead) {
      // Nobody has looked at it at this place.
      this.#stand(entry, startedOver(entry.standing, event.at));
    }
    return true;
  }

  #claimed(id: string, leaseMs: number): void {
    const entry = this.get(id);
    if (entry !== undefined) {
      this.#endClaim(entry, true);
      entry.claimUntil(this.#clock.monotonicMs() + leaseMs);
    }
  }

  /** No event: a lease lives in memory only. */
  renew(entry: StoredEntry, leaseMs: number): void {
    entry.leaseUntil = this.#clock.monotonicMs() + leaseMs;
  }

  #intended(event: QueueEvent & { kind: 'intended' }): void {
    const entry = this.get(event.entry);
    const item = entry === undefined ? undefined : this.#changing(entry, event.item);
    if (entry !== undefined && item !== undefined) {
      this.#grow(entry, event.intent.length - (item.intent?.length ?? 0));
      item.intent = event.intent;
      item.begunBy = event.claim;
    }
  }

  #settled(event: QueueEvent & { kind: 'settled' }): void {
    const entry = this.get(event.entry);
    const item = entry === undefined ? undefined : this.#changing(entry, event.item);
    if (entry === undefined || item === undefined || item.outcome !== undefined) {
      return;
    }
    const { items } = entry;
    items.close(item, event.outcome);
    this.#grow(entry, event.outcome.length);
    if (items.open === 0) {
      this.#bytes -= entry.bytes;
      this.#items -= items.count;
      this.#table.remove(entry.row);
    }
  }

  /** The item, to be changed. */
  #changing(entry: StoredEntry, id: string): StoredItem | undefined {
    return entry.items.find(id) === undefined ? undefined : this.#table.changingItems(entry.row).find(id);
  }

  #released(event: QueueEvent & { kind: 'released' }): void {
    const entry = this.get(event.entry);
    if (entry !== undefined) {
      this.#endClaim(entry, event.failed);
      const { standing } = entry;
      const next = standing.dead && !event.dead ? startedOver(standing, event.notBeforeAt) : { ...standing, notBeforeAt: event.notBeforeAt };
      this.#stand(entry, { ...next, dead: event.dead });
    }
  }

  /** A claim that ended without settling. One that simply ended (a crash, a hang) is held against the entry. */
  #endClaim(entry: StoredEntry, failed: boolean): void {
    if (entry.leaseUntil !== undefined) {
      entry.standing = oneAttemptMore(entry.standing, failed);
      entry.leaseUntil = undefined;
    }
  }

  /** Without an owner it stays whose it is: records of older journals know of none. */
  #standAs({ entry: id, standing }: QueueEvent & { kind: 'standing' }): void {
    const entry = this.get(id);
    if (entry === undefined) {
      return;
    }
    if (standing.owner !== undefined && standing.owner !== entry.owner) {
      this.#endClaim(entry, true);
      this.#table.adopt(entry.row, standing.owner);
    }
    this.#stand(entry, standing);
  }

  #stand(entry: StoredEntry, standing: Standing): void {
    entry.standing = standing;
    const waitMs = Math.min(Math.max(0, standing.notBeforeAt - this.#clock.now()), maxWaitMs);
    entry.dueAtMono = this.#clock.monotonicMs() + waitMs;
  }

  #grow(entry: StoredEntry, bytes: number): void {
    entry.bytes += bytes;
    this.#bytes += bytes;
  }

  #entry(row: number): StoredEntry | undefined {
    return row === -1 ? undefined : new StoredEntry(this.#table, row);
  }
}

/** Bytes that a further item of this text is counted for. */
export function costOf(text: string): number {
  return itemOverheadBytes + utf8Length(text);
}

/** The standing of what is taken back among the living: nothing is held against it any more. */
export function startedOver(standing: Standing, notBeforeAt: number): Standing {
  return { ...standing, attempts: 0, failures: 0, notBeforeAt, dead: false };
}

/** The standing after a claim that did not settle. */
export function oneAttemptMore(standing: Standing, failed: boolean): Standing {
  return { ...standing, attempts: standing.attempts + 1, failures: standing.failures + (failed ? 1 : 0) };
}

function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate is two units of a four-byte character.
    length += unit < 0x80 ? 0 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return length;
}
