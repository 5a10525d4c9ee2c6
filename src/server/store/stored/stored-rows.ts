/** The rows of one kind and algorithm in a stored table: sorted by hash, found by prefix through filter and index (`RowSearch`). */
import { VedetteError } from '../../../base/errors.js';
import type { ByteRun } from '../import/byte-run.js';
import { bucketOf, indexEntry } from '../prefix-index.js';
import { partShift, rowsPerPart, type RowLayout } from '../row-layout.js';

/** What the rows of a group are made of. */
export interface StoredRowsParts {
  readonly rows: ByteRun;
  readonly index: ByteRun;
  readonly filter: ByteRun;
  readonly layout: RowLayout;
  readonly count: number;
  readonly indexBits: number;
  readonly filterBlocks: number;
}

const partMask = rowsPerPart - 1;

/** Sorted rows. */
export class StoredRows {
  readonly layout: RowLayout;
  readonly count: number;
  readonly run: ByteRun;
  readonly parts: StoredRowsParts;
  /** Of the parts of `run`. */
  readonly views: readonly DataView[];

  constructor(parts: StoredRowsParts) {
    const { rows, count, layout } = parts;
    if (rows.length !== count * layout.rowBytes) {
      throw new VedetteError('store-damaged', 'server store: there are other rows than its head says; import the server pattern again');
    }
    this.parts = parts;
    this.layout = layout;
    this.count = count;
    this.run = rows;
    this.views = rows.parts.map((part) => new DataView(part.buffer, part.byteOffset, part.byteLength));
  }

  /** All that is read for an answer, what every question needs first. */
  get runs(): readonly ByteRun[] {
    return [this.parts.filter, this.parts.index, this.run];
  }

  /** The first row whose prefix is not below `prefix`; `count` where there is none. */
  lowerBound(prefix: number): number {
    const bucket = bucketOf(prefix, this.parts.indexBits);
    let low = indexEntry(this.parts.index, bucket);
    let high = indexEntry(this.parts.index, bucket + 1);
    if (low > high || high > this.count) {
      throw new VedetteError('store-damaged', 'server store: its index points nowhere; import the server pattern again');
    }
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.prefixAt(middle) < prefix) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The row after the last with this prefix, counted from a row that has it; at most `most` rows further. */
  end(from: number, prefix: number, most: number): number {
    let row = from;
    const stop = Math.min(this.count, from + most);
    while (row < stop && this.prefixAt(row) === prefix) {
      row++;
    }
    return row;
  }

  /** The first four bytes of a row's hash, big-endian. */
  prefixAt(row: number): number {
    const at = row * this.layout.rowBytes;
    this.run.touch(at, at + 4);
    return this.peek(row);
  }

  /** The part that holds a row, found right, and where it begins there. */
  partOf(row: number): Uint8Array {
    const at = row * this.layout.rowBytes;
    this.run.touch(at, at + this.layout.rowBytes);
    return this.run.parts[row >>> partShift]!;
  }

  /** The same part as a view. */
  viewOf(row: number): DataView {
    return this.views[row >>> partShift]!;
  }

  /** Where a row begins in its part. */
  offsetOf(row: number): number {
    return (row & partMask) * this.layout.rowBytes;
  }

  /** The same of a row whose pages were touched. */
  peek(row: number): number {
    return this.views[row >>> partShift]!.getUint32((row & partMask) * this.layout.rowBytes);
  }
}
