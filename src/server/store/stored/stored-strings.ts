/**
 * Strings of a stored table by index, in the form of docs/patterns.md ("Strings"): blocks of 16, each string written as
 * what it has in common with the one before and the rest. Where the blocks begin stands in five bytes each. Strings are
 * decoded when they are asked for.
 */
import { fromUtf8, toUtf8 } from '../../../base/bytes.js';
import { VedetteError } from '../../../base/errors.js';
import { maxStringBytes } from '../../../pattern/bytes/string-table.js';
import type { ByteRun } from '../import/byte-run.js';
import { writeUint } from '../row-layout.js';
import type { RunWriter } from '../import/run-writer.js';

/** Strings that share a beginning are written in blocks of so many. */
export const stringsPerBlock = 16;
/** Bytes of the position of a block. */
export const startBytes = 5;

/** Strings by index. */
export class StoredStrings {
  readonly count: number;
  readonly starts: ByteRun;
  readonly blob: ByteRun;
  readonly #scratch = new Uint8Array(maxStringBytes);

  constructor(parts: { readonly count: number; readonly starts: ByteRun; readonly blob: ByteRun }) {
    this.count = parts.count;
    this.starts = parts.starts;
    this.blob = parts.blob;
    if (this.starts.length !== Math.ceil(this.count / stringsPerBlock) * startBytes) {
      throw damaged();
    }
  }

  /** @throws VedetteError `store-damaged` for an index that is not there. */
  at(index: number): string {
    const bytes = this.#scratch.subarray(0, this.#read(index));
    return isShortAscii(bytes) ? asciiText(bytes) : fromUtf8(bytes);
  }

  /** The bytes of a string, copied. */
  bytesAt(index: number): Uint8Array {
    return this.#scratch.slice(0, this.#read(index));
  }

  /** Decodes into the scratch, and returns how many bytes it took. Plain loops and no views: half a microsecond a string. */
  #read(index: number): number {
    if (index >= this.count) {
      throw damaged();
    }
    const block = Math.floor(index / stringsPerBlock);
    const from = this.#start(block);
    const to = (block + 1) * stringsPerBlock >= this.count ? this.blob.length : this.#start(block + 1);
    if (from >= to || to > this.blob.length) {
      throw damaged();
    }
    const { bytes, at } = this.#locate(from, to);
    return decodeString(bytes, { at, stop: at + to - from, nth: index % stringsPerBlock, into: this.#scratch });
  }

  /** Bytes of the blob where they lie, or a copy where they lie in two parts. */
  #locate(from: number, to: number): { readonly bytes: Uint8Array; readonly at: number } {
    const { partBytes, parts } = this.blob;
    const part = Math.floor(from / partBytes);
    const at = from - part * partBytes;
    if (at + to - from > partBytes) {
      return { bytes: this.blob.slice(from, to), at: 0 };
    }
    this.blob.touch(from, to);
    return { bytes: parts[part]!, at };
  }

  #start(block: number): number {
    const position = block * startBytes;
    const { partBytes, parts } = this.starts;
    this.starts.touch(position, position + startBytes);
    const part = Math.floor(position / partBytes);
    const at = position - part * partBytes;
    const bytes = at + startBytes > partBytes ? this.starts.slice(position, position + startBytes) : parts[part]!;
    const i = at + startBytes > partBytes ? 0 : at;
    return ((bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)) >>> 0) + bytes[i + 4]! * 4_294_967_296;
  }
}

/** Short plain texts, as names are: for them a decoder takes longer than all the rest. */
function isShortAscii(bytes: Uint8Array): boolean {
  if (bytes.length > 128) {
    return false;
  }
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i]! >= 0x80) {
      return false;
    }
  }
  return true;
}

/** Spread out, the codes would go through an iterator first. */
function asciiText(bytes: Uint8Array): string {
  return String(Reflect.apply(String.fromCharCode, undefined, bytes));
}

interface Block {
  readonly at: number;
  readonly stop: number;
  readonly nth: number;
  readonly into: Uint8Array;
}

/** The nth string of a block of front-coded ones. */
function decodeString(bytes: Uint8Array, { at, stop, nth, into }: Block): number {
  let i = at;
  let end = 0;
  for (let left = nth; left >= 0; left--) {
    let shared = bytes[i++]!;
    if (shared >= 0x80) {
      shared = (shared & 0x7f) + 128 * bytes[i++]!;
    }
    let rest = bytes[i++]!;
    if (rest >= 0x80) {
      rest = (rest & 0x7f) + 128 * bytes[i++]!;
    }
    if (shared > end || shared + rest > maxStringBytes || i + rest > stop) {
      throw damaged();
    }
    end = shared + rest;
    for (let to = shared; to < end; to++) {
      into[to] = bytes[i++]!;
    }
  }
  return end;
}

/** Appends strings after those of a table that was copied, or from the first. */
export class StringsWriter {
  readonly #starts: RunWriter;
  readonly #blob: RunWriter;
  #count = 0;
  #previous: Uint8Array = new Uint8Array(0);

  constructor(runs: { readonly starts: RunWriter; readonly blob: RunWriter }) {
    this.#starts = runs.starts;
    this.#blob = runs.blob;
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes of the texts. */
  get bytes(): number {
    return this.#blob.length;
  }

  /** Takes over all strings of a table, whose indices stay; nothing may have been appended before. */
  copy(from: StoredStrings): void {
    copyRun(from.starts, this.#starts);
    copyRun(from.blob, this.#blob);
    this.#count = from.count;
    this.#previous = this.#count === 0 ? new Uint8Array(0) : from.bytesAt(this.#count - 1);
  }

  /** The index of the string, which has at most 4096 bytes. */
  append(text: string): number {
    const bytes = toUtf8(text);
    if (this.#count % stringsPerBlock === 0) {
      this.#start();
      this.#previous = new Uint8Array(0);
    }
    let shared = 0;
    while (shared < bytes.length && bytes[shared] === this.#previous[shared]) {
      shared++;
    }
    const rest = bytes.subarray(shared);
    this.#blob.append(Uint8Array.from([...varint(shared), ...varint(rest.length), ...rest]));
    this.#previous = bytes;
    return this.#count++;
  }

  /** A whole block as it stands in a file, found right before: 16 strings, fewer only in the last one. */
  appendBlock(block: Uint8Array, count: number): void {
    this.#start();
    this.#blob.append(block);
    this.#count += count;
  }

  finish(): void {
    this.#starts.finish();
    this.#blob.finish();
  }

  #start(): void {
    const start = new Uint8Array(startBytes);
    writeUint(start, 0, { value: this.#blob.length, width: startBytes });
    this.#starts.append(start);
  }
}

/** Everything that a run holds, appended to another. */
export function copyRun(from: ByteRun, to: RunWriter): void {
  for (let at = 0; at < from.length; at += from.partBytes) {
    to.append(from.slice(at, Math.min(from.length, at + from.partBytes)));
  }
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 0x7f) | 128, value >>> 7];
}

function damaged(): VedetteError {
  return new VedetteError('store-damaged', 'server store: its texts are not what was written; import the server pattern again');
}
