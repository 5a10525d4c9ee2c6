/**
 * The files of a server store in a directory: one file for each generation, written once, and `current.json`, which says
 * which of them is to be used. It is replaced in one step, so that readers find the old generation or the new one.
 */
import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toUtf8 } from '../../base/bytes.js';
import { VedetteError } from '../../base/errors.js';
import { errnoOf, nodeFiles } from '../files/durable-files.js';
import { replaceFile } from '../files/replace-file.js';

/** Which file is to be used. */
export interface CurrentFile {
  /** Name in the directory. */
  readonly file: string;
  readonly generation: number;
  /** Bytes of the file: one of another size is damaged. */
  readonly bytes: number;
}

const pointer = 'current.json';
const namePattern = /^table-\d+-[0-9a-f]{8}\.mdb$/;

/** The file that is to be used; undefined where nothing was imported yet. @throws VedetteError `store-damaged`. */
export async function readCurrent(dir: string): Promise<CurrentFile | undefined> {
  let text: string;
  try {
    text = await readFile(join(dir, pointer), 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') {
      return undefined;
    }
    throw new VedetteError('store-damaged', `${dir}: ${pointer} cannot be read`, { cause: error, detail: { dir } });
  }
  const current = parse(text);
  if (current === undefined) {
    throw new VedetteError('store-damaged', `${dir}: ${pointer} is none; import the server pattern again`, { detail: { dir } });
  }
  return current;
}

/** A name for a new file. */
export function newTableName(generation: number): string {
  return `table-${generation}-${randomBytes(4).toString('hex')}.mdb`;
}

/** Flushes a new file and makes it the current one; the files that it replaces are removed. */
export async function makeCurrent(dir: string, { file, generation }: { readonly file: string; readonly generation: number }): Promise<void> {
  const handle = await open(join(dir, file), 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  const { size } = await stat(join(dir, file));
  await replacePointer(dir, { file, generation, bytes: size });
  await removeOthers(dir, file);
}

/** Removes a file that did not become a table. */
export async function removeTable(dir: string, file: string): Promise<void> {
  await Promise.all([file, `${file}-lock`].map((name) => rm(join(dir, name), { force: true })));
}

/** The file of a table, when it is as long as it should be. @throws VedetteError `store-damaged`. */
export async function pathOf(dir: string, current: CurrentFile): Promise<string> {
  const path = join(dir, current.file);
  const { size } = await stat(path);
  if (size !== current.bytes) {
    throw new VedetteError('store-damaged', `${path} has ${size} bytes instead of ${current.bytes}; import the server pattern again`, { detail: { dir } });
  }
  return path;
}

async function replacePointer(dir: string, current: CurrentFile): Promise<void> {
  const temporary = `${pointer}-${randomBytes(4).toString('hex')}.new`;
  await replaceFile({ files: nodeFiles, dir, name: pointer, temporary }, toUtf8(JSON.stringify(current)));
}

/** Removes the tables that nobody can find any more. Readers that have one open keep it until they let go. */
export async function removeOthers(dir: string, current: string | undefined): Promise<void> {
  const names = await readdir(dir);
  const old = names.filter((name) => namePattern.test(name.replace(/-lock$/, '')) && (current === undefined || !name.startsWith(current)));
  await Promise.all(old.map((name) => rm(join(dir, name), { force: true }).catch(() => undefined)));
}

function parse(text: string): CurrentFile | undefined {
  try {
    const { file, generation, bytes } = JSON.parse(text) as Partial<Record<keyof CurrentFile, unknown>>;
    const isRight = typeof file === 'string' && namePattern.test(file) && Number.isSafeInteger(generation) && Number.isSafeInteger(bytes);
    return isRight ? { file, generation: Number(generation), bytes: Number(bytes) } : undefined;
  } catch {
    return undefined;
  }
}
