/**
 * The portions in which clamscan takes HTML: at most 8191 bytes, cut behind the last white space when a word would be
 * broken. White space at the beginning of a portion is dropped, so that now and then a space between two words is lost:
 * signatures see the content so.
 */
import { isSpace } from './bytes.js';

const PORTION = 8191;

/** Cuts a stream of bytes into portions. */
export class HtmlChunks {
  readonly #take: (portion: Uint8Array) => void;
  readonly #buffer: Uint8Array = new Uint8Array(PORTION + 1);
  #filled = 0;

  constructor(take: (portion: Uint8Array) => void) {
    this.#take = take;
  }

  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + this.#buffer.length - this.#filled);
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === this.#buffer.length) {
        this.#cut(endOfPortion(this.#buffer));
      }
    }
  }

  finish(): void {
    this.#cut(this.#filled);
  }

  #cut(end: number): void {
    const portion = this.#buffer.subarray(0, end);
    const start = portion.findIndex((byte) => !isSpace(byte));
    if (start !== -1) {
      this.#take(portion.subarray(start));
    }
    this.#buffer.copyWithin(0, end, this.#filled);
    this.#filled -= end;
  }
}

/** Where the portion ends whose bytes, and one more, are given. */
function endOfPortion(bytes: Uint8Array): number {
  let end = PORTION;
  if (isSpace(bytes[end] ?? 0)) {
    return end;
  }
  while (end > 0 && !isSpace(bytes[end - 1] ?? 0)) {
    end--;
  }
  return end > 0 ? end : PORTION;
}
