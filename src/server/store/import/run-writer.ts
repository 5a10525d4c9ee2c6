/**
 * Writes a `ByteRun`: parts of one size, and the checksums of their pages, into whatever takes named values. All of it is
 * synchronous: who must not be held up writes in a process of his own.
 */
import { pageBytes, type Checksum } from './byte-run.js';

/** Takes the values of a table. `value` is used again after the call. */
export interface TableSink {
  put(name: string, value: Uint8Array): void;
}

/** Bytes of a part where nothing else asks for another size. A host maps values above 16 MiB, and copies others. */
export const defaultPartBytes = 33_554_432;

const firstBytes = 65_536;

/** Values from here on are mapped (`defaultPartBytes`). */
const mappedBytes = 16_777_216 + pageBytes;
/** A part of less is copied when it is opened, which takes milliseconds; a longer one is filled up so that it is mapped. */
const filledFrom = 4_194_304;

/** Appends bytes; keeps one part in memory. */
export class RunWriter {
  readonly #sink: TableSink;
  readonly #name: string;
  readonly #checksum: Checksum;
  readonly #partBytes: number;
  #part = new Uint8Array(firstBytes);
  #filled = 0;
  #parts = 0;
  #length = 0;
  #sums = new Uint32Array(1024);
  #pages = 0;

  constructor(sink: TableSink, options: { readonly name: string; readonly checksum: Checksum; readonly partBytes?: number }) {
    this.#sink = sink;
    this.#name = options.name;
    this.#checksum = options.checksum;
    this.#partBytes = options.partBytes ?? defaultPartBytes;
  }

  /** Bytes appended so far. */
  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    this.#length += bytes.length;
    let rest = bytes;
    while (rest.length >= this.#partBytes - this.#filled) {
      const now = rest.subarray(0, this.#partBytes - this.#filled);
      this.#copy(now);
      rest = rest.subarray(now.length);
      this.#flush();
    }
    this.#copy(rest);
  }

  /** Writes what is left and the checksums. Nothing can be appended afterwards. */
  finish(): void {
    if (this.#filled > 0) {
      this.#flush();
    }
    const sums = new Uint8Array(this.#pages * 4);
    const view = new DataView(sums.buffer);
    for (let page = 0; page < this.#pages; page++) {
      view.setUint32(page * 4, this.#sums[page]!, true);
    }
    this.#sink.put(`${this.#name}/sums`, sums);
  }

  #copy(bytes: Uint8Array): void {
    const needed = this.#filled + bytes.length;
    if (needed > this.#part.length) {
      const larger = new Uint8Array(Math.min(this.#partBytes, Math.max(needed, 2 * this.#part.length)));
      larger.set(this.#part.subarray(0, this.#filled));
      this.#part = larger;
    }
    this.#part.set(bytes, this.#filled);
    this.#filled = needed;
  }

  #flush(): void {
    const part = this.#part.subarray(0, this.#filled);
    for (let at = 0; at < part.length; at += pageBytes) {
      this.#note(this.#checksum(part.subarray(at, at + pageBytes)));
    }
    this.#sink.put(`${this.#name}/${this.#parts}`, this.#mappable(part));
    this.#parts++;
    this.#filled = 0;
  }

  /** The part, with zeros behind it where it is just too short to be mapped. */
  #mappable(part: Uint8Array): Uint8Array {
    if (part.length < filledFrom || part.length >= mappedBytes) {
      return part;
    }
    const longer = new Uint8Array(mappedBytes);
    longer.set(part);
    return longer;
  }

  #note(sum: number): void {
    if (this.#pages === this.#sums.length) {
      const larger = new Uint32Array(2 * this.#pages);
      larger.set(this.#sums);
      this.#sums = larger;
    }
    this.#sums[this.#pages++] = sum;
  }
}
