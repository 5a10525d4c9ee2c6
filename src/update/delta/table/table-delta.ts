/**
 * The payload of method `table` (docs/updates.md, "Table"): how the strings, classes and rows of a hash table change. What
 * added rows refer to is in it, so that a store can take the changes without the old file.
 */
import { ByteReader } from '../../../pattern/bytes/byte-reader.js';
import { ByteWriter } from '../../../pattern/bytes/byte-writer.js';
import { maxStringBytes } from '../../../pattern/bytes/string-table.js';
import { widthFor } from '../../../pattern/bytes/columns.js';
import { hashGroups } from '../../../pattern/hashes/hash-groups.js';
import { refused } from '../../../pattern/refused.js';
import { readIndices, writeIndices } from '../index-list.js';
import type { GroupLayout } from './table-layout.js';
import { assertSizeWidth, classBytes, readColumns } from './table-layout.js';

/** How a list of strings or classes changes. */
export interface NamedChange {
  /** Items of the new list. */
  readonly count: number;
  /** Indices into the old list, ascending. */
  readonly removed: Uint32Array;
  /** Indices into the new list, ascending, of the items that are told here. */
  readonly at: Uint32Array;
  /** For each of these, whether the old list did not have it. */
  readonly isNew: readonly boolean[];
  /** For each of these, its bytes. */
  readonly items: readonly Uint8Array[];
}

/** How the rows of a group change. */
export interface RowsChange extends Omit<GroupLayout, 'count'> {
  /** Rows of the new group. */
  readonly count: number;
  /** Indices into the old rows, ascending. */
  readonly removed: Uint32Array;
  /** Their hashes. */
  readonly removedHashes: Uint8Array;
  /** Indices into the new rows, ascending, of those whose columns are here. */
  readonly at: Uint32Array;
}

/** How a table changes. */
export interface TableDelta {
  readonly names: NamedChange;
  readonly types: NamedChange;
  readonly details: NamedChange;
  readonly classes: NamedChange;
  /** By ascending code: every group that the new table has. */
  readonly groups: readonly RowsChange[];
  /** Codes of groups that the old table has and the new one does not. */
  readonly gone: readonly number[];
}

/** The payload. */
export function writeTableDelta(delta: TableDelta): Uint8Array {
  const writer = new ByteWriter();
  for (const strings of [delta.names, delta.types, delta.details]) {
    writeNamed(writer, strings, (item) => {
      writer.varint(item.length);
      writer.bytes(item);
    });
  }
  writeNamed(writer, delta.classes, (item) => writer.bytes(item));
  const bits = (codes: readonly number[]): number => codes.reduce((sum, code) => sum + 2 ** code, 0);
  writer.u8(bits(delta.groups.map(({ code }) => code)) + 16 * bits(delta.gone));
  for (const rows of delta.groups) {
    writer.u8(rows.sizeWidth);
    writer.varint(rows.count);
    writeIndices(writer, rows.removed);
    writer.bytes(rows.removedHashes);
    writeIndices(writer, rows.at);
    [rows.hashes, rows.names, rows.classes, rows.sizes].forEach((column) => writer.bytes(column));
  }
  return writer.finish();
}

/** What `writeTableDelta` wrote; views. @throws VedetteError `pattern-refused` for a payload that is none. */
export function readTableDelta(payload: Uint8Array): TableDelta {
  const reader = new ByteReader(payload, 'table');
  const [names, types, details] = [readNamed(reader, readText), readNamed(reader, readText), readNamed(reader, readText)];
  const classes = readNamed(reader, (from) => from.bytes(classBytes));
  const codes = reader.u8();
  const widths = { name: widthFor(names.count - 1), class: widthFor(classes.count - 1) };
  const groups = codesOf(codes).map((code) => readRows(reader, { code, widths }));
  reader.end();
  return { names, types, details, classes, groups, gone: codesOf(codes >> 4) };
}

/** The codes whose bits are set in the lower half of a byte. */
function codesOf(bits: number): number[] {
  return hashGroups.map((_, code) => code).filter((code) => (bits & (1 << code)) !== 0);
}

function writeNamed(writer: ByteWriter, change: NamedChange, writeItem: (item: Uint8Array) => void): void {
  writer.varint(change.count);
  writeIndices(writer, change.removed);
  writeIndices(writer, change.at);
  for (let at = 0; at < change.at.length; at += 8) {
    writer.u8(change.isNew.slice(at, at + 8).reduce((bits, isNew, i) => bits + (isNew ? 2 ** i : 0), 0));
  }
  change.items.forEach(writeItem);
}

function readNamed(reader: ByteReader, readItem: (reader: ByteReader) => Uint8Array): NamedChange {
  const count = reader.varint();
  const [removed, at] = [readIndices(reader), readIndices(reader)];
  const bits = reader.bytes(Math.ceil(at.length / 8));
  if (count > 0xffff_ffff || (at.at(-1) ?? -1) >= count) {
    throw refused('malformed', 'table: an item is told that the list does not have');
  }
  const isNew = Array.from(at, (_, i) => ((bits[i >> 3]! >> (i & 7)) & 1) === 1);
  return { count, removed, at, isNew, items: Array.from(at, () => readItem(reader)) };
}

function readText(reader: ByteReader): Uint8Array {
  const length = reader.varint();
  if (length > maxStringBytes) {
    throw refused('limit', `table: a text of ${length} bytes is over the limit of ${maxStringBytes}`);
  }
  return reader.bytes(length);
}

function readRows(reader: ByteReader, of: { readonly code: number; readonly widths: { readonly name: number; readonly class: number } }): RowsChange {
  const sizeWidth = assertSizeWidth(reader.u8());
  const count = reader.varint();
  const removed = readIndices(reader);
  const removedHashes = reader.bytes(removed.length * hashGroups[of.code]!.width);
  const at = readIndices(reader);
  if (count > 0xffff_ffff || (at.at(-1) ?? -1) >= count) {
    throw refused('malformed', 'table: a row is added that the group does not have');
  }
  const columns = readColumns(reader, { code: of.code, count: at.length, widths: { ...of.widths, size: sizeWidth } });
  return { ...columns, code: of.code, sizeWidth, count, removed, removedHashes, at };
}
