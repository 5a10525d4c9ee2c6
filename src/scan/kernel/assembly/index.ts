/**
 * The kernel: which positions of a cell may begin an anchor, at memory speed. docs/matcher-design.md says how it came
 * to be and with which numbers; kernel/twin.ts is the same in TypeScript. Over 300 lines, since each lane's search is
 * written out: the offset of a load has to be a constant.
 *
 *   1  a window of few bytes is looked up in a bit map, at every 4th (2nd, 1st) byte of the cell
 *   2  for each place that the window may have in its key (of eight bytes: that a map says), the whole key is looked up
 *      in a second bit map
 *   3  the key's rows are compared: all key bytes, and four or sixteen more of the literal
 *
 * Stages 1 and 2 always write the position and keep it by moving on: a branch that goes wrong in one case of ten costs
 * more than all of the rest (random bytes, 100,000 literals: 900 MB/s with branches, 2,700 without).
 *
 * A 32-bit word is read at a byte address taken from the hash, and the lowest bits of the hash choose the bit: two
 * instructions less than a word address (4,500 against 4,000 MB/s).
 */
import {
  anchorShift, checkMask, checkShift, distanceBias, distanceMask, bitsAt0, bitsAt1, bitsAt2, bucketMultiplierHigh, bucketMultiplierLow, cellAt, firstAt, followerFlag, followerShift, hitsAt,
  hitsBytes, maxHits, maxRowsWalked, moreBitsAt0, moreBitsAt1, moreBitsAt2, pairFlagsAt, paramBucketShift, paramBytes,
  paramFold, paramMoreShift, paramRows, paramPlaceShift, paramSecondCount, paramShift, paramStarts, paramState, paramsAt, placedAt, placesAt0, rowBytes,
  secondAt, secondBytes,
} from '../abi';
import { checkHash } from './check-hash';

export { seek } from './seek';
export { place, sum, tally } from './tables';
export { walk } from './walk';

const windowMultiplier: u64 = 0x9e3779b97f4a7c15;
const keyMultiplier: u64 = 0xc2b2ae3d27d4eb4f;
const placeMultiplier: u64 = 0xd6e8feb86659fd93;
/** A window of five bytes: what lies above them leaves the product by this shift. */
const fiveBytes: u64 = windowMultiplier << 24;
const fourBytes: u64 = windowMultiplier << 32;
/** The same for the map of places, where another hash is wanted. */
const fiveBytesPlaced: u64 = placeMultiplier << 24;
const keyMask5: u64 = 0xffffffffff;
const keyMask4: u64 = 0xffffffff;

// @ts-ignore: decorator
@inline
function param(lane: i32, word: i32): u32 {
  return load<u32>(<usize>(paramsAt + lane * paramBytes + word));
}

// @ts-ignore: decorator
@inline
function foldOf(lane: i32): u64 {
  const fold = <u64>param(lane, paramFold);
  return fold | (fold << 32);
}

/** Sets the bit of a hash in the map that begins at `bits`. */
// @ts-ignore: decorator
@inline
function mark(bits: i32, hash: u64): void {
  const at = <usize>bits + <usize>(hash >> 5);
  store<u32>(at, load<u32>(at) | (1 << (<u32>hash & 31)));
}

/** Sets two bits of one word: the second maps are half as full of wrong answers for it. */
// @ts-ignore: decorator
@inline
function markTwo(bits: i32, hash: u64): void {
  const at = <usize>bits + <usize>(hash >> 10);
  store<u32>(at, load<u32>(at) | (1 << (<u32>hash & 31)) | (1 << (<u32>(hash >> 5) & 31)));
}

/** Notes that windows of this hash may stand at a place in a key. */
// @ts-ignore: decorator
@inline
function markPlace(hash: u64, place: u32): void {
  const at = <usize>(hash >> 1) + placesAt0;
  store<u8>(at, <u32>load<u8>(at) | (<u32>1 << (place + (<u32>(hash & 1) << 2))));
}

// ── stage 1 ──

// @ts-ignore: decorator
@inline
function probe0(at: usize, out: usize, fold: u64, shift: u64): usize {
  const hash = ((load<u64>(at) | fold) * fiveBytes) >> shift;
  store<u32>(out, <u32>at);
  return out + (((load<u32>(<usize>(hash >> 5), bitsAt0) >>> <u32>hash) & 1) << 2);
}

/** The same without folding: sets without caseless anchors need not pay for it. */
// @ts-ignore: decorator
@inline
function probe0Exact(at: usize, out: usize, shift: u64): usize {
  const hash = (load<u64>(at) * fiveBytes) >> shift;
  store<u32>(out, <u32>at);
  return out + (((load<u32>(<usize>(hash >> 5), bitsAt0) >>> <u32>hash) & 1) << 2);
}

