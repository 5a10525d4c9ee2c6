/**
 * From the hash table of a server pattern to a stored table, in one pass and in bounded memory: the columns of the file are
 * read side by side and written as rows. Everything that opening the table in memory checks (order, indices, texts) is
 * checked here as well, so that no lookup can fail later for what the file said.
 *
 * A generator: between two steps whoever drives it may do something else.
 */
import { hashGroups } from '../../../pattern/hashes/hash-groups.js';
import { dispositions, noScore } from '../../../pattern/hashes/hash-table-encode.js';
import { widthFor } from '../../../pattern/bytes/columns.js';
import { refused } from '../../../pattern/refused.js';
import { importStrings } from './import-strings.js';
import type { PatternCursor } from './pattern-cursor.js';
import { maxClass, writeUint } from '../row-layout.js';
import { classBytes } from '../stored/stored-classes.js';
import type { TableOrigin } from '../table-head.js';
import { TableWriter, type GroupWriter, type TableTarget } from './table-writer.js';

const rowsPerStep = 8192;
const maxSize = 2 ** 53;

/** Copies the table that begins at the cursor and ends with it. @throws VedetteError `pattern-refused`. */
export function* importTable(from: PatternCursor, to: TableTarget & { readonly origin: TableOrigin }): Generator<void, void> {
  const writer = new TableWriter(to);
  const names = yield* importStrings(from, writer.names);
  const types = yield* importStrings(from, writer.classes.types);
  const details = yield* importStrings(from, writer.classes.details, assertJson);
  const classes = importClasses(from, { types, details, writer });
  const widths = { name: widthFor(names - 1), class: widthFor(classes - 1) };
  let last = -1;
  for (let left = from.u8(); left > 0; left--) {
    const code = from.u8();
    if (code >= hashGroups.length || code <= last) {
      throw refused('malformed', 'hash table: groups that are unknown, twice there or out of order', { code });
    }
    yield* importGroup(from, { code, targets: { names, classes }, widths, writer });
    last = code;
  }
  if (from.left > 0) {
    throw refused('malformed', `hash table: ${from.left} bytes too many`);
  }
  writer.finish(to.origin, names);
}

function importClasses(
  from: PatternCursor,
  { types, details, writer }: { readonly types: number; readonly details: number; readonly writer: TableWriter },
): number {
  const count = from.u32();
  if (count > maxClass + 1) {
    throw refused('limit', `hash table: ${count} classes are over the limit of ${maxClass + 1}`);
  }
  for (let i = 0; i < count; i++) {
    const bytes = from.take(classBytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset, classBytes);
    const score = bytes[1]!;
    if (bytes[0]! >= dispositions.length || (score > 100 && score !== noScore) || view.getUint32(2, true) >= types || view.getUint32(6, true) > details) {
      throw refused('malformed', 'hash table: a class is none', { index: i });
    }
    writer.classes.adopt(bytes);
  }
  return count;
}

interface GroupImport {
  readonly code: number;
  readonly targets: { readonly names: number; readonly classes: number };
  readonly widths: { readonly name: number; readonly class: number };
  readonly writer: TableWriter;
}

/** Four columns of one group, read side by side. */
interface Columns {
  readonly hashes: PatternCursor;
  readonly names: PatternCursor;
  readonly classes: PatternCursor;
  readonly sizes: PatternCursor;
}

function* importGroup(from: PatternCursor, group: GroupImport): Generator<void, void> {
  const sizeWidth = from.u8();
  if (sizeWidth > 7) {
    throw refused('malformed', `hash table: sizes of ${sizeWidth} bytes`);
  }
  const count = from.u32();
  const columns = {
    hashes: from.region(count * hashGroups[group.code]!.width),
    names: from.region(count * group.widths.name),
    classes: from.region(count * group.widths.class),
    sizes: from.region(count * sizeWidth),
  };
  const rows = group.writer.group({ code: group.code, count, sizeWidth });
  const copy = rowCopier(columns, { group, rows });
  for (let row = 0; row < count; row += rowsPerStep) {
    rows.append(copy(Math.min(rowsPerStep, count - row)));
    yield;
  }
  rows.finish();
}

/** The next rows, found right. The bytes are used again by the next call. */
function rowCopier(columns: Columns, { group, rows }: { readonly group: GroupImport; readonly rows: GroupWriter }): (count: number) => Uint8Array {
  const { width, sizeWidth, rowBytes } = rows.layout;
  const { targets, widths } = group;
  const bytes = new Uint8Array(rowsPerStep * rowBytes);
  let last: Uint8Array = new Uint8Array(width);
  return (count) => {
    const hashes = columns.hashes.take(count * width);
    const names = columns.names.take(count * widths.name);
    const classes = columns.classes.take(count * widths.class);
    const sizes = columns.sizes.take(count * sizeWidth);
    for (let i = 0; i < count; i++) {
      const at = i * rowBytes;
      bytes.set(hashes.subarray(i * width, (i + 1) * width), at);
      const name = uintAt(names, i * widths.name, widths.name);
      const classIndex = uintAt(classes, i * widths.class, widths.class);
      const size = uintAt(sizes, i * sizeWidth, sizeWidth);
      if (name >= targets.names || classIndex >= targets.classes || size > maxSize) {
        throw refused('malformed', 'hash table: a row points to a name or class that is not there, or has a size over 2^53 - 1');
      }
      writeUint(bytes, at + width, { value: name, width: 4 });
      writeUint(bytes, at + width + 4, { value: classIndex, width: 3 });
      writeUint(bytes, at + width + 7, { value: size, width: sizeWidth });
    }
    assertSorted(hashes, { width, count, last });
    last = hashes.slice((count - 1) * width);
    return bytes.subarray(0, count * rowBytes);
  };
}

function assertSorted(hashes: Uint8Array, { width, count, last }: { readonly width: number; readonly count: number; readonly last: Uint8Array }): void {
  for (let i = 0; i < count; i++) {
    const previous = i === 0 ? last : hashes;
    const before = i === 0 ? 0 : (i - 1) * width;
    for (let byte = 0; byte < width; byte++) {
      const difference = hashes[i * width + byte]! - previous[before + byte]!;
      if (difference < 0) {
        throw refused('malformed', 'hash table: the hashes are not sorted');
      }
      if (difference > 0) {
        break;
      }
    }
  }
}

function uintAt(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i--) {
    value = value * 256 + bytes[at + i]!;
  }
  return value;
}

function assertJson(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw refused('malformed', 'hash table: a detail is no JSON');
  }
}
