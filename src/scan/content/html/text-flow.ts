/**
 * Words of HTML's texts in both views. In the one with tags white space comes out before the next word, and not at all
 * where a text begins; in the other one at once, the first space of several.
 */
import { BYTE } from './bytes.js';
import { TEXT_BECOMES, TEXT_KINDS } from './run-tables.js';
import type { ViewBuffer } from './view-buffer.js';

/** Where the writing of words stands. */
export class TextFlow {
  readonly #nocomment: ViewBuffer;
  readonly #notags: ViewBuffer;
  /** White space was seen that comes out before the next word. */
  #isDue = false;
  #isBeginning = true;
  /** 1 when the last byte of the view without tags is a space that was meant as one. */
  #afterSpace: 0 | 1 = 0;

  constructor(nocomment: ViewBuffer, notags: ViewBuffer) {
    this.#nocomment = nocomment;
    this.#notags = notags;
  }

  /** A byte of the view without tags; of spaces in a row only the first. */
  write(byte: number): void {
    const isSpace = byte === BYTE.space ? 1 : 0;
    if ((isSpace & this.#afterSpace) === 0) {
      this.#notags.write(byte);
    }
    this.#afterSpace = isSpace;
  }

  /** White space in a text. */
  space(): void {
    this.#isDue ||= !this.#isBeginning;
    this.write(BYTE.space);
  }

  /** A character follows: the white space before it comes out. */
  beginWord(): void {
    if (this.#isDue) {
      this.#nocomment.write(BYTE.space);
    }
    this.#isDue = false;
    this.#isBeginning = false;
  }

  /** A text begins: no space comes out at its beginning. `keepsSpace`: one that is due already does. */
  begin(keepsSpace: boolean): void {
    this.#isBeginning = true;
    this.#isDue &&= keepsSpace;
  }

  /** Bytes that stand in the view without tags by themselves, and a space behind them. */
  writeApart(bytes: Uint8Array): void {
    this.#notags.writeAll(bytes);
    this.#notags.write(BYTE.space);
    this.#afterSpace = 1;
  }

  /** Takes a run of words. @returns where it ends. */
  run(input: Uint8Array, at: number): number {
    const nocomment = this.#nocomment;
    nocomment.reserve(input.length - at + 1);
    this.#notags.reserve(input.length - at + 1);
    const start = nocomment.filled;
    if (this.#isDue) {
      nocomment.bytes[nocomment.filled++] = BYTE.space;
    }
    const end = this.#copyWords(input, at, this.#isDue || this.#isBeginning ? 1 : 0);
    if (nocomment.filled > start) {
      // A space at the end of the run is due only before the next word.
      this.#isBeginning = false;
      this.#isDue = nocomment.bytes[nocomment.filled - 1] === BYTE.space;
      nocomment.filled -= this.#isDue ? 1 : 0;
    }
    return end;
  }

  /** Every byte is written, and kept by moving on. `afterSpace`: in the view with tags. @returns where the words end. */
  #copyWords(input: Uint8Array, from: number, afterSpace: 0 | 1): number {
    const marked = this.#nocomment.bytes;
    const plain = this.#notags.bytes;
    let toMarked = this.#nocomment.filled;
    let toPlain = this.#notags.filled;
    let beforeMarked: number = afterSpace;
    let beforePlain: number = this.#afterSpace;
    let at = from;
    for (; at < input.length; at++) {
      const byte = input[at]!;
      const kind = TEXT_KINDS[byte]!;
      if (kind > 1) {
        if (kind === 2) {
          continue;
        }
        break;
      }
      marked[toMarked] = plain[toPlain] = TEXT_BECOMES[byte]!;
      toMarked += 1 ^ (kind & beforeMarked);
      toPlain += 1 ^ (kind & beforePlain);
      beforeMarked = beforePlain = kind;
    }
    this.#nocomment.filled = toMarked;
    this.#notags.filled = toPlain;
    this.#afterSpace = beforePlain === 1 ? 1 : 0;
    return at;
  }
}
