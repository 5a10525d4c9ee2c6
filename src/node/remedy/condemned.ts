/**
 * The object that a verdict was about, found again: the same content, under the same name, on a descriptor of its own.
 * A remedy acts on nothing else. What lies there now and has other content was never condemned.
 */
import { createHash } from 'node:crypto';
import { constants, type BigIntStats } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { throwIfAborted } from '../../base/errors.js';
import type { Signal } from '../../base/seams.js';
import { errnoOf } from '../durable-files.js';
import type { FilePath } from '../file-path.js';
import { identityOf } from '../file-subject.js';
import { pinDirectory, splitPath, type PinnedDirectory } from './pinned-directory.js';

/** A file of known content, held open, in a directory held open. */
export interface Condemned {
  readonly dir: PinnedDirectory;
  readonly name: FilePath;
  readonly handle: FileHandle;
  readonly stats: BigIntStats;
  /** Hex. */
  readonly sha256: string;
  close(): Promise<void>;
}

/** `gone`: nothing is there; `changed`: something else is. */
export type Identified = { readonly kind: 'condemned'; readonly condemned: Condemned } | { readonly kind: 'gone' | 'changed' };

const chunkBytes = 1 << 18;

/** Looks for content with this SHA-256 (hex) under an absolute path. Rejects with the system's error where it may not look. */
export async function identify(path: FilePath, sha256: string, options: Signal = {}): Promise<Identified> {
  const { dir: dirPath, name } = splitPath(path);
  const dir = await orGone(() => pinDirectory(dirPath));
  if (dir === undefined) {
    return { kind: 'gone' };
  }
  let kept = false;
  try {
    const identified = await identifyIn(dir, { name, sha256 }, options);
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
  const before = await orGone(() => lstat(dir.at(name), { bigint: true }));
  if (before === undefined) {
    return { kind: 'gone' };
  }
  const handle = before.isFile() ? await openRegular(dir.at(name)) : undefined;
  if (handle === undefined) {
    return { kind: 'changed' };
  }
  try {
    const stats = await handle.stat({ bigint: true });
    if (stats.isFile() && (await hasContent(handle, stats, { sha256, ...options }))) {
      const close = async (): Promise<void> => {
        await handle.close();
        await dir.close();
      };
      return { kind: 'condemned', condemned: { dir, name, handle, stats, sha256, close } };
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return { kind: 'changed' };
}

/** True when both are the same file of the same device. */
export function isSameFile(a: Pick<BigIntStats, 'dev' | 'ino'>, b: Pick<BigIntStats, 'dev' | 'ino'>): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

/** Undefined when it went away or became a link meanwhile. */
async function openRegular(path: FilePath): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENXIO'].includes(errnoOf(error) ?? '')) {
      return undefined;
    }
    throw error;
  }
}

async function hasContent(handle: FileHandle, stats: BigIntStats, what: Signal & { readonly sha256: string }): Promise<boolean> {
  const hash = createHash('sha256');
  const chunk = new Uint8Array(chunkBytes);
  const size = Number(stats.size);
  let at = 0;
  // A file that grows while it is read is another content; it must not keep the remedy busy for ever.
  while (at <= size) {
    throwIfAborted(what.signal);
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) {
      break;
    }
    hash.update(chunk.subarray(0, bytesRead));
    at += bytesRead;
  }
  const after = await handle.stat({ bigint: true });
  return identityOf(stats) === identityOf(after) && hash.digest('hex') === what.sha256;
}

async function orGone<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) {
      return undefined;
    }
    throw error;
  }
}