// @ts-ignore: decorator
@inline
function probe1(at: usize, out: usize, fold: u64, shift: u64): usize {
  const hash = ((load<u64>(at) | fold) * fourBytes) >> shift;
  store<u32>(out, <u32>at);
  return out + (((load<u32>(<usize>(hash >> 5), bitsAt1) >>> <u32>hash) & 1) << 2);
}

// @ts-ignore: decorator
@inline
function probe2(at: usize, out: usize, fold: u64, shift: u64): usize {
  const hash = ((load<u64>(at) | fold) * fourBytes) >> shift;
  store<u32>(out, <u32>at);
  return out + (((load<u32>(<usize>(hash >> 5), bitsAt2) >>> <u32>hash) & 1) << 2);
}

function first0(end: usize, fold: u64, shift: u64): usize {
  let out: usize = firstAt;
  for (let at: usize = cellAt; at < end; at += 32) {
    out = probe0(at, out, fold, shift);
    out = probe0(at + 4, out, fold, shift);
    out = probe0(at + 8, out, fold, shift);
    out = probe0(at + 12, out, fold, shift);
    out = probe0(at + 16, out, fold, shift);
    out = probe0(at + 20, out, fold, shift);
    out = probe0(at + 24, out, fold, shift);
    out = probe0(at + 28, out, fold, shift);
  }
  return out;
}

function first0Exact(end: usize, shift: u64): usize {
  let out: usize = firstAt;
  for (let at: usize = cellAt; at < end; at += 32) {
    out = probe0Exact(at, out, shift);
    out = probe0Exact(at + 4, out, shift);
    out = probe0Exact(at + 8, out, shift);
    out = probe0Exact(at + 12, out, shift);
    out = probe0Exact(at + 16, out, shift);
    out = probe0Exact(at + 20, out, shift);
    out = probe0Exact(at + 24, out, shift);
    out = probe0Exact(at + 28, out, shift);
  }
  return out;
}

function first1(end: usize, fold: u64, shift: u64): usize {
  let out: usize = firstAt;
  for (let at: usize = cellAt; at < end; at += 16) {
    out = probe1(at, out, fold, shift);
    out = probe1(at + 2, out, fold, shift);
    out = probe1(at + 4, out, fold, shift);
    out = probe1(at + 6, out, fold, shift);
    out = probe1(at + 8, out, fold, shift);
    out = probe1(at + 10, out, fold, shift);
    out = probe1(at + 12, out, fold, shift);
    out = probe1(at + 14, out, fold, shift);
  }
  return out;
}

function first2(end: usize, fold: u64, shift: u64): usize {
  let out: usize = firstAt;
  for (let at: usize = cellAt; at < end; at += 8) {
    out = probe2(at, out, fold, shift);
    out = probe2(at + 1, out, fold, shift);
    out = probe2(at + 2, out, fold, shift);
    out = probe2(at + 3, out, fold, shift);
    out = probe2(at + 4, out, fold, shift);
    out = probe2(at + 5, out, fold, shift);
    out = probe2(at + 6, out, fold, shift);
    out = probe2(at + 7, out, fold, shift);
  }
  return out;
}

// ── stage 2 ──

/** For each set of places, four words: minus the places that are in it, the rest of no meaning. */
const placesOf: usize = memory.data<i32>([
  0, 0, 0, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 0, 0, -2, 0, 0, 0, 0, -2, 0, 0, -1, -2, 0, 0, 0, -1, -2, 0,
  -3, 0, 0, 0, 0, -3, 0, 0, -1, -3, 0, 0, 0, -1, -3, 0, -2, -3, 0, 0, 0, -2, -3, 0, -1, -2, -3, 0, 0, -1, -2, -3,
], 16);

/**
 * At which places in a key a window stands: that many positions are written, instead of all four tried (scripts, 100,000
 * literals: 1,380 against 920 MB/s).
 */
function place0(last: usize, fold: u64, shift: u64): usize {
  let out: usize = placedAt;
  for (let entry: usize = firstAt; entry < last; entry += 4) {
    const at = load<u32>(entry);
    const hash = ((load<u64>(<usize>at) | fold) * fiveBytesPlaced) >> shift;
    const places = (<u32>load<u8>(<usize>(hash >> 1), placesAt0) >>> (<u32>(hash & 1) << 2)) & 15;
    v128.store(out, i32x4.add(i32x4.splat(at), v128.load(placesOf + (<usize>places << 4))));
    out += <usize>(popcnt<u32>(places) << 2);
  }
  return out;
}

