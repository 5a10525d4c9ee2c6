/** Front-coded strings of a hash table, walked in order and written anew. docs/patterns.md, "Hash table". */
import { ByteReader } from '../../../pattern/bytes/byte-reader.js';
import { ByteWriter } from '../../../pattern/bytes/byte-writer.js';
import { widthFor } from '../../../pattern/bytes/columns.js';
import { maxStringBytes } from '../../../pattern/bytes/string-table.js';
import { refused } from '../../../pattern/refused.js';
import type { StringsLayout } from './table-layout.js';
import { stringsPerBlock } from './table-layout.js';

/** Reads strings one after the other. */
export class StringWalk {
  readonly #reader: ByteReader;
  readonly #text = new Uint8Array(maxStringBytes);
  #length = 0;
  #index = 0;

  constructor(strings: StringsLayout) {
    this.#reader = new ByteReader(strings.blob, 'strings');
  }

  /** The next string: a view that the call after this one overwrites. */
  next(): Uint8Array {
    if (this.#index % stringsPerBlock === 0) {
      this.#length = 0;
    }
    const shared = this.#reader.varint();
    const rest = this.#reader.bytes(this.#reader.varint());
    if (shared > this.#length || shared + rest.length > maxStringBytes) {
      throw refused('malformed', 'strings: a string is longer than it may be, or shares more than there is', { index: this.#index });
    }
    this.#text.set(rest, shared);
    this.#length = shared + rest.length;
    this.#index++;
    return this.#text.subarray(0, this.#length);
  }
}

/** Writes strings in the order in which they are given, which has to be that of the table. */
export class StringListWriter {
  readonly #blob = new ByteWriter();
  readonly #starts: number[] = [];
  readonly #previous = new Uint8Array(maxStringBytes);
  readonly #maxBytes: number;
  #length = 0;
  #count = 0;

  /** More than `maxBytes` are refused while they are written. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The string is copied. */
  push(text: Uint8Array): void {
    if (this.#count % stringsPerBlock === 0) {
      this.#starts.push(this.#blob.length);
      this.#length = 0;
    }
    const shared = this.#sharedWith(text);
    this.#blob.varint(shared);
    this.#blob.varint(text.length - shared);
    this.#blob.bytes(text.subarray(shared));
    if (this.#blob.length > this.#maxBytes) {
      throw refused('malformed', `strings: they take more than the ${this.#maxBytes} bytes of their section`);
    }
    this.#previous.set(text.subarray(shared), shared);
    this.#length = text.length;
    this.#count++;
  }

  /** Appends the table. */
  finish(writer: { u32(value: number): void; uint(value: number, width: number): void; bytes(bytes: Uint8Array): void }): void {
    writer.u32(this.#count);
    writer.u32(this.#blob.length);
    for (const start of this.#starts) {
      writer.uint(start, widthFor(this.#blob.length));
    }
    writer.bytes(this.#blob.finish());
  }

  #sharedWith(text: Uint8Array): number {
    const most = Math.min(this.#length, text.length);
    let shared = 0;
    while (shared < most && this.#previous[shared] === text[shared]) {
      shared++;
    }
    return shared;
  }
}
