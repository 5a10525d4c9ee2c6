/** The bytes of one view of HTML, collected until there are enough of them to be handed on. */
import type { RunTable } from './run-tables.js';
import { STOPS } from './run-tables.js';

/** Bytes handed on at once. */
const PORTION = 65_536;

/** A buffer that hands on what it holds when it is full. */
export class ViewBuffer {
  readonly #emit: (bytes: Uint8Array) => void;
  /** Written to up to `filled`; another array after each `reserve`. */
  bytes: Uint8Array = new Uint8Array(0);
  filled = 0;

  constructor(emit: (bytes: Uint8Array) => void) {
    this.#emit = emit;
  }

  write(byte: number): void {
    if (this.filled === this.bytes.length) {
      this.reserve(1);
    }
    this.bytes[this.filled++] = byte;
  }

  /** Much less than a portion. */
  writeAll(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.filled);
    this.filled += bytes.length;
  }

  /** Makes room for `count` more bytes, much less than a portion. */
  reserve(count: number): void {
    const wanted = this.filled + count;
    if (wanted <= this.bytes.length) {
      return;
    }
    if (wanted > PORTION) {
      this.flush();
    }
    if (this.filled + count > this.bytes.length) {
      // Small contents get little.
      const larger = new Uint8Array(Math.min(PORTION, 2 * wanted));
      larger.set(this.bytes.subarray(0, this.filled));
      this.bytes = larger;
    }
  }

  /** Writes what a run from `at` on becomes. @returns where it ends. */
  run(table: RunTable, input: Uint8Array, at: number): number {
    this.reserve(input.length - at);
    const { bytes } = this;
    let { filled } = this;
    let next = at;
    for (; next < input.length; next++) {
      const becomes = table[input[next]!]!;
      if (becomes >= STOPS) {
        break;
      }
      bytes[filled] = becomes;
      filled += becomes === 0 ? 0 : 1;
    }
    this.filled = filled;
    return next;
  }

  flush(): void {
    if (this.filled > 0) {
      this.#emit(this.bytes.subarray(0, this.filled));
    }
    this.filled = 0;
  }
}
