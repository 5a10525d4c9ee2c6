/**
 * Ascending, distinct 32-bit numbers in few bytes: indices of removed rows, places of added ones, added prefixes. One in a
 * thousand of a million rows takes 12 bits.
 */
import type { ByteReader } from '../../pattern/bytes/byte-reader.js';
import type { ByteWriter } from '../../pattern/bytes/byte-writer.js';
import { refused } from '../../pattern/refused.js';
import { decodeRice32, encodeRice32 } from '../../pattern/rice/rice.js';

/** Appends the numbers. */
export function writeIndices(writer: ByteWriter, sorted: Uint32Array): void {
  writer.varint(sorted.length);
  if (sorted.length === 0) {
    return;
  }
  const { first, parameter, data } = encodeRice32(sorted);
  writer.u32(first);
  writer.u8(parameter);
  writer.varint(data.length);
  writer.bytes(data);
}

/** What `writeIndices` wrote. @throws VedetteError `pattern-refused` for bytes that are no ascending, distinct numbers. */
export function readIndices(reader: ByteReader): Uint32Array {
  const count = reader.varint();
  if (count === 0) {
    return new Uint32Array(0);
  }
  const [first, parameter] = [reader.u32(), reader.u8()];
  const data = reader.bytes(reader.varint());
  // The decoder refuses a count that the bits cannot hold before it makes anything.
  const sorted = decodeRice32({ first, parameter, count: count - 1, data }, { maxEntries: 2 ** 32 });
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i] === sorted[i - 1]) {
      throw refused('malformed', 'delta: a number is in its list twice', { index: i });
    }
  }
  return sorted;
}
