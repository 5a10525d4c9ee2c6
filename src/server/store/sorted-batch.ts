/** The prefixes of a batch as numbers in ascending order, in memory that the next batch uses again. */
import { assertInteger } from '../../base/assert.js';
import { prefixNumber } from '../../base/fingerprint.js';

/** Prefix and place in one number: sorting these needs no comparison in JavaScript. 2^32 x 2^20 fits a double. */
const placeSpan = 1_048_576;

/** One batch at a time. */
export class SortedBatch {
  count = 0;
  prefixes: Uint32Array = new Uint32Array(0);
  /** Room for what is found under each. */
  found: Uint32Array = new Uint32Array(0);
  /** Undefined where the batch came in order. */
  #places: Uint32Array | undefined;

  /** Takes prefixes in any order. @throws RangeError for more than 2^20: no question has so many. */
  take(prefixes: readonly Uint8Array[]): void {
    assertInteger('prefixes of a batch', prefixes.length, { min: 0, max: placeSpan });
    this.#places = this.takeInOrder(prefixes) ? undefined : this.#sort();
  }

  /** Takes them in the order in which they are. True when it is ascending. */
  takeInOrder(prefixes: readonly Uint8Array[]): boolean {
    this.#places = undefined;
    this.count = prefixes.length;
    if (this.count > this.prefixes.length) {
      this.prefixes = new Uint32Array(Math.max(128, 2 * this.count));
      this.found = new Uint32Array(this.prefixes.length);
    }
    let isAscending = true;
    let before = 0;
    for (let i = 0; i < this.count; i++) {
      const number = prefixNumber(prefixes[i]!);
      this.prefixes[i] = number;
      isAscending &&= before <= number;
      before = number;
    }
    return isAscending;
  }

  /** Where a prefix stood before it was put in order. */
  placeOf(i: number): number {
    return this.#places === undefined ? i : this.#places[i]!;
  }

  #sort(): Uint32Array {
    const order = new Float64Array(this.count);
    for (let i = 0; i < this.count; i++) {
      order[i] = this.prefixes[i]! * placeSpan + i;
    }
    order.sort();
    const places = new Uint32Array(this.count);
    for (let i = 0; i < this.count; i++) {
      places[i] = order[i]! % placeSpan;
      this.prefixes[i] = Math.floor(order[i]! / placeSpan);
    }
    return places;
  }
}
