/**
 * Step 4: a set of mostly one value, in the order in which they came. An item has one waiter as a rule, and one server
 * that has said all it can: a `Set` for each of them takes longer to make than everything else about an item.
 */

/** Unique values, of which the first costs nothing. */
export class Few<T> {
  #first: T | undefined;
  #more: Set<T> | undefined;

  constructor(first?: T) {
    this.#first = first;
  }

  /** How many there are. */
  get size(): number {
    return this.#more?.size ?? (this.#first === undefined ? 0 : 1);
  }

  has(value: T): boolean {
    return this.#more === undefined ? this.#first === value : this.#more.has(value);
  }

  add(value: T): void {
    if (this.#more !== undefined) {
      this.#more.add(value);
    } else if (this.#first === undefined) {
      this.#first = value;
    } else if (this.#first !== value) {
      this.#more = new Set([this.#first, value]);
      this.#first = undefined;
    }
  }

  /** True when it was there. */
  delete(value: T): boolean {
    if (this.#more !== undefined) {
      return this.#more.delete(value);
    }
    const isThere = this.#first === value;
    if (isThere) {
      this.#first = undefined;
    }
    return isThere;
  }

  /** Gives each that is there; `visit` may delete it. */
  forEach(visit: (value: T) => void): void {
    if (this.#more !== undefined) {
      this.#more.forEach((value) => visit(value));
    } else if (this.#first !== undefined) {
      visit(this.#first);
    }
  }
}
