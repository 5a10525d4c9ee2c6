/**
 * The pending queue as data in memory: entries in the order in which they came, changed by events and by nothing else.
 * What is decided from it (who is admitted, who is due) stands in `queue-core.ts`.
 *
 * Leases count monotonic time and live in memory only. A wait for `notBeforeAt` ends by the wall clock or by the
 * monotonic one, whichever comes first: a clock that is set back must not put a flagged file off for years.
 */
import type { Clock } from '../base/seams.js';
import { EntryItems, type StoredItem } from './entry-items.js';
import { laneOf, Lanes } from './lanes.js';
import type { QueueEvent, Standing } from './queue-event.js';
import { identifySubject } from './subject-record.js';

/** No wait is longer than this, whatever `notBeforeAt` says. */
const maxWaitMs = 86_400_000;

/** What an item is counted for beside its text: measured as heap per entry of one item, rounded up. */
export const itemOverheadBytes = 640;

/** One entry as it is held. */
export interface StoredEntry {
  readonly id: string;
  /** Changes when it is adopted. */
  owner: string;
  /** Kind and key: with the owner, what makes two subjects one entry. */
  readonly identity: string;
  readonly lane: string;
  /** Counts upward: smaller is older. */
  readonly order: number;
  readonly items: EntryItems;
  standing: Standing;
  /** Monotonic instant at which the wait for `notBeforeAt` is over in any case. */
  dueAtMono: number;
  /** Monotonic instant until which the entry is leased, where it was claimed and not released since. */
  leaseUntil?: number;
  bytes: number;
}

/** The state of one queue. */
export class QueueState {
  readonly #clock: Clock;
  readonly #entries = new Map<string, StoredEntry>();
  readonly #byOwner = new Map<string, Lanes<StoredEntry>>();
  #order = 0;
  #bytes = 0;
  #items = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get entryCount(): number {
    return this.#entries.size;
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

  entries(): IterableIterator<StoredEntry> {
    return this.#entries.values();
  }

  get(id: string): StoredEntry | undefined {
    return this.#entries.get(id);
  }

  /** The entry that a subject of this owner, kind and key joins. */
  same(owner: string, identity: string): StoredEntry | undefined {
    return this.#byOwner.get(owner)?.same(identity);
  }

  /** So many entries of the owner that may be taken: the oldest of each lane, lanes in turn. */
  take(owner: string, limit: number, may: (entry: StoredEntry) => boolean): StoredEntry[] {
    return this.#byOwner.get(owner)?.take(limit, may) ?? [];
  }

  /**
   * Carries out one event. An event about something that is not there changes nothing: its beginning may be lost.
   * False when the event says nothing that could be carried out: the text of its subject is none.
   */
  apply(event: QueueEvent): boolean {
    switch (event.kind) {
      case 'enqueued':
        return this.#enqueued(event);
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

  /** Ends every lease as a claim that did not settle: what a restart means. */
  voidClaims(): void {
    for (const entry of this.#entries.values()) {
      this.#endClaim(entry, true);
    }
  }

  #enqueued(event: QueueEvent & { kind: 'enqueued' }): boolean {
    const subject = identifySubject(event.subject);
    if (subject === undefined) {
      return false;
    }
    const item: StoredItem = { id: event.item, at: event.at, subject: event.subject };
    const bytes = costOf(event.subject);
    const entry = this.#entries.get(event.entry);
    this.#bytes += bytes;
    this.#items++;
    if (entry !== undefined) {
      entry.items.add(item);
      entry.bytes += bytes;
      if (entry.standing.dead) {
        // Nobody has looked at it at this place.
        this.#stand(entry, startedOver(entry.standing, event.at));
      }
      return true;
    }
    const added: StoredEntry = {
      id: event.entry,
      owner: subject.owner,
      identity: identityOf(subject),
      lane: laneOf(subject),
      order: this.#order++,
      items: new EntryItems(item),
      standing: { attempts: 0, failures: 0, notBeforeAt: event.at, dead: false },
      dueAtMono: 0,
      bytes,
    };
    this.#stand(added, added.standing);
    this.#entries.set(added.id, added);
    this.#lanesOf(subject.owner).add(added);
    return true;
  }

  #claimed(id: string, leaseMs: number): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) {
      this.#endClaim(entry, true);
      entry.leaseUntil = this.#clock.monotonicMs() + leaseMs;
    }
  }

  #intended(event: QueueEvent & { kind: 'intended' }): void {
    const entry = this.#entries.get(event.entry);
    const item = entry?.items.find(event.item);
    if (entry !== undefined && item !== undefined) {
      this.#grow(entry, event.intent.length - (item.intent?.length ?? 0));
      item.intent = event.intent;
    }
  }

  #settled(event: QueueEvent & { kind: 'settled' }): void {
    const entry = this.#entries.get(event.entry);
    const item = entry?.items.find(event.item);
    if (entry === undefined || item === undefined || item.outcome !== undefined) {
      return;
    }
    entry.items.close(item, event.outcome);
    this.#grow(entry, event.outcome.length);
    if (entry.items.open === 0) {
      this.#remove(entry);
    }
  }

  #released(event: QueueEvent & { kind: 'released' }): void {
    const entry = this.#entries.get(event.entry);
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
      delete entry.leaseUntil;
    }
  }

  /** Without an owner it stays whose it is: records of older journals know of none. */
  #standAs({ entry: id, standing }: QueueEvent & { kind: 'standing' }): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) {
      return;
    }
    if (standing.owner !== undefined && standing.owner !== entry.owner) {
      this.#endClaim(entry, true);
      this.#leaveLanes(entry);
      entry.owner = standing.owner;
      this.#lanesOf(entry.owner).add(entry);
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

  #remove(entry: StoredEntry): void {
    this.#entries.delete(entry.id);
    this.#bytes -= entry.bytes;
    this.#items -= entry.items.count;
    this.#leaveLanes(entry);
  }

  #leaveLanes(entry: StoredEntry): void {
    const lanes = this.#lanesOf(entry.owner);
    lanes.delete(entry);
    if (lanes.isEmpty) {
      this.#byOwner.delete(entry.owner);
    }
  }

  #lanesOf(owner: string): Lanes<StoredEntry> {
    const there = this.#byOwner.get(owner) ?? new Lanes<StoredEntry>();
    this.#byOwner.set(owner, there);
    return there;
  }
}

/** Kind and key in one text. The kind belongs to it: a file may hold just the text of a URL, and is not that URL. */
export function identityOf(subject: { readonly kind: string; readonly key: string }): string {
  return `${subject.kind}:${subject.key}`;
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
