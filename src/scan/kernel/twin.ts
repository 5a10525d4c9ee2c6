/**
 * The kernel in TypeScript, over the same memory map and the same tables (docs/matcher-design.md): for hosts that may
 * not compile WebAssembly. Only its hashes differ, for there is no cheap 64-bit product here; so the bit maps are its
 * own (twin-maps.ts), and what the two find is the same.
 */
import {
  anchorShift, bucketMultiplierHigh, bucketMultiplierLow, cellAt, checkMask, checkShift, distanceBias, distanceMask,
  followerFlag, followerShift, hitsAt, hitsBytes, maxHits, maxRowsWalked, pairFlagsAt, paramBucketShift, paramBytes, paramFold,
  paramRows, paramSecondCount, paramStarts, paramState, paramsAt, secondAt, secondBytes,
} from './abi.js';
import { checkHash } from '../search/lane-rows.js';
import type { SearchCode } from './search-code.js';
import type { Views } from './twin-maps.js';
import { fill, first0, first1, first2, low32, param, place0, second0, second1, second2 } from './twin-maps.js';
import { place, sum, tally } from './twin-tables.js';

interface Key {
  readonly low: number;
  readonly high: number;
  readonly bytes: number;
  readonly fold: number;
}

/** What the kernel would do in this memory. */
export function createTwin(memory: ArrayBuffer): SearchCode {
  const views: Views = { u8: new Uint8Array(memory), u16: new Uint16Array(memory), i32: new Int32Array(memory) };
  return {
    search0: (size) => compareRows(views, 0, keepKnown(views, 0, { count: second0(views, place0(views, first0(views, size))), size })),
    search1: (size) => compareRows(views, 1, keepKnown(views, 1, { count: second1(views, first1(views, size)), size })),
    search2: (size) => compareRows(views, 2, keepKnown(views, 2, { count: second2(views, first2(views, size)), size })),
    search3: (size) => pairs(views, size),
    seek: (from, size, low, high, bytes, fold) => seek(views, { from, size }, { low, high, bytes, fold }),
    fill: (lane, rows, count) => fill(views, lane, { rows, count }),
    tally: (lane, rows, count) => tally(views.i32, lane, { rows, count }),
    sum: (lane) => sum(views.i32, lane),
    place: (lane, rows, count) => place(views.i32, lane, { rows, count }),
  };
}

/** As the kernel does: positions in the cell whose bucket has a row with the key, or more rows than one. */
function keepKnown(views: Views, lane: number, found: { readonly count: number; readonly size: number }): number {
  const { i32 } = views;
  const begin = (secondAt + lane * secondBytes) >> 2;
  const end = begin + found.count;
  const { size } = found;
  const fold = param(views, lane, paramFold);
  const highMask = highMaskOf(lane);
  const starts = param(views, lane, paramStarts) >> 2;
  const rows = param(views, lane, paramRows) >> 2;
  const shift = param(views, lane, paramBucketShift);
  const cell = cellAt | 0;
  const lowFactor = bucketMultiplierLow | 0;
  const highFactor = bucketMultiplierHigh | 0;
  let out = begin;
  for (let entry = begin; entry < end; entry++) {
    const at = i32[entry]!;
    const word = at >> 2;
    const right = (at & 3) << 3;
    const left = 31 - right;
    const middle = i32[word + 1]!;
    const low = (i32[word]! >>> right) | ((middle << 1) << left) | fold;
    const high = ((middle >>> right) | ((i32[word + 2]! << 1) << left) | fold) & highMask;
    const bucket = starts + ((Math.imul(low, lowFactor) + Math.imul(high, highFactor)) >>> shift);
    const from = i32[bucket]!;
    const count = i32[bucket + 1]! - from;
    const row = rows + (from << 2);
    // All differences at once: a branch for each would go wrong half of the time.
    const isOther = (i32[row]! ^ low) | (i32[row + 1]! ^ high);
    const position = at - cell;
    const isKnown = ((isOther === 0 ? 1 : 0) & (count > 0 ? 1 : 0)) | (count > 1 ? 1 : 0);
    i32[out] = position;
    out += isKnown & (position >>> 0 < size ? 1 : 0);
  }
  return out - begin;
}

/** What of the upper half of a key a lane compares. */
function highMaskOf(lane: number): number {
  return lane === 0 ? -1 : lane === 1 ? 0xff : 0;
}

function compareRows(views: Views, lane: number, positions: number): number {
  const { u8, i32 } = views;
  const second = (secondAt + lane * secondBytes) >> 2;
  const hits = (hitsAt + lane * hitsBytes) >> 2;
  const fold = param(views, lane, paramFold);
  const highMask = highMaskOf(lane);
  const starts = param(views, lane, paramStarts) >> 2;
  const rows = param(views, lane, paramRows) >> 2;
  const state = param(views, lane, paramState);
  const shift = param(views, lane, paramBucketShift);
  const lowFactor = bucketMultiplierLow | 0;
  const highFactor = bucketMultiplierHigh | 0;
  i32[(paramsAt + lane * paramBytes + paramSecondCount) >> 2] = positions;
  let count = 0;
  let walked = 0;
  for (let entry = second; entry < second + positions; entry++) {
    const position = i32[entry]!;
    const at = cellAt + position;
    const low = low32(u8, at) | fold;
    const high = (low32(u8, at + 4) | fold) & highMask;
    const bucket = starts + ((Math.imul(low, lowFactor) + Math.imul(high, highFactor)) >>> shift);
    const from = i32[bucket]!;
    const to = i32[bucket + 1]!;
    walked += to - from;
    if (walked > maxRowsWalked) {
      return -1;
    }
    for (let row = rows + (from << 2); row < rows + (to << 2); row += 4) {
      if (i32[row] !== low || i32[row + 1] !== high) {
        continue;
      }
      const what = i32[row + 2]!;
      const near = at + (what & distanceMask) - distanceBias;
      const form = (what >>> checkShift) & checkMask;
      if ((form === 0 ? low32(u8, near) | fold : checkHash(u8, near, form) | 0) !== i32[row + 3]) {
        continue;
      }
      if ((u8[state + (what >>> anchorShift)] !== 0) !== ((what & followerFlag) !== 0)) {
        continue;
      }
      if (count >= maxHits) {
        return -1;
      }
      i32[hits + 2 * count] = position;
      i32[hits + 2 * count + 1] = (what >>> anchorShift) | ((what & followerFlag) << followerShift);
      count++;
    }
  }
  return count;
}

function seek({ u8 }: Views, { from, size }: { readonly from: number; readonly size: number }, key: Key): number {
  const { low, high, bytes, fold } = key;
  const highMask = bytes === 8 ? -1 : bytes === 5 ? 0xff : 0;
  const first = low & 0xff;
  for (let at = cellAt + from; at < cellAt + size; at++) {
    if ((u8[at]! | (fold & 0xff)) === first && (low32(u8, at) | fold) === (low | 0) && (((low32(u8, at + 4) | fold) ^ high) & highMask) === 0) {
      return at - cellAt;
    }
  }
  return -1;
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
