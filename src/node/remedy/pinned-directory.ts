/**
 * A directory that is held by a descriptor while something is done in it: whoever swaps a part of its path for a link
 * in the meantime sends nobody anywhere else. Node has no `renameat`; on Linux `/proc/self/fd` does the same. Where
 * that is missing, names are joined to the path, and the checks before and after every step have to do.
 */
import { constants } from 'node:fs';
import { lstat, open, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { pathLabel, type FilePath } from '../file-path.js';

/** A directory to act in. */
export interface PinnedDirectory {
  /** Device and inode. */
  readonly identity: string;
  /** The path by which a name in it is used now. */
  at(name: FilePath): FilePath;
  /** The path of a name in it for people. */
  shown(name: FilePath): string;
  /** Resolves when what was done to its names is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Rejects with the system's error when it is no directory. */
export async function pinDirectory(path: FilePath): Promise<PinnedDirectory> {
  const handle = await openDirectory(path);
  const { dev, ino } = handle === undefined ? await stat(path, { bigint: true }) : await handle.stat({ bigint: true });
  const base = handle !== undefined && (await isReachable(handle)) ? `/proc/self/fd/${handle.fd}` : path;
  return {
    identity: `${dev}:${ino}`,
    at: (name) => joinPath(base, name),
    shown: (name) => pathLabel(joinPath(path, name)),
    sync: async () => handle?.sync(),
    close: async () => handle?.close(),
  };
}

/** Directory and name of an absolute path. */
export function splitPath(path: FilePath): { readonly dir: FilePath; readonly name: FilePath } {
  if (typeof path === 'string') {
    return { dir: dirname(path), name: basename(path) };
  }
  const cut = path.lastIndexOf(0x2f);
  return { dir: cut <= 0 ? '/' : path.subarray(0, cut), name: path.subarray(cut + 1) };
}

/** One path under another. */
export function joinPath(dir: FilePath, name: FilePath): FilePath {
  if (typeof dir === 'string' && typeof name === 'string') {
    return `${dir}/${name}`;
  }
  return Buffer.concat([Buffer.from(dir), Buffer.from('/'), Buffer.from(name)]);
}

/** Undefined where a directory may be used but not read, or cannot be opened at all (Windows). */
async function openDirectory(path: FilePath): Promise<FileHandle | undefined> {
  if (process.platform === 'win32') {
    return undefined;
  }
  try {
    return await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') {
      return undefined;
    }
    throw error;
  }
}

async function isReachable(handle: FileHandle): Promise<boolean> {
  try {
    return (await lstat(`/proc/self/fd/${handle.fd}/.`)).isDirectory();
  } catch {
    return false;
  }
}
