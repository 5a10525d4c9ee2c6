/**
 * The hot loops: every position of a stretch where an anchor of one kind may begin, in order. One loop per kind, each
 * with one caller, so that each stays monomorphic: shared loop bodies cost a factor of two to three. A
 * position is always written and only kept when its bit is set: no branch to mispredict.
 *
 * They read up to seven bytes beyond `to`, which the buffer has: what is found there is turned away later.
 */
import type { PairTable } from './pair-table.js';
import type { WindowTable } from './window-table.js';
import { highMultiplier, lowMultiplier } from './window-table.js';

/** The part of `bytes` whose positions are wanted. */
export interface Cell {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** Positions that pass the bit map of a table of eight-byte windows. `out` has room for all. @returns how many there are. */
export function collectWide(cell: Cell, table: WindowTable, out: Int32Array): number {
  const { bytes, from, to } = cell;
  const { bits, shift } = table;
  let count = 0;
  // Before the first step they stand one byte to the left; the byte before `from` does not matter.
  let low = (bytes[from]! << 8) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 24);
  let high = bytes[from + 3]! | (bytes[from + 4]! << 8) | (bytes[from + 5]! << 16) | (bytes[from + 6]! << 24);
  for (let at = from; at < to; at++) {
    low = (low >>> 8) | (high << 24);
    high = (high >>> 8) | (bytes[at + 7]! << 24);
    const bit = (Math.imul(low, lowMultiplier) + Math.imul(high, highMultiplier)) >>> shift;
    out[count] = at;
    count += (bits[bit >>> 5]! >>> (bit & 31)) & 1;
  }
  return count;
}

/** Positions that pass the bit map of a table of four-byte windows. */
export function collectNarrow(cell: Cell, table: WindowTable, out: Int32Array): number {
  const { bytes, from, to } = cell;
  const { bits, shift } = table;
  let count = 0;
  let low = (bytes[from]! << 8) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 24);
  for (let at = from; at < to; at++) {
    low = (low >>> 8) | (bytes[at + 3]! << 24);
    const bit = Math.imul(low, lowMultiplier) >>> shift;
    out[count] = at;
    count += (bits[bit >>> 5]! >>> (bit & 31)) & 1;
  }
  return count;
}

/** Positions that begin a listed pair. */
export function collectPairs(cell: Cell, table: PairTable, out: Int32Array): number {
  const { bytes, from, to } = cell;
  const { flags } = table;
  let count = 0;
  let pair = bytes[from]!;
  for (let at = from; at < to; at++) {
    pair = ((pair & 0xff) << 8) | bytes[at + 1]!;
    out[count] = at;
    count += flags[pair]!;
  }
  return count;
}

/** All positions: for signatures that have no anchor at all. */
export function collectAll(cell: Cell, out: Int32Array): number {
  for (let at = cell.from; at < cell.to; at++) {
    out[at - cell.from] = at;
  }
  return cell.to - cell.from;
}
