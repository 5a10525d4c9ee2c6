/** The value of an attribute, in its own case: the target of a link, and what tells a `data:` URL. */
import { lower } from './bytes.js';
import type { ByteGroup } from './high-bytes.js';
import { STOPS, VALUE_REST_RUN, VALUE_RUN } from './run-tables.js';
import type { ViewBuffer } from './view-buffer.js';

/** Of a link's target this much is kept. */
const MAX_VALUE = 1022;
/** Of any other value so much as tells whether it is `data`. */
const MAX_OTHER = 5;
const DATA = [...'data'].map((char) => char.charCodeAt(0));

/** A value as it is read. */
export class TagValue {
  readonly #bytes: Uint8Array = new Uint8Array(MAX_VALUE);
  #length = 0;
  #most = MAX_VALUE;

  /** Whether it is `data` so far. */
  get isData(): boolean {
    return this.#length === DATA.length && DATA.every((char, i) => this.#bytes[i] === char);
  }

  begin(isLink: boolean): void {
    this.#length = 0;
    this.#most = isLink ? MAX_VALUE : MAX_OTHER;
  }

  add(byte: number): void {
    if (this.#length < this.#most) {
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
    let next = at;
    for (; next < input.length && this.#length < this.#most; next++) {
      const byte = VALUE_RUN[input[next]!]!;
      if (byte >= STOPS) {
        return next;
      }
      if (byte !== 0) {
        output.write(lower(byte));
        this.#bytes[this.#length++] = byte;
      }
    }
    return output.run(VALUE_REST_RUN, input, next);
  }

  /** A copy without its last `less` bytes. */
  bytes(less: number): Uint8Array {
    return this.#bytes.slice(0, Math.max(0, this.#length - less));
  }
}
