/**
 * Golomb-Rice coding of sorted numbers, as Safe Browsing lists travel: the first number, then the distance from each
 * number to the next one as a quotient in unary (ones, ended by a zero) and `parameter` bits of remainder. Bits are
 * taken from the lowest of each byte upward. 32-bit numbers are plain numbers, wider ones big-endian byte strings.
 */
import { refused } from '../refused.js';
import { BitReader, BitWriter } from './bit-stream.js';

/** Numbers of 32 bits, coded. `count` does not include the first one. */
export interface RiceBlock32 {
  readonly first: number;
  readonly parameter: number;
  readonly count: number;
  readonly data: Uint8Array;
}

/** Numbers of 64, 128 or 256 bits, coded. */
export interface RiceBlockWide {
  /** The first number, big-endian; its length is the width of all. */
  readonly first: Uint8Array;
  readonly parameter: number;
  readonly count: number;
  readonly data: Uint8Array;
}

/** Largest values that pass. */
export interface RiceLimits {
  /** Numbers in one block, the first one included. */
  readonly maxEntries: number;
}

const maxNumber = 0xffff_ffff;

/**
 * The numbers of a block, ascending (equal neighbours possible).
 * @throws VedetteError `pattern-refused`: limit, truncated, malformed (a number over 32 bits, a parameter out of 1 to 30).
 */
export function decodeRice32(block: RiceBlock32, limits: RiceLimits): Uint32Array {
  checkBlock(block, limits, 30);
  const { parameter, count } = block;
  const out = new Uint32Array(count + 1);
  const bits = new BitReader(block.data);
  let value = block.first;
  out[0] = value;
  for (let i = 1; i <= count; i++) {
    value += bits.number(parameter, maxNumber >>> parameter);
    if (value > maxNumber) {
      throw refused('malformed', 'rice: a number over 32 bits', { index: i });
    }
    out[i] = value;
  }
  return out;
}

/**
 * The numbers of a block, one big-endian string of `first.length` bytes after the other.
 * @throws VedetteError `pattern-refused` as `decodeRice32` does.
 */
export function decodeRiceWide(block: RiceBlockWide, limits: RiceLimits): Uint8Array {
  const bytes = block.first.length;
  checkBlock(block, limits, bytes * 8 - 2);
  const parameter = BigInt(block.parameter);
  const end = 1n << BigInt(bytes * 8);
  const maxOnes = Number((end - 1n) >> parameter);
  const out = new Uint8Array(bytes * (block.count + 1));
  out.set(block.first);
  const bits = new BitReader(block.data);
  let value = fromBigEndian(block.first);
  for (let i = 1; i <= block.count; i++) {
    value += (BigInt(bits.ones(maxOnes)) << parameter) + bits.takeWide(block.parameter);
    if (value >= end) {
      throw refused('malformed', `rice: a number over ${bytes * 8} bits`, { index: i });
    }
    writeBigEndian(value, out.subarray(i * bytes, (i + 1) * bytes));
  }
  return out;
}

/** Codes numbers of 32 bits, ascending, at least one. The parameter is the best one for their mean distance. */
export function encodeRice32(sorted: Uint32Array, range: { readonly min: number; readonly max: number } = { min: 3, max: 30 }): RiceBlock32 {
  const first = sorted[0]!;
  const count = sorted.length - 1;
  const mean = count === 0 ? 0 : (sorted[count]! - first) / count;
  const parameter = Math.min(range.max, Math.max(range.min, Math.floor(Math.log2(Math.max(1, mean * Math.LN2)))));
  const bits = new BitWriter();
  for (let i = 1; i <= count; i++) {
    const distance = sorted[i]! - sorted[i - 1]!;
    bits.ones(Math.floor(distance / 2 ** parameter));
    bits.put(distance % 2 ** parameter, parameter);
  }
  return { first, parameter, count, data: bits.finish() };
}

/** Codes big-endian strings of `bytes` bytes each, ascending, at least one. */
export function encodeRiceWide(sorted: Uint8Array, bytes: 8 | 16 | 32): RiceBlockWide {
  const first = sorted.slice(0, bytes);
  const count = sorted.length / bytes - 1;
  const low = fromBigEndian(first);
  const mean = count === 0 ? 0n : (fromBigEndian(sorted.subarray(count * bytes)) - low) / BigInt(count);
  const wanted = mean.toString(2).length - 1;
  const parameter = Math.min(bytes * 8 - 2, Math.max(bytes * 8 - 29, wanted));
  const bits = new BitWriter();
  let previous = low;
  for (let i = 1; i <= count; i++) {
    const value = fromBigEndian(sorted.subarray(i * bytes, (i + 1) * bytes));
    const distance = value - previous;
    bits.ones(Number(distance >> BigInt(parameter)));
    bits.putWide(distance & ((1n << BigInt(parameter)) - 1n), parameter);
    previous = value;
  }
  return { first, parameter, count, data: bits.finish() };
}

/** Every number takes `parameter` + 1 bits at least, so a count that the data cannot hold is refused before anything is made. */
function checkBlock(block: { readonly parameter: number; readonly count: number; readonly data: Uint8Array }, limits: RiceLimits, maxParameter: number): void {
  const { parameter, count, data } = block;
  if (!Number.isSafeInteger(count) || count < 0 || count + 1 > limits.maxEntries) {
    throw refused('limit', `rice: ${count} numbers after the first, the limit is ${limits.maxEntries} in all`, { max: limits.maxEntries });
  }
  if (count > 0 && (!Number.isInteger(parameter) || parameter < 1 || parameter > maxParameter)) {
    throw refused('malformed', `rice: parameter ${parameter} is not from 1 to ${maxParameter}`, { parameter });
  }
  if (count * (parameter + 1) > data.length * 8) {
    throw refused('truncated', `rice: ${count} numbers do not fit into ${data.length} bytes`, { count });
  }
}

function fromBigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) {
    value = (value << 8n) | BigInt(byte);
  }
  return value;
}

function writeBigEndian(value: bigint, out: Uint8Array): void {
  let rest = value;
  for (let i = out.length - 1; i >= 0; i--) {
    out[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}
