/**
 * Where the rows of a prefix begin, to within some 16 rows: for each value of the prefix's upper bits the number of the
 * first row with these or higher ones (u32, little-endian), and the number of all rows after the last.
 */
import type { ByteRun } from './import/byte-run.js';
import type { RunWriter } from './import/run-writer.js';
import { writeUint } from './row-layout.js';

const rowsPerBucket = 16;
const maxBits = 22;

/** Upper bits that the index of so many rows goes by. */
export function indexBits(rows: number): number {
  return Math.max(0, Math.min(maxBits, Math.ceil(Math.log2(Math.max(1, rows / rowsPerBucket)))));
}

/** The bucket of a prefix. */
export function bucketOf(prefix: number, bits: number): number {
  // A shift by 32 would be one by 0.
  return bits === 0 ? 0 : prefix >>> (32 - bits);
}

/** Writes the index; rows come in ascending order. */
export class IndexWriter {
  readonly #run: RunWriter;
  readonly #bits: number;
  readonly #entry = new Uint8Array(4);
  #next = 0;

  constructor(run: RunWriter, bits: number) {
    this.#run = run;
    this.#bits = bits;
  }

  add(prefix: number, row: number): void {
    this.#fill(bucketOf(prefix, this.#bits), row);
  }

  /** @param rows how many there were. */
  finish(rows: number): void {
    this.#fill(2 ** this.#bits, rows);
    this.#run.finish();
  }

  #fill(to: number, row: number): void {
    if (this.#next > to) {
      return;
    }
    writeUint(this.#entry, 0, { value: row, width: 4 });
    for (; this.#next <= to; this.#next++) {
      this.#run.append(this.#entry);
    }
  }
}

/** An entry of the index. */
export function indexEntry(run: ByteRun, bucket: number): number {
  const position = bucket * 4;
  run.touch(position, position + 4);
  const part = Math.floor(position / run.partBytes);
  const bytes = run.parts[part]!;
  const at = position - part * run.partBytes;
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
