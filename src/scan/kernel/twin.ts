/**
 * The kernel in TypeScript, over the same memory map and the same tables (docs/matcher-design.md): for hosts that may
 * not compile WebAssembly. Only its hashes differ, for there is no cheap 64-bit product here; so the bit maps are its
 * own, and what the two find is the same.
 *
 * One function per loop and one caller per function: loops shared by several callers lose two thirds of their speed.
 */
import {
  anchorShift, bitsAt0, bitsAt1, bitsAt2, cellAt, firstAt, followerFlag, hitsAt, hitsBytes, longFlag, maxHits, maxRowsWalked, moreBitsAt0,
  moreBitsAt1, moreBitsAt2, pairFlagsAt, paramBucketShift, paramBytes, paramFold, paramMoreShift, paramRows,
  paramSecondCount, paramShift, paramStarts, paramState, paramsAt, rowBytes, secondAt, secondBytes,
} from './abi.js';
import { bucketOf, hashOf16 } from '../search/lane-rows.js';
import type { SearchCode } from './search-code.js';
import { place, sum, tally } from './twin-tables.js';

const lowMultiplier = 0x9e3779b1;
const highMultiplier = 0x85ebca6b;
const keyLowMultiplier = 0xc2b2ae35;
const keyHighMultiplier = 0x27d4eb2f;

interface Views {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
}

/** What the kernel would do in this memory. */
export function createTwin(memory: ArrayBuffer): SearchCode {
  const views: Views = { u8: new Uint8Array(memory), u16: new Uint16Array(memory), i32: new Int32Array(memory) };
  return {
    search0: (size) => compareRows(views, 0, keepKnown(views, 0, { count: second0(views, first0(views, size)), size })),
    search1: (size) => compareRows(views, 1, keepKnown(views, 1, { count: second1(views, first1(views, size)), size })),
    search2: (size) => compareRows(views, 2, keepKnown(views, 2, { count: second2(views, first2(views, size)), size })),
    search3: (size) => pairs(views, size),
    fill: (lane, rows, count) => fill(views, lane, { rows, count }),
    tally: (lane, rows, count) => tally(views.i32, lane, { rows, count }),
    sum: (lane) => sum(views.i32, lane),
    place: (lane, rows, count) => place(views.i32, lane, { rows, count }),
  };
}

function param({ i32 }: Views, lane: number, word: number): number {
  return i32[(paramsAt + lane * paramBytes + word) >> 2]!;
}

/** Shift to the byte address in a second map, whose kernel's hash has five bits more. */
function moreShiftOf(views: Views, lane: number): number {
  return param(views, lane, paramMoreShift) + 10 - 32;
}

/** The kernel's shifts are of 64 bits and leave five bits below the byte address; these leave none of 32. */
function shiftOf(views: Views, lane: number): number {
  return param(views, lane, paramShift) + 5 - 32;
}

function first0(views: Views, size: number): number {
  const { u8, i32 } = views;
  const shift = shiftOf(views, 0);
  const fold = param(views, 0, paramFold);
  let out = firstAt >> 2;
  let word = i32[cellAt >> 2]! | fold;
  for (let at = cellAt; at < cellAt + size + 3; at += 4) {
    const next = i32[(at >> 2) + 1]! | fold;
    const hash = Math.imul(word, lowMultiplier) + Math.imul(next & 0xff, highMultiplier);
    i32[out] = at;
    out += (u8[bitsAt0 + (hash >>> shift)]! >>> ((hash >>> (shift - 3)) & 7)) & 1;
    word = next;
  }
  return out;
}

function first1(views: Views, size: number): number {
  const { u8, u16, i32 } = views;
  const shift = shiftOf(views, 1);
  const fold = param(views, 1, paramFold);
  let out = firstAt >> 2;
  for (let at = cellAt; at < cellAt + size + 1; at += 2) {
    const hash = Math.imul(u16[at >> 1]! | (u16[(at >> 1) + 1]! << 16) | fold, lowMultiplier);
    i32[out] = at;
    out += (u8[bitsAt1 + (hash >>> shift)]! >>> ((hash >>> (shift - 3)) & 7)) & 1;
  }
  return out;
}

