/** Reads fields from a long file in ascending order, a piece at a time. What does not fit ends with `pattern-refused`. */
import { refused } from '../../../pattern/refused.js';

/** A file that can be read anywhere, in pieces that were proven to be what was signed. */
export interface PatternSource {
  /** Bytes of every piece but the last. */
  readonly pieceBytes: number;
  /** The piece that begins at `index * pieceBytes`. It stays as it is until its reader asks for another one. */
  piece(index: number): Uint8Array;
}

/** A part of a file. */
export interface Region {
  readonly at: number;
  readonly length: number;
}

/** A cursor over one region of a source. Several may be open at once. */
export class PatternCursor {
  readonly #source: PatternSource;
  readonly #end: number;
  #at: number;
  #piece: Uint8Array = new Uint8Array(0);
  #index = -1;

  constructor(source: PatternSource, region: Region) {
    this.#source = source;
    this.#at = region.at;
    this.#end = region.at + region.length;
  }

  /** Position in the file. */
  get at(): number {
    return this.#at;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#end - this.#at;
  }

  /** The next bytes: a view until the next call where they lie in one piece, else a copy. */
  take(count: number): Uint8Array {
    if (count > this.left) {
      throw refused('truncated', `hash table: ends ${count - this.left} bytes early`, { at: this.#at });
    }
    const { pieceBytes } = this.#source;
    const index = Math.floor(this.#at / pieceBytes);
    if (index !== this.#index) {
      this.#piece = this.#source.piece(index);
      this.#index = index;
    }
    const from = this.#at - index * pieceBytes;
    const here = this.#piece.subarray(from, from + count);
    this.#at += here.length;
    if (here.length === count) {
      return here;
    }
    const whole = new Uint8Array(count);
    whole.set(here);
    whole.set(this.take(count - here.length), here.length);
    return whole;
  }

  u8(): number {
    return this.take(1)[0]!;
  }

  u32(): number {
    return this.uint(4);
  }

  /** An unsigned number of 0 to 7 bytes. */
  uint(width: number): number {
    const bytes = this.take(width);
    let value = 0;
    for (let i = width - 1; i >= 0; i--) {
      value = value * 256 + bytes[i]!;
    }
    return value;
  }

  /** A cursor over the next `count` bytes, which this one passes over. */
  region(count: number): PatternCursor {
    if (count > this.left) {
      throw refused('truncated', `hash table: ends ${count - this.left} bytes early`, { at: this.#at });
    }
    const cursor = new PatternCursor(this.#source, { at: this.#at, length: count });
    this.#at += count;
    return cursor;
  }
}
