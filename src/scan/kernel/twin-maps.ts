/**
 * The twin's maps: which positions may begin a key. Its hashes are not those of the kernel, so neither are the bits.
 *
 * One function per loop and one caller per function: loops shared by several callers lose two thirds of their speed. What
 * a loop needs is a local: bundlers turn constants into variables, and reading those takes another third.
 */
import {
  bitsAt0, bitsAt1, bitsAt2, cellAt, firstAt, moreBitsAt0, moreBitsAt1, moreBitsAt2, paramBytes, paramFold, paramMoreShift,
  paramPlaceShift, paramShift, paramsAt, placedAt, placesAt0, rowBytes, secondAt, secondBytes,
} from './abi.js';

const lowMultiplier = 0x9e3779b1;
const highMultiplier = 0x85ebca6b;
const keyLowMultiplier = 0xc2b2ae35;
const keyHighMultiplier = 0x27d4eb2f;

/** A memory, as bytes, halves and words. */
export interface Views {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
}

/** A word of a lane's parameters. */
export function param({ i32 }: Views, lane: number, word: number): number {
  return i32[(paramsAt + lane * paramBytes + word) >> 2]!;
}

/** Shift to the byte address in a second map, whose kernel's hash has five bits more. */
function moreShiftOf(views: Views, lane: number): number {
  return param(views, lane, paramMoreShift) + 10 - 32;
}

/** The kernel's shifts are of 64 bits and leave five bits below a byte address; these leave the number of a word, of 32. */
function wordShiftOf(views: Views, lane: number): number {
  return param(views, lane, paramShift) + 7 - 32;
}

/** Positions of windows that the first map has, up to the returned one. */
export function first0(views: Views, size: number): number {
  const { i32 } = views;
  const wordShift = wordShiftOf(views, 0);
  const bitShift = wordShift - 5;
  const fold = param(views, 0, paramFold);
  const map = bitsAt0 >> 2;
  const end = (cellAt + size + 6) >> 2;
  const low = lowMultiplier | 0;
  const high = highMultiplier | 0;
  let out = firstAt >> 2;
  let even = i32[cellAt >> 2]! | fold;
  for (let word = cellAt >> 2; word < end; word += 2) {
    const odd = i32[word + 1]! | fold;
    let hash = (Math.imul(even, low) + Math.imul(odd & 0xff, high)) | 0;
    i32[out] = word << 2;
    out += (i32[map + (hash >>> wordShift)]! >>> (hash >>> bitShift)) & 1;
    even = i32[word + 2]! | fold;
    hash = (Math.imul(odd, low) + Math.imul(even & 0xff, high)) | 0;
    i32[out] = (word + 1) << 2;
    out += (i32[map + (hash >>> wordShift)]! >>> (hash >>> bitShift)) & 1;
  }
  return out;
}

/** The hash of four bytes and the first of the four behind them. */
function fiveHash(word: number, next: number): number {
  return (Math.imul(word, lowMultiplier) + Math.imul(next & 0xff, highMultiplier)) | 0;
}

/** The bit of a hash in the first map that begins at a word: its highest bits choose the word, those below them the bit. */
function firstBit(i32: Int32Array, map: number, hash: number, shift: number): number {
  return (i32[map + (hash >>> shift)]! >>> (hash >>> (shift - 5))) & 1;
}

/** The same for windows of four bytes, at every second byte. */
export function first1(views: Views, size: number): number {
  const { u16, i32 } = views;
  const shift = wordShiftOf(views, 1);
  const fold = param(views, 1, paramFold);
  const end = (cellAt + size + 2) >> 1;
  let out = firstAt >> 2;
  for (let half = cellAt >> 1; half < end; half += 2) {
    const [a, b, c] = [u16[half]!, u16[half + 1]!, u16[half + 2]!];
    i32[out] = half << 1;
    out += firstBit(i32, bitsAt1 >> 2, Math.imul(a | (b << 16) | fold, lowMultiplier), shift);
    i32[out] = (half + 1) << 1;
    out += firstBit(i32, bitsAt1 >> 2, Math.imul(b | (c << 16) | fold, lowMultiplier), shift);
  }
  return out;
}

/** The same at every byte. */
export function first2(views: Views, size: number): number {
  const { i32 } = views;
  const shift = wordShiftOf(views, 2);
  const fold = param(views, 2, paramFold);
  const end = (cellAt + size + 3) >> 2;
  let out = firstAt >> 2;
  let a = i32[cellAt >> 2]! | fold;
  for (let word = cellAt >> 2; word < end; word++) {
    const b = i32[word + 1]! | fold;
    i32[out] = word << 2;
    out += firstBit(i32, bitsAt2 >> 2, Math.imul(a, lowMultiplier), shift);
    i32[out] = (word << 2) + 1;
    out += firstBit(i32, bitsAt2 >> 2, Math.imul((a >>> 8) | (b << 24), lowMultiplier), shift);
    i32[out] = (word << 2) + 2;
    out += firstBit(i32, bitsAt2 >> 2, Math.imul((a >>> 16) | (b << 16), lowMultiplier), shift);
    i32[out] = (word << 2) + 3;
    out += firstBit(i32, bitsAt2 >> 2, Math.imul((a >>> 24) | (b << 8), lowMultiplier), shift);
    a = b;
  }
  return out;
}

