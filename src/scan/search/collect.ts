/**
 * The hot loops: every position of a stretch where an anchor may begin, in order. One loop per combination of tables,
 * each with one caller, so that each stays monomorphic: shared loop bodies cost a factor of two to three (MATCHER.md).
 *
 * All of them read up to three bytes beyond `to`, which the buffer has: what is found there is turned away later.
 */
import type { PairTable } from './pair-table.js';
import type { WindowTable } from './window-table.js';
import { windowMultiplier } from './window-table.js';

/** The part of `bytes` whose positions are wanted. `out` has room for all of them. */
export interface Cell {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** Positions that pass the bit map of the window table. @returns how many were written to `out`. */
export function collectWindows(cell: Cell, table: WindowTable, out: Int32Array): number {
  const { bytes, from, to } = cell;
  const { bits, shift } = table;
  let count = 0;
  let key = (bytes[from]! << 8) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 24);
  for (let at = from; at < to; at++) {
    key = (key >>> 8) | (bytes[at + 3]! << 24);
    const bit = Math.imul(key, windowMultiplier) >>> shift;
    // Always written, kept only when the bit is set: no branch to mispredict.
    out[count] = at;
    count += (bits[bit >>> 5]! >>> (bit & 31)) & 1;
  }
  return count;
}

/** Positions that pass the bit map or begin a listed pair. */
export function collectWindowsAndPairs(cell: Cell, tables: { readonly windows: WindowTable; readonly pairs: PairTable }, out: Int32Array): number {
  const { bytes, from, to } = cell;
  const { bits, shift } = tables.windows;
  const { flags } = tables.pairs;
  let count = 0;
  let key = (bytes[from]! << 8) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 24);
  for (let at = from; at < to; at++) {
    key = (key >>> 8) | (bytes[at + 3]! << 24);
    const bit = Math.imul(key, windowMultiplier) >>> shift;
    const pair = ((key & 0xff) << 8) | ((key >>> 8) & 0xff);
    out[count] = at;
    count += ((bits[bit >>> 5]! >>> (bit & 31)) & 1) | flags[pair]!;
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
