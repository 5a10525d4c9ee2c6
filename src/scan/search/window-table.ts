/**
 * Four-byte windows of all strong anchors: a bit map that turns away nearly every position of the subject, and behind
 * it a table by hash. Numbers: MATCHER.md; the map is kept near 128 bits an anchor, in L1 up to 1,000 of them.
 */

/** The table. Anchors are numbers given by the caller. */
export interface WindowTable {
  readonly count: number;
  /** Bit `hash >>> shift` is set for every key that is there. */
  readonly bits: Uint32Array;
  readonly shift: number;
  /** `starts[b]` to `starts[b + 1]` are the rows of the keys whose hash begins with `b`. */
  readonly starts: Uint32Array;
  readonly bucketShift: number;
  readonly keys: Int32Array;
  readonly anchors: Uint32Array;
}

/** Fibonacci hashing: the high bits of the product depend on all bits of the key. */
export const windowMultiplier = 0x9e3779b1;

const minBits = 12;
const maxBits = 22;

/** Builds the table of (key, anchor) rows. */
export function buildWindowTable(rows: readonly { readonly key: number; readonly anchor: number }[]): WindowTable {
  const width = Math.ceil(Math.log2(rows.length + 1));
  const bitWidth = Math.min(maxBits, Math.max(minBits, width + 7));
  const bucketWidth = Math.min(20, Math.max(4, width));
  const table: WindowTable = {
    count: rows.length,
    bits: new Uint32Array(2 ** (bitWidth - 5)),
    shift: 32 - bitWidth,
    starts: new Uint32Array(2 ** bucketWidth + 1),
    bucketShift: 32 - bucketWidth,
    keys: new Int32Array(rows.length),
    anchors: new Uint32Array(rows.length),
  };
  fill(table, rows);
  return table;
}

function fill(table: WindowTable, rows: readonly { readonly key: number; readonly anchor: number }[]): void {
  const { bits, starts } = table;
  for (const { key } of rows) {
    const hash = Math.imul(key, windowMultiplier);
    const bit = hash >>> table.shift;
    bits[bit >>> 5] = bits[bit >>> 5]! | (1 << (bit & 31));
    const bucket = hash >>> table.bucketShift;
    starts[bucket + 1] = starts[bucket + 1]! + 1;
  }
  for (let bucket = 1; bucket < starts.length; bucket++) {
    starts[bucket] = starts[bucket]! + starts[bucket - 1]!;
  }
  const next = starts.slice();
  for (const { key, anchor } of rows) {
    const bucket = Math.imul(key, windowMultiplier) >>> table.bucketShift;
    const row = next[bucket]!;
    next[bucket] = row + 1;
    table.keys[row] = key;
    table.anchors[row] = anchor;
  }
}