function first2(views: Views, size: number): number {
  const { u8, i32 } = views;
  const shift = shiftOf(views, 2);
  const fold = param(views, 2, paramFold);
  let out = firstAt >> 2;
  let low = (u8[cellAt]! << 8) | (u8[cellAt + 1]! << 16) | (u8[cellAt + 2]! << 24);
  for (let at = cellAt; at < cellAt + size; at++) {
    low = (low >>> 8) | (u8[at + 3]! << 24);
    const hash = Math.imul(low | fold, lowMultiplier);
    i32[out] = at;
    out += (u8[bitsAt2 + (hash >>> shift)]! >>> ((hash >>> (shift - 3)) & 7)) & 1;
  }
  return out;
}

/** Candidates are aligned: three words have the bytes of all four keys, which costs a third of reading each by its bytes. */
function second0(views: Views, last: number): number {
  const { u8, i32 } = views;
  const shift = moreShiftOf(views, 0);
  const fold = param(views, 0, paramFold);
  const begin = secondAt >> 2;
  let out = begin;
  for (let entry = firstAt >> 2; entry < last; entry++) {
    const at = i32[entry]!;
    const a = i32[(at >> 2) - 1]! | fold;
    const b = i32[at >> 2]! | fold;
    const c = i32[(at >> 2) + 1]! | fold;
    i32[out] = at - 3;
    out += bitOf(u8, keyHash((a >>> 8) | (b << 24), (b >>> 8) | (c << 24)), shift);
    i32[out] = at - 2;
    out += bitOf(u8, keyHash((a >>> 16) | (b << 16), (b >>> 16) | (c << 16)), shift);
    i32[out] = at - 1;
    out += bitOf(u8, keyHash((a >>> 24) | (b << 8), (b >>> 24) | (c << 8)), shift);
    i32[out] = at;
    out += bitOf(u8, keyHash(b, c), shift);
  }
  return out - begin;
}

/** The bit of a key of eight bytes in the second map. */
function bitOf(u8: Uint8Array, hash: number, shift: number): number {
  return (u8[moreBitsAt0 + (hash >>> shift)]! >>> ((hash >>> (shift - 3)) & 7)) & 1;
}

function second1(views: Views, last: number): number {
  const { u8, i32 } = views;
  const shift = moreShiftOf(views, 1);
  const fold = param(views, 1, paramFold);
  const begin = (secondAt + secondBytes) >> 2;
  let out = begin;
  for (let entry = firstAt >> 2; entry < last; entry++) {
    for (let at = i32[entry]! - 1; at <= i32[entry]!; at++) {
      const hash = keyHash(low32(u8, at) | fold, u8[at + 4]! | (fold & 0xff));
      i32[out] = at;
      out += (u8[moreBitsAt1 + (hash >>> shift)]! >>> ((hash >>> (shift - 3)) & 7)) & 1;
    }
  }
  return out - begin;
}

function second2(views: Views, last: number): number {
  const { u8, i32 } = views;
  const shift = moreShiftOf(views, 2);
  const fold = param(views, 2, paramFold);
  const begin = (secondAt + 2 * secondBytes) >> 2;
  let out = begin;
  for (let entry = firstAt >> 2; entry < last; entry++) {
    const at = i32[entry]!;
    const hash = keyHash(low32(u8, at) | fold, 0);
    i32[out] = at;
    out += (u8[moreBitsAt2 + (hash >>> shift)]! >>> ((hash >>> (shift - 3)) & 7)) & 1;
  }
  return out - begin;
}

/** As the kernel does: positions in the cell whose bucket has a row with the key, or more rows than one. */
function keepKnown(views: Views, lane: number, found: { readonly count: number; readonly size: number }): number {
  const { u8, i32 } = views;
  const second = (secondAt + lane * secondBytes) >> 2;
  const fold = param(views, lane, paramFold);
  const starts = param(views, lane, paramStarts) >> 2;
  const rows = param(views, lane, paramRows);
  const bucketShift = param(views, lane, paramBucketShift);
  let out = second;
  for (let entry = second; entry < second + found.count; entry++) {
    const at = i32[entry]!;
    const low = low32(u8, at) | fold;
    const high = highOf(u8, at, { lane, fold });
    const bucket = bucketOf(low, high, bucketShift);
    const from = i32[starts + bucket]!;
    const count = i32[starts + bucket + 1]! - from;
    const row = (rows + from * rowBytes) >> 2;
    const isKnown = count > 1 || (count === 1 && i32[row] === low && i32[row + 1] === high);
    if (isKnown && at >= cellAt && at - cellAt < found.size) {
      i32[out++] = at - cellAt;
    }
  }
  return out - second;
}

