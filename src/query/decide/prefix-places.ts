/**
 * Step 4: where each prefix of a question stands in it. A `Map` for each question takes longer than everything that is
 * looked up in it: this is one array of numbers, searched from the place to which a prefix is scattered (open addressing,
 * at most half full). Whoever chooses prefixes that meet in one place makes a search as long as the question, no longer.
 */
import { prefixNumber } from '../../base/fingerprint.js';

/** Knuth's multiplier: 2^32 by the golden ratio. */
const scatter = 0x9e37_79b1;

/** The places of unique prefixes. */
export class PrefixPlaces {
  readonly #numbers: Int32Array;
  /** Place and 1, or 0 where there is nothing. */
  readonly #slots: Uint16Array;
  readonly #shift: number;

  /** Hashes of 4 bytes and more, at most 65,534 of them; of two with one prefix the first counts. */
  constructor(hashes: readonly Uint8Array[]) {
    const bits = 33 - Math.clz32(hashes.length);
    this.#shift = 32 - bits;
    this.#slots = new Uint16Array(2 ** bits);
    this.#numbers = new Int32Array(hashes.length);
    for (let place = 0; place < hashes.length; place++) {
      const number = prefixNumber(hashes[place]!) | 0;
      this.#numbers[place] = number;
      const slot = this.#slotOf(number);
      this.#slots[slot] ||= place + 1;
    }
  }

  /** The place of the hash with that `prefixNumber`, or -1. */
  find(number: number): number {
    return this.#slots[this.#slotOf(number | 0)]! - 1;
  }

  /** Where the number is, or would be. */
  #slotOf(number: number): number {
    const slots = this.#slots;
    const last = slots.length - 1;
    let slot = Math.imul(number, scatter) >>> this.#shift;
    for (let place = slots[slot]!; place !== 0 && this.#numbers[place - 1] !== number; place = slots[slot]!) {
      slot = (slot + 1) & last;
    }
    return slot;
  }
}
