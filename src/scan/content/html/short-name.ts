/** A name of which only matters whether it is one of a few short ones: its first bytes and its length. */

const KEPT = 8;

/** A name as it is read, byte by byte. */
export class ShortName {
  readonly #bytes: Uint8Array = new Uint8Array(KEPT);
  #length = 0;

  clear(): void {
    this.#length = 0;
  }

  add(byte: number): void {
    if (this.#length < KEPT) {
      this.#bytes[this.#length] = byte;
    }
    this.#length++;
  }

  /** Adds the bytes of an array from `from` to `to`. */
  addAll(bytes: Uint8Array, from: number, to: number): void {
    const kept = Math.min(to - from, KEPT - this.#length);
    for (let i = 0; i < kept; i++) {
      this.#bytes[this.#length + i] = bytes[from + i]!;
    }
    this.#length += to - from;
  }

  /** Whether it is this one, of at most seven characters. */
  is(name: string): boolean {
    if (this.#length !== name.length) {
      return false;
    }
    for (let i = 0; i < name.length; i++) {
      if (this.#bytes[i] !== name.charCodeAt(i)) {
        return false;
      }
    }
    return true;
  }
}
