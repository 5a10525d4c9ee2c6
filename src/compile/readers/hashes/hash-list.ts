/**
 * Published lists of file hashes: a hash a line, the output of checksum tools, or a table (CSV, TSV, `;`, `|`) with or
 * without heading. The same form serves for approved files.
 *
 * Where a row gives several digests of a file, the strongest is listed: every file has a SHA-256 to compare with, and
 * an MD5 beside it would only make every machine compute MD5 of every file.
 */
import type { HashEntry } from '../../../pattern/hash-entry.js';
import type { Guard } from '../../guard/guard.js';
import type { LineResult } from '../../lines.js';
import { readLines } from '../../lines.js';
import type { HashColumns } from './hash-columns.js';
import { splitFields } from './csv-line.js';
import { columnsOf, fieldsWithHash } from './hash-columns.js';
import type { ParsedHash } from './hash-text.js';
import { isEmptyContent, isHashText, maxNameLength, parseHash, parseSize, stemOf, weakApproval } from './hash-text.js';
import type { Reader } from '../reader.js';
import { nothingRead } from '../reader.js';
import { threatFromName } from '../threat-from-name.js';

/** Reads a list of malicious files. Names come from the table where it has them, else they are `<source>.hash`. */
export const readHashList: Reader = (text, context) => {
  // One object for all rows without a name: lists have millions of them.
  const unnamed = { name: `${stemOf(context.source)}.hash`, type: 'unclassified' };
  const { items, ...account } = readRows(text, ({ parsed, size, name }) => {
    if (isEmptyContent(parsed)) {
      return 'the hash of empty content: every empty file would be a find';
    }
    const threat = name === undefined ? unnamed : threatFromName(name);
    return { kind: 'file', ...parsed, ...sizeOf(parsed, size), disposition: 'malicious', threat };
  }, context.guard);
  return { ...nothingRead, hashes: items, ...account };
};

/** Reads a list of approved files. MD5 and SHA-1 without a size are skipped as weak. */
export const readApprovedHashes: Reader = (text, context) => {
  const threat = { name: `${stemOf(context.source)}.approved`, type: 'approved' };
  const { items, ...account } = readRows(text, ({ parsed, size }) => {
    const entry: HashEntry = { kind: 'file', ...parsed, ...sizeOf(parsed, size), disposition: 'clean', threat };
    return weakApproval(entry) ?? entry;
  });
  return { ...nothingRead, allow: items, ...account };
};

/** What a row says. */
interface Row {
  readonly parsed: ParsedHash;
  readonly size: number | undefined;
  readonly name: string | undefined;
}

function readRows(text: string, entryOf: (row: Row) => HashEntry | string, guard?: Guard): ReturnType<typeof readLines<HashEntry>> {
  let columns: HashColumns | undefined;
  let begun = false;
  return readLines<HashEntry>(text, (line): LineResult<HashEntry> => {
    const trimmed = line.trim();
    const comment = trimmed.startsWith('#');
    if (trimmed === '') {
      return { kind: 'blank' };
    }
    const heading = begun ? undefined : columnsOf(trimmed);
    columns = heading ?? columns;
    begun ||= !comment;
    if (comment || heading !== undefined) {
      return { kind: 'blank' };
    }
    const row = readRow(line, columns);
    const entry = row === undefined ? 'no MD5, SHA-1 or SHA-256 in this line' : entryOf(row);
    if (typeof entry === 'string') {
      return { kind: 'skipped', reason: entry, signature: row?.name };
    }
    const guarded = guard?.hash(entry.hash);
    return guarded === undefined ? { kind: 'loaded', items: [entry] } : { kind: 'loaded', items: [], leftOut: [{ signature: entry.threat.name, reason: guarded }] };
  });
}

function readRow(line: string, columns: HashColumns | undefined): Row | undefined {
  const fields = columns === undefined ? fieldsWithHash(line) : splitFields(line, columns.delimiter);
  const candidates = columns === undefined ? fields : columns.hashes.map((index) => fields?.[index] ?? '');
  const parsed = strongest(candidates ?? []);
  if (parsed === undefined) {
    return undefined;
  }
  const size = columns?.size === undefined ? undefined : parseSize(fields?.[columns.size] ?? '');
  return { parsed, size, name: columns?.name === undefined ? undefined : threatName(fields?.[columns.name] ?? '') };
}

/** The first of the longest hashes. */
function strongest(fields: readonly string[]): ParsedHash | undefined {
  let best = '';
  for (const field of fields) {
    if (field.length > best.length && isHashText(field)) {
      best = field;
    }
  }
  return parseHash(best);
}

/** SHA-256 names a content by itself; for the weak two the size spares digests and false finds. */
function sizeOf({ algorithm }: ParsedHash, size: number | undefined): { readonly size?: number } {
  return algorithm === 'sha256' || size === undefined ? {} : { size };
}

/** A field that names a threat: not empty, not a way to say "none". */
function threatName(field: string): string | undefined {
  const name = field.replaceAll(/\p{Cc}/gu, '').slice(0, maxNameLength);
  return /^(?:|-|n\/?a|null|none|unknown|undefined)$/i.test(name) ? undefined : name;
}
