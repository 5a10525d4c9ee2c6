/**
 * Where the normaliser of HTML writes: two views at once, each through a buffer, and the runs of bytes from 80 hex up
 * that wait for the byte behind them. They wait in groups of three; in the view without tags the last byte of a group
 * comes out as the one before it (0 if it is alone): so clamscan writes it, and so signatures were made.
 */
import type { NormalisedSink } from '../../../src/scan/content/normalise.js';

const SPACE = 0x20;
const BUFFER = 8192;
const GROUP = 3;
const STOP = 0x2e;

/** The bytes of one view. */
class ViewBuffer {
  readonly #emit: (bytes: Uint8Array) => void;
  readonly #bytes: Uint8Array = new Uint8Array(BUFFER);
  #filled = 0;

  constructor(emit: (bytes: Uint8Array) => void) {
    this.#emit = emit;
  }

  write(byte: number): void {
    if (this.#filled === BUFFER) {
      this.flush();
    }
    this.#bytes[this.#filled++] = byte;
  }

  flush(): void {
    if (this.#filled > 0) {
      this.#emit(this.#bytes.subarray(0, this.#filled));
    }
    this.#filled = 0;
  }
}

/** The two views of an HTML content, as they are written. */
export class HtmlOutput {
  readonly #nocomment: ViewBuffer;
  readonly #notags: ViewBuffer;
  #afterSpace = false;

  constructor(sink: NormalisedSink) {
    this.#nocomment = new ViewBuffer((bytes) => sink('nocomment', bytes));
    this.#notags = new ViewBuffer((bytes) => sink('notags', bytes));
  }

  /** A byte of the view with tags. */
  markup(byte: number): void {
    this.#nocomment.write(byte);
  }

  /** A byte of the view without tags; of spaces in a row only the first. */
  text(byte: number): void {
    if (byte !== SPACE || !this.#afterSpace) {
      this.#notags.write(byte);
    }
    this.#afterSpace = byte === SPACE;
  }

  /** The target of a link, set off by a space. */
  link(target: readonly number[]): void {
    if (target.length > 0) {
      target.forEach((byte) => this.#notags.write(byte));
      this.#notags.write(SPACE);
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
  group(bytes: readonly number[], isText: boolean): void {
    if (bytes.length === 0) {
      return;
    }
    if (isFullStop(bytes)) {
      this.fullStop(isText);
      return;
    }
    bytes.forEach((byte) => this.markup(byte));
    if (isText) {
      const last = bytes.length === 1 ? [0] : [...bytes.slice(0, -1), bytes.at(-2) ?? 0];
      last.forEach((byte) => this.#notags.write(byte));
    }
  }

  /** A full stop of East Asian texts, written as `.` */
  fullStop(isText: boolean): void {
    this.markup(STOP);
    if (isText) {
      this.#notags.write(STOP);
    }
  }

  flush(): void {
    this.#nocomment.flush();
    this.#notags.flush();
  }
}

/** Bytes from 80 hex up that wait for what follows. */
export class HighBytes {
  #waiting: number[] = [];

  /** What waits now. */
  get waiting(): readonly number[] {
    return this.#waiting;
  }

  /** Takes a byte. @returns the group that is full already and has to come out before, if any. */
  push(byte: number): readonly number[] {
    const full = this.#waiting.length === GROUP ? this.take() : [];
    this.#waiting = this.#waiting[0] === 0 ? [byte] : [...this.#waiting, byte];
    return full;
  }

  /** What waits comes out. */
  take(): readonly number[] {
    const taken = this.#waiting;
    this.#waiting = [];
    return taken;
  }

  /** True when what waits and `next` are a full stop of Big5; `rest` then waits instead. */
  takeStopWith(next: number, rest: readonly number[]): boolean {
    const isStop = this.#waiting.length === 1 && this.#waiting[0] === 0xa1 && (next === 0x43 || next === 0x44 || next === 0x4f);
    if (isStop) {
      this.#waiting = [...rest];
    }
    return isStop;
  }
}

/** U+3002 or U+FF0E in UTF-8. */
export function isFullStop(bytes: readonly number[]): boolean {
  const [a, b, c] = bytes;
  return (a === 0xe3 && b === 0x80 && c === 0x82) || (a === 0xef && b === 0xbc && c === 0x8e);
}
