/**
 * Moving the condemned file, and nothing else, out of its place. Between a look and an act somebody may put another
 * file under the name; so the act is a rename to a name that nobody knows, then a look at what was moved, and what is
 * not the condemned file goes back to where it was. Only then anything is done that cannot be undone.
 */
import { constants, type BigIntStats } from 'node:fs';
import { link, lstat, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import type { Signal } from '../../base/seams.js';
import { errnoOf } from '../durable-files.js';
import { pathLabel, type FilePath } from '../file-path.js';
import { identify, isSameFile, type Condemned } from './condemned.js';
import { joinPath, splitPath, type PinnedDirectory } from './pinned-directory.js';

/** Where something is moved: a name that is free, or held by a placeholder. */
export interface Target {
  readonly dir: PinnedDirectory;
  readonly name: FilePath;
}

/** `elsewhere`: on another device, where no rename leads. `astray`: what lay there could not be put back. */
export type Moved =
  | { readonly kind: 'moved' | 'gone' | 'changed' | 'elsewhere' }
  | { readonly kind: 'astray'; readonly detail: string };

/** Moves it, or leaves everything as it was. */
export async function moveCondemned(condemned: Condemned, target: Target): Promise<Moved> {
  const from = condemned.dir.at(condemned.name);
  const to = target.dir.at(target.name);
  try {
    // Cheap, and right but for a moment: most of what changed is left alone without being moved at all.
    if (!isUntouched(await lstat(from, { bigint: true }), condemned.stats)) {
      return { kind: 'changed' };
    }
    await rename(from, to);
  } catch (error) {
    switch (errnoOf(error)) {
      case 'ENOENT':
      case 'ENOTDIR':
        return { kind: 'gone' };
      case 'EXDEV':
        return { kind: 'elsewhere' };
      default:
        throw error;
    }
  }
  return isUntouched(await lstat(to, { bigint: true }), condemned.stats) ? { kind: 'moved' } : putBack(to, from, target.dir.shown(target.name));
}

/** The same file with nothing written to it since it was read. The rename itself changes only ctime. */
function isUntouched(now: BigIntStats, then: BigIntStats): boolean {
  return isSameFile(now, then) && now.size === then.size && now.mtimeNs === then.mtimeNs;
}

/** Deletes it, or leaves everything as it was. `hidden` is a name that nobody knows, in the same directory. */
export async function deleteCondemned(condemned: Condemned, hidden: FilePath): Promise<Moved> {
  const moved = await moveCondemned(condemned, { dir: condemned.dir, name: hidden });
  if (moved.kind === 'moved') {
    await unlink(condemned.dir.at(hidden));
    await condemned.dir.sync();
  }
  return moved;
}

/** What became of a deletion that was interrupted before; undefined when none was. */
export async function resumeDeletion(path: FilePath, hidden: FilePath, what: Signal & { readonly sha256: string }): Promise<Moved | undefined> {
  const { dir, name } = splitPath(path);
  const left = joinPath(dir, hidden);
  const identified = await identify(left, what.sha256, what);
  switch (identified.kind) {
    case 'gone':
      return undefined;
    case 'changed':
      // It was moved, and the end came before it could be looked at.
      return putBack(left, joinPath(dir, name), pathLabel(left));
    case 'condemned':
      await unlink(identified.condemned.dir.at(hidden));
      await identified.condemned.dir.sync();
      await identified.condemned.close();
      return { kind: 'moved' };
  }
}

/** A name that was taken with an empty file, so that a rename onto it replaces nothing. */
export interface Placeholder {
  /** Gives the name up again, unless something has been moved there by now. */
  release(): Promise<void>;
}

/** Undefined when the name is taken. */
export async function placehold({ dir, name }: Target): Promise<Placeholder | undefined> {
  const path = dir.at(name);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  let handle: FileHandle;
  try {
    handle = await open(path, flags, 0o600);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') {
      return undefined;
    }
    throw error;
  }
  const mine = await handle.stat({ bigint: true }).finally(() => handle.close());
  return {
    async release() {
      const there = await lstat(path, { bigint: true }).catch(() => undefined);
      if (there !== undefined && isSameFile(there, mine)) {
        await unlink(path);
      }
    },
  };
}

/** Gives something its name back without taking it from anything that has it by now. `shown` is `from` for people. */
async function putBack(from: FilePath, to: FilePath, shown: string): Promise<Moved> {
  try {
    await link(from, to);
    await unlink(from);
    return { kind: 'changed' };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST') {
      return { kind: 'astray', detail: `another file took the place; what was moved by mistake is ${shown}` };
    }
    // Directories, and file systems without hard links.
    if (errno === 'EPERM' || errno === 'ENOTSUP' || errno === 'EOPNOTSUPP') {
      await rename(from, to);
      return { kind: 'changed' };
    }
    throw error;
  }
}
