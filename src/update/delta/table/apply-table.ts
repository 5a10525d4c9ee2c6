/**
 * Method `table`: the new hash table out of the old one and its changes, column by column. Names and classes move when others
 * come or go before them; rows that stay get their new indices, hashes are copied run by run.
 */
import { equalBytes } from '../../../base/bytes.js';
import { widthFor } from '../../../pattern/bytes/columns.js';
import { hashGroups } from '../../../pattern/hashes/hash-groups.js';
import { refused } from '../../../pattern/refused.js';
import type { Run } from '../merge-runs.js';
import { mergeRuns, newIndices, noIndex } from '../merge-runs.js';
import { FixedWriter } from './fixed-writer.js';
import { StringListWriter, StringWalk } from './string-lists.js';
import type { NamedChange, RowsChange } from './table-delta.js';
import { readTableDelta } from './table-delta.js';
import type { GroupLayout, StringsLayout } from './table-layout.js';
import { classBytes, numberAt, readTableLayout } from './table-layout.js';

/** Fills `out`, whole. @throws VedetteError `pattern-refused` when the changes do not lead there from this base. */
export function applyTableDelta(payload: Uint8Array, base: Uint8Array, out: Uint8Array): void {
  const delta = readTableDelta(payload);
  const table = readTableLayout(base);
  const writer = new FixedWriter(out);
  const names = applyStrings(writer, table.names, delta.names);
  const types = applyStrings(writer, table.types, delta.types);
  const details = applyStrings(writer, table.details, delta.details);
  const classes = applyClasses(writer, table.classes, { change: delta.classes, types, details });
  assertGroups(table.groups, delta.groups, delta.gone);
  writer.u8(delta.groups.length);
  for (const change of delta.groups) {
    applyRows(writer, change, {
      base: table.groups[change.code] ?? emptyGroup(change.code),
      names: { map: names, before: widthFor(table.names.count - 1), after: widthFor(delta.names.count - 1) },
      classes: { map: classes, before: widthFor(table.classes.length / classBytes - 1), after: widthFor(delta.classes.count - 1) },
    });
  }
  writer.end();
}

/** @returns the new index of each old string. */
function applyStrings(writer: FixedWriter, base: StringsLayout, change: NamedChange): Uint32Array {
  const runs = runsOf(change, base.count);
  const old = new StringWalk(base);
  const strings = new StringListWriter(writer.left);
  let [read, at, told] = [0, 0, 0];
  for (const { kind, start, count } of runs) {
    for (; kind === 'kept' && read < start; read++) {
      old.next();
    }
    for (let i = 0; i < count; i++, at++) {
      const isTold = change.at[told] === at;
      const text = kind === 'kept' ? old.next() : change.items[told]!;
      if (isTold && kind === 'kept' && !equalBytes(text, change.items[told]!)) {
        throw refused('malformed', 'table: a string is told to be there that is not', { index: at });
      }
      strings.push(text);
      told += isTold ? 1 : 0;
      read += kind === 'kept' ? 1 : 0;
    }
  }
  strings.finish(writer);
  return newIndices(runs, base.count);
}

/** @returns the new index of each old class. */
function applyClasses(
  writer: FixedWriter,
  base: Uint8Array,
  { change, types, details }: { readonly change: NamedChange; readonly types: Uint32Array; readonly details: Uint32Array },
): Uint32Array {
  const runs = runsOf(change, base.length / classBytes);
  writer.u32(change.count);
  let added = 0;
  const news = change.items.filter((_, i) => change.isNew[i]);
  for (const { kind, start, count } of runs) {
    for (let i = 0; i < count; i++) {
      if (kind === 'added') {
        writer.bytes(news[added++]!);
        continue;
      }
      const old = base.subarray((start + i) * classBytes, (start + i + 1) * classBytes);
      writer.bytes(old.subarray(0, 2));
      writer.u32(moved(types, numberAt(old.subarray(2), 0, 4)));
      const detail = numberAt(old.subarray(6), 0, 4);
      writer.u32(detail === 0 ? 0 : moved(details, detail - 1) + 1);
    }
  }
  return newIndices(runs, base.length / classBytes);
}

