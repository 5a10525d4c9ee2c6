/**
 * Taking the condemned file, and nothing else, out of its place. Between a look and an act somebody may put another
 * file under the name; so the act is a rename to a hidden name beside it, then a look at what was moved, and what is
 * not the condemned file goes back to where it was. Only then anything is done that cannot be undone.
 */
import { constants, type BigIntStats } from 'node:fs';
import { errnoOf } from '../files/durable-files.js';
import type { FilePath } from '../files/file-path.js';
import { identifyIn, isSameFile, orGone, type Condemned, type Looking } from './condemned.js';
import { pinDirectory, splitPath, type PinnedDirectory } from './pinned-directory.js';
import type { RemedyFile } from './remedy-files.js';

/** `astray`: what lay there could not be put back. */
export type Moved =
  | { readonly kind: 'moved' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'changed' }
  | { readonly kind: 'astray'; readonly detail: string };

/** A name in a directory that is held. */
export interface Target {
  readonly dir: PinnedDirectory;
  readonly name: FilePath;
}

/** Moves it to a hidden name in its directory, or leaves everything as it was. */
export async function setAside(condemned: Condemned, hidden: FilePath): Promise<Moved> {
  const { dir, name } = condemned;
  const { files } = dir;
  try {
    // Cheap, and right but for a moment: most of what changed is left alone without being moved at all.
    if (!isUntouched(await files.lstat(dir.at(name)), condemned.stats)) {
      return { kind: 'changed' };
    }
    await files.rename(dir.at(name), dir.at(hidden));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) {
      return { kind: 'gone' };
    }
    throw error;
  }
  return isUntouched(await files.lstat(dir.at(hidden)), condemned.stats) ? { kind: 'moved' } : putBack(dir, hidden, name);
}

/** Deletes it, or leaves everything as it was. */
export async function deleteCondemned(condemned: Condemned, hidden: FilePath): Promise<Moved> {
  const moved = await setAside(condemned, hidden);
  return moved.kind === 'moved' ? deleteAside(condemned.dir, hidden) : moved;
}

/** Deletes what was set aside. */
export async function deleteAside(dir: PinnedDirectory, hidden: FilePath): Promise<Moved> {
  await dir.files.unlink(dir.at(hidden));
  await dir.sync();
  return { kind: 'moved' };
}

/** What an application that was interrupted left under the hidden name. */
export type Aside =
  | { readonly kind: 'none' }
  /** The condemned file; under its hidden name, and the caller's to close. */
  | { readonly kind: 'condemned'; readonly condemned: Condemned }
  /** Another file that had been moved by mistake; it has its name back, or not. */
  | { readonly kind: 'back'; readonly moved: Moved };

/** Looks for what was set aside from this path. */
export async function findAside(path: FilePath, what: { readonly hidden: FilePath; readonly sha256: string }, how: Looking): Promise<Aside> {
  const { dir: dirPath, name } = splitPath(path);
  const dir = await orGone(() => pinDirectory(dirPath, how.files));
  if (dir === undefined) {
    return { kind: 'none' };
  }
  let kept = false;
  try {
    const identified = await identifyIn(dir, { name: what.hidden, sha256: what.sha256 }, how);
    if (identified.kind === 'gone') {
      return { kind: 'none' };
    }
    if (identified.kind === 'condemned') {
      kept = true;
      return identified;
    }
    // It was moved, and the end came before it could be looked at.
    return { kind: 'back', moved: await putBack(dir, what.hidden, name) };
  } finally {
    if (!kept) {
      await dir.close();
    }
  }
}

/**
 * Gives what lies under `from` a free name in the same directory, in one step and over nothing; false when the name is
 * taken. Where there are no hard links the step is a rename onto an empty file that holds the name.
 */
export async function giveName(dir: PinnedDirectory, from: FilePath, to: FilePath): Promise<boolean> {
  try {
    await dir.files.link(dir.at(from), dir.at(to));
  } catch (error) {
    const errno = errnoOf(error) ?? '';
    if (errno === 'EEXIST') {
      return isItself(dir, from, to);
    }
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS'].includes(errno)) {
      throw error;
    }
    return renameToFree(dir, from, to);
  }
  await dir.files.unlink(dir.at(from));
  return true;
}

/** A name that was taken with an empty file, so that a rename onto it replaces nothing. */
export interface Placeholder {
  /** Gives the name up again, unless something has been moved there by now. */
  release(): Promise<void>;
}

/** Undefined when the name is taken. */
export async function placehold({ dir, name }: Target): Promise<Placeholder | undefined> {
  const { files } = dir;
  const path = dir.at(name);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  let handle: RemedyFile;
  try {
    handle = await files.open(path, flags, 0o600);
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') {
      return undefined;
    }
    throw error;
  }
  const mine = await handle.stat().finally(() => handle.close());
  return {
    async release() {
      const there = await files.lstat(path).catch(() => undefined);
      if (there !== undefined && isSameFile(there, mine)) {
        await files.unlink(path);
      }
    },
  };
}

/** Two names of one file: the end came between the two steps. Then the first one goes. */
async function isItself(dir: PinnedDirectory, from: FilePath, to: FilePath): Promise<boolean> {
  const isSame = isSameFile(await dir.files.lstat(dir.at(from)), await dir.files.lstat(dir.at(to)));
  if (isSame) {
    await dir.files.unlink(dir.at(from));
  }
  return isSame;
}

async function renameToFree(dir: PinnedDirectory, from: FilePath, to: FilePath): Promise<boolean> {
  if ((await dir.files.lstat(dir.at(from))).isDirectory()) {
    // No file can hold the place of a directory. A directory that has the name by now and is not empty is not replaced.
    await dir.files.rename(dir.at(from), dir.at(to));
    return true;
  }
  const placeholder = await placehold({ dir, name: to });
  if (placeholder === undefined) {
    return false;
  }
  await dir.files.rename(dir.at(from), dir.at(to)).finally(() => placeholder.release());
  return true;
}

/** The same file with nothing written to it since it was read. The rename itself changes only ctime. */
function isUntouched(now: BigIntStats, then: BigIntStats): boolean {
  return isSameFile(now, then) && now.size === then.size && now.mtimeNs === then.mtimeNs;
}

/** Gives something its name back without taking it from anything that has it by now. */
async function putBack(dir: PinnedDirectory, hidden: FilePath, name: FilePath): Promise<Moved> {
  if (await giveName(dir, hidden, name)) {
    return { kind: 'changed' };
  }
  return { kind: 'astray', detail: `another file took the place; what was moved by mistake is ${dir.shown(hidden)}` };
}
