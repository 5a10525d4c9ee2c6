/**
 * Reads numbers out of bytes without a word about what is wrong with them: a walk over a hundred thousand signatures
 * spends its time here. Whoever finds `isBad` set, or `at` beyond the end, reads the place again with a `ByteReader`,
 * which says what it is.
 */

/** A cursor. Its fields are open for the sake of the loops around it. */
export class QuickCursor {
  readonly bytes: Uint8Array;
  at = 0;
  /** Set by a number that is longer than needed, or than four bytes. */
  isBad = false;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** LEB128 of at most four bytes. */
  varint(): number {
    const first = this.bytes[this.at++]!;
    if (first < 0x80) {
      return first;
    }
    const second = this.bytes[this.at++]!;
    if (second < 0x80) {
      this.isBad ||= second === 0;
      return (first & 0x7f) | (second << 7);
    }
    const third = this.bytes[this.at++]!;
    if (third < 0x80) {
      this.isBad ||= third === 0;
      return (first & 0x7f) | ((second & 0x7f) << 7) | (third << 14);
    }
    const fourth = this.bytes[this.at++]!;
    this.isBad ||= !(fourth > 0 && fourth < 0x80);
    return (first & 0x7f) | ((second & 0x7f) << 7) | ((third & 0x7f) << 14) | (fourth << 21);
  }
}
