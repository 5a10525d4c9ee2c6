/**
 * The files of a repository as publishing needs them, as a seam: tests see the order of writes and stop after each of them.
 * Readable by everybody, unlike those of stores: a web server hosts them.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VedetteError } from '../../base/errors.js';
import { errnoOf, nodeFiles } from '../files/durable-files.js';
import { storeError } from '../store-error.js';

/** Files below the directory of a repository, by relative path with `/`. */
export interface RepositoryFiles {
  /** Names in a directory; none when it is not there. */
  list(dir: string): Promise<string[]>;
  /** Undefined when there is none. Rejects for one of more bytes. */
  read(path: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /** Bytes of a file, undefined when there is none. */
  size(path: string): Promise<number | undefined>;
  /** Resolves when the file is whole and durable under its name. Until then the one before is. */
  replace(path: string, bytes: Uint8Array): Promise<void>;
  /** Nothing happens when there is none. */
  remove(path: string): Promise<void>;
}

const fileMode = 0o644;
const directoryMode = 0o755;

/** The files of the machine, below `dir`. Rejections are VedetteErrors `store-damaged` that name the file. */
export function createRepositoryFiles(dir: string): RepositoryFiles {
  const at = (path: string): string => join(dir, ...path.split('/'));
  return {
    list: (path) => named('listing', at(path), (full) => readdir(full).catch(none([]))),
    read: (path, maxBytes) => named('reading', at(path), (full) => readWhole(full, maxBytes)),
    size: (path) => named('reading', at(path), sizeOf),
    replace: (path, bytes) => named('writing', at(path), (full) => replaceDurably(full, bytes)),
    remove: (path) => named('removing', at(path), (full) => rm(full, { force: true })),
  };
}

async function named<T>(operation: string, path: string, act: (path: string) => Promise<T>): Promise<T> {
  try {
    return await act(path);
  } catch (error) {
    throw storeError(operation, path, error);
  }
}

function none<T>(otherwise: T): (error: unknown) => T {
  return (error) => {
    if (errnoOf(error) === 'ENOENT') {
      return otherwise;
    }
    throw error;
  };
}

async function sizeOf(path: string): Promise<number | undefined> {
  const handle = await open(path, 'r').catch(none(undefined));
  try {
    return handle === undefined ? undefined : (await handle.stat()).size;
  } finally {
    await handle?.close();
  }
}

async function readWhole(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
  const handle = await open(path, 'r').catch(none(undefined));
  if (handle === undefined) {
    return undefined;
  }
  try {
    const { size } = await handle.stat();
    if (size > maxBytes) {
      throw new VedetteError('store-damaged', `${path} has ${size} bytes, more than ${maxBytes}`);
    }
    const bytes = await handle.readFile();
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  } finally {
    await handle.close();
  }
}

async function replaceDurably(path: string, bytes: Uint8Array): Promise<void> {
  const dir = dirname(path);
  const made = await mkdir(dir, { recursive: true, mode: directoryMode });
  if (made !== undefined) {
    await nodeFiles.syncDirectory(dirname(made));
  }
  const temporary = `${path}.${randomBytes(8).toString('hex')}${temporaryEnding}`;
  try {
    const handle = await open(temporary, 'wx', fileMode);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await nodeFiles.syncDirectory(dir);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** What files are called until they are whole. One that is left over is of a publication that was killed. */
export const temporaryEnding = '.part';
