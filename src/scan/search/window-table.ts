/**
 * Windows of all strong anchors of one width: a bit map that turns away nearly every position of the subject, and
 * behind it a table by hash. The map is kept near 128 bits an anchor; larger ones lose more in the L2 cache than they
 * win.
 */

/** One window and the number by which the caller knows its anchor. */
export interface WindowRow {
  readonly low: number;
  readonly high: number;
  readonly anchor: number;
}

/** The table. */
export interface WindowTable {
  readonly count: number;
  /** Bit `hash >>> shift` is set for every window that is there. */
  readonly bits: Uint32Array;
  readonly shift: number;
  /** `starts[b]` to `starts[b + 1]` are the rows of the windows whose hash begins with `b`. */
  readonly starts: Uint32Array;
  readonly bucketShift: number;
  readonly lows: Int32Array;
  readonly highs: Int32Array;
  readonly anchors: Uint32Array;
}

/** Fibonacci hashing: the high bits of a product depend on all bits of its factor. */
export const lowMultiplier = 0x9e3779b1;
export const highMultiplier = 0x85ebca6b;

const minBits = 12;
const maxBits = 22;
const maxBucketBits = 20;

/** The hash of a window, 32 bits signed. For windows of four bytes `high` is 0 and drops out. */
export function windowHash(low: number, high: number): number {
  return (Math.imul(low, lowMultiplier) + Math.imul(high, highMultiplier)) | 0;
}

/** Builds the table. */
export function buildWindowTable(rows: readonly WindowRow[]): WindowTable {
  const width = Math.ceil(Math.log2(rows.length + 1));
  const bitWidth = Math.min(maxBits, Math.max(minBits, width + 7));
  const bucketWidth = Math.min(maxBucketBits, Math.max(1, width));
  const table: WindowTable = {
    count: rows.length,
    bits: new Uint32Array(2 ** (bitWidth - 5)),
    shift: 32 - bitWidth,
    starts: new Uint32Array(2 ** bucketWidth + 1),
    bucketShift: 32 - bucketWidth,
    lows: new Int32Array(rows.length),
    highs: new Int32Array(rows.length),
    anchors: new Uint32Array(rows.length),
  };
  fill(table, rows);
  return table;
}

function fill(table: WindowTable, rows: readonly WindowRow[]): void {
  const { bits, starts } = table;
  for (const { low, high } of rows) {
    const bit = windowHash(low, high) >>> table.shift;
    bits[bit >>> 5] = bits[bit >>> 5]! | (1 << (bit & 31));
    const bucket = windowHash(low, high) >>> table.bucketShift;
    starts[bucket + 1] = starts[bucket + 1]! + 1;
  }
  for (let bucket = 1; bucket < starts.length; bucket++) {
    starts[bucket] = starts[bucket]! + starts[bucket - 1]!;
  }
  const next = starts.slice();
  for (const { low, high, anchor } of rows) {
    const bucket = windowHash(low, high) >>> table.bucketShift;
    const row = next[bucket]!;
    next[bucket] = row + 1;
    table.lows[row] = low;
    table.highs[row] = high;
    table.anchors[row] = anchor;
  }
}
