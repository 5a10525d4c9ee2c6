/**
 * The object that a verdict was about, found again: the same content, under the same name, on a descriptor of its own.
 * A remedy acts on nothing else. What lies there now and has other content was never condemned.
 */
import { createHash } from 'node:crypto';
import { constants, type BigIntStats } from 'node:fs';
import { throwIfAborted } from '../../base/errors.js';
import type { Signal } from '../../base/seams.js';
import { errnoOf } from '../files/durable-files.js';
import type { FilePath } from '../files/file-path.js';
import { pinDirectory, splitPath, type PinnedDirectory } from './pinned-directory.js';
import type { RemedyFile, RemedyFiles } from './remedy-files.js';

/** A file of known content, held open, in a directory held open. */
export interface Condemned {
  readonly dir: PinnedDirectory;
  readonly name: FilePath;
  readonly handle: RemedyFile;
  readonly stats: BigIntStats;
  /** Hex. */
  readonly sha256: string;
  /** Bytes that were read; what `stats` says of some files is not the truth. */
  readonly size: number;
  close(): Promise<void>;
}

/** `gone`: nothing is there; `changed`: something else is. */
export type Identified = { readonly kind: 'condemned'; readonly condemned: Condemned } | { readonly kind: 'gone' | 'changed' };

/** How to look. */
export interface Looking extends Signal {
  readonly files?: RemedyFiles | undefined;
}

const chunkBytes = 1 << 18;
/** What O_NONBLOCK is for: a pipe would wait for its writer. Windows has neither flag. */
const readFlags: number = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Looks for content with this SHA-256 (hex) under an absolute path. Rejects with the system's error where it may not
 * look, with `ELOOP` where a symbolic link is on the way to the directory.
 */
export async function identify(path: FilePath, sha256: string, how: Looking = {}): Promise<Identified> {
  const { dir: dirPath, name } = splitPath(path);
  const dir = await orGone(() => pinDirectory(dirPath, how.files));
  if (dir === undefined) {
    return { kind: 'gone' };
  }
  let kept = false;
  try {
    const identified = await identifyIn(dir, { name, sha256 }, how);
    kept = identified.kind === 'condemned';
    return identified;
  } finally {
    if (!kept) {
      await dir.close();
    }
  }
}

/** As `identify`, in a directory that is held already and closed with what is found. */
export async function identifyIn(
  dir: PinnedDirectory,
  what: { readonly name: FilePath; readonly sha256: string },
  options: Signal,
): Promise<Identified> {
  const { name, sha256 } = what;
  const before = await orGone(() => dir.files.lstat(dir.at(name)));
  if (before === undefined) {
    return { kind: 'gone' };
  }
  const handle = before.isFile() ? await openRegular(dir, name) : undefined;
  if (handle === undefined) {
    return { kind: 'changed' };
  }
  let kept = false;
  try {
    const stats = await handle.stat();
    const read = stats.isFile() ? await readThrough(handle, stats, options) : undefined;
    if (read?.sha256 === sha256) {
      kept = true;
      const close = (): Promise<void> => handle.close().finally(() => dir.close());
      return { kind: 'condemned', condemned: { dir, name, handle, stats, ...read, close } };
    }
    return { kind: 'changed' };
  } finally {
    if (!kept) {
      await handle.close();
    }
  }
}

/** True when both are the same file of the same device. */
export function isSameFile(a: Pick<BigIntStats, 'dev' | 'ino'>, b: Pick<BigIntStats, 'dev' | 'ino'>): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

/** Undefined when nothing is there, or no directory to look in. */
export async function orGone<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) {
      return undefined;
    }
    throw error;
  }
}

/** Undefined when it went away or became a link meanwhile. */
async function openRegular(dir: PinnedDirectory, name: FilePath): Promise<RemedyFile | undefined> {
  try {
    return await dir.files.open(dir.at(name), readFlags);
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENXIO'].includes(errnoOf(error) ?? '')) {
      return undefined;
    }
    throw error;
  }
}

/** Digest and length of the content; undefined when it was written to meanwhile. */
async function readThrough(handle: RemedyFile, stats: BigIntStats, { signal }: Signal): Promise<{ readonly sha256: string; readonly size: number } | undefined> {
  const hash = createHash('sha256');
  const chunk = new Uint8Array(chunkBytes);
  const limit = Number(stats.size);
  let size = 0;
  // A file that grows while it is read is another content; it must not keep the remedy busy for ever.
  while (size <= limit) {
    throwIfAborted(signal);
    const count = await handle.read(size, chunk);
    if (count === 0) {
      break;
    }
    hash.update(chunk.subarray(0, count));
    size += count;
  }
  return isUnwritten(stats, await handle.stat()) ? { sha256: hash.digest('hex'), size } : undefined;
}

/** Nothing was written to it between the two looks, and none of its properties was changed. */
function isUnwritten(before: BigIntStats, after: BigIntStats): boolean {
  return before.size === after.size && before.mtimeNs === after.mtimeNs && before.ctimeNs === after.ctimeNs;
}
