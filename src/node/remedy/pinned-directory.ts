/**
 * A directory that is held by a descriptor while something is done in it: whoever swaps a part of its path for a link
 * in the meantime sends nobody anywhere else. Node has no `renameat`; on Linux `/proc/self/fd` does the same. Where
 * that is missing, names are joined to the path, and the checks before and after every step have to do.
 *
 * The way to it leads through no symbolic link (but those that the system keeps in the root, `/tmp` on macOS): a link
 * that stands there now need not have stood there when the file was judged. So every part is opened for itself.
 */
import { constants, type BigIntStats } from 'node:fs';
import { basename, dirname } from 'node:path';
import { errnoOf } from '../files/durable-files.js';
import { pathLabel, type FilePath } from '../files/file-path.js';
import { nodeRemedyFiles, type RemedyFile, type RemedyFiles } from './remedy-files.js';

/** A directory to act in. */
export interface PinnedDirectory {
  readonly files: RemedyFiles;
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

const isWindows = process.platform === 'win32';
const directoryOnly: number = (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);
/** `O_PATH`, which Node does not name: a directory that may be passed through but not read can be held. */
const passOnly = 0o10000000;
/** Parts of a path; Linux itself takes fewer in one call. */
const maxParts = 4096;

/** Rejects with the system's error when it is no directory, with `ELOOP` when a symbolic link is on the way. */
export async function pinDirectory(path: FilePath, files: RemedyFiles = nodeRemedyFiles): Promise<PinnedDirectory> {
  const held = process.platform === 'linux' ? await holdStepwise(path, files) : undefined;
  const directory = held ?? (await holdAtOnce(path, files));
  const base = held === undefined ? path : descriptorPath(held.handle);
  return {
    files,
    identity: `${directory.stats.dev}:${directory.stats.ino}`,
    at: (name) => joinPath(base, name),
    shown: (name) => pathLabel(joinPath(path, name)),
    sync: async () => (directory.isReadable ? directory.handle?.sync() : undefined),
    close: async () => directory.handle?.close(),
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
    return dir === '/' ? `/${name}` : `${dir}/${name}`;
  }
  return Buffer.concat([Buffer.from(dir), Buffer.from('/'), Buffer.from(name)]);
}

interface Held {
  readonly handle: RemedyFile | undefined;
  readonly stats: BigIntStats;
  /** False for one that may be used but not read, and so not synced. */
  readonly isReadable: boolean;
}

/** Undefined where `/proc` is not to be had. */
async function holdStepwise(path: FilePath, files: RemedyFiles): Promise<(Held & { readonly handle: RemedyFile }) | undefined> {
  let parts = partsOf(path);
  let isReadable = parts.length === 0;
  let at = await files.open('/', (isReadable ? constants.O_RDONLY : passOnly) | directoryOnly);
  try {
    if (!(await isReachable(at, files))) {
      await at.close();
      return undefined;
    }
    for (let index = 0, isSystem = true; index < parts.length; index++) {
      const name = parts[index] ?? '';
      const isLast = index === parts.length - 1;
      const step = await openStep(joinPath(descriptorPath(at), name), isLast, files);
      if (step.kind === 'opened') {
        await at.close();
        at = step.handle;
        isReadable = step.isReadable;
        isSystem = false;
        continue;
      }
      if (!isSystem || index > 0 || !step.isRoots) {
        throw linkOnTheWay(path, name);
      }
      // A link of the system in the root: once, and its own way leads through no other.
      parts = [...partsOf(await files.readLink(joinPath(descriptorPath(at), name))), ...parts.slice(1)];
      isSystem = false;
      index = -1;
    }
    return { handle: at, stats: await at.stat(), isReadable };
  } catch (error) {
    await at.close();
    throw error;
  }
}

type Step =
  | { readonly kind: 'opened'; readonly handle: RemedyFile; readonly isReadable: boolean }
  /** One that belongs to root, or to somebody else. */
  | { readonly kind: 'link'; readonly isRoots: boolean };

async function openStep(path: FilePath, isLast: boolean, files: RemedyFiles): Promise<Step> {
  try {
    if (isLast) {
      const handle = await openReadable(path, files);
      if (handle !== undefined) {
        return { kind: 'opened', handle, isReadable: true };
      }
    }
    return { kind: 'opened', handle: await files.open(path, passOnly | directoryOnly), isReadable: false };
  } catch (error) {
    const stats = ['ENOTDIR', 'ELOOP'].includes(errnoOf(error) ?? '') ? await files.lstat(path) : undefined;
    if (stats?.isSymbolicLink() !== true) {
      throw error;
    }
    return { kind: 'link', isRoots: stats.uid === 0n };
  }
}

/** Undefined where a directory may be used but not read. */
async function openReadable(path: FilePath, files: RemedyFiles): Promise<RemedyFile | undefined> {
  try {
    return await files.open(path, constants.O_RDONLY | directoryOnly);
  } catch (error) {
    if (errnoOf(error) === 'EACCES') {
      return undefined;
    }
    throw error;
  }
}

/** By its path, every part of which was looked at a moment ago. */
async function holdAtOnce(path: FilePath, files: RemedyFiles): Promise<Held> {
  await assertNoLinks(path, files);
  // Windows cannot open directories.
  const handle = isWindows ? undefined : await openReadable(path, files);
  const stats = await (handle === undefined ? files.lstat(path) : handle.stat());
  return { handle, stats, isReadable: handle !== undefined };
}

async function assertNoLinks(path: FilePath, files: RemedyFiles): Promise<void> {
  for (let { dir, name } = splitPath(path), whole = path; name.length > 0; whole = dir, { dir, name } = splitPath(dir)) {
    const stats = await files.lstat(whole);
    const isSystem = !isWindows && stats.uid === 0n && dir === '/';
    if (stats.isSymbolicLink() && !isSystem) {
      throw linkOnTheWay(path, name);
    }
  }
}

function linkOnTheWay(path: FilePath, part: FilePath): Error {
  const message = `ELOOP: ${pathLabel(part)} in ${pathLabel(path)} is a symbolic link, and none is followed`;
  return Object.assign(new Error(message), { code: 'ELOOP' });
}

function partsOf(path: FilePath): FilePath[] {
  const bytes = Buffer.from(path);
  const parts: FilePath[] = [];
  for (let from = 0; from <= bytes.length; ) {
    const slash = bytes.indexOf(0x2f, from);
    const end = slash < 0 ? bytes.length : slash;
    const part = bytes.subarray(from, end);
    if (part.length > 0 && !(part.length === 1 && part[0] === 0x2e)) {
      parts.push(part);
    }
    from = end + 1;
  }
  if (parts.length > maxParts) {
    throw Object.assign(new Error(`ENAMETOOLONG: a path of ${parts.length} parts`), { code: 'ENAMETOOLONG' });
  }
  return parts;
}

function descriptorPath(handle: RemedyFile): string {
  return `/proc/self/fd/${handle.fd}`;
}

async function isReachable(handle: RemedyFile, files: RemedyFiles): Promise<boolean> {
  try {
    return (await files.lstat(`${descriptorPath(handle)}/.`)).isDirectory();
  } catch {
    return false;
  }
}
