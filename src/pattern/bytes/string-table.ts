/**
 * Many strings in few bytes: sorted, in blocks of 16, each string of a block written as what it has in common with the
 * one before it and the rest. Names of signatures are alike; a million of them shrink to a quarter.
 * Strings are decoded when they are asked for; nothing is allocated for those that are not.
 */
import { fromUtf8, toLatin1, toUtf8 } from '../../base/bytes.js';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import type { Column } from './columns.js';
import { openColumn, widthFor } from './columns.js';
import { refused } from '../refused.js';
import { compareText } from './text-order.js';

/** Bytes of UTF-8 that one string may have. */
export const maxStringBytes = 4096;

const blockSize = 16;

/** Strings by index: `at(i)` for `i` below `count`. */
export interface StringTable {
  readonly count: number;
  at(index: number): string;
}

/**
 * Writes the strings, each once and sorted, and returns their indices.
 * @throws RangeError for a string of more than 4096 bytes.
 */
export function writeStrings(writer: ByteWriter, strings: Iterable<string>): ReadonlyMap<string, number> {
  const sorted = [...new Set(strings)].sort(compareText);
  const blob = new ByteWriter();
  const starts: number[] = [];
  let previous: Uint8Array = new Uint8Array(0);
  sorted.forEach((text, index) => {
    const bytes = toUtf8(text);
    if (bytes.length > maxStringBytes) {
      throw new RangeError(`a text of ${bytes.length} bytes is over the limit of ${maxStringBytes}: ${text.slice(0, 40)}…`);
    }
    if (index % blockSize === 0) {
      starts.push(blob.length);
      previous = new Uint8Array(0);
    }
    const shared = sharedBytes(previous, bytes);
    blob.varint(shared);
    blob.varint(bytes.length - shared);
    blob.bytes(bytes.subarray(shared));
    previous = bytes;
  });
  writer.u32(sorted.length);
  writer.u32(blob.length);
  for (const start of starts) {
    writer.uint(start, widthFor(blob.length));
  }
  writer.bytes(blob.finish());
  return new Map(sorted.map((text, index) => [text, index]));
}

/** Opens what `writeStrings` wrote, checking that every string can be read. */
export function openStrings(reader: ByteReader): StringTable {
  const count = reader.u32();
  const length = reader.u32();
  const blocks = Math.ceil(count / blockSize);
  const starts = openColumn(reader, { count: blocks, width: widthFor(length) });
  const blob = reader.bytes(length);
  assertStrings(blob, { count, starts });
  const scratch = new Uint8Array(maxStringBytes);
  return {
    count,
    at(index) {
      // By hand: a reader and views for each string of a block took 3 µs a name, this takes 0.4.
      let at = starts.at(Math.floor(index / blockSize));
      let end = 0;
      const varint = (): number => {
        let value = 0;
        for (let shift = 0; ; shift += 7) {
          const byte = blob[at++]!;
          value |= (byte & 0x7f) << shift;
          if (byte < 0x80) {
            return value;
          }
        }
      };
      for (let left = index % blockSize; left >= 0; left--) {
        const shared = varint();
        end = shared + varint();
        for (let i = shared; i < end; i++) {
          scratch[i] = blob[at++]!;
        }
      }
      return textOf(scratch, end);
    },
  };
}

/** Names are short and ASCII as a rule. */
function textOf(bytes: Uint8Array, length: number): string {
  const text = bytes.subarray(0, length);
  return length <= 64 && text.every((byte) => byte < 0x80) ? toLatin1(text) : fromUtf8(text);
}

function assertStrings(blob: Uint8Array, { count, starts }: { readonly count: number; readonly starts: Column }): void {
  const reader = new ByteReader(blob, 'strings');
  let previous = 0;
  for (let i = 0; i < count; i++) {
    if (i % blockSize === 0) {
      if (starts.at(i / blockSize) !== reader.at) {
        throw refused('malformed', 'strings: a block does not begin where it should', { index: i });
      }
      previous = 0;
    }
    const shared = reader.varint();
    const rest = reader.varint();
    reader.bytes(rest);
    if (shared > previous) {
      throw refused('malformed', 'strings: more is shared than there is', { index: i });
    }
    previous = shared + rest;
    if (previous > maxStringBytes) {
      throw refused('limit', `strings: ${previous} bytes are over the limit of ${maxStringBytes}`, { index: i });
    }
  }
  reader.end();
}

function sharedBytes(a: Uint8Array, b: Uint8Array): number {
  const most = Math.min(a.length, b.length);
  let shared = 0;
  while (shared < most && a[shared] === b[shared]) {
    shared++;
  }
  return shared;
}
