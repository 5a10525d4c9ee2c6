/** Byte pairs of all weak anchors: a flag for each of the 65,536 pairs, and the anchors behind each. */

/** The table. Anchors are numbers given by the caller. */
export interface PairTable {
  readonly count: number;
  /** 1 for a pair (first byte · 256 + second byte) that has anchors. */
  readonly flags: Uint8Array;
  /** `starts[p]` to `starts[p + 1]` are the rows of pair `p`. */
  readonly starts: Uint32Array;
  readonly anchors: Uint32Array;
}

/** Builds the table of (pair, anchor) rows. */
export function buildPairTable(rows: readonly { readonly pair: number; readonly anchor: number }[]): PairTable {
  const flags = new Uint8Array(65_536);
  const starts = new Uint32Array(65_537);
  for (const { pair } of rows) {
    flags[pair] = 1;
    starts[pair + 1] = starts[pair + 1]! + 1;
  }
  for (let pair = 1; pair < starts.length; pair++) {
    starts[pair] = starts[pair]! + starts[pair - 1]!;
  }
  const anchors = new Uint32Array(rows.length);
  const next = starts.slice();
  for (const { pair, anchor } of rows) {
    const row = next[pair]!;
    next[pair] = row + 1;
    anchors[row] = anchor;
  }
  return { count: rows.length, flags, starts, anchors };
}
