/**
 * The items of one pending entry. Nearly all entries have one, so the first lives alone and without an index; an entry
 * that thousands of places share (an empty file, a licence text) finds its items and places in constant time.
 */
import { placeInText } from './subject-record.js';

/** One item as it is held: JSON texts, unpacked when somebody looks. */
export interface StoredItem {
  readonly id: string;
  /** Epoch ms. */
  readonly at: number;
  readonly subject: string;
  intent?: string;
  /** The claim that wrote the intent, where it is known. */
  begunBy?: number | undefined;
  outcome?: string;
}

/** All items of an entry that has more than one. */
interface Index {
  readonly byId: Map<string, StoredItem>;
  /** The latest item of each place. */
  readonly byPlace: Map<string, StoredItem>;
}

/** Items of one entry, oldest first. */
export class EntryItems {
  readonly first: StoredItem;
  #index: Index | undefined;
  #open = 1;

  constructor(first: StoredItem) {
    this.first = first;
  }

  /** Items in all. */
  get count(): number {
    return this.#index?.byId.size ?? 1;
  }

  /** Items without an outcome. */
  get open(): number {
    return this.#open;
  }

  [Symbol.iterator](): Iterator<StoredItem> {
    return this.#index?.byId.values() ?? [this.first].values();
  }

  find(id: string): StoredItem | undefined {
    return this.first.id === id ? this.first : this.#index?.byId.get(id);
  }

  /** The item that a further sighting at this place is one with: nothing may have been begun on it. */
  at(place: string): StoredItem | undefined {
    const item = this.#index === undefined ? this.#firstAt(place) : this.#index.byPlace.get(place);
    return item?.intent === undefined && item?.outcome === undefined ? item : undefined;
  }

  add(item: StoredItem): void {
    this.#index ??= indexOf(this.first);
    const place = placeInText(item.subject);
    this.#index.byId.set(item.id, item);
    if (place !== undefined) {
      this.#index.byPlace.set(place, item);
    }
    this.#open++;
  }

  /** Gives an open item its outcome. */
  close(item: StoredItem, outcome: string): void {
    item.outcome = outcome;
    this.#open--;
  }

  /** Without an index: a file that is seen again and again while no server answers must not cost one. */
  #firstAt(place: string): StoredItem | undefined {
    return placeInText(this.first.subject) === place ? this.first : undefined;
  }
}

function indexOf(first: StoredItem): Index {
  const place = placeInText(first.subject);
  return { byId: new Map([[first.id, first]]), byPlace: new Map(place === undefined ? [] : [[place, first]]) };
}
