/** Sections of a filter that say for which file sizes MD5 or SHA-1 is worth computing: the sizes as steps, or nothing for all. */
import type { Wants } from '../../base/fingerprint.js';
import { ByteReader } from '../bytes/byte-reader.js';
import { ByteWriter } from '../bytes/byte-writer.js';
import { refused } from '../refused.js';

/** More sizes than this cost more to keep than MD5 or SHA-1 of every file. */
const maxSizes = 1_000_000;

/** The section; ascending sizes, or `any`. */
export function encodeSizes(sizes: NonNullable<Wants['md5']>): Uint8Array {
  const writer = new ByteWriter();
  let next = 0;
  for (const size of sizes === 'any' || sizes.length > maxSizes ? [] : sizes) {
    writer.varint(size - next);
    next = size + 1;
  }
  return writer.finish();
}

/** @throws VedetteError `pattern-refused` for bytes that are no sizes. */
export function decodeSizes(section: Uint8Array, name: string): NonNullable<Wants['md5']> {
  const reader = new ByteReader(section, name);
  const sizes: number[] = [];
  for (let next = 0; reader.left > 0; ) {
    const size = next + reader.varint();
    if (!Number.isSafeInteger(size) || sizes.length === maxSizes) {
      throw refused('limit', `${name}: too many sizes, or one over 2^53 - 1`, { section: name });
    }
    sizes.push(size);
    next = size + 1;
  }
  return sizes.length === 0 ? 'any' : sizes;
}