/** At which places in a key a window stands: that many positions are written. */
export function place0(views: Views, last: number): number {
  const { u8, i32 } = views;
  const shift = param(views, 0, paramPlaceShift) - 32;
  const fold = param(views, 0, paramFold);
  const foldByte = fold & 0xff;
  const map = placesAt0 | 0;
  const low = keyLowMultiplier | 0;
  const high = keyHighMultiplier | 0;
  let out = placedAt >> 2;
  for (let entry = firstAt >> 2; entry < last; entry++) {
    const at = i32[entry]!;
    const slot = (Math.imul(i32[at >> 2]! | fold, low) + Math.imul(u8[at + 4]! | foldByte, high)) >>> shift;
    const places = u8[map + (slot >>> 1)]! >>> ((slot & 1) << 2);
    i32[out] = at;
    out += places & 1;
    i32[out] = at - 1;
    out += (places >>> 1) & 1;
    i32[out] = at - 2;
    out += (places >>> 2) & 1;
    i32[out] = at - 3;
    out += (places >>> 3) & 1;
  }
  return out;
}

/** Another hash of a window than that of the first map. */
function windowHash(low: number, fifth: number): number {
  return Math.imul(low, keyLowMultiplier) + Math.imul(fifth, keyHighMultiplier);
}

/** Reading a key from three aligned words costs less than from its eight bytes. */
export function second0(views: Views, last: number): number {
  const { u8, i32 } = views;
  const shift = moreShiftOf(views, 0);
  const bitShift = shift - 3;
  const fold = param(views, 0, paramFold);
  const map = moreBitsAt0 | 0;
  const mix = lowMultiplier | 0;
  const low = keyLowMultiplier | 0;
  const high = keyHighMultiplier | 0;
  const begin = secondAt >> 2;
  let out = begin;
  for (let entry = placedAt >> 2; entry < last; entry++) {
    const at = i32[entry]!;
    const word = at >> 2;
    const right = (at & 3) << 3;
    const left = 31 - right;
    const middle = i32[word + 1]!;
    const first = (i32[word]! >>> right) | ((middle << 1) << left) | fold;
    const second = (middle >>> right) | ((i32[word + 2]! << 1) << left) | fold;
    let hash = (Math.imul(first, low) + Math.imul(second, high)) | 0;
    hash = Math.imul(hash ^ (hash >>> 15), mix);
    i32[out] = at;
    out += (u8[map + (hash >>> shift)]! >>> ((hash >>> bitShift) & 7)) & 1;
  }
  return out - begin;
}

/** The same for keys of five bytes. */
export function second1(views: Views, last: number): number {
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

/** The same for keys of four bytes. */
export function second2(views: Views, last: number): number {
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

const maps = [
  { bits: bitsAt0, more: moreBitsAt0, windows: 4 },
  { bits: bitsAt1, more: moreBitsAt1, windows: 2 },
  { bits: bitsAt2, more: moreBitsAt2, windows: 1 },
] as const;

/** Enters the keys of rows into the maps of their lane. */
export function fill(views: Views, lane: number, list: { readonly rows: number; readonly count: number }): void {
  const { u8, i32 } = views;
  const { bits, more, windows } = maps[lane]!;
  const shift = wordShiftOf(views, lane);
  const moreShift = moreShiftOf(views, lane);
  for (let row = list.rows; row < list.rows + list.count * rowBytes; row += rowBytes) {
    for (let j = 0; j < windows; j++) {
      const low = low32(u8, row + j);
      markFirst(i32, bits, { hash: lane === 0 ? fiveHash(low, u8[row + j + 4]!) : Math.imul(low, lowMultiplier), shift });
      if (lane === 0) {
        markPlace(u8, windowHash(low32(u8, row + j), u8[row + j + 4]!) >>> (param(views, 0, paramPlaceShift) - 32), j);
      }
    }
    mark(u8, more, { hash: keyHash(low32(u8, row), low32(u8, row + 4)), shift: moreShift });
  }
}

function markFirst(i32: Int32Array, bits: number, { hash, shift }: { readonly hash: number; readonly shift: number }): void {
  const at = (bits >> 2) + (hash >>> shift);
  i32[at] = i32[at]! | (1 << (hash >>> (shift - 5)));
}

function markPlace(u8: Uint8Array, slot: number, place: number): void {
  const at = placesAt0 + (slot >>> 1);
  u8[at] = u8[at]! | (1 << (place + ((slot & 1) << 2)));
}

function mark(u8: Uint8Array, bits: number, { hash, shift }: { readonly hash: number; readonly shift: number }): void {
  const at = bits + (hash >>> shift);
  u8[at] = u8[at]! | (1 << ((hash >>> (shift - 3)) & 7));
}

function keyHash(low: number, high: number): number {
  const sum = Math.imul(low, keyLowMultiplier) + Math.imul(high, keyHighMultiplier);
  return Math.imul(sum ^ (sum >>> 15), lowMultiplier);
}

/** Four bytes as a word. */
export function low32(u8: Uint8Array, at: number): number {
  return u8[at]! | (u8[at + 1]! << 8) | (u8[at + 2]! << 16) | (u8[at + 3]! << 24);
}
