/**
 * One record of a stored table: the hash, the index of its name (u32), the index of its class (u24) and the size of the
 * file plus one (0 to 7 bytes, as many as the group needs; 0 for any size), little-endian, hash first and without gaps.
 */
import { hashGroups } from '../../pattern/hashes/hash-groups.js';

/** Where the fields of a row lie. */
export interface RowLayout {
  /** Bytes of a hash. */
  readonly width: number;
  /** Bytes of a size. */
  readonly sizeWidth: number;
  readonly rowBytes: number;
}

/** Rows of one part of a run: parts of every layout are longer than 16 MiB and whole pages. */
export const rowsPerPart = 1_048_576;

/** `rowsPerPart` as a shift. */
export const partShift = 20;

const nameBytes = 4;
const classBytes = 3;

/** The largest index of a class. */
export const maxClass = 0xff_ffff;

/** The layout of a group's rows. */
export function rowLayout(code: number, sizeWidth: number): RowLayout {
  const { width } = hashGroups[code]!;
  return { width, sizeWidth, rowBytes: width + nameBytes + classBytes + sizeWidth };
}

/** Index of the row's name. `at` is where the row begins, here and below. */
export function nameOf(bytes: Uint8Array, at: number, layout: RowLayout): number {
  const i = at + layout.width;
  return (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)) >>> 0;
}

/** Index of the row's class. */
export function classOf(bytes: Uint8Array, at: number, layout: RowLayout): number {
  const i = at + layout.width + nameBytes;
  return bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16);
}

/** The size that the row is for; undefined for any. */
export function sizeOf(bytes: Uint8Array, at: number, layout: RowLayout): number | undefined {
  const from = at + layout.width + nameBytes + classBytes;
  let stored = 0;
  for (let i = layout.sizeWidth - 1; i >= 0; i--) {
    stored = stored * 256 + bytes[from + i]!;
  }
  return stored === 0 ? undefined : stored - 1;
}

/** True when the row says no size. */
export function isForAnySize(bytes: Uint8Array, at: number, layout: RowLayout): boolean {
  const from = at + layout.width + nameBytes + classBytes;
  for (let i = 0; i < layout.sizeWidth; i++) {
    if (bytes[from + i] !== 0) {
      return false;
    }
  }
  return true;
}

/** What a row says besides its hash. */
export interface RowFields {
  readonly name: number;
  readonly class: number;
  /** Size plus one; 0 for any. */
  readonly storedSize: number;
}

/** Writes a row. */
export function writeRow(bytes: Uint8Array, at: number, row: { readonly hash: Uint8Array; readonly fields: RowFields; readonly layout: RowLayout }): void {
  const { hash, fields, layout } = row;
  bytes.set(hash, at);
  const tail = at + layout.width;
  writeUint(bytes, tail, { value: fields.name, width: nameBytes });
  writeUint(bytes, tail + nameBytes, { value: fields.class, width: classBytes });
  writeUint(bytes, tail + nameBytes + classBytes, { value: fields.storedSize, width: layout.sizeWidth });
}

/** An unsigned little-endian number of 0 to 7 bytes. */
export function writeUint(bytes: Uint8Array, at: number, { value, width }: { readonly value: number; readonly width: number }): void {
  let rest = value;
  for (let i = 0; i < width; i++) {
    bytes[at + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}