// @ts-ignore: decorator
@inline
function again0(at: usize, out: usize, fold: u64, shift: u64): usize {
  const hash = ((load<u64>(at) | fold) * keyMultiplier) >> shift;
  store<u32>(out, <u32>at);
  const word = load<u32>(<usize>(hash >> 10), moreBitsAt0);
  return out + (((word >>> <u32>hash) & (word >>> <u32>(hash >> 5)) & 1) << 2);
}

// @ts-ignore: decorator
@inline
function again1(at: usize, out: usize, fold: u64, shift: u64): usize {
  const hash = (((load<u64>(at) | fold) & keyMask5) * keyMultiplier) >> shift;
  store<u32>(out, <u32>at);
  const word = load<u32>(<usize>(hash >> 10), moreBitsAt1);
  return out + (((word >>> <u32>hash) & (word >>> <u32>(hash >> 5)) & 1) << 2);
}

// @ts-ignore: decorator
@inline
function again2(at: usize, out: usize, fold: u64, shift: u64): usize {
  const hash = (((load<u64>(at) | fold) & keyMask4) * keyMultiplier) >> shift;
  store<u32>(out, <u32>at);
  const word = load<u32>(<usize>(hash >> 10), moreBitsAt2);
  return out + (((word >>> <u32>hash) & (word >>> <u32>(hash >> 5)) & 1) << 2);
}

// ── stage 3 ──

/**
 * Keeps the positions whose bucket has a row with the key, or more rows than one. No branch, so that the cache misses
 * of one position do not wait for those of another (100,000 literals: half of the time of all stages went here); first
 * those of all buckets, then those of all rows.
 */
// @ts-ignore: decorator
@inline
function keepKnown(lane: i32, end: usize, size: u32, keyMask: u64): usize {
  const second = <usize>(secondAt + lane * secondBytes);
  const fold = foldOf(lane), bucketShift = param(lane, paramBucketShift);
  const starts = <usize>param(lane, paramStarts), rows = <usize>param(lane, paramRows);
  const aside = <usize>placedAt - second;
  let out = second;
  for (let entry = second; entry < end; entry += 4) {
    const at = <usize>load<u32>(entry);
    const key = (load<u64>(at) | fold) & keyMask;
    const bucket = (<u32>key * bucketMultiplierLow + <u32>(key >> 32) * bucketMultiplierHigh) >>> bucketShift;
    const from = load<u32>(starts + (bucket << 2)), count = load<u32>(starts + (bucket << 2), 4) - from;
    const position = <u32>(at - cellAt);
    store<u32>(out, position);
    store<u32>(out + aside, from | (<u32>(count > 1) << 31));
    out += (<u32>(count != 0) & <u32>(position < size)) << 2;
  }
  const last = out;
  out = second;
  for (let entry = second; entry < last; entry += 4) {
    const position = load<u32>(entry);
    const word = load<u32>(entry + aside);
    const key = (load<u64>(<usize>cellAt + position) | fold) & keyMask;
    store<u32>(out, position);
    out += (<u32>(load<u64>(rows + <usize>(word & 0x7fffffff) * rowBytes) == key) | (word >>> 31)) << 2;
  }
  return out;
}

/** Rows of the keys at the positions listed up to `end`. @returns how many fit, or -1 for a flood. */
// @ts-ignore: decorator
@inline
function compareRows(lane: i32, end: usize, keyMask: u64): i32 {
  const second = <usize>(secondAt + lane * secondBytes);
  const hits = <usize>(hitsAt + lane * hitsBytes);
  const fold = foldOf(lane), fold32 = param(lane, paramFold);
  const starts = <usize>param(lane, paramStarts), rows = <usize>param(lane, paramRows), state = <usize>param(lane, paramState);
  const bucketShift = param(lane, paramBucketShift);
  let count: u32 = 0, walked: u32 = 0;
  store<u32>(<usize>(paramsAt + lane * paramBytes + paramSecondCount), <u32>((end - second) >> 2));
  for (let entry = second; entry < end; entry += 4) {
    const position = load<u32>(entry);
    const at = <usize>cellAt + position;
    const key = (load<u64>(at) | fold) & keyMask;
    const bucket = (<u32>key * bucketMultiplierLow + <u32>(key >> 32) * bucketMultiplierHigh) >>> bucketShift;
    const last = rows + <usize>load<u32>(starts + (bucket << 2), 4) * rowBytes;
    const from = rows + <usize>load<u32>(starts + (bucket << 2)) * rowBytes;
    walked += <u32>(last - from) >> 4;
    if (walked > <u32>maxRowsWalked) return -1;
    for (let row = from; row < last; row += rowBytes) {
      if (load<u64>(row) != key) continue;
      const what = load<u32>(row, 8);
      const near = at + (what & distanceMask) - distanceBias;
      const form = (what >>> checkShift) & checkMask;
      const check = form == 0 ? load<u32>(near) | fold32 : checkHash(near, form);
      if (check != load<u32>(row, 12)) continue;
      const isSet = load<u8>(state + (what >>> anchorShift));
      if ((isSet != 0) != ((what & followerFlag) != 0)) continue;
      if (count >= <u32>maxHits) return -1;
      store<u32>(hits + (count << 3), position);
      store<u32>(hits + (count << 3), (what >>> anchorShift) | ((what & followerFlag) << followerShift), 4);
      count++;
    }
  }
  return <i32>count;
}