function highOf(u8: Uint8Array, at: number, { lane, fold }: { readonly lane: number; readonly fold: number }): number {
  return lane === 0 ? low32(u8, at + 4) | fold : lane === 1 ? u8[at + 4]! | (fold & 0xff) : 0;
}

function compareRows(views: Views, lane: number, positions: number): number {
  const { u8, i32 } = views;
  const second = (secondAt + lane * secondBytes) >> 2;
  const hits = (hitsAt + lane * hitsBytes) >> 2;
  const fold = param(views, lane, paramFold);
  const starts = param(views, lane, paramStarts) >> 2;
  const rows = param(views, lane, paramRows);
  const state = param(views, lane, paramState);
  const bucketShift = param(views, lane, paramBucketShift);
  i32[(paramsAt + lane * paramBytes + paramSecondCount) >> 2] = positions;
  let count = 0;
  let walked = 0;
  for (let entry = second; entry < second + positions; entry++) {
    const position = i32[entry]!;
    const at = cellAt + position;
    const low = low32(u8, at) | fold;
    const high = highOf(u8, at, { lane, fold });
    const bucket = bucketOf(low, high, bucketShift);
    const from = i32[starts + bucket]!;
    const to = i32[starts + bucket + 1]!;
    walked += to - from;
    if (walked > maxRowsWalked) {
      return -1;
    }
    for (let row = (rows + from * rowBytes) >> 2; row < (rows + to * rowBytes) >> 2; row += rowBytes >> 2) {
      const what = i32[row + 2]!;
      if (i32[row] !== low || i32[row + 1] !== high) {
        continue;
      }
      const near = at + (what & 255) - 128;
      if (((what & longFlag) === 0 ? low32(u8, near) | fold : hashOf16(u8, near) | 0) !== i32[row + 3]) {
        continue;
      }
      if ((u8[state + (what >>> anchorShift)] !== 0) !== ((what & followerFlag) !== 0)) {
        continue;
      }
      if (count >= maxHits) {
        return -1;
      }
      i32[hits + 2 * count] = position;
      i32[hits + 2 * count + 1] = what >>> anchorShift;
      count++;
    }
  }
  return count;
}

function pairs({ u8, i32 }: Views, size: number): number {
  const begin = (secondAt + 3 * secondBytes) >> 2;
  let out = begin;
  let pair = u8[cellAt]! << 8;
  for (let at = cellAt; at < cellAt + size; at++) {
    pair = (pair >>> 8) | (u8[at + 1]! << 8);
    i32[out] = at - cellAt;
    out += (u8[pairFlagsAt + (pair >>> 3)]! >>> (pair & 7)) & 1;
  }
  return out - begin;
}

const maps = [
  { bits: bitsAt0, more: moreBitsAt0, windows: 4 },
  { bits: bitsAt1, more: moreBitsAt1, windows: 2 },
  { bits: bitsAt2, more: moreBitsAt2, windows: 1 },
] as const;

function fill(views: Views, lane: number, list: { readonly rows: number; readonly count: number }): void {
  const { u8 } = views;
  const { bits, more, windows } = maps[lane]!;
  const shift = shiftOf(views, lane);
  const moreShift = moreShiftOf(views, lane);
  for (let row = list.rows; row < list.rows + list.count * rowBytes; row += rowBytes) {
    for (let j = 0; j < windows; j++) {
      const fifth = lane === 0 ? Math.imul(u8[row + j + 4]!, highMultiplier) : 0;
      mark(u8, bits, { hash: Math.imul(low32(u8, row + j), lowMultiplier) + fifth, shift });
    }
    mark(u8, more, { hash: keyHash(low32(u8, row), low32(u8, row + 4)), shift: moreShift });
  }
}

function mark(u8: Uint8Array, bits: number, { hash, shift }: { readonly hash: number; readonly shift: number }): void {
  const at = bits + (hash >>> shift);
  u8[at] = u8[at]! | (1 << ((hash >>> (shift - 3)) & 7));
}

function keyHash(low: number, high: number): number {
  const sum = Math.imul(low, keyLowMultiplier) + Math.imul(high, keyHighMultiplier);
  return Math.imul(sum ^ (sum >>> 15), lowMultiplier);
}

function low32(u8: Uint8Array, at: number): number {
  return u8[at]! | (u8[at + 1]! << 8) | (u8[at + 2]! << 16) | (u8[at + 3]! << 24);
}
