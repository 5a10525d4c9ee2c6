/**
 * Runs of bytes from 80 hex up wait for the byte behind them, in groups of three: so clamscan writes them, and so
 * signatures were made.
 */

const GROUP = 3;
const BIG5 = 0xa1;

/** A group: its first `count` bytes count. */
export interface ByteGroup {
  readonly count: number;
  readonly first: number;
  readonly second: number;
  readonly third: number;
}

/** Bytes that wait for what follows. The group that was taken last stands in `taken`. */
export class HighBytes {
  /** How many wait. */
  waiting = 0;
  #first = 0;
  #second = 0;
  #third = 0;
  readonly #taken = { count: 0, first: 0, second: 0, third: 0 };

  /** What was taken last; valid until the next time. */
  get taken(): ByteGroup {
    return this.#taken;
  }

  /** Adds a byte. @returns true when a group was full already: it was taken, and has to come out before. */
  push(byte: number): boolean {
    const isFull = this.waiting === GROUP;
    if (isFull) {
      this.take();
    }
    if (this.waiting > 0 && this.#first === 0) {
      this.waiting = 0;
    }
    this.waiting++;
    if (this.waiting === 1) {
      this.#first = byte;
    } else if (this.waiting === 2) {
      this.#second = byte;
    } else {
      this.#third = byte;
    }
    return isFull;
  }

  /** Takes what waits. @returns false when nothing does. */
  take(): boolean {
    const taken = this.#taken;
    taken.count = this.waiting;
    taken.first = this.#first;
    taken.second = this.#second;
    taken.third = this.#third;
    this.waiting = 0;
    return taken.count > 0;
  }

  /** True when what waits and `next` are a full stop of Big5; then a zero waits instead, or nothing. */
  takeStopWith(next: number, rest: 'zero' | 'nothing'): boolean {
    const isStop = this.waiting === 1 && this.#first === BIG5 && (next === 0x43 || next === 0x44 || next === 0x4f);
    if (isStop) {
      this.waiting = rest === 'zero' ? 1 : 0;
      this.#first = 0;
    }
    return isStop;
  }
}

/** U+3002 or U+FF0E in UTF-8. */
export function isFullStop({ count, first, second, third }: ByteGroup): boolean {
  return count === GROUP && ((first === 0xe3 && second === 0x80 && third === 0x82) || (first === 0xef && second === 0xbc && third === 0x8e));
}
