/** The value of an attribute, in its own case: the target of a link, and what tells a `data:` URL. */
import { lower } from './bytes.js';
import type { ByteGroup } from './high-bytes.js';
import { STOPS, VALUE_RUN } from './run-tables.js';
import type { ViewBuffer } from './view-buffer.js';

/** Of a link's target this much is kept. */
const MAX_VALUE = 1022;
const DATA = [...'data'].map((char) => char.charCodeAt(0));

/** A value as it is read. */
export class TagValue {
  readonly #bytes: Uint8Array = new Uint8Array(MAX_VALUE);
  #length = 0;

  /** Whether it is `data` so far. */
  get isData(): boolean {
    return this.#length === DATA.length && DATA.every((char, i) => this.#bytes[i] === char);
  }

  clear(): void {
    this.#length = 0;
  }

  add(byte: number): void {
    if (this.#length < MAX_VALUE) {
      this.#bytes[this.#length++] = byte;
    }
  }

  addGroup({ count, first, second, third }: ByteGroup): void {
    for (const byte of [first, second, third].slice(0, count)) {
      this.add(byte);
    }
  }

  /** Takes a run of bytes that mean nothing but themselves, and writes it in lower case. @returns where it ends. */
  run(output: ViewBuffer, input: Uint8Array, at: number): number {
    output.reserve(input.length - at);
    const { bytes } = output;
    const value = this.#bytes;
    let { filled } = output;
    let length = this.#length;
    let next = at;
    for (; next < input.length; next++) {
      const byte = VALUE_RUN[input[next]!]!;
      if (byte >= STOPS) {
        break;
      }
      bytes[filled] = lower(byte);
      // Beyond its end nothing is written.
      value[length] = byte;
      filled += byte === 0 ? 0 : 1;
      length += byte === 0 ? 0 : 1;
    }
    output.filled = filled;
    this.#length = Math.min(MAX_VALUE, length);
    return next;
  }

  /** A copy without its last `less` bytes. */
  bytes(less: number): Uint8Array {
    return this.#bytes.slice(0, Math.max(0, this.#length - less));
  }
}
