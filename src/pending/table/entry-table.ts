/**
 * The entries of a pending queue as rows: columns of numbers, texts in an arena, two indexes by hash. An entry of one
 * item takes some 120 bytes beside its texts, all of them outside of the heap (as objects and maps: 650 on it, of which
 * the collector keeps half as much again for itself). Entries with several items, or with a remedy under way, have
 * their items as objects too.
 */
import { EntryItems } from '../entry-items.js';
import { identifySubject, identityOf } from '../subject-record.js';
import { flag, makeColumns, type Columns } from './columns.js';
import { RowLanes } from './lanes.js';
import { hashOf, RowIndex } from './row-index.js';
import { TextArena } from './text-arena.js';

/** From here on a table grows by as many, or an eighth: half empty columns would be the larger part of it. */
const manyRows = 1 << 14;

/** What a new entry is made of. */
export interface NewEntry {
  readonly id: string;
  readonly owner: string;
  readonly identity: string;
  readonly lane: string;
  /** Its first item. */
  readonly item: { readonly id: string; readonly at: number; readonly subject: string };
  readonly bytes: number;
}

/** Entries by row. Rows are numbers from 0; a row that was removed is used again. */
export class EntryTable {
  readonly #seed: number;
  #rows = 64;
  #columns = makeColumns(this.#rows);
  #used = 0;
  #count = 0;
  #order = 0;
  readonly #free: number[] = [];
  readonly #texts = new TextArena();
  readonly #byId = new RowIndex((row) => this.#columns.idHash[row]!);
  readonly #byIdentity = new RowIndex((row) => this.#columns.identityHash[row]!);
  readonly #lanes = new RowLanes(() => this.#columns);
  /** Items of entries that have more to tell than one untouched item. */
  readonly #items = new Map<number, EntryItems>();

  /** Equal seeds, equal hashes: what comes from outside must not be able to foresee them. */
  constructor(seed: number) {
    this.#seed = seed;
  }

  get count(): number {
    return this.#count;
  }

  get columns(): Columns {
    return this.#columns;
  }

  add(entry: NewEntry): number {
    const row = this.#newRow();
    const { texts, firstAt, leaseUntil, claims, order, bytes, attempts, failures, flags, idHash } = this.#columns;
    texts[row] = this.#texts.add({ first: entry.id, second: entry.item.id, third: entry.item.subject });
    firstAt[row] = entry.item.at;
    leaseUntil[row] = Number.NaN;
    claims[row] = 0;
    order[row] = this.#order++;
    bytes[row] = entry.bytes;
    attempts[row] = 0;
    failures[row] = 0;
    flags[row] = flag.taken;
    idHash[row] = hashOf(entry.id, this.#seed);
    this.#byId.add(row);
    this.#enter(row, entry);
    this.#count++;
    return row;
  }

  remove(row: number): void {
    this.#leave(row);
    this.#byId.remove(row);
    this.#columns.flags[row] = 0;
    this.#texts.remove(this.#columns.texts[row]!);
    this.#items.delete(row);
    this.#free.push(row);
    this.#count--;
    this.#tidy();
  }

  /** The row of this id, or -1. */
  find(id: string): number {
    return this.#byId.find(hashOf(id, this.#seed), (row) => this.#texts.isFirst(this.#columns.texts[row]!, id));
  }

  /** The oldest row of this owner and identity, or -1. */
  same(owner: string, identity: string): number {
    let oldest = -1;
    this.#byIdentity.find(hashOf(identity, hashOf(owner, this.#seed)), (row) => {
      const isOlder = oldest === -1 || this.#columns.order[row]! < this.#columns.order[oldest]!;
      if (isOlder && this.owner(row) === owner && this.identity(row) === identity) {
        oldest = row;
      }
      return false;
    });
    return oldest;
  }

  /** Rows in any order. The one in hand may be removed. */
  *rows(): IterableIterator<number> {
    for (let row = 0; row < this.#used; row++) {
      if ((this.#columns.flags[row]! & flag.taken) !== 0) {
        yield row;
      }
    }
  }

  /** Rows, oldest first. */
  oldestFirst(): number[] {
    const { order } = this.#columns;
    return [...this.rows()].sort((a, b) => order[a]! - order[b]!);
  }

  /** So many rows of the owner that may be taken: the oldest of each lane, lanes in turn. */
  take(owner: string, limit: number, may: (row: number) => boolean): number[] {
    return this.#lanes.take(owner, limit, may);
  }

  /** Gives the entry to another owner. */
  adopt(row: number, owner: string): void {
    const identity = this.identity(row);
    const lane = this.#lanes.of(row).name;
    this.#leave(row);
    this.#enter(row, { owner, identity, lane });
    this.#columns.flags[row]! |= flag.adopted;
  }

  id(row: number): string {
    return this.#texts.first(this.#columns.texts[row]!);
  }

  owner(row: number): string {
    return this.#lanes.of(row).owner;
  }

  identity(row: number): string {
    return identityOf(identifySubject(this.#texts.third(this.#columns.texts[row]!))!);
  }

  /** The items, to be looked at. */
  items(row: number): EntryItems {
    const texts = this.#columns.texts[row]!;
    const first = (): EntryItems => new EntryItems({ id: this.#texts.second(texts), at: this.#columns.firstAt[row]!, subject: this.#texts.third(texts) });
    return this.#items.get(row) ?? first();
  }

  /** The items, to be changed. */
  changingItems(row: number): EntryItems {
    const items = this.items(row);
    this.#items.set(row, items);
    return items;
  }

  #enter(row: number, { owner, identity, lane }: Pick<NewEntry, 'owner' | 'identity' | 'lane'>): void {
    this.#columns.identityHash[row] = hashOf(identity, hashOf(owner, this.#seed));
    this.#byIdentity.add(row);
    this.#lanes.add(row, owner, lane);
  }

  #leave(row: number): void {
    this.#byIdentity.remove(row);
    this.#lanes.delete(row);
  }

  #newRow(): number {
    const free = this.#free.pop();
    if (free !== undefined) {
      return free;
    }
    if (this.#used === this.#rows) {
      this.#rows += Math.min(this.#rows, Math.max(manyRows, this.#rows >> 3));
      this.#columns = makeColumns(this.#rows, this.#columns);
    }
    return this.#used++;
  }

  /** Texts that lie scattered among the gaps of others are put together. */
  #tidy(): void {
    const sparse = this.#texts.sparse();
    if (sparse !== undefined && sparse.size > 0) {
      const { texts } = this.#columns;
      for (const row of this.rows()) {
        texts[row] = this.#texts.moved(texts[row]!, sparse);
      }
    }
  }
}
