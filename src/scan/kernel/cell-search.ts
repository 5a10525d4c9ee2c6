/**
 * The search half of the matcher: anchors of one set of bodies, laid out once in a memory of the kernel's map, and
 * searched cell by cell by the kernel or its twin. What is done with the anchors (verify/) stays outside.
 *
 * Searches are synchronous and share one memory: a cell is loaded, searched and read before the next one.
 */
import { lanePairs, laneWide, padBytes } from './abi.js';
import * as abi from './abi.js';
import type { Kernel } from './kernel.js';
import { instantiate } from './kernel.js';
import type { LaneRows } from '../search/lane-rows.js';
import { bucketBitsFor, checkHash } from '../search/lane-rows.js';
import type { SearchCode } from './search-code.js';
import { createTwin } from './twin.js';

/** What is searched for. */
export interface SearchTables {
  /** Rows of the lanes of eight, five and four bytes. */
  readonly lanes: readonly LaneRows[];
  /** True for a lane with anchors that are awake from the beginning. */
  readonly awake: readonly boolean[];
  /** Byte pairs, each first · 256 + second. */
  readonly pairs: Iterable<number>;
  readonly hasPairs: boolean;
  /** Anchors in all. */
  readonly anchors: number;
  /** 0x20202020 when there are caseless anchors, else 0; rows are folded already. */
  readonly fold: number;
}

const wasmPageBytes = 65_536;
/** What a hit has above this says that its anchor is of a later segment. */
const maxHitAnchor = 0x7fff_ffff;

/** Rows that one call enters: they pass through the input, and V8 makes a function fast between its calls, never within one. */
const batchRows = 1024;

/** Searches cells for the anchors of one program. */
export class CellSearch {
  readonly #code: SearchCode;
  readonly #u8: Uint8Array;
  readonly #u32: Uint32Array;
  readonly #hits: readonly Uint32Array[];
  readonly #second: readonly Int32Array[];
  /** Lanes that have anchors, by number. */
  readonly lanes: readonly { readonly has: boolean; readonly awake: boolean }[];
  /** By lane: true where it has anchors that are awake from the beginning. */
  readonly awake: readonly boolean[];
  /** One byte per anchor: set puts a first anchor to sleep and wakes a later one. Belongs to one pass at a time. */
  readonly state: Uint8Array;
  readonly #layout: Layout;
  readonly #fold: number;

