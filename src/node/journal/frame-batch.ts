/**
 * Records on their way to the file, encoded one after the other into one buffer: a group of thousands is one write and
 * makes no objects. Byte for byte what `encodeFrame` gives for each record.
 */
import { crc32c } from './crc32c.js';
import { frameHeaderBytes, maxPayloadBytes, writeFrameHeader } from './frame.js';

const startBytes = 1 << 14;

/** A buffer above this size is given back after its batch. */
const keptBytes = 1 << 20;

/** Encoded records without gaps. */
export class FrameBatch {
  #buffer: Buffer = Buffer.allocUnsafe(startBytes);
  #length = 0;

  /** Bytes of all records. */
  get length(): number {
    return this.#length;
  }

  /**
   * Encodes one record.
   * @throws RangeError when its UTF-8 is longer than `maxPayloadBytes`, empty, or ends in a zero byte; the batch is then
   * as it was.
   */
  add(sequence: number, text: string): void {
    const from = this.#length + frameHeaderBytes;
    // One unit of UTF-16 is at most three bytes of UTF-8.
    this.#makeRoom(from + Math.min(text.length * 3, maxPayloadBytes + 1));
    const length = text.length > maxPayloadBytes ? text.length : this.#buffer.write(text, from, 'utf8');
    if (length > maxPayloadBytes || length === 0 || this.#buffer[from + length - 1] === 0) {
      throw new RangeError(`record: expected 1 to ${maxPayloadBytes} bytes without a zero at the end, got ${length}`);
    }
    const crc = crc32c(this.#buffer, from, from + length);
    writeFrameHeader(this.#buffer, this.#length, { sequence, length, crc });
    this.#length = from + length;
  }

  /** The records and so many zeros after them: a view that is good until the next call. */
  padded(zeros: number): Uint8Array {
    this.#makeRoom(this.#length + zeros);
    this.#buffer.fill(0, this.#length, this.#length + zeros);
    return this.#buffer.subarray(0, this.#length + zeros);
  }

  /** Begins anew. */
  clear(): void {
    this.#length = 0;
    if (this.#buffer.length > keptBytes) {
      this.#buffer = Buffer.allocUnsafe(startBytes);
    }
  }

  #makeRoom(bytes: number): void {
    if (bytes > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(bytes, 2 * this.#buffer.length));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
  }
}
