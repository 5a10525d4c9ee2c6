/**
 * One transaction over the records of the pending queue, writing: adds, changes and removes entries, and keeps the
 * totals and the lanes true. What is decided from what is read stands in `steps.ts`.
 */
import type { DamageReporter } from '../damage.js';
import type { Transaction } from '../idb.js';
import type { Instant } from '../instants.js';
import { ReadingDesk } from './reading-desk.js';
import type { Head, ItemRecord, LaneRecord, PendingTotals } from './records.js';

/**
 * Also changes what is there. Nobody waits for a single write: all of them have happened when `end` resolves, the last
 * call of every step, which writes the totals and the lanes as well.
 */
export class WritingDesk extends ReadingDesk {
  readonly #writing: Transaction<'readwrite'>;
  #before: PendingTotals | undefined;
  #totals: PendingTotals | undefined;
  readonly #lanes = new Map<string, LaneRecord | undefined>();
  readonly #changed = new Map<string, LaneRecord>();
  readonly #writes: Promise<unknown>[] = [];

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
    this.#follow(this.#writing.objectStore('items').add({ ...item, entry: entry.id, seq, number: 0 } satisfies ItemRecord));
    await this.#count(1, entry.bytes);
    await this.#enterLane(entry);
  }

  /** Adds a further item. The head must be put as well. */
  addItem(head: Head, item: Omit<ItemRecord, 'seq' | 'number' | 'entry'>): void {
    this.#follow(this.#writing.objectStore('items').add({ ...item, entry: head.id, seq: head.seq, number: head.items } satisfies ItemRecord));
  }

  /** Puts a head in the place of `before`. */
  async putHead(head: Head, before: Head): Promise<void> {
    this.#follow(this.#writing.objectStore('entries').put(head));
    if (head.bytes !== before.bytes) {
      await this.#count(0, head.bytes - before.bytes);
    }
  }

  putItem(item: ItemRecord): void {
    this.#follow(this.#writing.objectStore('items').put(item));
  }

  /** Hands an entry to another owner. */
  async moveHead(head: Head, before: Head): Promise<void> {
    await this.#leaveLane(before);
    await this.putHead(head, before);
    await this.#enterLane(head);
  }

  /** Removes an entry with all its items. */
  async remove(head: Head): Promise<void> {
    this.#follow(this.#writing.objectStore('entries').delete(head.seq));
    this.#follow(this.#writing.objectStore('items').delete(IDBKeyRange.bound([head.seq], [head.seq, []])));
    await this.#count(-1, -head.bytes);
    await this.#leaveLane(head);
  }

  /** These lanes have had their turn, in this order. */
  async passTurns(owner: string, lanes: readonly string[]): Promise<void> {
    const { turn } = await this.totals();
    const turns = new Map(lanes.map((lane, i) => [lane, turn + 1 + i]));
    for (const [lane, next] of turns) {
      const record = await this.lane(owner, lane);
      this.#putLane({ owner, lane, turn: next, entries: record?.entries ?? 1 });
    }
    this.#totals = { ...(await this.totals()), turn: turn + lanes.length };
  }

  /** The lane as it is within this transaction. */
  override async lane(owner: string, lane: string): Promise<LaneRecord | undefined> {
    const key = laneKey(owner, lane);
    if (!this.#lanes.has(key)) {
      this.#lanes.set(key, await super.lane(owner, lane));
    }
    return this.#lanes.get(key);
  }

  /** Everything is written when this resolves. */
  async end(): Promise<void> {
    if (this.#totals !== undefined && this.#totals !== this.#before) {
      this.#follow(this.#writing.objectStore('totals').put(this.#totals));
    }
    for (const lane of this.#changed.values()) {
      const lanes = this.#writing.objectStore('lanes');
      this.#follow(lane.entries > 0 ? lanes.put(lane) : lanes.delete([lane.owner, lane.lane]));
    }
    await Promise.all(this.#writes);
  }

  protected override async mend(head: Head): Promise<void> {
    this.#follow(this.#writing.objectStore('entries').put(head));
  }

  /** A write that fails takes the transaction with it; nobody may have asked for its outcome by then. */
  #follow(write: Promise<unknown>): void {
    write.catch(() => undefined);
    this.#writes.push(write);
  }

  async #count(entries: number, bytes: number): Promise<void> {
    const totals = await this.totals();
    this.#totals = { ...totals, entries: Math.max(0, totals.entries + entries), bytes: Math.max(0, totals.bytes + bytes) };
  }

  async #enterLane({ owner, lane }: Pick<Head, 'owner' | 'lane'>): Promise<void> {
    const there = await this.lane(owner, lane);
    if (there !== undefined) {
      this.#putLane({ ...there, entries: there.entries + 1 });
      return;
    }
    const totals = await this.totals();
    this.#totals = { ...totals, turn: totals.turn + 1 };
    this.#putLane({ owner, lane, turn: totals.turn + 1, entries: 1 });
  }

  async #leaveLane({ owner, lane }: Head): Promise<void> {
    const there = await this.lane(owner, lane);
    if (there !== undefined) {
      this.#putLane({ ...there, entries: there.entries - 1 });
    }
  }

  /** A lane without entries is none. */
  #putLane(lane: LaneRecord): void {
    const key = laneKey(lane.owner, lane.lane);
    this.#changed.set(key, lane);
    this.#lanes.set(key, lane.entries > 0 ? lane : undefined);
  }
}

function laneKey(owner: string, lane: string): string {
  return JSON.stringify([owner, lane]);
}
