/**
 * A page: what is known of up to 64 files with neighbouring inode numbers. Files of one directory have such numbers as
 * a rule (40 to 60 of 64 in /usr and source trees), so one page serves most of a directory, whatever it is called, and
 * one file's change rewrites a few KiB. docs/stores.md has the layout.
 *
 * untrusted: a store is the host's. What is no whole page under the key that was asked for is none.
 */
import { fromLatin1 } from '../../base/bytes.js';
import { entryLength, isIntact, slotOfEntry } from './page-entry.js';

/** Files of one page. */
export const slotsPerPage = 64;

const magic: readonly number[] = [0x56, 0x53, 0x50, 0x01];
/** Magic, length of the key, number of entries, nothing. */
const headBytes = 8;

/** Where the entry of each file stands in the bytes. */
export interface ScanPage {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Offset by slot, 0 where there is no entry. */
  readonly offsets: Int32Array;
}

/** A page without entries. */
export const emptyPage: ScanPage = { bytes: new Uint8Array(), view: new DataView(new ArrayBuffer(0)), offsets: new Int32Array(slotsPerPage) };

/** The page that was kept under a key; undefined for anything else. Its bytes are kept, not copied. */
export function parsePage(bytes: Uint8Array, key: string): ScanPage | undefined {
  const keyEnd = headBytes + key.length;
  if (bytes.length < keyEnd || magic.some((byte, i) => bytes[i] !== byte)) {
    return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(4, true) !== key.length || !standsAt(bytes, headBytes, key)) {
    return undefined;
  }
  const offsets = new Int32Array(slotsPerPage);
  let at = keyEnd;
  for (let left = bytes[6]!; left > 0; left--) {
    const length = entryLength(view, at);
    if (length === undefined || !isIntact(view, at) || offsets[slotOfEntry(view, at)] !== 0) {
      return undefined;
    }
    offsets[slotOfEntry(view, at)] = at;
    at += length;
  }
  return at === bytes.length ? { bytes, view, offsets } : undefined;
}

/** Compared where it stands: this is done for every page that is fetched. */
function standsAt(bytes: Uint8Array, at: number, key: string): boolean {
  for (let i = 0; i < key.length; i++) {
    if (bytes[at + i] !== key.charCodeAt(i)) {
      return false;
    }
  }
  return true;
}

/** The page with some entries put in the place of what it had in their slots. */
export function pageWith(page: ScanPage, key: string, changed: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const entries: Uint8Array[] = [];
  for (let slot = 0; slot < slotsPerPage; slot++) {
    const at = page.offsets[slot]!;
    const entry = changed.get(slot) ?? (at === 0 ? undefined : page.bytes.subarray(at, at + (entryLength(page.view, at) ?? 0)));
    if (entry !== undefined) {
      entries.push(entry);
    }
  }
  return joined(key, entries);
}

function joined(key: string, entries: readonly Uint8Array[]): Uint8Array {
  const length = entries.reduce((sum, entry) => sum + entry.length, headBytes + key.length);
  const bytes = new Uint8Array(length);
  bytes.set(magic);
  bytes[4] = key.length & 0xff;
  bytes[5] = key.length >>> 8;
  bytes[6] = entries.length;
  bytes.set(fromLatin1(key), headBytes);
  let at = headBytes + key.length;
  for (const entry of entries) {
    bytes.set(entry, at);
    at += entry.length;
  }
  return bytes;
}