/** How the indices of a column change, and in how many bytes they are written. */
interface Renumbering {
  readonly map: Uint32Array;
  readonly before: number;
  readonly after: number;
}

function applyRows(
  writer: FixedWriter,
  change: RowsChange,
  { base, names, classes }: { readonly base: GroupLayout; readonly names: Renumbering; readonly classes: Renumbering },
): void {
  const { width } = hashGroups[change.code]!;
  const runs = mergeRuns({ removed: change.removed, addedAt: change.at }, { before: base.count, after: change.count });
  assertRemoved(change, base.hashes, width);
  writer.u8(change.code);
  writer.u8(change.sizeWidth);
  writer.u32(change.count);
  for (const { kind, start, count } of runs) {
    writer.bytes((kind === 'kept' ? base : change).hashes.subarray(start * width, (start + count) * width));
  }
  writeColumn(writer, runs, { old: base.names, added: change.names, ...names });
  writeColumn(writer, runs, { old: base.classes, added: change.classes, ...classes });
  writeColumn(writer, runs, { old: base.sizes, added: change.sizes, map: undefined, before: base.sizeWidth, after: change.sizeWidth });
}

/** Columns of indices are renumbered; one without a map only changes its width. */
function writeColumn(
  writer: FixedWriter,
  runs: readonly Run[],
  column: Omit<Renumbering, 'map'> & { readonly old: Uint8Array; readonly added: Uint8Array; readonly map: Uint32Array | undefined },
): void {
  const { old, added, map, before, after } = column;
  const isSame = before === after && (map === undefined || map.every((to, from) => to === from));
  for (const { kind, start, count } of runs) {
    if (kind === 'added' || isSame) {
      writer.bytes((kind === 'added' ? added : old).subarray(start * after, (start + count) * after));
      continue;
    }
    const into = writer.take(count * after);
    for (let i = 0; i < count; i++) {
      const value = numberAt(old, start + i, before);
      putNumber(into, i * after, { value: map === undefined ? value : moved(map, value), width: after });
    }
  }
}

function putNumber(into: Uint8Array, at: number, { value, width }: { readonly value: number; readonly width: number }): void {
  let rest = value;
  for (let i = 0; i < width; i++) {
    into[at + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

function moved(map: Uint32Array, index: number): number {
  const to = map[index] ?? noIndex;
  if (to === noIndex) {
    throw refused('malformed', 'table: what stays refers to what goes', { index });
  }
  return to;
}

function runsOf(change: NamedChange, before: number): Run[] {
  const addedAt = change.at.filter((_, i) => change.isNew[i] === true);
  return mergeRuns({ removed: change.removed, addedAt }, { before, after: change.count });
}

function assertRemoved(change: RowsChange, hashes: Uint8Array, width: number): void {
  change.removed.forEach((row, i) => {
    if (!equalBytes(hashes.subarray(row * width, (row + 1) * width), change.removedHashes.subarray(i * width, (i + 1) * width))) {
      throw refused('malformed', 'table: a row that goes has another hash', { row });
    }
  });
}

function assertGroups(before: readonly (GroupLayout | undefined)[], after: readonly RowsChange[], gone: readonly number[]): void {
  const missing = before.flatMap((group) => (group === undefined || after.some(({ code }) => code === group.code) ? [] : [group.code]));
  if (missing.join() !== gone.join()) {
    throw refused('malformed', 'table: groups go that are not told, or the other way round');
  }
}

function emptyGroup(code: number): GroupLayout {
  const none = new Uint8Array(0);
  return { code, count: 0, sizeWidth: 0, hashes: none, names: none, classes: none, sizes: none };
}
