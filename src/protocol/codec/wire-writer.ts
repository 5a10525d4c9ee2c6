/**
 * Writes the canonical form of values: integers in their shortest unsigned form up to 32 bits and as int64 above, strings
 * and byte strings with the shortest length field, no floats. The bytes are those that msgpackr writes
 * (test/protocol/clear-forms.test.ts).
 */
import { assertInteger } from '../../base/assert.js';
import { toUtf8 } from '../../base/bytes.js';

/** Bytes that an integer of 0 to 2^53 − 1 takes. */
export function integerBytes(value: number): number {
  return value <= 0x7f ? 1 : value <= 0xff ? 2 : value <= 0xffff ? 3 : value <= 0xffff_ffff ? 5 : headBytes;
}

/** The most that stands before the content of one value. */
const headBytes = 9;

/** Bytes that grow by one value at a time. */
export class WireWriter {
  #bytes: Uint8Array;
  #at = 0;

  /** `expectedBytes`: room to begin with. */
  constructor(expectedBytes: number) {
    this.#bytes = new Uint8Array(expectedBytes);
  }

  /** The head of an array; its values follow. */
  list(count: number): void {
    this.#reserve(count < 16 ? 1 : headBytes);
    if (count < 16) {
      this.#bytes[this.#at++] = 0x90 | count;
    } else {
      this.#sized(count, { short: 0xdc, long: 0xdd });
    }
  }

  /** @throws RangeError for what is no whole number from −2^53 + 1 to 2^53 − 1. */
  integer(value: number): void {
    this.#reserve(value < 0 ? headBytes : integerBytes(value));
    if (value >= 0 && value <= 0x7f && Number.isInteger(value)) {
      this.#bytes[this.#at++] = value;
      return;
    }
    assertInteger('integer', value, { min: Number.MIN_SAFE_INTEGER });
    if (value < 0) {
      this.#negative(value);
    } else if (value <= 0xff) {
      this.#tagged(0xcc, value, 1);
    } else if (value <= 0xffff) {
      this.#tagged(0xcd, value, 2);
    } else if (value <= 0xffff_ffff) {
      this.#tagged(0xce, value, 4);
    } else {
      this.#wide(value);
    }
  }

  /** An integer as int64, of which the lowest 64 bits are written. */
  wideInteger(value: bigint): void {
    this.#reserve(headBytes);
    this.#tagged(0xd3, Number(BigInt.asUintN(32, value >> 32n)), 4);
    this.#big(Number(BigInt.asUintN(32, value)), 4);
  }

  /** A byte string. */
  bytes(content: Uint8Array): void {
    this.#reserve((content.length <= 0xff ? 2 : headBytes) + content.length);
    if (content.length <= 0xff) {
      this.#tagged(0xc4, content.length, 1);
    } else {
      this.#sized(content.length, { short: 0xc5, long: 0xc6 });
    }
    this.#put(content);
  }

  /** A text. */
  text(content: string): void {
    if (content.length < 32 && this.#shortAscii(content)) {
      return;
    }
    const encoded = toUtf8(content);
    this.#reserve(headBytes + encoded.length);
    if (encoded.length < 32) {
      this.#bytes[this.#at++] = 0xa0 | encoded.length;
    } else if (encoded.length <= 0xff) {
      this.#tagged(0xd9, encoded.length, 1);
    } else {
      this.#sized(encoded.length, { short: 0xda, long: 0xdb });
    }
    this.#put(encoded);
  }

  /** Nil: there is no value. */
  nil(): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = 0xc0;
  }

  /** What has been written, in an array of its own; nothing can be written any more. */
  finish(): Uint8Array {
    return this.#at === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#at);
  }

  /** Most names: unit by unit, without an encoder of the platform. False, and nothing is written, for other texts. */
  #shortAscii(content: string): boolean {
    this.#reserve(headBytes + content.length);
    for (let i = 0; i < content.length; i++) {
      const unit = content.charCodeAt(i);
      if (unit > 0x7f) {
        return false;
      }
      this.#bytes[this.#at + 1 + i] = unit;
    }
    this.#bytes[this.#at] = 0xa0 | content.length;
    this.#at += 1 + content.length;
    return true;
  }

  #sized(length: number, tag: { readonly short: number; readonly long: number }): void {
    if (length <= 0xffff) {
      this.#tagged(tag.short, length, 2);
    } else {
      this.#tagged(tag.long, length, 4);
    }
  }

  #negative(value: number): void {
    if (value >= -0x20) {
      this.#bytes[this.#at++] = value + 0x100;
    } else if (value >= -0x80) {
      this.#tagged(0xd0, value, 1);
    } else if (value >= -0x8000) {
      this.#tagged(0xd1, value, 2);
    } else if (value >= -0x8000_0000) {
      this.#tagged(0xd2, value, 4);
    } else {
      this.#wide(value);
    }
  }

  #wide(value: number): void {
    this.#tagged(0xd3, Math.floor(value / 2 ** 32), 4);
    this.#big(value % 2 ** 32, 4);
  }

  #tagged(tag: number, value: number, width: number): void {
    this.#bytes[this.#at++] = tag;
    this.#big(value, width);
  }

  /** Of a negative number the lowest bytes of its two's complement. */
  #big(value: number, width: number): void {
    for (let shift = 8 * (width - 1); shift >= 0; shift -= 8) {
      this.#bytes[this.#at++] = value >>> shift;
    }
  }

  #put(content: Uint8Array): void {
    this.#bytes.set(content, this.#at);
    this.#at += content.length;
  }

  #reserve(more: number): void {
    if (this.#at + more > this.#bytes.length) {
      const grown = new Uint8Array(2 * (this.#at + more));
      grown.set(this.#bytes.subarray(0, this.#at));
      this.#bytes = grown;
    }
  }
}
