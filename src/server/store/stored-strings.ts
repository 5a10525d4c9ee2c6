/**
 * Strings of a stored table by index, in the form of docs/patterns.md ("Strings"): blocks of 16, each string written as
 * what it has in common with the one before and the rest. Where the blocks begin stands in five bytes each. Strings are
 * decoded when they are asked for.
 */
import { fromUtf8, toUtf8 } from '../../base/bytes.js';
import { VedetteError } from '../../base/errors.js';
import { maxStringBytes } from '../../pattern/bytes/string-table.js';
import type { ByteRun } from './byte-run.js';
import { writeUint } from './row-layout.js';
import type { RunWriter } from './run-writer.js';

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
  #at = 0;

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
    return fromUtf8(this.#scratch.subarray(0, this.#read(index)));
  }

  /** The bytes of a string, copied. */
  bytesAt(index: number): Uint8Array {
    return this.#scratch.slice(0, this.#read(index));
  }

  #read(index: number): number {
    if (index >= this.count) {
      throw damaged();
    }
    const block = Math.floor(index / stringsPerBlock);
    const next = (block + 1) * stringsPerBlock >= this.count ? this.blob.length : this.#start(block + 1);
    const bytes = this.blob.slice(this.#start(block), next);
    this.#at = 0;
    let end = 0;
    for (let left = index % stringsPerBlock; left >= 0; left--) {
      const shared = this.#varint(bytes);
      const rest = this.#varint(bytes);
      if (shared > end || shared + rest > maxStringBytes || this.#at + rest > bytes.length) {
        throw damaged();
      }
      // Rests are short: a loop is faster than a call.
      for (let i = 0; i < rest; i++) {
        this.#scratch[shared + i] = bytes[this.#at + i]!;
      }
      this.#at += rest;
      end = shared + rest;
    }
    return end;
  }

  #varint(bytes: Uint8Array): number {
    const byte = bytes[this.#at++] ?? 0;
    return byte < 0x80 ? byte : (byte & 0x7f) + 128 * (bytes[this.#at++] ?? 0);
  }

  #start(block: number): number {
    const bytes = this.starts.slice(block * startBytes, (block + 1) * startBytes);
    return ((bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16) | (bytes[3]! << 24)) >>> 0) + bytes[4]! * 4_294_967_296;
  }
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
