/** How many objects bytes may become: a node of a signature is an object in memory and a byte or two in a file. */
import type { ByteReader } from '../bytes/byte-reader.js';
import { refused } from '../refused.js';

/** A budget for one section. */
export class ObjectBudget {
  readonly #max: number;
  #left: number;

  constructor(max: number) {
    this.#max = max;
    this.#left = max;
  }

  /** How many may still be taken. */
  get left(): number {
    return this.#left;
  }

  /** Takes `count`; false, and nothing taken, when there are not so many left. */
  tryTake(count: number): boolean {
    if (count > this.#left) {
      return false;
    }
    this.#left -= count;
    return true;
  }

  /** Takes `count`, each of which needs a byte at least. @throws VedetteError `pattern-refused`: limit, truncated. */
  take(reader: ByteReader, count: number): number {
    if (count > reader.left) {
      throw refused('truncated', `signatures: ${count} parts do not fit into ${reader.left} bytes`, { at: reader.at });
    }
    this.#left -= count;
    if (this.#left < 0) {
      throw refused('limit', `signatures: more than ${this.#max} parts`, { at: reader.at, max: this.#max });
    }
    return count;
  }
}
