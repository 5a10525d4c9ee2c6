/**
 * The search half of the matcher: which positions of a cell are worth a look, and which anchors may begin there. This
 * is what a faster kernel replaces; what is done with the anchors (verify/) stays.
 */
import { int32At } from './anchor-windows.js';
import type { Cell } from './collect.js';
import { collectAll, collectNarrow, collectPairs, collectWide } from './collect.js';
import type { PairTable } from './pair-table.js';
import type { WindowTable } from './window-table.js';
import { windowHash } from './window-table.js';

/** The tables of a program. Anchors are numbers. */
export interface AnchorTables {
  readonly wide: WindowTable;
  readonly narrow: WindowTable;
  readonly pairs: PairTable;
  /** Anchors to be tried at every position. */
  readonly everywhere: readonly number[];
}

/** Positions in ascending order, valid until the next search. */
export interface Candidates {
  readonly positions: Int32Array;
  readonly count: number;
}

const beyond = Number.MAX_SAFE_INTEGER;

/** Searches cells. It holds room for one cell's candidates, so one search is over before the next begins. */
export class CandidateSearch {
  readonly #tables: AnchorTables;
  readonly #cellBytes: number;
  readonly #lists: Int32Array[] = [];

  constructor(tables: AnchorTables, cellBytes: number) {
    this.#tables = tables;
    this.#cellBytes = cellBytes;
  }

  /** The positions of a cell (of at most `cellBytes`) at which `anchorsAt` has anything to say. */
  search(cell: Cell): Candidates {
    const { wide, narrow, pairs, everywhere } = this.#tables;
    if (everywhere.length > 0) {
      return { positions: this.#list(0), count: collectAll(cell, this.#list(0)) };
    }
    let found: Candidates = { positions: this.#list(0), count: wide.count === 0 ? 0 : collectWide(cell, wide, this.#list(0)) };
    if (narrow.count > 0) {
      found = this.#join(found, { positions: this.#list(1), count: collectNarrow(cell, narrow, this.#list(1)) }, 2);
    }
    if (pairs.count > 0) {
      found = this.#join(found, { positions: this.#list(3), count: collectPairs(cell, pairs, this.#list(3)) }, 4);
    }
    return found;
  }

  /** Calls `visit` for every anchor that may begin at this index; indices count as in the cell. */
  anchorsAt(bytes: Uint8Array, index: number, visit: (anchor: number) => void): void {
    const { wide, narrow, pairs, everywhere } = this.#tables;
    for (const anchor of everywhere) {
      visit(anchor);
    }
    if (pairs.count > 0) {
      const pair = bytes[index]! * 256 + bytes[index + 1]!;
      for (let row = pairs.starts[pair]!; row < pairs.starts[pair + 1]!; row++) {
        visit(pairs.anchors[row]!);
      }
    }
    const low = int32At(bytes, index);
    if (narrow.count > 0) {
      visitWindow(narrow, { low, high: 0 }, visit);
    }
    if (wide.count > 0) {
      visitWindow(wide, { low, high: int32At(bytes, index + 4) }, visit);
    }
  }

  /** Both in order, each position once. */
  #join(a: Candidates, b: Candidates, list: number): Candidates {
    if (a.count === 0 || b.count === 0) {
      return a.count === 0 ? b : a;
    }
    const positions = this.#list(list);
    let count = 0;
    let i = 0;
    let j = 0;
    while (i < a.count || j < b.count) {
      const next = Math.min(i < a.count ? a.positions[i]! : beyond, j < b.count ? b.positions[j]! : beyond);
      i += i < a.count && a.positions[i] === next ? 1 : 0;
      j += j < b.count && b.positions[j] === next ? 1 : 0;
      positions[count++] = next;
    }
    return { positions, count };
  }

  /** Lists are made when they are first needed: most programs need one. */
  #list(index: number): Int32Array {
    return (this.#lists[index] ??= new Int32Array(this.#cellBytes));
  }
}

function visitWindow(table: WindowTable, window: { readonly low: number; readonly high: number }, visit: (anchor: number) => void): void {
  const bucket = windowHash(window.low, window.high) >>> table.bucketShift;
  for (let row = table.starts[bucket]!; row < table.starts[bucket + 1]!; row++) {
    if (table.lows[row] === window.low && table.highs[row] === window.high) {
      visit(table.anchors[row]!);
    }
  }
}
