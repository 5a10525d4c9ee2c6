/**
 * Reads little-endian fields one after the other from bytes that nobody vouches for. Every read is checked against
 * what is left; the first one that does not fit ends the reading with `pattern-refused`.
 */
import { refused } from '../refused.js';

/** A cursor over untrusted bytes. `what` names the section in refusals. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #what: string;
  #at = 0;

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  /** Offset of the next byte to be read. */
  get at(): number {
    return this.#at;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** A u64 that has to fit a JS integer. */
  u64(): number {
    const at = this.#advance(8);
    const high = this.#view.getUint32(at + 4, true);
    if (high > 0x1f_ffff) {
      throw refused('malformed', `${this.#what}: a number over 2^53 - 1`, { at });
    }
    return high * 0x1_0000_0000 + this.#view.getUint32(at, true);
  }

  /** LEB128, at most 2^53 - 1, in its shortest form: one number has one spelling. */
  varint(): number {
    const start = this.#at;
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) {
        throw refused('malformed', `${this.#what}: a number over 2^53 - 1`, { at: start });
      }
      if (byte < 0x80) {
        if (byte === 0 && scale > 1) {
          throw refused('malformed', `${this.#what}: a number in a longer form than needed`, { at: start });
        }
        return value;
      }
      if (scale > 2 ** 49) {
        throw refused('malformed', `${this.#what}: a number over 2^53 - 1`, { at: start });
      }
    }
  }

  /** The next `count` bytes: a view, not a copy. */
  bytes(count: number): Uint8Array {
    const at = this.#advance(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** Passes over the next `count` bytes. */
  skip(count: number): void {
    this.#advance(count);
  }

  /** @throws VedetteError `pattern-refused` when bytes are left over. */
  end(): void {
    if (this.left > 0) {
      throw refused('malformed', `${this.#what}: ${this.left} bytes too many`, { at: this.#at });
    }
  }

  #advance(count: number): number {
    if (count > this.left) {
      throw refused('truncated', `${this.#what}: ends at byte ${this.#bytes.length}, ${count} more were expected`, {
        at: this.#at,
      });
    }
    const at = this.#at;
    this.#at += count;
    return at;
  }
}

/** The same memory as a plain `Uint8Array`: what is cut out of a Node `Buffer` would be a `Buffer`, whose `slice` does not copy. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
