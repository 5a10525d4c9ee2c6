/**
 * Bodies by eight bytes of theirs, for looking them up at every position of a haystack. The eight bytes are those with
 * the most different values: thousands of literals from scripts begin with blanks, and would all be compared at each.
 */

/** Bytes of a window. */
export const windowBytes = 8;

const maxBits = 21;

/** Where the window with the most different bytes begins; the first of them. @throws RangeError below 8 bytes. */
export function richestWindow(bytes: Uint8Array): number {
  if (bytes.length < windowBytes) {
    throw new RangeError(`expected ${windowBytes} bytes or more, got ${bytes.length}`);
  }
  let best = { at: 0, distinct: 0 };
  for (let at = 0; at + windowBytes <= bytes.length; at++) {
    const distinct = new Set(bytes.subarray(at, at + windowBytes)).size;
    best = distinct > best.distinct ? { at, distinct } : best;
  }
  return best.at;
}

/** Windows by a hash of their bytes, chained: what has another window may come up as well. */
export class WindowTable {
  readonly #bits: number;
  readonly #heads: Int32Array;
  readonly #nexts: Int32Array;

  constructor(windows: readonly Uint8Array[]) {
    this.#bits = Math.min(maxBits, 4 + Math.ceil(Math.log2(windows.length + 1)));
    this.#heads = new Int32Array(2 ** this.#bits).fill(-1);
    this.#nexts = new Int32Array(windows.length);
    windows.forEach((window, i) => {
      const slot = this.#slotOf(window, 0);
      this.#nexts[i] = this.#heads[slot]!;
      this.#heads[slot] = i;
    });
  }

  /** Index of a window that may stand at this place, or -1. */
  first(bytes: Uint8Array, at: number): number {
    return this.#heads[this.#slotOf(bytes, at)]!;
  }

  /** The next one after it, or -1. */
  next(i: number): number {
    return this.#nexts[i]!;
  }

  #slotOf(bytes: Uint8Array, at: number): number {
    const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    const high = bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24);
    return Math.imul(Math.imul(low, 0x9e3779b1) ^ high, 0x85ebca6b) >>> (32 - this.#bits);
  }
}

/** Which of the literals stand in the haystack. */
export function occurringIn(haystack: Uint8Array, literals: readonly Uint8Array[]): boolean[] {
  const starts = literals.map(richestWindow);
  const table = new WindowTable(literals.map((literal, i) => literal.subarray(starts[i], starts[i]! + windowBytes)));
  const occurs = literals.map(() => false);
  for (let at = 0; at + windowBytes <= haystack.length; at++) {
    for (let i = table.first(haystack, at); i !== -1; i = table.next(i)) {
      occurs[i] ||= standsAt(literals[i]!, { haystack, at: at - starts[i]! });
    }
  }
  return occurs;
}

function standsAt(literal: Uint8Array, { haystack, at }: { readonly haystack: Uint8Array; readonly at: number }): boolean {
  if (at < 0 || at + literal.length > haystack.length) {
    return false;
  }
  for (let i = 0; i < literal.length; i++) {
    if (haystack[at + i] !== literal[i]) {
      return false;
    }
  }
  return true;
}
