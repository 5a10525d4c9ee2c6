/**
 * Where the parts of a hash table stand (docs/patterns.md, "Hash table"): columns to be copied, not entries to be read. What
 * they say is checked by whoever opens the table; here only everything has to be there.
 */
import { ByteReader } from '../../../pattern/bytes/byte-reader.js';
import { widthFor } from '../../../pattern/bytes/columns.js';
import { hashGroups } from '../../../pattern/hashes/hash-groups.js';
import { refused } from '../../../pattern/refused.js';

/** Strings in front-coded form. */
export interface StringsLayout {
  readonly count: number;
  readonly blob: Uint8Array;
}

/** The rows of one group, column by column. */
export interface GroupLayout {
  readonly code: number;
  readonly count: number;
  readonly sizeWidth: number;
  readonly hashes: Uint8Array;
  readonly names: Uint8Array;
  readonly classes: Uint8Array;
  readonly sizes: Uint8Array;
}

/** A hash table at its seams. All byte strings are views. */
export interface TableLayout {
  readonly names: StringsLayout;
  readonly types: StringsLayout;
  readonly details: StringsLayout;
  /** `classBytes` each. */
  readonly classes: Uint8Array;
  /** By code; undefined where there are no such rows. */
  readonly groups: readonly (GroupLayout | undefined)[];
}

/** Bytes of one class: disposition, score, index of the type, index of the detail plus 1. */
export const classBytes = 10;

/** Strings in one block of front coding. */
export const stringsPerBlock = 16;

/** @throws VedetteError `pattern-refused` for what is no hash table. */
export function readTableLayout(section: Uint8Array): TableLayout {
  const reader = new ByteReader(section, 'hash table');
  const [names, types, details] = [readStrings(reader), readStrings(reader), readStrings(reader)];
  const classes = reader.bytes(reader.u32() * classBytes);
  const widths = { name: widthFor(names.count - 1), class: widthFor(classes.length / classBytes - 1) };
  const groups: (GroupLayout | undefined)[] = [];
  for (let left = reader.u8(); left > 0; left--) {
    const code = reader.u8();
    if (code >= hashGroups.length || code < groups.length) {
      throw refused('malformed', 'hash table: groups that are unknown, twice there or out of order', { code });
    }
    const sizeWidth = assertSizeWidth(reader.u8());
    groups[code] = { code, sizeWidth, ...readColumns(reader, { code, count: reader.u32(), widths: { ...widths, size: sizeWidth } }) };
  }
  reader.end();
  return { names, types, details, classes, groups };
}

/** Bytes of one number in each column. */
export interface ColumnWidths {
  readonly name: number;
  readonly class: number;
  readonly size: number;
}

/** The four columns of some rows, as they stand in a group. */
export function readColumns(
  reader: ByteReader,
  { code, count, widths }: { readonly code: number; readonly count: number; readonly widths: ColumnWidths },
): Pick<GroupLayout, 'count' | 'hashes' | 'names' | 'classes' | 'sizes'> {
  const hashes = reader.bytes(count * hashGroups[code]!.width);
  return { count, hashes, names: reader.bytes(count * widths.name), classes: reader.bytes(count * widths.class), sizes: reader.bytes(count * widths.size) };
}

/** @throws VedetteError `pattern-refused` for a width that no column of sizes has. */
export function assertSizeWidth(width: number): number {
  if (width > 7) {
    throw refused('malformed', `hash table: sizes of ${width} bytes`);
  }
  return width;
}

/** Number `index` of a column. */
export function numberAt(column: Uint8Array, index: number, width: number): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i--) {
    value = value * 256 + column[index * width + i]!;
  }
  return value;
}

function readStrings(reader: ByteReader): StringsLayout {
  const count = reader.u32();
  const length = reader.u32();
  reader.skip(Math.ceil(count / stringsPerBlock) * widthFor(length));
  return { count, blob: reader.bytes(length) };
}
