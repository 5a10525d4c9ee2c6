/**
 * The portions in which clamscan takes HTML: at most 8191 bytes, cut behind the last white space when a word would be
 * broken. White space at the beginning of a portion is dropped, so that now and then a space between two words is lost:
 * signatures see the content so.
 */
import { plainBytes } from '../../../pattern/bytes/byte-reader.js';
import { isSpace } from './bytes.js';

const PORTION = 8191;
/** A portion ends where the byte behind it says so. */
const NEEDED = PORTION + 1;

/** Cuts a stream of bytes into portions; those that lie in one chunk are not copied. */
export class HtmlChunks {
  readonly #take: (portion: Uint8Array) => void;
  #left: Uint8Array = new Uint8Array(0);
  /** Bytes in `#left`. */
  #filled = 0;

  constructor(take: (portion: Uint8Array) => void) {
    this.#take = take;
  }

  push(chunk: Uint8Array): void {
    // A Buffer has other code than a Uint8Array: loops that see both are slow on both.
    const bytes = plainBytes(chunk);
    let at = this.#fillUp(bytes);
    while (bytes.length - at >= NEEDED) {
      const portion = bytes.subarray(at, at + NEEDED);
      const end = endOfPortion(portion);
      this.#give(portion.subarray(0, end));
      at += end;
    }
    this.#keep(bytes.subarray(at));
  }

  finish(): void {
    this.#give(this.#left.subarray(0, this.#filled));
    this.#filled = 0;
  }

  /** Gives portions that begin before this chunk. @returns how much of it they have taken. */
  #fillUp(bytes: Uint8Array): number {
    let at = 0;
    while (this.#filled > 0 && this.#filled + bytes.length - at >= NEEDED) {
      const missing = bytes.subarray(at, at + NEEDED - this.#filled);
      this.#keep(missing);
      at += missing.length;
      const end = endOfPortion(this.#left.subarray(0, NEEDED));
      this.#give(this.#left.subarray(0, end));
      const rest = NEEDED - end;
      if (rest <= missing.length) {
        // What is left over is in the chunk as well.
        this.#filled = 0;
        return at - rest;
      }
      this.#left.copyWithin(0, end, NEEDED);
      this.#filled = rest;
    }
    return at;
  }

  /** Keeps bytes for the next chunk; they fit into a portion. */
  #keep(bytes: Uint8Array): void {
    const wanted = this.#filled + bytes.length;
    if (wanted > this.#left.length) {
      const larger = new Uint8Array(Math.min(NEEDED, 2 * wanted));
      larger.set(this.#left.subarray(0, this.#filled));
      this.#left = larger;
    }
    this.#left.set(bytes, this.#filled);
    this.#filled = wanted;
  }

  #give(portion: Uint8Array): void {
    let start = 0;
    while (start < portion.length && isSpace(portion[start]!)) {
      start++;
    }
    if (start < portion.length) {
      this.#take(portion.subarray(start));
    }
  }
}

/** Where the portion ends whose bytes, and one more, are given. */
function endOfPortion(bytes: Uint8Array): number {
  let end = PORTION;
  if (isSpace(bytes[end]!)) {
    return end;
  }
  while (end > 0 && !isSpace(bytes[end - 1]!)) {
    end--;
  }
  return end > 0 ? end : PORTION;
}
