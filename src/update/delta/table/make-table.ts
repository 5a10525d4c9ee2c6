/**
 * What changes between two hash tables. Rows are the same when hash, size, name and class are, whatever the numbers of the
 * latter two; where one row of a hash differs, all rows of that hash are told anew.
 */
import { concatBytes, fromLatin1, toLatin1 } from '../../../base/bytes.js';
import { widthFor } from '../../../pattern/bytes/columns.js';
import { hashGroups } from '../../../pattern/hashes/hash-groups.js';
import { noIndex } from '../merge-runs.js';
import { StringWalk } from './string-lists.js';
import type { NamedChange, RowsChange } from './table-delta.js';
import { writeTableDelta } from './table-delta.js';
import type { GroupLayout, StringsLayout, TableLayout } from './table-layout.js';
import { classBytes, numberAt, readTableLayout } from './table-layout.js';

/** The payload. @throws VedetteError `pattern-refused` where one of the sections is no hash table. */
export function makeTableDelta(base: Uint8Array, target: Uint8Array): Uint8Array {
  const [before, after] = [readTableLayout(base), readTableLayout(target)];
  const names = matchStrings(before.names, after.names);
  const types = matchStrings(before.types, after.types);
  const details = matchStrings(before.details, after.details);
  const classes = matchClasses(before.classes, after.classes, { types, details });
  const rows = after.groups.flatMap((group) => {
    const old = group === undefined ? undefined : before.groups[group.code];
    return group === undefined ? [] : [changedRows(old, group, { widths: widthsOf(before), newWidths: widthsOf(after), names, classes })];
  });
  const usedClasses = used(rows, (row) => [row.classes, widthsOf(after).class]);
  const told = classes.isNew.flatMap((isNew, i) => (isNew || usedClasses.has(i) ? [classes.itemAt(i)] : []));
  return writeTableDelta({
    names: namedChange(names, used(rows, (row) => [row.names, widthsOf(after).name])),
    types: namedChange(types, new Set(told.map((item) => numberAt(item.subarray(2), 0, 4)))),
    details: namedChange(details, new Set(told.map((item) => numberAt(item.subarray(6), 0, 4) - 1))),
    classes: namedChange(classes, usedClasses),
    groups: rows,
    gone: before.groups.flatMap((group, code) => (group === undefined || after.groups[code] !== undefined ? [] : [code])),
  });
}

/** Two lists, item by item. */
interface Matched {
  /** By old index, the new one or `noIndex`. */
  readonly map: Uint32Array;
  /** By new index. */
  readonly isNew: readonly boolean[];
  readonly itemAt: (index: number) => Uint8Array;
}

function matchStrings(before: StringsLayout, after: StringsLayout): Matched {
  const items = stringsOf(after);
  return { ...matchKeys(stringsOf(before), items), itemAt: (index) => fromLatin1(items[index]!) };
}

/** One unit per byte: a million short strings take a third of what as many byte strings would. */
function stringsOf(strings: StringsLayout): string[] {
  const walk = new StringWalk(strings);
  return Array.from({ length: strings.count }, () => toLatin1(walk.next()));
}

/** A class by its numbers in the new table; one that refers to what is no more is like none. */
function matchClasses(before: Uint8Array, after: Uint8Array, { types, details }: { readonly types: Matched; readonly details: Matched }): Matched {
  const oldKeys = classesOf(before).map((item) => {
    const detail = numberAt(item.subarray(6), 0, 4);
    return [item[0], item[1], types.map[numberAt(item.subarray(2), 0, 4)], detail === 0 ? 0 : details.map[detail - 1]! + 1].join();
  });
  const items = classesOf(after);
  const keys = items.map((item) => [item[0], item[1], numberAt(item.subarray(2), 0, 4), numberAt(item.subarray(6), 0, 4)].join());
  return { ...matchKeys(oldKeys, keys), itemAt: (index) => items[index]! };
}

function classesOf(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / classBytes }, (_, i) => bytes.subarray(i * classBytes, (i + 1) * classBytes));
}

function matchKeys(before: readonly string[], after: readonly string[]): Pick<Matched, 'map' | 'isNew'> {
  const byKey = new Map<string, number>();
  before.forEach((key, index) => byKey.set(key, index));
  const map = new Uint32Array(before.length).fill(noIndex);
  const isNew = after.map((key, index) => {
    const old = byKey.get(key);
    if (old !== undefined) {
      map[old] = index;
    }
    return old === undefined;
  });
  return { map, isNew };
}

