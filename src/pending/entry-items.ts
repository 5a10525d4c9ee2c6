/**
 * The items of one pending entry. Nearly all entries have one, so the first lives without any index; an entry that
 * thousands of places share (an empty file, a licence text) finds its items and places in constant time.
 */
import { placeOf, unpackSubject } from './subject-record.js';

/** One item as it is held: JSON texts, unpacked when somebody looks. */
export interface StoredItem {
  readonly id: string;
  /** Epoch ms. */
  readonly at: number;
  readonly subject: string;
  intent?: string;
  outcome?: string;
}

/** Items of one entry, oldest first. */
export class EntryItems {
  readonly #items: StoredItem[];
  #byId: Map<string, StoredItem> | undefined;
  #byPlace: Map<string, StoredItem> | undefined;
  #open = 1;

  constructor(first: StoredItem) {
    this.#items = [first];
  }

  /** Items in all. */
  get count(): number {
    return this.#items.length;
  }

  /** Items without an outcome. */
  get open(): number {
    return this.#open;
  }

  get first(): StoredItem {
    return this.#items[0]!;
  }

  [Symbol.iterator](): Iterator<StoredItem> {
    return this.#items[Symbol.iterator]();
  }

  find(id: string): StoredItem | undefined {
    if (this.#items.length === 1) {
      return this.first.id === id ? this.first : undefined;
    }
    this.#byId ??= new Map(this.#items.map((item) => [item.id, item]));
    return this.#byId.get(id);
  }

  /** The item that a further sighting at this place is one with: nothing may have been begun on it. */
  at(place: string): StoredItem | undefined {
    this.#byPlace ??= this.#indexPlaces();
    const item = this.#byPlace.get(place);
    return item?.intent === undefined && item?.outcome === undefined ? item : undefined;
  }

  add(item: StoredItem, place: string | undefined): void {
    this.#items.push(item);
    this.#byId?.set(item.id, item);
    this.#open++;
    if (place !== undefined) {
      this.#byPlace?.set(place, item);
    }
  }

  /** Gives an open item its outcome. */
  close(item: StoredItem, outcome: string): void {
    item.outcome = outcome;
    this.#open--;
  }

  #indexPlaces(): Map<string, StoredItem> {
    const places = new Map<string, StoredItem>();
    for (const item of this.#items) {
      const subject = unpackSubject(item.subject)?.subject;
      const place = subject === undefined ? undefined : placeOf(subject);
      if (place !== undefined) {
        places.set(place, item);
      }
    }
    return places;
  }
}
