/**
 * Where the normaliser of HTML writes: two views at once. In the view without tags the last byte of a group from 80 hex
 * up comes out as the one before it (0 if it is alone): so clamscan writes it, and so signatures were made.
 */
import type { NormalisedSink } from '../normalise.js';
import { BYTE } from './bytes.js';
import type { ByteGroup } from './high-bytes.js';
import { isFullStop } from './high-bytes.js';
import { TextFlow } from './text-flow.js';
import { ViewBuffer } from './view-buffer.js';

/** The two views of an HTML content, as they are written. */
export class HtmlOutput {
  /** The view with tags. */
  readonly nocomment: ViewBuffer;
  readonly #notags: ViewBuffer;
  /** Words of texts, in both. */
  readonly words: TextFlow;

  constructor(sink: NormalisedSink) {
    this.nocomment = new ViewBuffer((bytes) => sink('nocomment', bytes));
    this.#notags = new ViewBuffer((bytes) => sink('notags', bytes));
    this.words = new TextFlow(this.nocomment, this.#notags);
  }

  /** A byte of the view with tags. */
  markup(byte: number): void {
    this.nocomment.write(byte);
  }

  /** The target of a link, in the view without tags. */
  link(target: Uint8Array): void {
    if (target.length > 0) {
      this.words.writeApart(target);
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