function namedChange({ map, isNew, itemAt }: Matched, usedItems: ReadonlySet<number>): NamedChange {
  const at = Uint32Array.from(isNew.keys()).filter((index) => isNew[index] === true || usedItems.has(index));
  return {
    count: isNew.length,
    removed: Uint32Array.from(map.keys()).filter((index) => map[index] === noIndex),
    at,
    isNew: Array.from(at, (index) => isNew[index]!),
    items: Array.from(at, itemAt),
  };
}

/** The new indices that the columns of added rows hold. */
function used(rows: readonly RowsChange[], columnOf: (row: RowsChange) => readonly [column: Uint8Array, width: number]): Set<number> {
  const found = new Set<number>();
  for (const row of rows) {
    const [column, width] = columnOf(row);
    row.at.forEach((_, i) => found.add(numberAt(column, i, width)));
  }
  return found;
}

interface Widths {
  readonly name: number;
  readonly class: number;
}

function widthsOf(table: TableLayout): Widths {
  return { name: widthFor(table.names.count - 1), class: widthFor(table.classes.length / classBytes - 1) };
}

interface RowContext {
  readonly widths: Widths;
  readonly newWidths: Widths;
  readonly names: Matched;
  readonly classes: Matched;
}

function changedRows(before: GroupLayout | undefined, after: GroupLayout, context: RowContext): RowsChange {
  const width = hashGroups[after.code]!.width;
  const { removed, added } = differentRows(before, after, context);
  const pick = (column: Uint8Array, each: number, rows: readonly number[]): Uint8Array =>
    concatBytes(rows.map((row) => column.subarray(row * each, (row + 1) * each)));
  return {
    code: after.code,
    sizeWidth: after.sizeWidth,
    count: after.count,
    removed: Uint32Array.from(removed),
    removedHashes: before === undefined ? new Uint8Array(0) : pick(before.hashes, width, removed),
    at: Uint32Array.from(added),
    hashes: pick(after.hashes, width, added),
    names: pick(after.names, context.newWidths.name, added),
    classes: pick(after.classes, context.newWidths.class, added),
    sizes: pick(after.sizes, after.sizeWidth, added),
  };
}

/** Both lists are sorted by hash: they are walked side by side, all rows of a hash at once. */
function differentRows(before: GroupLayout | undefined, after: GroupLayout, context: RowContext): { readonly removed: number[]; readonly added: number[] } {
  const width = hashGroups[after.code]!.width;
  const [removed, added]: [number[], number[]] = [[], []];
  const old = before ?? { ...after, count: 0 };
  const isSame = sameRow(old, after, context);
  for (let i = 0, j = 0; i < old.count || j < after.count; ) {
    const order = i === old.count ? 1 : j === after.count ? -1 : compareHashes(old.hashes, i * width, { to: after.hashes, at: j * width, width });
    const iEnd = order <= 0 ? endOfHash(old, i, width) : i;
    const jEnd = order >= 0 ? endOfHash(after, j, width) : j;
    let isKept = order === 0 && iEnd - i === jEnd - j;
    for (let k = 0; isKept && k < iEnd - i; k++) {
      isKept = isSame(i + k, j + k);
    }
    if (!isKept) {
      pushRange(removed, i, iEnd);
      pushRange(added, j, jEnd);
    }
    [i, j] = [iEnd, jEnd];
  }
  return { removed, added };
}

/** Behind the last row that has the hash of row `from`. */
function endOfHash({ hashes, count }: GroupLayout, from: number, width: number): number {
  let end = from + 1;
  while (end < count && compareHashes(hashes, from * width, { to: hashes, at: end * width, width }) === 0) {
    end++;
  }
  return end;
}

/** In place: a view of each of a million hashes takes longer than all the rest. */
function compareHashes(hashes: Uint8Array, from: number, { to, at, width }: { readonly to: Uint8Array; readonly at: number; readonly width: number }): number {
  for (let i = 0; i < width; i++) {
    const difference = hashes[from + i]! - to[at + i]!;
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}

/** Whether two rows of one hash say the same: size, name and class, the latter by what they mean. */
function sameRow(old: GroupLayout, now: GroupLayout, { widths, newWidths, names, classes }: RowContext): (i: number, j: number) => boolean {
  return (i, j) =>
    numberAt(old.sizes, i, old.sizeWidth) === numberAt(now.sizes, j, now.sizeWidth) &&
    names.map[numberAt(old.names, i, widths.name)] === numberAt(now.names, j, newWidths.name) &&
    classes.map[numberAt(old.classes, i, widths.class)] === numberAt(now.classes, j, newWidths.class);
}

function pushRange(into: number[], from: number, to: number): void {
  for (let row = from; row < to; row++) {
    into.push(row);
  }
}
