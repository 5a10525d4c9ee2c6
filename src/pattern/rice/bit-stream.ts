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

/** Writes bits, up to a byte at a time: a million numbers take a quarter of what they would bit by bit. */
export class BitWriter {
  #bytes = new Uint8Array(256);
  #at = 0;

  /** `count` ones and a zero. */
  ones(count: number): void {
    for (let left = count; left > 0; left -= 24) {
      this.put(0xff_ffff, Math.min(left, 24));
    }
    this.put(0, 1);
  }

  /** The lowest `count` bits of a number below 2^32. */
  put(value: number, count: number): void {
    this.#grow(count);
    for (let i = 0; i < count; ) {
      const used = this.#at & 7;
      const now = Math.min(8 - used, count - i);
      const bits = (value >>> i) & ((1 << now) - 1);
      this.#bytes[this.#at >>> 3]! |= bits << used;
      this.#at += now;
      i += now;
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
    return this.#bytes.slice(0, (this.#at + 7) >>> 3);
  }

  #grow(bits: number): void {
    const needed = ((this.#at + bits) >>> 3) + 1;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(2 * needed);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
  }
}
