/** Fills bytes whose number is known before: what does not fit is refused, and so is what leaves a rest. */
import { refused } from '../../../pattern/refused.js';

/** A cursor over bytes that are to be filled. */
export class FixedWriter {
  readonly #out: Uint8Array;
  #at = 0;

  constructor(out: Uint8Array) {
    this.#out = out;
  }

  /** Bytes not filled yet. */
  get left(): number {
    return this.#out.length - this.#at;
  }

  u8(value: number): void {
    this.uint(value, 1);
  }

  u32(value: number): void {
    this.uint(value, 4);
  }

  /** An unsigned little-endian number in `width` bytes, 0 to 7. */
  uint(value: number, width: number): void {
    const into = this.take(width);
    let rest = value;
    for (let i = 0; i < width; i++) {
      into[i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }

  bytes(bytes: Uint8Array): void {
    this.take(bytes.length).set(bytes);
  }

  /** The next `count` bytes, to be filled by the caller. */
  take(count: number): Uint8Array {
    if (count > this.left) {
      throw refused('malformed', `delta: more comes out than the ${this.#out.length} bytes that were told`);
    }
    this.#at += count;
    return this.#out.subarray(this.#at - count, this.#at);
  }

  /** @throws VedetteError `pattern-refused` when bytes are left. */
  end(): void {
    if (this.left > 0) {
      throw refused('malformed', `delta: ${this.left} bytes less come out than were told`);
    }
  }
}
