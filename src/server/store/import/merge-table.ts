/**
 * A stored table and what changes, as a new stored table: removals by index, additions in the order of the table. Rows between
 * two changes are copied as they are, so that an hour's changes cost one pass over the file, and its readers nothing.
 *
 * A generator: between two steps whoever drives it may do something else.
 */
import { compareBytes } from '../../../base/bytes.js';
import type { FingerprintKind, HashAlgorithm } from '../../../base/fingerprint.js';
import type { HashEntry } from '../../../pattern/hash-entry.js';
import { widthFor } from '../../../pattern/bytes/columns.js';
import { groupCode, hashGroups, prefixNumber } from '../../../pattern/hashes/hash-groups.js';
import { compareEntries } from '../../../pattern/hashes/hash-order.js';
import { refused } from '../../../pattern/refused.js';
import { createNameFinder } from '../name-finder.js';
import { writeRow } from '../row-layout.js';
import { copyRows } from './copy-rows.js';
import type { StoredRows } from '../stored/stored-rows.js';
import type { StoredTable } from '../stored/stored-table.js';
import type { TableOrigin } from '../table-head.js';
import { TableWriter, type GroupWriter, type TableTarget } from './table-writer.js';

/** What becomes of the rows of one kind and algorithm. `GroupChange` of a delta is one. */
export interface GroupChanges {
  readonly kind: FingerprintKind;
  readonly algorithm: HashAlgorithm;
  /** All rows are gone; `removed` does not list them. */
  readonly gone: boolean;
  /** Indices of rows, ascending. */
  readonly removed: ArrayLike<number>;
  readonly addedCount: number;
  /** New rows in the order of the table; asked for twice. */
  added(): Iterable<HashEntry>;
}

/** What becomes of a table. */
export interface TableChanges {
  /** Of the table that comes out. */
  readonly origin: TableOrigin;
  /** Groups that are not named stay as they are. */
  readonly groups: readonly GroupChanges[];
}

/** Changes between two pauses. */
const additionsPerStep = 256;

/** @throws VedetteError `pattern-refused` (`malformed`) for changes that do not fit the table, `store-damaged` for its own faults. */
export function* mergeTable(base: StoredTable, changes: TableChanges, target: TableTarget): Generator<void, void> {
  const writer = new TableWriter(target);
  writer.names.copy(base.names);
  writer.classes.copy(base.classes);
  yield;
  const nameIndex = createNameFinder(base, writer.names);
  for (const code of hashGroups.keys()) {
    const change = changes.groups.find((one) => groupCode(one.kind, one.algorithm) === code);
    yield* mergeGroup(base, { code, change, writer, nameIndex });
  }
  writer.finish(changes.origin, base.head.sortedNames);
}

interface GroupMerge {
  readonly code: number;
  readonly change: GroupChanges | undefined;
  readonly writer: TableWriter;
  readonly nameIndex: (name: string) => number;
}

function* mergeGroup(base: StoredTable, merge: GroupMerge): Generator<void, void> {
  const { code, change, writer } = merge;
  const old = change?.gone === true ? undefined : base.group(code);
  const removed = change?.gone === true ? [] : (change?.removed ?? []);
  assertRemoved(removed, old?.count ?? 0);
  const count = (old?.count ?? 0) - removed.length + (change?.addedCount ?? 0);
  if (count === 0) {
    return;
  }
  const rows = writer.group({ code, count, sizeWidth: Math.max(old?.layout.sizeWidth ?? 0, sizeWidthOf(change)) });
  let next = 0;
  let at = 0;
  /** Copies the rows before `to`, without those that are removed. */
  const copyTo = function* (to: number): Generator<void, void> {
    for (; next < removed.length && removed[next]! < to; next++) {
      const gone = removed[next]!;
      yield* copyRows(old!, { from: at, to: gone, into: rows });
      at = gone + 1;
      if (next % additionsPerStep === 0) {
        yield;
      }
    }
    if (to > at) {
      yield* copyRows(old!, { from: at, to, into: rows });
      at = to;
    }
  };
  const row = new Uint8Array(rows.layout.rowBytes);
  let written = 0;
  for (const entry of change?.added() ?? []) {
    if (written++ % additionsPerStep === 0) {
      yield;
    }
    yield* copyTo(old === undefined ? 0 : placeOf(entry, { base, rows: old, code }));
    fillRow(row, entry, { merge, rows });
    rows.append(row);
  }
  yield* copyTo(old?.count ?? 0);
  rows.finish();
}

function assertRemoved(removed: ArrayLike<number>, rows: number): void {
  for (let i = 0; i < removed.length; i++) {
    if (removed[i]! >= rows || (i > 0 && removed[i]! <= removed[i - 1]!)) {
      throw misfit('a row is removed that is not there, or twice, or out of order');
    }
  }
}

/** The number of the first row that belongs behind the entry. */
function placeOf(entry: HashEntry, { base, rows, code }: { readonly base: StoredTable; readonly rows: StoredRows; readonly code: number }): number {
  const { width } = rows.layout;
  let row = rows.lowerBound(prefixNumber(entry.hash));
  for (; row < rows.count; row++) {
    const at = rows.offsetOf(row);
    const order = compareBytes(rows.partOf(row).subarray(at, at + width), entry.hash);
    if (order > 0 || (order === 0 && compareEntries(base.entryAt(code, row), entry) > 0)) {
      break;
    }
  }
  return row;
}

function fillRow(row: Uint8Array, entry: HashEntry, { merge, rows }: { readonly merge: GroupMerge; readonly rows: GroupWriter }): void {
  const { layout } = rows;
  if (entry.hash.length !== layout.width || groupCode(entry.kind, entry.algorithm) !== merge.code) {
    throw misfit('an added row is of another group');
  }
  const fields = {
    name: merge.nameIndex(entry.threat.name),
    class: merge.writer.classes.indexOf(entry),
    storedSize: entry.size === undefined ? 0 : entry.size + 1,
  };
  writeRow(row, 0, { hash: entry.hash, fields, layout });
}

function sizeWidthOf(change: GroupChanges | undefined): number {
  let max = 0;
  for (const { size } of change?.added() ?? []) {
    max = Math.max(max, size === undefined ? 0 : size + 1);
  }
  return widthFor(max);
}

function misfit(why: string): Error {
  return refused('malformed', `the changes do not fit the server store: ${why}`);
}
