/**
 * Where the normaliser of HTML writes: two views at once. In the view without tags the last byte of a group from 80 hex
 * up comes out as the one before it (0 if it is alone): so clamscan writes it, and so signatures were made.
 */
import type { NormalisedSink } from '../normalise.js';
import { BYTE } from './bytes.js';
import type { ByteGroup } from './high-bytes.js';
import { isFullStop } from './high-bytes.js';
import type { RunTable } from './run-tables.js';
import { TEXT_BECOMES, TEXT_KINDS } from './run-tables.js';
import { ViewBuffer } from './view-buffer.js';

/** The two views of an HTML content, as they are written. */
export class HtmlOutput {
  /** The view with tags. */
  readonly nocomment: ViewBuffer;
  readonly #notags: ViewBuffer;
  #afterSpace = false;
  /** White space was seen that comes out in the view with tags before the next character; at a beginning it does not. */
  #isSpaceDue = false;
  #isBeginning = true;

  constructor(sink: NormalisedSink) {
    this.nocomment = new ViewBuffer((bytes) => sink('nocomment', bytes));
    this.#notags = new ViewBuffer((bytes) => sink('notags', bytes));
  }

  /** A byte of the view with tags. */
  markup(byte: number): void {
    this.nocomment.write(byte);
  }

  /** A byte of the view without tags; of spaces in a row only the first. */
  text(byte: number): void {
    if (byte !== BYTE.space || !this.#afterSpace) {
      this.#notags.write(byte);
    }
    this.#afterSpace = byte === BYTE.space;
  }

  /** White space in a text. */
  space(): void {
    this.#isSpaceDue ||= !this.#isBeginning;
    this.text(BYTE.space);
  }

  /** A character follows: the white space before it comes out. */
  beginWord(): void {
    if (this.#isSpaceDue) {
      this.markup(BYTE.space);
    }
    this.#isSpaceDue = false;
    this.#isBeginning = false;
  }

  /** A text begins: no space comes out at its beginning. `keepsSpace`: one that is due already does. */
  beginText(keepsSpace: boolean): void {
    this.#isBeginning = true;
    this.#isSpaceDue &&= keepsSpace;
  }

  /** A run of bytes of the view with tags. @returns where it ends. */
  markupRun(table: RunTable, input: Uint8Array, at: number): number {
    return this.nocomment.run(table, input, at);
  }

  /**
   * A run of words in a text. Every byte is written, and kept by moving on; a space at the end of the run is taken back in
   * the view with tags, for it is due only then. @returns where the run ends.
   */
  textRun(input: Uint8Array, at: number): number {
    this.nocomment.reserve(input.length - at + 1);
    this.#notags.reserve(input.length - at);
    const [marked, plain] = [this.nocomment.bytes, this.#notags.bytes];
    const start = this.nocomment.filled;
    let toMarked = start;
    let toPlain = this.#notags.filled;
    if (this.#isSpaceDue) {
      marked[toMarked++] = BYTE.space;
    }
    let beforeMarked = this.#isSpaceDue || this.#isBeginning ? 1 : 0;
    let beforePlain = this.#afterSpace ? 1 : 0;
    let next = at;
    for (; next < input.length; next++) {
      const byte = input[next]!;
      const kind = TEXT_KINDS[byte]!;
      if (kind > 1) {
        if (kind === 2) {
          continue;
        }
        break;
      }
      const becomes = TEXT_BECOMES[byte]!;
      marked[toMarked] = becomes;
      toMarked += 1 ^ (kind & beforeMarked);
      beforeMarked = kind;
      plain[toPlain] = becomes;
      toPlain += 1 ^ (kind & beforePlain);
      beforePlain = kind;
    }
    this.#notags.filled = toPlain;
    this.#afterSpace = beforePlain === 1;
    if (toMarked > start) {
      this.#isBeginning = false;
      this.#isSpaceDue = marked[toMarked - 1] === BYTE.space;
      this.nocomment.filled = this.#isSpaceDue ? toMarked - 1 : toMarked;
    }
    return next;
  }

  /** The target of a link, set off by a space. */
  link(target: Uint8Array): void {
    if (target.length > 0) {
      this.#notags.reserve(target.length + 1);
      this.#notags.bytes.set(target, this.#notags.filled);
      this.#notags.filled += target.length;
      this.#notags.write(BYTE.space);
      this.#afterSpace = true;
    }
  }

  /** A decoded character: as one byte, or as a reference in hex of four digits. */
  character(code: number): void {
    if (code < 0xff) {
      this.markup(code);
      return;
    }
    for (const char of `&#x${code.toString(16).padStart(4, '0')};`) {
      this.markup(char.charCodeAt(0));
    }
  }

  /** Bytes of a group: whether a space follows one is not decided by them. A full stop of UTF-8 comes out as `.`. */
  group(group: ByteGroup, isText: boolean): void {
    const { count, first, second, third } = group;
    if (isFullStop(group)) {
      this.fullStop(isText);
      return;
    }
    const bytes = [first, second, third].slice(0, count);
    bytes.forEach((byte) => this.markup(byte));
    if (isText && count > 0) {
      bytes.forEach((byte, i) => this.#notags.write(i < count - 1 ? byte : (bytes[i - 1] ?? 0)));
    }
  }

  /** A full stop of East Asian texts, written as `.` */
  fullStop(isText: boolean): void {
    this.markup(BYTE.stop);
    if (isText) {
      this.#notags.write(BYTE.stop);
    }
  }

  flush(): void {
    this.nocomment.flush();
    this.#notags.flush();
  }
}
