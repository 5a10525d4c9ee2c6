/**
 * The head of a stored table: JSON under the name `head`, and the names of the values beside it. A host keeps the values
 * (in lmdb, in memory); this file says what they are called and how they are found again.
 */
import { fromUtf8, toUtf8 } from '../../base/bytes.js';
import { VedetteError } from '../../base/errors.js';
import type { HostRule } from '../../base/fingerprint.js';
import { hashGroups } from '../../pattern/hashes/hash-groups.js';
import { ByteRun, type Checksum } from './import/byte-run.js';
import { defaultPartBytes } from './import/run-writer.js';

/** The values of a table by name. They stay as they are until whoever gave them is closed. */
export interface TableValues {
  value(name: string): Uint8Array | undefined;
}

/** What the server pattern said about itself. */
export interface TableOrigin {
  readonly generation: number;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms. */
  readonly expiresAt: number;
  readonly periodMs: number;
  readonly hostRule: HostRule;
  /** What the file was, as deltas name it (`contentId` in docs/updates.md). */
  readonly contentId: string;
}

/** One kind and algorithm. */
export interface GroupHead {
  readonly code: number;
  readonly count: number;
  readonly sizeWidth: number;
}

/** How many there are of everything. */
export interface TableHead {
  readonly origin: TableOrigin;
  /** By ascending code. */
  readonly groups: readonly GroupHead[];
  readonly names: number;
  /** Names that are sorted: what deltas added stands behind them. */
  readonly sortedNames: number;
  readonly types: number;
  readonly details: number;
  readonly classes: number;
  /** Bytes of the texts. */
  readonly textBytes: { readonly names: number; readonly types: number; readonly details: number };
}

/** The name of the head's value. */
export const headName = 'head';
const version = 1;

/** Names of the runs of a group. */
export function groupRuns(code: number): { readonly rows: string; readonly index: string; readonly filter: string } {
  return { rows: `rows-${code}`, index: `index-${code}`, filter: `filter-${code}` };
}

/** Names of the runs of a list of strings. */
export function stringRuns(name: 'names' | 'types' | 'details'): { readonly starts: string; readonly blob: string } {
  return { starts: `${name}-starts`, blob: `${name}-blob` };
}

/** The name of the run of the classes. */
export const classRun = 'classes';

/** The head as a value. */
export function encodeHead(head: TableHead): Uint8Array {
  return toUtf8(JSON.stringify({ version, ...head }));
}

/** @throws VedetteError `store-damaged` for what is none, or of another version. */
export function decodeHead(value: Uint8Array | undefined): TableHead {
  const head = parse(value);
  if (head === undefined) {
    throw new VedetteError('store-damaged', 'server store: its head is none of this version; import the server pattern again');
  }
  return head;
}

/** Opens a run. @throws VedetteError `store-damaged` when a part is missing. */
export function openRun(values: TableValues, run: { readonly name: string; readonly length: number; readonly checksum: Checksum; readonly partBytes?: number }): ByteRun {
  const { name, length, checksum, partBytes = defaultPartBytes } = run;
  const parts = Array.from({ length: Math.ceil(length / partBytes) }, (_, i) => values.value(`${name}/${i}`));
  const sums = values.value(`${name}/sums`);
  // The last part may have been filled up.
  const there = parts.flatMap((part, i) => (part === undefined ? [] : [part.subarray(0, Math.min(partBytes, length - i * partBytes))]));
  if (sums === undefined || there.reduce((sum, part) => sum + part.length, 0) !== length) {
    throw new VedetteError('store-damaged', `server store: ${name} is not complete; import the server pattern again`, { detail: { what: name } });
  }
  return new ByteRun({ name, parts: there, partBytes, sums, checksum });
}

function parse(value: Uint8Array | undefined): TableHead | undefined {
  if (value === undefined || value.length > 65_536) {
    return undefined;
  }
  let json: unknown;
  try {
    json = JSON.parse(fromUtf8(value));
  } catch {
    return undefined;
  }
  return isHead(json) ? json : undefined;
}

function isHead(json: unknown): json is TableHead {
  return (
    hasWholes(json, ['names', 'sortedNames', 'types', 'details', 'classes', 'version']) &&
    'version' in json && json.version === version &&
    'origin' in json && isOrigin(json.origin) &&
    'textBytes' in json && hasWholes(json.textBytes, ['names', 'types', 'details']) &&
    'groups' in json && Array.isArray(json.groups) && json.groups.every(isGroup)
  );
}

function isOrigin(json: unknown): json is TableOrigin {
  return hasWholes(json, ['generation', 'createdAt', 'expiresAt', 'periodMs']) && 'hostRule' in json && (json.hostRule === 'psl' || json.hostRule === 'labels5') && 'contentId' in json && typeof json.contentId === 'string';
}

function isGroup(json: unknown): json is GroupHead {
  return hasWholes(json, ['code', 'count', 'sizeWidth']) && 'code' in json && hashGroups[json.code as number] !== undefined;
}

function hasWholes(json: unknown, names: readonly string[]): json is object {
  return typeof json === 'object' && json !== null && names.every((name) => Number.isSafeInteger(Reflect.get(json, name)) && Number(Reflect.get(json, name)) >= 0);
}
