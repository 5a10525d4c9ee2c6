/**
 * Texts by the hundred thousand outside of the heap: three of them to a record, in large chunks of bytes. As strings
 * they would cost as much again, and the collector would look at each of them over and over.
 *
 *     record   4 bytes of the record  2 of the first text  2 of the second   then the three, the last abbreviated
 */
import { decodeText, encodeText, mostBytes } from './text-codec.js';

const chunkBytes = 1 << 18;
const headBytes = 8;

/** References are chunk × span + offset. A record has at most 2 × 64 KiB and 3 × 128 Ki bytes. */
const span = 1 << 22;

interface Chunk {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  used: number;
  live: number;
}

/** Texts of one record. The first two have at most 65,535 bytes. */
export interface Texts {
  readonly first: string;
  readonly second: string;
  readonly third: string;
}

/** An arena of records, by reference. */
export class TextArena {
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #scratch = new Uint8Array(4096);
  readonly #chunks: (Chunk | undefined)[] = [];
  readonly #unused: number[] = [];
  #current = -1;
  #allocated = 0;
  #live = 0;

  /** Bytes of all chunks. */
  get allocated(): number {
    return this.#allocated;
  }

  /** Bytes of all records. */
  get live(): number {
    return this.#live;
  }

  /** Keeps a record. @throws RangeError when one of the first two texts is too long. */
  add({ first, second, third }: Texts): number {
    const lengths = this.#encode(first, second, third);
    const length = headBytes + lengths[0] + lengths[1] + lengths[2];
    if (lengths[0] > 0xffff || lengths[1] > 0xffff || length > span) {
      throw new RangeError('texts: expected at most 65535 bytes in the first two, and 4 MiB in all');
    }
    const { reference, chunk, at } = this.#allot(length);
    chunk.view.setUint32(at, length, true);
    chunk.view.setUint16(at + 4, lengths[0], true);
    chunk.view.setUint16(at + 6, lengths[1], true);
    chunk.bytes.set(this.#scratch.subarray(0, length - headBytes), at + headBytes);
    return reference;
  }

  /** Whether the first text is this one. */
  isFirst(reference: number, text: string): boolean {
    const bytes = this.#firstBytes(reference);
    for (let i = 0; i < bytes.length; i++) {
      const unit = text.charCodeAt(i);
      if (bytes[i] !== unit || unit >= 0x80) {
        // Beyond ASCII one unit is not one byte; what is no valid text was kept as one.
        return !(unit < 0x80) && this.#decoder.decode(bytes) === this.#decoder.decode(this.#encoder.encode(text));
      }
    }
    return bytes.length === text.length;
  }

  first(reference: number): string {
    return this.#decoder.decode(this.#firstBytes(reference));
  }

  second(reference: number): string {
    const { chunk, at } = this.#find(reference);
    const from = at + headBytes + chunk.view.getUint16(at + 4, true);
    return this.#decoder.decode(chunk.bytes.subarray(from, from + chunk.view.getUint16(at + 6, true)));
  }

  third(reference: number): string {
    const { chunk, at } = this.#find(reference);
    const from = at + headBytes + chunk.view.getUint16(at + 4, true) + chunk.view.getUint16(at + 6, true);
    return decodeText(chunk.bytes.subarray(from, at + chunk.view.getUint32(at, true)));
  }

  remove(reference: number): void {
    const { chunk, at } = this.#find(reference);
    const length = chunk.view.getUint32(at, true);
    chunk.live -= length;
    this.#live -= length;
    const number = Math.floor(reference / span);
    if (chunk.live === 0 && number !== this.#current) {
      this.#drop(number);
    }
  }

  /** Chunks that are worth emptying, or undefined while there is little to be gained. */
  sparse(): ReadonlySet<number> | undefined {
    if (this.#allocated <= 2 * this.#live + 4 * chunkBytes) {
      return undefined;
    }
    const numbers = this.#chunks.flatMap((chunk, i) => (chunk !== undefined && i !== this.#current && 2 * chunk.live <= chunk.bytes.length ? [i] : []));
    return new Set(numbers);
  }

  /** The record's new reference, where it lies in one of these chunks; a chunk whose records have all moved is gone. */
  moved(reference: number, from: ReadonlySet<number>): number {
    if (!from.has(Math.floor(reference / span))) {
      return reference;
    }
    const old = this.#find(reference);
    const length = old.chunk.view.getUint32(old.at, true);
    const { reference: next, chunk, at } = this.#allot(length);
    chunk.bytes.set(old.chunk.bytes.subarray(old.at, old.at + length), at);
    this.remove(reference);
    return next;
  }

  #firstBytes(reference: number): Uint8Array {
    const { chunk, at } = this.#find(reference);
    return chunk.bytes.subarray(at + headBytes, at + headBytes + chunk.view.getUint16(at + 4, true));
  }

  /** All three into the scratch, one behind the other; the bytes of each. */
  #encode(first: string, second: string, third: string): [number, number, number] {
    const most = 3 * (first.length + second.length) + mostBytes(third);
    if (most > this.#scratch.length) {
      this.#scratch = new Uint8Array(Math.max(most, 2 * this.#scratch.length));
    }
    const { written: firstLength } = this.#encoder.encodeInto(first, this.#scratch);
    const { written: secondLength } = this.#encoder.encodeInto(second, this.#scratch.subarray(firstLength));
    return [firstLength, secondLength, encodeText(third, this.#scratch.subarray(firstLength + secondLength))];
  }

  #allot(length: number): { readonly reference: number; readonly chunk: Chunk; readonly at: number } {
    let chunk = this.#chunks[this.#current];
    if (chunk === undefined || chunk.used + length > chunk.bytes.length) {
      const full = this.#current;
      chunk = this.#begin(Math.max(chunkBytes, length));
      if (this.#chunks[full]?.live === 0) {
        this.#drop(full);
      }
    }
    const at = chunk.used;
    chunk.used += length;
    chunk.live += length;
    this.#live += length;
    return { reference: this.#current * span + at, chunk, at };
  }

  #begin(bytes: number): Chunk {
    const buffer = new Uint8Array(bytes);
    const chunk: Chunk = { bytes: buffer, view: new DataView(buffer.buffer), used: 0, live: 0 };
    this.#current = this.#unused.pop() ?? this.#chunks.length;
    this.#chunks[this.#current] = chunk;
    this.#allocated += bytes;
    return chunk;
  }

  #drop(number: number): void {
    this.#allocated -= this.#chunks[number]?.bytes.length ?? 0;
    this.#chunks[number] = undefined;
    this.#unused.push(number);
  }

  #find(reference: number): { readonly chunk: Chunk; readonly at: number } {
    const number = Math.floor(reference / span);
    const chunk = this.#chunks[number];
    if (chunk === undefined) {
      throw new RangeError(`no record at ${reference}`);
    }
    return { chunk, at: reference - number * span };
  }
}
