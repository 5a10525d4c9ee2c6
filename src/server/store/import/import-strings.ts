/** The string tables of a hash table, copied block by block into a stored table; every string is looked at on the way. */
import { fromUtf8 } from '../../../base/bytes.js';
import { ByteReader } from '../../../pattern/bytes/byte-reader.js';
import { widthFor } from '../../../pattern/bytes/columns.js';
import { maxStringBytes } from '../../../pattern/bytes/string-table.js';
import { refused } from '../../../pattern/refused.js';
import type { PatternCursor } from './pattern-cursor.js';
import { stringsPerBlock, type StringsWriter } from '../stored/stored-strings.js';

/** Blocks between two pauses. */
const blocksPerStep = 4096;

/**
 * Copies a table of strings and returns how many there are. `each` is given every string where it is there.
 * @throws VedetteError `pattern-refused` for strings that cannot be read.
 */
export function* importStrings(from: PatternCursor, to: StringsWriter, each?: (text: string) => void): Generator<void, number> {
  const count = from.u32();
  const length = from.u32();
  const blocks = Math.ceil(count / stringsPerBlock);
  const width = widthFor(length);
  const starts = from.region(blocks * width);
  const blob = from.region(length);
  let start = blocks === 0 ? 0 : starts.uint(width);
  if (start !== 0) {
    throw badBlock(0);
  }
  for (let block = 0; block < blocks; block++) {
    const next = block + 1 < blocks ? starts.uint(width) : length;
    if (next <= start || next - start > stringsPerBlock * (maxStringBytes + 4)) {
      throw badBlock(block);
    }
    const bytes = blob.take(next - start);
    const strings = Math.min(stringsPerBlock, count - block * stringsPerBlock);
    checkBlock(bytes, { strings, each });
    to.appendBlock(bytes, strings);
    start = next;
    if (block % blocksPerStep === 0) {
      yield;
    }
  }
  if (blob.left > 0) {
    throw badBlock(blocks);
  }
  return count;
}

function checkBlock(bytes: Uint8Array, of: { readonly strings: number; readonly each: ((text: string) => void) | undefined }): void {
  const reader = new ByteReader(bytes, 'strings');
  const text = new Uint8Array(of.each === undefined ? 0 : maxStringBytes);
  let previous = 0;
  for (let i = 0; i < of.strings; i++) {
    const shared = reader.varint();
    const rest = reader.varint();
    if (shared > previous || shared + rest > maxStringBytes) {
      throw refused('malformed', 'strings: more is shared than there is, or a text is too long');
    }
    const bytesOfRest = reader.bytes(rest);
    previous = shared + rest;
    if (of.each !== undefined) {
      text.set(bytesOfRest, shared);
      of.each(fromUtf8(text.subarray(0, previous)));
    }
  }
  reader.end();
}

function badBlock(index: number): Error {
  return refused('malformed', 'strings: a block does not begin where it should', { index });
}
