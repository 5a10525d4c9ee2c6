/**
 * A record of the caches: magic and version, a checksum over key and content, the content. lmdb has no checksums of its
 * own, and a damaged page may give back the record of another key: what does not fit its key is none.
 */
import { crc32c } from '../journal/crc32c.js';

/** `VC`, a letter for the kind of content, and the version of the format. */
export type RecordKind = 'verdict' | 'scan' | 'note';

const letters: Readonly<Record<RecordKind, number>> = { verdict: 0x56, scan: 0x53, note: 0x4e };
const version = 1;
const headBytes = 8;

/** The record of a content under a key. */
export function encodeRecord(kind: RecordKind, key: Uint8Array, content: Uint8Array): Uint8Array {
  const record = new Uint8Array(headBytes + content.length);
  record.set([0x56, 0x43, letters[kind], version]);
  new DataView(record.buffer).setUint32(4, checksum(key, content), true);
  record.set(content, headBytes);
  return record;
}

/** The content, copied; undefined for anything but a whole record of that kind, of this version, under this key. */
export function decodeRecord(kind: RecordKind, key: Uint8Array, record: Uint8Array): Uint8Array | undefined {
  if (record.length < headBytes || record[0] !== 0x56 || record[1] !== 0x43 || record[2] !== letters[kind] || record[3] !== version) {
    return undefined;
  }
  // lmdb hands over one buffer of its own again and again, and writes into it: first the copy, then the look.
  const content = record.slice(headBytes);
  const expected = new DataView(record.buffer, record.byteOffset, record.byteLength).getUint32(4, true);
  return checksum(key, content) === expected ? content : undefined;
}

/** Both parts count, and their order does: the second is turned by a bit. */
function checksum(key: Uint8Array, content: Uint8Array): number {
  const ofKey = crc32c(key);
  return (crc32c(content) ^ ((ofKey << 1) | (ofKey >>> 31))) >>> 0;
}
