/**
 * One transaction over the records of the pending queue, writing: adds, changes and removes entries, and keeps the
 * totals and the lanes true. What is decided from what is read stands in `steps.ts`.
 */
import type { DamageReporter } from '../damage.js';
import type { Transaction } from '../idb.js';
import type { Instant } from '../instants.js';
import { ReadingDesk } from './reading-desk.js';
import type { Head, ItemRecord, LaneRecord, PendingTotals } from './records.js';

/** Also changes what is there. `end` writes the totals: the last call of every step. */
export class WritingDesk extends ReadingDesk {
  readonly #writing: Transaction<'readwrite'>;
  #before: PendingTotals | undefined;
  #totals: PendingTotals | undefined;

  constructor(transaction: Transaction<'readwrite'>, report: DamageReporter, now: Instant) {
    super(transaction, report, now);
    this.#writing = transaction;
  }

  /** The totals as they are within this transaction. */
  override async totals(): Promise<PendingTotals> {
    this.#before ??= await super.totals();
    this.#totals ??= this.#before;
    return this.#totals;
  }

  /** Adds an entry with its first item. */
  async addEntry(entry: Omit<Head, 'seq'>, item: Omit<ItemRecord, 'seq' | 'number' | 'entry'>): Promise<void> {
    const seq = await this.#writing.objectStore('entries').add(entry);
    await this.#writing.objectStore('items').add({ ...item, entry: entry.id, seq, number: 0 } satisfies ItemRecord);
    await this.#count(1, entry.bytes);
    await this.#enterLane(entry);
  }

  /** Adds a further item. The head must be put as well. */
  async addItem(head: Head, item: Omit<ItemRecord, 'seq' | 'number' | 'entry'>): Promise<void> {
    await this.#writing.objectStore('items').add({ ...item, entry: head.id, seq: head.seq, number: head.items } satisfies ItemRecord);
  }

  /** Puts a head in the place of `before`. */
  async putHead(head: Head, before: Head): Promise<void> {
    await this.#writing.objectStore('entries').put(head);
    if (head.bytes !== before.bytes) {
      await this.#count(0, head.bytes - before.bytes);
    }
  }

  async putItem(item: ItemRecord): Promise<void> {
    await this.#writing.objectStore('items').put(item);
  }

  /** Hands an entry to another owner. */
  async moveHead(head: Head, before: Head): Promise<void> {
    await this.#leaveLane(before);
    await this.putHead(head, before);
    await this.#enterLane(head);
  }

  /** Removes an entry with all its items. */
  async remove(head: Head): Promise<void> {
    await this.#writing.objectStore('entries').delete(head.seq);
    await this.#writing.objectStore('items').delete(IDBKeyRange.bound([head.seq], [head.seq, []]));
    await this.#count(-1, -head.bytes);
    await this.#leaveLane(head);
  }

  /** These lanes have had their turn, in this order. */
  async passTurns(owner: string, lanes: readonly string[]): Promise<void> {
    const { turn } = await this.totals();
    const turns = new Map(lanes.map((lane, i) => [lane, turn + 1 + i]));
    for (const [lane, next] of turns) {
      const record = await this.lane(owner, lane);
      await this.#writing.objectStore('lanes').put({ owner, lane, turn: next, entries: record?.entries ?? 1 } satisfies LaneRecord);
    }
    this.#totals = { ...(await this.totals()), turn: turn + lanes.length };
  }

  /** Writes the totals, where they have changed. */
  async end(): Promise<void> {
    if (this.#totals !== undefined && this.#totals !== this.#before) {
      await this.#writing.objectStore('totals').put(this.#totals);
    }
  }

  protected override async mend(head: Head): Promise<void> {
    await this.#writing.objectStore('entries').put(head);
  }

  async #count(entries: number, bytes: number): Promise<void> {
    const totals = await this.totals();
    this.#totals = { ...totals, entries: Math.max(0, totals.entries + entries), bytes: Math.max(0, totals.bytes + bytes) };
  }

  async #enterLane({ owner, lane }: Pick<Head, 'owner' | 'lane'>): Promise<void> {
    const there = await this.lane(owner, lane);
    if (there !== undefined) {
      await this.#writing.objectStore('lanes').put({ ...there, entries: there.entries + 1 });
      return;
    }
    const totals = await this.totals();
    this.#totals = { ...totals, turn: totals.turn + 1 };
    await this.#writing.objectStore('lanes').put({ owner, lane, turn: totals.turn + 1, entries: 1 } satisfies LaneRecord);
  }

  async #leaveLane({ owner, lane }: Head): Promise<void> {
    const there = await this.lane(owner, lane);
    if (there === undefined) {
      return;
    }
    const lanes = this.#writing.objectStore('lanes');
    await (there.entries > 1 ? lanes.put({ ...there, entries: there.entries - 1 }) : lanes.delete([owner, lane]));
  }
}
