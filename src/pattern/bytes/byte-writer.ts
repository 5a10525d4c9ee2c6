/** Writes the little-endian fields that `ByteReader` reads. Values are the caller's own: out of range is a RangeError. */
import { assertInteger } from '../../base/assert.js';

/** A growing byte string. */
export class ByteWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    assertInteger('u8', value, { min: 0, max: 0xff });
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    assertInteger('u16', value, { min: 0, max: 0xffff });
    const at = this.#grow(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    assertInteger('u32', value, { min: 0, max: 0xffff_ffff });
    const at = this.#grow(4);
    this.#view.setUint32(at, value, true);
  }

  u64(value: number): void {
    assertInteger('u64', value, { min: 0 });
    const at = this.#grow(8);
    this.#view.setUint32(at, value >>> 0, true);
    this.#view.setUint32(at + 4, Math.floor(value / 0x1_0000_0000), true);
  }

  /** An unsigned number in `width` bytes (0 to 7; 0 writes nothing). */
  uint(value: number, width: number): void {
    const at = this.#grow(width);
    let rest = value;
    for (let i = 0; i < width; i++) {
      this.#bytes[at + i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }

  /** LEB128 in its shortest form. */
  varint(value: number): void {
    assertInteger('varint', value, { min: 0 });
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.u8(rest);
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Called before `#bytes` or `#view` is read: it may replace both. */
  #grow(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}
