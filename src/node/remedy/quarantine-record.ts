/**
 * What is known about a quarantined file: a JSON file beside its content. Written before the file is moved, so that a
 * move that was interrupted can be completed, and again when it is done.
 */
import { join } from 'node:path';
import type { Threat } from '../../base/verdict.js';
import { nodeFiles } from '../durable-files.js';
import { replaceFile } from '../replace-file.js';

/** A file in quarantine. */
export interface QuarantinedFile {
  /** 32 hex digits. */
  readonly id: string;
  /** `held`: all of it is in quarantine and gone from its place; `moving`: that was begun. */
  readonly state: 'held' | 'moving';
  /** Key of the remedy. */
  readonly key: string;
  /** Where it was: the `ref` of its locator. */
  readonly ref: string;
  readonly label?: string;
  /** Hex. */
  readonly sha256: string;
  readonly size: number;
  /** Permission bits, owner and group. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Last access and change of the content, epoch ms with fractions. */
  readonly atimeMs: number;
  readonly mtimeMs: number;
  /** Names that the file had; more than one means that others remain. */
  readonly links: number;
  /** Device and inode of the directory that it was in. */
  readonly parent: string;
  /** Names and types, the first hundred. */
  readonly threats: readonly Pick<Threat, 'name' | 'type'>[];
  /** Epoch ms. */
  readonly quarantinedAt: number;
}

const version = 1;
const maxRecordBytes = 1 << 20;

/** Name of the file that holds the content. Random to everybody who does not know the key. */
export function contentName(id: string): string {
  return `${id}.bin`;
}

/** The record is on the disk when this resolves. */
export async function writeRecord(dir: string, record: QuarantinedFile): Promise<void> {
  const bytes = Buffer.from(`${JSON.stringify({ version, ...record }, undefined, 2)}\n`);
  const name = recordName(record.id);
  await nodeFiles.remove(join(dir, `${name}.new`));
  await replaceFile({ files: nodeFiles, dir, name, temporary: `${name}.new` }, bytes);
}

/** Undefined when there is none, or none that can be read. */
export async function readRecord(dir: string, id: string): Promise<QuarantinedFile | undefined> {
  const text = isId(id) ? await readText(join(dir, recordName(id))) : undefined;
  const record = text === undefined ? undefined : parseRecord(text);
  return record?.id === id ? record : undefined;
}

export async function removeRecord(dir: string, id: string): Promise<void> {
  await nodeFiles.remove(join(dir, recordName(id)));
}

/** Ids of all records, in the order of names. */
export async function listRecordIds(dir: string): Promise<string[]> {
  if (!(await nodeFiles.exists(dir))) {
    return [];
  }
  const names = await nodeFiles.list(dir);
  return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5)).filter(isId).sort();
}

function recordName(id: string): string {
  return `${id}.json`;
}

function isId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

async function readText(path: string): Promise<string | undefined> {
  const file = await nodeFiles.open(path);
  if (file === undefined) {
    return undefined;
  }
  try {
    const bytes = Buffer.alloc(Math.min(await file.size(), maxRecordBytes));
    return bytes.toString('utf8', 0, await file.read(0, bytes));
  } finally {
    await file.close();
  }
}

function parseRecord(text: string): QuarantinedFile | undefined {
  // untrusted: a file on disk; every field is checked
  try {
    const json: unknown = JSON.parse(text);
    if (!isRecord(json)) {
      return undefined;
    }
    const { version: _, ...record } = json;
    return record;
  } catch {
    return undefined;
  }
}

type WrittenRecord = QuarantinedFile & { readonly version: typeof version };

function isRecord(json: unknown): json is WrittenRecord {
  if (typeof json !== 'object' || json === null) {
    return false;
  }
  const record = json as Readonly<Record<string, unknown>>;
  return (
    record['version'] === version &&
    (record['state'] === 'held' || record['state'] === 'moving') &&
    texts.every((name) => typeof record[name] === 'string') &&
    numbers.every((name) => typeof record[name] === 'number') &&
    (record['label'] === undefined || typeof record['label'] === 'string') &&
    areThreats(record['threats'])
  );
}

const texts = ['id', 'key', 'ref', 'sha256', 'parent'] as const;
const numbers = ['size', 'mode', 'uid', 'gid', 'atimeMs', 'mtimeMs', 'links', 'quarantinedAt'] as const;

function areThreats(value: unknown): boolean {
  return Array.isArray(value) && value.every((one: unknown) => isThreat(one));
}

function isThreat(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && 'name' in value && 'type' in value &&
    typeof value.name === 'string' && typeof value.type === 'string'
  );
}
