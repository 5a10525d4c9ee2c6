/**
 * One transaction over the records of the pending queue, reading: finds entries and items, pages through them, and
 * shows an entry as a host is handed it. A head that is damaged is made anew from its items.
 */
import { EntryItems, type StoredItem } from '../../../pending/entry-items.js';
import { readEntry } from '../../../pending/entry-view.js';
import type { PendingEntry } from '../../../pending/pending-queue.js';
import { identifySubject } from '../../../pending/subject-record.js';
import type { DamageReporter } from '../damage.js';
import type { StoreName, Transaction } from '../idb.js';
import type { Instant } from '../instants.js';
import { rebuildHead } from './rebuild-head.js';
import { parseHead, parseItem, parseLane, parseTotals, type Head, type ItemRecord, type LaneRecord, type PendingTotals } from './records.js';
import { hasLapsed } from './state-of.js';

/** The stores of the queue. */
export const queueStores: readonly StoreName[] = ['entries', 'items', 'lanes', 'totals'];

/** Heads that are read at once. */
const pageSize = 500;

/** Reads what is there. */
export class ReadingDesk {
  readonly #transaction: Transaction;
  readonly #report: DamageReporter;
  readonly #now: Instant;

  constructor(transaction: Transaction, report: DamageReporter, now: Instant) {
    this.#transaction = transaction;
    this.#report = report;
    this.#now = now;
  }

  /** This instant: the same for all that happens in the transaction. */
  get now(): Instant {
    return this.#now;
  }

  /** The entry of this id. */
  async head(id: string): Promise<Head | undefined> {
    const record: unknown = await this.#transaction.objectStore('entries').index('byId').get(id);
    return record === undefined ? undefined : this.#headOf(record);
  }

  /** The entry that a subject of this owner and identity joins. */
  async joined(owner: string, identity: string): Promise<Head | undefined> {
    const record: unknown = await this.#transaction.objectStore('entries').index('byIdentity').get([owner, identity]);
    return record === undefined ? undefined : this.#headOf(record);
  }

  /** The entry under this key. */
  async headAt(seq: number): Promise<Head | undefined> {
    const record: unknown = await this.#transaction.objectStore('entries').get(seq);
    return record === undefined ? undefined : this.#headOf(record);
  }

  /** All entries, oldest first. */
  async forEachHead(each: (head: Head) => void): Promise<void> {
    const entries = this.#transaction.objectStore('entries');
    for (let after = -1, more = true; more; ) {
      const page: readonly unknown[] = await entries.getAll(IDBKeyRange.lowerBound(after, true), pageSize);
      for (const record of page) {
        after = (record as { readonly seq: number }).seq;
        const head = await this.#headOf(record);
        if (head !== undefined) {
          each(head);
        }
      }
      more = page.length === pageSize;
    }
  }

  /** Keys of all entries, oldest first. */
  keys(): Promise<number[]> {
    return this.#transaction.objectStore('entries').getAllKeys();
  }

  /** The item of this id, where it is one of the entry. */
  async item(head: Head, id: string): Promise<ItemRecord | undefined> {
    const record: unknown = await this.#transaction.objectStore('items').index('byId').get(id);
    const item = record === undefined ? undefined : this.#itemOf(record);
    return item?.seq === head.seq ? item : undefined;
  }

  /** The last item of the entry at this place. */
  async itemAt(head: Head, place: string): Promise<ItemRecord | undefined> {
    const cursor = await this.#transaction.objectStore('items').index('byPlace').openCursor(IDBKeyRange.only([head.seq, place]), 'prev');
    return cursor === null ? undefined : this.#itemOf(cursor.value);
  }

  /** The entry as a host is handed it; undefined when none of its items can be read. */
  async view(head: Head): Promise<PendingEntry | undefined> {
    const [first, ...others] = (await this.#itemsOf(head.seq)).map(storedItem);
    if (first === undefined) {
      return undefined;
    }
    const items = new EntryItems(first);
    others.forEach((item) => items.add(item));
    const { id, owner, standing } = head;
    const lapsed = hasLapsed(head, this.#now) ? { leaseUntil: 0 } : {};
    return readEntry({ id, owner, items, standing, ...lapsed }, 0);
  }

  /** Lanes of the owner that stand in a record, so many at most, the one whose turn it is first. */
  async lanes(owner: string, limit?: number): Promise<string[]> {
    const ofOwner = IDBKeyRange.bound([owner], [owner, []]);
    const records: readonly unknown[] = await this.#transaction.objectStore('lanes').index('byTurn').getAll(ofOwner, limit);
    return records.map(parseLane).filter((lane) => lane !== undefined).map(({ lane }) => lane);
  }

  /** Entries of the lane, so many at most, oldest first. Damaged ones stand in none. */
  async headsOf(owner: string, lane: string, limit: number): Promise<Head[]> {
    const range = IDBKeyRange.bound([owner, lane], [owner, lane, []]);
    const records: readonly unknown[] = await this.#transaction.objectStore('entries').index('byLane').getAll(range, limit);
    return records.map(parseHead).filter((head) => head !== undefined);
  }

  /** The lane, or undefined where it has no entries. */
  async lane(owner: string, lane: string): Promise<LaneRecord | undefined> {
    return parseLane(await this.#transaction.objectStore('lanes').get([owner, lane]));
  }

  /** What the queue holds; counted anew when nobody has counted before. */
  async totals(): Promise<PendingTotals> {
    const found = parseTotals(await this.#transaction.objectStore('totals').get('pending'));
    if (found !== undefined) {
      return found;
    }
    const counted = { entries: 0, bytes: 0 };
    await this.forEachHead(({ bytes }) => {
      counted.entries++;
      counted.bytes += bytes;
    });
    const lanes = ((await this.#transaction.objectStore('lanes').getAll()) as readonly unknown[]).map(parseLane);
    return { of: 'pending', ...counted, turn: lanes.reduce((last, lane) => Math.max(last, lane?.turn ?? 0), 0) };
  }

  async #itemsOf(seq: number): Promise<ItemRecord[]> {
    const records: readonly unknown[] = await this.#transaction.objectStore('items').getAll(IDBKeyRange.bound([seq], [seq, []]));
    return records.map((record) => this.#itemOf(record)).filter((item) => item !== undefined);
  }

  #itemOf(record: unknown): ItemRecord | undefined {
    const item = parseItem(record);
    if (item !== undefined && identifySubject(item.subject) !== undefined) {
      return item;
    }
    const { seq, number } = record as Readonly<Record<string, unknown>>;
    this.#report({ store: 'items', key: JSON.stringify([seq, number]), became: 'skipped' });
    return undefined;
  }

  async #headOf(record: unknown): Promise<Head | undefined> {
    const head = parseHead(record);
    if (head !== undefined) {
      return head;
    }
    const { seq } = record as { readonly seq: number };
    const rebuilt = rebuildHead(seq, await this.#itemsOf(seq), this.#now);
    this.#report({ store: 'entries', key: JSON.stringify(seq), became: rebuilt === undefined ? 'skipped' : 'rebuilt' });
    if (rebuilt !== undefined) {
      await this.mend(rebuilt);
    }
    return rebuilt;
  }

  /** Keeps what was rebuilt, where that can be kept. */
  protected async mend(_head: Head): Promise<void> {
    return;
  }
}

function storedItem({ id, at, subject, intent, outcome }: ItemRecord): StoredItem {
  return { id, at, subject, ...(intent === undefined ? {} : { intent }), ...(outcome === undefined ? {} : { outcome }) };
}