// ── one call per lane and cell ──

/** Anchors of eight bytes that begin in the first `size` bytes of the cell. @returns how many, -1 for a flood. */
export function search0(size: u32): i32 {
  const fold = foldOf(0), shift = <u64>param(0, paramShift), moreShift = <u64>param(0, paramMoreShift);
  const end = cellAt + size + 3;
  const last = fold == 0 ? first0Exact(end, shift) : first0(end, fold, shift);
  const placedTo = place0(last, fold, <u64>param(0, paramPlaceShift));
  let out: usize = secondAt;
  for (let entry: usize = placedAt; entry < placedTo; entry += 4) {
    out = again0(<usize>load<u32>(entry), out, fold, moreShift);
  }
  return compareRows(0, keepKnown(0, out, size, ~(<u64>0)), ~(<u64>0));
}

/** Anchors of five bytes. */
export function search1(size: u32): i32 {
  const fold = foldOf(1), shift = <u64>param(1, paramShift), moreShift = <u64>param(1, paramMoreShift);
  const last = first1(cellAt + size + 1, fold, shift);
  let out: usize = secondAt + secondBytes;
  for (let entry: usize = firstAt; entry < last; entry += 4) {
    const at = <usize>load<u32>(entry);
    out = again1(at - 1, out, fold, moreShift);
    out = again1(at, out, fold, moreShift);
  }
  return compareRows(1, keepKnown(1, out, size, keyMask5), keyMask5);
}

/** Anchors of four bytes. */
export function search2(size: u32): i32 {
  const fold = foldOf(2), shift = <u64>param(2, paramShift), moreShift = <u64>param(2, paramMoreShift);
  const last = first2(cellAt + size, fold, shift);
  let out: usize = secondAt + 2 * secondBytes;
  for (let entry: usize = firstAt; entry < last; entry += 4) {
    out = again2(<usize>load<u32>(entry), out, fold, moreShift);
  }
  return compareRows(2, keepKnown(2, out, size, keyMask4), keyMask4);
}

/** Positions of listed byte pairs; their rows are the caller's. */
export function search3(size: u32): i32 {
  let out: usize = secondAt + 3 * secondBytes;
  const end: usize = <usize>cellAt + size;
  for (let at: usize = cellAt; at < end; at++) {
    const pair = <u32>load<u16>(at);
    store<u32>(out, <u32>(at - cellAt));
    out += ((<u32>load<u8>(pair >>> 3, pairFlagsAt) >>> (pair & 7)) & 1) << 2;
  }
  return <i32>((out - (secondAt + 3 * secondBytes)) >> 2);
}

// ── tables ──

/** Enters the keys of `count` rows of a lane into its bit maps. */
export function fill(lane: i32, rows: usize, count: u32): void {
  const shift = <u64>param(lane, paramShift), moreShift = <u64>param(lane, paramMoreShift);
  for (let i: u32 = 0; i < count; i++) {
    const key = load<u64>(rows + <usize>i * rowBytes);
    if (lane == 0) {
      for (let j: u64 = 0; j < 4; j++) {
        mark(bitsAt0, ((key >> (8 * j)) * fiveBytes) >> shift);
        markPlace(((key >> (8 * j)) * fiveBytesPlaced) >> <u64>param(0, paramPlaceShift), <u32>j);
      }
      markTwo(moreBitsAt0, (key * keyMultiplier) >> moreShift);
    } else if (lane == 1) {
      for (let j: u64 = 0; j < 2; j++) mark(bitsAt1, ((key >> (8 * j)) * fourBytes) >> shift);
      markTwo(moreBitsAt1, (key * keyMultiplier) >> moreShift);
    } else {
      mark(bitsAt2, (key * fourBytes) >> shift);
      markTwo(moreBitsAt2, (key * keyMultiplier) >> moreShift);
    }
  }
}