  constructor(tables: SearchTables, kernel: Kernel | undefined) {
    const layout = layOut(tables);
    const { memory, code } = open(layout.bytes, kernel);
    this.#layout = layout;
    this.#code = code;
    this.#fold = tables.fold;
    this.#u8 = new Uint8Array(memory);
    this.#u32 = new Uint32Array(memory);
    this.#hits = tables.lanes.map((_, lane) => new Uint32Array(memory, abi.hitsAt + lane * abi.hitsBytes, 2 * abi.maxHits));
    this.#second = Array.from({ length: abi.laneCount }, (_, lane) => new Int32Array(memory, abi.secondAt + lane * abi.secondBytes, abi.secondBytes / 4));
    this.state = new Uint8Array(memory, layout.state, tables.anchors);
    this.lanes = [...tables.lanes.map((rows, lane) => ({ has: rows.count > 0, awake: tables.awake[lane]! })), { has: tables.hasPairs, awake: tables.hasPairs }];
    this.awake = this.lanes.map((lane) => lane.awake);
    tables.lanes.forEach((rows, lane) => this.#install(rows, lane));
    for (const pair of tables.pairs) {
      // As the kernel reads two bytes: the first one is the low one.
      const at = ((pair & 0xff) << 8) | (pair >> 8);
      const flag = abi.pairFlagsAt + (at >> 3);
      this.#u8[flag] = this.#u8[flag]! | (1 << (at & 7));
    }
  }

  /** Puts the cell `bytes[from…to)` and what is around it, up to `end`, where the searches look. */
  load(bytes: Uint8Array, cell: { readonly from: number; readonly to: number; readonly end: number }): void {
    const u8 = this.#u8;
    const first = Math.max(0, cell.from - padBytes);
    const last = Math.min(cell.end, cell.to + padBytes);
    const at = abi.cellAt - (cell.from - first);
    // What is not part of the subject is zero, so that a search never depends on the one before it.
    u8.fill(0, abi.inputAt, at);
    u8.set(bytes.subarray(first, last), at);
    u8.fill(0, at + last - first, abi.cellAt + cell.to - cell.from + padBytes);
  }

  /** Searches the loaded cell for one lane. @returns the number of hits (positions, for pairs); -1 for a flood. */
  search(lane: number, size: number): number {
    switch (lane) {
      case laneWide:
        return this.#code.search0(size);
      case abi.laneMiddle:
        return this.#code.search1(size);
      case abi.laneNarrow:
        return this.#code.search2(size);
      default:
        return this.#code.search3(size);
    }
  }

  /** (position in the cell, anchor, which `awakeIn` takes) after (position, anchor), ascending; valid until the next search of the lane. */
  hits(lane: number): Uint32Array {
    return this.#hits[lane]!;
  }

  /** The anchor of a hit, or -1 when it sleeps: a hit before it, in the same cell, may have put it to sleep. */
  awakeIn(hit: number): number {
    const anchor = hit & maxHitAnchor;
    return (this.state[anchor] !== 0) === hit > maxHitAnchor ? anchor : -1;
  }

  /** Positions in the cell that passed the bit maps, some of them outside of the cell. */
  candidates(lane: number): { readonly positions: Int32Array; readonly count: number } {
    const count = this.#u32[(abi.paramsAt + lane * abi.paramBytes + abi.paramSecondCount) >> 2]!;
    return { positions: this.#second[lane]!, count };
  }

  /** Positions from the beginning of the loaded cell on at which the key of so many bytes stands, ascending. */
  *positionsOf(key: Uint8Array, size: number): Generator<number> {
    const low = this.#keyWord(key, 0);
    const high = key.length === 8 ? this.#keyWord(key, 4) : key.length === 5 ? key[4]! | (this.#fold & 0xff) : 0;
    const next = (from: number): number => this.#code.seek(from, size, low, high, key.length, this.#fold);
    for (let at = next(0); at >= 0; at = next(at + 1)) {
      yield at;
    }
  }

  #keyWord(key: Uint8Array, at: number): number {
    return (key[at]! | (key[at + 1]! << 8) | (key[at + 2]! << 16) | (key[at + 3]! << 24) | this.#fold) >>> 0;
  }

  /** Positions of pairs, after a search of that lane. */
  pairPositions(): Int32Array {
    return this.#second[lanePairs]!;
  }

  /** The byte pair at a position of the loaded cell: first · 256 + second. */
  pairAt(position: number): number {
    return this.#u8[abi.cellAt + position]! * 256 + this.#u8[abi.cellAt + position + 1]!;
  }

  /** The rows of the bucket that the key at a position of the loaded cell falls into: [first, last). */
  rowsAt(lane: number, position: number): { readonly from: number; readonly to: number } {
    const { low, high } = this.#keyAt(lane, abi.cellAt + position);
    const { starts, bucketShift } = this.#layout.lanes[lane]!;
    const bucket = (Math.imul(low, abi.bucketMultiplierLow) + Math.imul(high, abi.bucketMultiplierHigh)) >>> bucketShift;
    return { from: this.#u32[(starts >> 2) + bucket]!, to: this.#u32[(starts >> 2) + bucket + 1]! };
  }

  /** The anchor of a row that matches at a position of the loaded cell and is awake; -1 for none. */
  compare(lane: number, row: number, position: number): number {
    const at = abi.cellAt + position;
    const { low, high } = this.#keyAt(lane, at);
    const word = (this.#layout.lanes[lane]!.rows + row * abi.rowBytes) >> 2;
    const what = this.#u32[word + 2]!;
    if (this.#u32[word] !== low || this.#u32[word + 1] !== high || this.#checkAt(at + (what & abi.distanceMask) - abi.distanceBias, what) !== this.#u32[word + 3]) {
      return -1;
    }
    const anchor = what >>> abi.anchorShift;
    return (this.state[anchor] !== 0) === ((what & abi.followerFlag) !== 0) ? anchor : -1;
  }

  #checkAt(at: number, what: number): number {
    const form = (what >>> abi.checkShift) & abi.checkMask;
    return form === 0 ? this.#low32(at) : checkHash(this.#u8, at, form);
  }

  #keyAt(lane: number, at: number): { readonly low: number; readonly high: number } {
    const high = lane === laneWide ? this.#low32(at + 4) : lane === abi.laneMiddle ? this.#u8[at + 4]! | (this.#fold & 0xff) : 0;
    return { low: this.#low32(at), high };
  }

  #low32(at: number): number {
    const u8 = this.#u8;
    return ((u8[at]! | (u8[at + 1]! << 8) | (u8[at + 2]! << 16) | (u8[at + 3]! << 24)) | this.#fold) >>> 0;
  }

  #install(rows: LaneRows, lane: number): void {
    const { starts, rows: rowsAt, bucketShift } = this.#layout.lanes[lane]!;
    if (rows.count === 0) {
      return;
    }
    const set = (word: number, value: number): void => {
      this.#u32[(abi.paramsAt + lane * abi.paramBytes + word) >> 2] = value;
    };
    const windows = rows.count * [4, 2, 1][lane]!;
    set(abi.paramShift, 59 - bitmapBits(windows * 8, [abi.maxBits0, abi.maxBits1, abi.maxBits2][lane]!));
    set(abi.paramMoreShift, 54 - bitmapBits(rows.count * 12, abi.maxMoreBits));
    set(abi.paramFold, this.#fold);
    set(abi.paramPlaceShift, 63 - bitmapBits(windows * 4, abi.maxPlaceBits));
    set(abi.paramStarts, starts);
    set(abi.paramBucketShift, bucketShift);
    set(abi.paramRows, rowsAt);
    set(abi.paramState, this.#layout.state);
    for (let row = 0; row < rows.count; row += batchRows) {
      const count = this.#bring(rows, row);
      this.#code.tally(lane, abi.inputAt, count);
      this.#code.fill(lane, abi.inputAt, count);
    }
    this.#code.sum(lane);
    for (let row = Math.floor((rows.count - 1) / batchRows) * batchRows; row >= 0; row -= batchRows) {
      this.#code.place(lane, abi.inputAt, this.#bring(rows, row));
    }
  }

  /** Copies a batch of rows to where cells are loaded. @returns how many. */
  #bring(rows: LaneRows, first: number): number {
    const last = Math.min(rows.count, first + batchRows);
    this.#u32.set(rows.words.subarray((first * abi.rowBytes) / 4, (last * abi.rowBytes) / 4), abi.inputAt / 4);
    return last - first;
  }
}

/**
 * log2 of the bytes of a bit map for so many bytes wanted: 64 bits a window up to 20,000 anchors, less beyond, for a
 * map that leaves the L2 cache costs more than it saves.
 */
function bitmapBits(bytes: number, most: number): number {
  return Math.max(8, Math.min(most, Math.round(Math.log2(bytes))));
}

interface Layout {
  readonly lanes: readonly { readonly starts: number; readonly rows: number; readonly bucketShift: number }[];
  readonly state: number;
  readonly bytes: number;
}

function layOut(tables: SearchTables): Layout {
  let at = abi.tablesAt;
  const take = (bytes: number): number => {
    const begin = at;
    at += (bytes + 15) & ~15;
    return begin;
  };
  const lanes = tables.lanes.map(({ count }) => {
    const bits = bucketBitsFor(count);
    const rows = take(count * abi.rowBytes);
    return { rows, starts: take(4 * (2 ** bits + 1)), bucketShift: 32 - bits };
  });
  const state = take(tables.anchors);
  return { lanes, state, bytes: at };
}

function open(bytes: number, kernel: Kernel | undefined): { readonly memory: ArrayBuffer; readonly code: SearchCode } {
  const pages = Math.ceil(bytes / wasmPageBytes);
  if (kernel === undefined) {
    const memory = new ArrayBuffer(pages * wasmPageBytes);
    return { memory, code: createTwin(memory) };
  }
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  return { memory: memory.buffer, code: instantiate(kernel, memory) };
}
