/** Rows of a lane while they are collected, and the numbers of the table by hash that they become. */
import * as abi from '../kernel/abi.js';
import { bucketMultiplierHigh, bucketMultiplierLow, checkMask, checkShift, rowBytes } from '../kernel/abi.js';

const wordsPerRow = rowBytes / 4;
const maxBucketBits = 18;

/** A growing list of rows, four words each. */
export class LaneRows {
  #words: Uint32Array;
  #count: number;

  /** Begins with rows that are there already; more are written behind them. */
  constructor(from: { readonly words: Uint32Array; readonly count: number } = { words: new Uint32Array(64), count: 0 }) {
    this.#words = from.words;
    this.#count = from.count;
  }

  get count(): number {
    return this.#count;
  }

  /** Words of all rows; valid until the next `add`. */
  get words(): Uint32Array {
    return this.#words.subarray(0, this.#count * wordsPerRow);
  }

  /** Makes room for so many rows in all. */
  reserve(rows: number): void {
    if (rows * wordsPerRow > this.#words.length) {
      const larger = new Uint32Array(rows * wordsPerRow);
      larger.set(this.#words);
      this.#words = larger;
    }
  }

  /** Adds an empty row. @returns the index of its first word: low half of the key, high half, what, check. */
  add(): number {
    if (this.#count * wordsPerRow === this.#words.length) {
      this.reserve(2 * this.#count);
    }
    return this.#count++ * wordsPerRow;
  }

  /** All rows with room for more; valid until the next `add`. */
  get room(): Uint32Array {
    return this.#words;
  }

  /** ORs 0x20 into every byte of every key and check, that is into `keyBytes` bytes of the key. */
  fold(keyBytes: number): void {
    const high = keyBytes === 8 ? 0x20202020 : keyBytes === 5 ? 0x20 : 0;
    for (let at = 0; at < this.#count * wordsPerRow; at += wordsPerRow) {
      this.#words[at] = this.#words[at]! | 0x20202020;
      this.#words[at + 1] = this.#words[at + 1]! | high;
      if (((this.#words[at + 2]! >>> checkShift) & checkMask) === 0) {
        this.#words[at + 3] = this.#words[at + 3]! | 0x20202020;
      }
    }
  }
}

/** The hash of `form + 1` words: 32 bits, unsigned. */
export function checkHash(bytes: Uint8Array, at: number, form: number): number {
  let sum = 0;
  for (let word = at; word <= at + 4 * form; word += 4) {
    sum = Math.imul(sum + folded(bytes, word), abi.checkMultiplier);
  }
  return sum >>> 0;
}

function folded(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24) | abi.checkFold;
}

/** log2 of the number of buckets for so many rows: one or two rows in most that are not empty. */
export function bucketBitsFor(rows: number): number {
  return Math.min(maxBucketBits, Math.max(1, Math.ceil(Math.log2(rows + 1))));
}

/** The bucket of a key. */
export function bucketOf(low: number, high: number, bucketShift: number): number {
  return (Math.imul(low, bucketMultiplierLow) + Math.imul(high, bucketMultiplierHigh)) >>> bucketShift;
}
