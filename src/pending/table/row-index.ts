/**
 * Rows of a table by the hash of something in them: five to ten bytes a row where a `Map` with texts for keys takes
 * over a hundred. Open addressing with linear probing (Knuth, TAOCP vol. 3, 6.4, algorithms L and R).
 */

/** Finds rows by hash; what a row is about is compared by the caller. */
export class RowIndex {
  readonly #hashOf: (row: number) => number;
  /** Row + 1; 0 is free. The length is a power of two. */
  #slots = new Int32Array(64);
  #count = 0;

  constructor(hashOf: (row: number) => number) {
    this.#hashOf = hashOf;
  }

  add(row: number): void {
    if (5 * (this.#count + 1) > 4 * this.#slots.length) {
      this.#grow();
    }
    this.#put(row);
    this.#count++;
  }

  remove(row: number): void {
    const mask = this.#slots.length - 1;
    let at = this.#hashOf(row) & mask;
    while (this.#slots[at] !== row + 1) {
      if (this.#slots[at] === 0) {
        return;
      }
      at = (at + 1) & mask;
    }
    this.#count--;
    // Whatever would not be found any more over the gap moves into it.
    for (let next = (at + 1) & mask; this.#slots[next] !== 0; next = (next + 1) & mask) {
      const home = this.#hashOf(this.#slots[next]! - 1) & mask;
      if (((next - home) & mask) >= ((next - at) & mask)) {
        this.#slots[at] = this.#slots[next]!;
        at = next;
      }
    }
    this.#slots[at] = 0;
  }

  /** Calls `visit` with every row of this hash, until it says true: the row for which it did, or -1. */
  find(hash: number, visit: (row: number) => boolean): number {
    const mask = this.#slots.length - 1;
    for (let at = hash & mask; this.#slots[at] !== 0; at = (at + 1) & mask) {
      const row = this.#slots[at]! - 1;
      if (this.#hashOf(row) === hash && visit(row)) {
        return row;
      }
    }
    return -1;
  }

  #put(row: number): void {
    const mask = this.#slots.length - 1;
    let at = this.#hashOf(row) & mask;
    while (this.#slots[at] !== 0) {
      at = (at + 1) & mask;
    }
    this.#slots[at] = row + 1;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(2 * old.length);
    for (const slot of old) {
      if (slot !== 0) {
        this.#put(slot - 1);
      }
    }
  }
}

/** A 32-bit hash of a text, by its bytes in UTF-8 (FNV-1a with the finish of MurmurHash3). */
export function hashOf(text: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) {
      return finish(new TextEncoder().encode(text.slice(i)).reduce(mix, hash));
    }
    hash = mix(hash, unit);
  }
  return finish(hash);
}

/** Mixed in between too: FNV alone has the same collisions whatever the seed. */
function mix(hash: number, byte: number): number {
  const next = Math.imul(hash ^ byte, 0x01000193);
  return next ^ (next >>> 15);
}

function finish(mixed: number): number {
  let hash = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
