/** Writes listed hashes as columns: see `hash-table.ts`, which reads them, and docs/patterns.md, "Hash table". */
import type { Disposition } from '../../base/verdict.js';
import { ByteWriter } from '../bytes/byte-writer.js';
import { widthFor } from '../bytes/columns.js';
import type { HashEntry } from '../hash-entry.js';
import { assertEntry, detailText, groupCode, hashGroups } from './hash-groups.js';
import { sortEntries } from './hash-order.js';
import { writeStrings } from '../bytes/string-table.js';

/** By code. */
export const dispositions: readonly Disposition[] = ['malicious', 'suspicious', 'clean', 'unknown'];
/** Stands for "no score". */
export const noScore = 255;

/** Where the texts of the classes stand in their tables. */
interface Indices {
  readonly types: ReadonlyMap<string, number>;
  readonly details: ReadonlyMap<string, number>;
}

/**
 * The entries as bytes. The same entries, in any order, give the same bytes; equal ones are kept as often as they come.
 * @throws TypeError, RangeError for an entry whose hash, size, score or detail cannot be.
 */
export function encodeHashTable(entries: readonly HashEntry[]): Uint8Array {
  entries.forEach(assertEntry);
  const sorted = sortEntries(entries);
  const writer = new ByteWriter();
  const names = writeStrings(writer, sorted.map((entry) => entry.threat.name));
  const types = writeStrings(writer, sorted.map((entry) => entry.threat.type));
  const details = writeStrings(writer, sorted.map(detailText).filter((text) => text !== ''));
  const classes = writeClasses(writer, sorted, { types, details });
  const groups = hashGroups
    .map((_, code) => ({ code, entries: sorted.filter((one) => groupCode(one.kind, one.algorithm) === code) }))
    .filter((group) => group.entries.length > 0);
  writer.u8(groups.length);
  for (const group of groups) {
    writer.u8(group.code);
    writeGroup(writer, group.entries, {
      name: (entry) => names.get(entry.threat.name)!,
      nameWidth: widthFor(names.size - 1),
      class: (entry) => classes.get(classKey(entry))!,
      classWidth: widthFor(classes.size - 1),
    });
  }
  return writer.finish();
}

/** What entries have in common is written once: disposition, score, type and detail. */
function writeClasses(writer: ByteWriter, entries: readonly HashEntry[], indices: Indices): ReadonlyMap<string, number> {
  const byKey = new Map<string, HashEntry>();
  for (const entry of entries) {
    byKey.set(classKey(entry), entry);
  }
  const keys = [...byKey.keys()].sort();
  writer.u32(keys.length);
  for (const key of keys) {
    const entry = byKey.get(key)!;
    const detail = detailText(entry);
    writer.u8(dispositions.indexOf(entry.disposition));
    writer.u8(entry.score ?? noScore);
    writer.u32(indices.types.get(entry.threat.type)!);
    writer.u32(detail === '' ? 0 : indices.details.get(detail)! + 1);
  }
  return new Map(keys.map((key, index) => [key, index]));
}

/** How an entry of a group refers to the tables. */
interface GroupColumns {
  name(entry: HashEntry): number;
  readonly nameWidth: number;
  class(entry: HashEntry): number;
  readonly classWidth: number;
}

function writeGroup(writer: ByteWriter, entries: readonly HashEntry[], columns: GroupColumns): void {
  const sizeWidth = widthFor(entries.reduce((max, one) => Math.max(max, storedSize(one)), 0));
  writer.u8(sizeWidth);
  writer.u32(entries.length);
  for (const one of entries) {
    writer.bytes(one.hash);
  }
  for (const one of entries) {
    writer.uint(columns.name(one), columns.nameWidth);
  }
  for (const one of entries) {
    writer.uint(columns.class(one), columns.classWidth);
  }
  for (const one of entries) {
    writer.uint(storedSize(one), sizeWidth);
  }
}

/** 0 stands for any size. */
function storedSize(entry: HashEntry): number {
  return entry.size === undefined ? 0 : entry.size + 1;
}

function classKey(entry: HashEntry): string {
  // The type may hold anything; what stands before and after it holds no line feed.
  return `${entry.disposition}\n${entry.score ?? noScore}\n${entry.threat.type}\n${detailText(entry)}`;
}
