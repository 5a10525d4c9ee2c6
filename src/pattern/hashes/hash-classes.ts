/** The classes of a hash table: what many entries have in common (disposition, score, type and detail of the threat). */
import type { Json } from '../../base/seams.js';
import type { Disposition } from '../../base/verdict.js';
import type { ByteReader } from '../bytes/byte-reader.js';
import { dispositions, noScore } from './hash-table-encode.js';
import { refused } from '../refused.js';
import type { StringTable } from '../bytes/string-table.js';

const classBytes = 10;
/** Where there are no more classes than this, each is made once. */
const maxKept = 4_096;

/** What all entries of a class share. */
export interface HashClass {
  readonly disposition: Disposition;
  readonly score?: number;
  readonly type: string;
  readonly detail?: Json;
}

/** Classes by index, made when they are asked for. */
export interface HashClasses {
  readonly count: number;
  at(index: number): HashClass;
}

/** Opens the classes, checking every code and index, and that every detail is JSON. */
export function openClasses(reader: ByteReader, tables: { readonly types: StringTable; readonly details: StringTable }): HashClasses {
  const { types, details } = tables;
  assertDetails(details);
  const count = reader.u32();
  const bytes = reader.bytes(count * classBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += classBytes) {
    const score = bytes[at + 1]!;
    if (
      bytes[at]! >= dispositions.length ||
      (score > 100 && score !== noScore) ||
      view.getUint32(at + 2, true) >= types.count ||
      view.getUint32(at + 6, true) > details.count
    ) {
      throw refused('malformed', 'hash table: a class is none', { index: at / classBytes });
    }
  }
  const classAt = (index: number): HashClass => {
    const at = index * classBytes;
    const score = bytes[at + 1]!;
    const detail = view.getUint32(at + 6, true);
    return {
      disposition: dispositions[bytes[at]!]!,
      ...(score === noScore ? {} : { score }),
      type: types.at(view.getUint32(at + 2, true)),
      ...(detail === 0 ? {} : { detail: JSON.parse(details.at(detail - 1)) as Json }),
    };
  };
  const kept: (HashClass | undefined)[] = [];
  return {
    count,
    at: (index) => (count > maxKept ? classAt(index) : (kept[index] ??= classAt(index))),
  };
}

function assertDetails(details: StringTable): void {
  for (let i = 0; i < details.count; i++) {
    try {
      JSON.parse(details.at(i));
    } catch {
      throw refused('malformed', 'hash table: a detail is no JSON', { index: i });
    }
  }
}
