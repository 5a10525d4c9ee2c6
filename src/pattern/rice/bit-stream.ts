/** Bits one after the other, from the lowest of each byte upward, out of bytes that nobody vouches for. */
import { refused } from '../refused.js';

/** Reads bits. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many ones come before the next zero, which is taken as well. @throws VedetteError for more than `max` of them. */
  ones(max: number): number {
    let count = 0;
    while (this.#bit() === 1) {
      count++;
      if (count > max) {
        throw refused('malformed', 'rice: a distance that is too large', { bit: this.#at });
      }
    }
    return count;
  }

  /** The next `count` bits (at most 32) as a number, the first one the lowest. */
  take(count: number): number {
    let value = 0;
    for (let i = 0; i < count; ) {
      const free = 8 - (this.#at & 7);
      const now = Math.min(free, count - i);
      const byte = this.#bytes[this.#at >>> 3];
      if (byte === undefined) {
        throw ended(this.#at);
      }
      value += ((byte >>> (this.#at & 7)) & ((1 << now) - 1)) * 2 ** i;
      this.#at += now;
      i += now;
    }
    return value;
  }

  /** The next `count` bits as a number of any width. */
  takeWide(count: number): bigint {
    let value = 0n;
    for (let i = 0; i < count; i += 32) {
      value |= BigInt(this.take(Math.min(32, count - i))) << BigInt(i);
    }
    return value;
  }

  /**
   * The next number: ones ended by a zero, times 2^parameter, and `parameter` bits. Short ones, which nearly all are, are
   * taken out of four bytes at once (a third of the time).
   */
  number(parameter: number, maxOnes: number): number {
    const at = this.#at >>> 3;
    if (at + 4 <= this.#bytes.length) {
      const bytes = this.#bytes;
      const window = (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> (this.#at & 7);
      const zeros = ~window;
      const count = 31 - Math.clz32(zeros & -zeros);
      // Nothing but ones in all four bytes: `zeros` is 0, and the end of the ones is further on.
      if (zeros !== 0 && count + 1 + parameter <= 25 && count <= maxOnes) {
        this.#at += count + 1 + parameter;
        return count * 2 ** parameter + ((window >>> (count + 1)) & (2 ** parameter - 1));
      }
    }
    return this.ones(maxOnes) * 2 ** parameter + this.take(parameter);
  }

  #bit(): number {
    const byte = this.#bytes[this.#at >>> 3];
    if (byte === undefined) {
      throw ended(this.#at);
    }
    return (byte >>> (this.#at++ & 7)) & 1;
  }
}

function ended(bit: number): Error {
  return refused('truncated', 'rice: the data end in the middle of a number', { bit });
}

/** Writes bits. */
export class BitWriter {
  readonly #bytes: number[] = [];
  #at = 0;

  /** `count` ones and a zero. */
  ones(count: number): void {
    for (let i = 0; i < count; i++) {
      this.#bit(1);
    }
    this.#bit(0);
  }

  /** The lowest `count` bits of a number below 2^32. */
  put(value: number, count: number): void {
    for (let i = 0; i < count; i++) {
      this.#bit(Math.floor(value / 2 ** i) & 1);
    }
  }

  /** The lowest `count` bits of a number of any width. */
  putWide(value: bigint, count: number): void {
    for (let i = 0; i < count; i += 32) {
      this.put(Number((value >> BigInt(i)) & 0xffff_ffffn), Math.min(32, count - i));
    }
  }

  /** The bytes; unused bits of the last one are zero. */
  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  #bit(bit: number): void {
    if ((this.#at & 7) === 0) {
      this.#bytes.push(0);
    }
    if (bit !== 0) {
      this.#bytes[this.#at >>> 3]! |= 1 << (this.#at & 7);
    }
    this.#at++;
  }
}
