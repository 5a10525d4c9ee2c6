/**
 * All files under some roots, depth first, the names of a directory in the order of their bytes. Symbolic links are
 * not followed, so there are no loops; what is no regular file is passed over and reported.
 *
 * Names are read in portions: a directory is sorted as a whole as long as all names waiting their turn are few enough
 * (`maxNames`), beyond that portion by portion. On POSIX names are held as one character per byte (latin1), which
 * loses nothing whatever their encoding.
 */
import { opendir, lstat, realpath } from 'node:fs/promises';
import type { Dir } from 'node:fs';
import { throwIfAborted } from '../base/errors.js';
import type { Signal } from '../base/seams.js';
import type { FileSubject } from '../base/subject.js';
import { errnoOf } from './durable-files.js';
import { absolutePath, pathFromBytes, pathLabel, type FilePath } from './file-path.js';
import { foundFile, specialKind, type FileReading, type SpecialKind } from './file-subject.js';

/** Why something was passed over. */
export type SkipReason = Exclude<SpecialKind, 'directory'> | 'gone' | 'unreadable';

/** Options of `walk`. */
export interface WalkOptions extends Signal, FileReading {
  /** Asked with every path found under a root, as a person reads it; true leaves it out, a directory with all in it. */
  exclude?(path: string): boolean;
  /** Told of everything that was passed over for another reason, with the system's error name where there is one. */
  onSkip?(path: string, reason: SkipReason, errno?: string): void;
}

const isWindows = process.platform === 'win32';
const separator = isWindows ? '\\' : '/';

/** Names waiting in all open directories together, before directories are sorted portion by portion. */
const maxNames = 262_144;
/** Names that a directory may always read at once. */
const leastNames = 1024;

/** A place: how a person knows it and how it is opened, both in the encoding of names. */
interface Place {
  readonly label: string;
  readonly path: string;
}

interface Entry {
  readonly name: string;
  readonly kind: 'file' | SpecialKind;
}

/** A directory that is being walked. */
interface Level {
  readonly place: Place;
  /** Open as long as there may be more names to read. */
  dir: Dir | undefined;
  /** Descending, so that the next is taken from the end. */
  waiting: Entry[];
}

/**
 * Files under the roots. A root that is a file is given itself; a root that is a symbolic link is followed, since it
 * was named. Labels are as given or found under what was given. Memory is bounded however large a directory is.
 */
export async function* walk(roots: string | readonly string[], options: WalkOptions = {}): AsyncGenerator<FileSubject, void, undefined> {
  for (const root of typeof roots === 'string' ? [roots] : roots) {
    const start = await startAt(root, options);
    if (start?.kind === 'file') {
      yield subjectAt(start.place, options);
    } else if (start !== undefined) {
      yield* walkTree(start.place, options);
    }
  }
}

async function* walkTree(root: Place, options: WalkOptions): AsyncGenerator<FileSubject, void, undefined> {
  const levels: Level[] = [];
  await enter(root, levels, options);
  try {
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      throwIfAborted(options.signal);
      const entry = await nextEntry(level, levels, options);
      if (entry === undefined) {
        levels.pop();
        continue;
      }
      const place = under(level.place, entry.name);
      if (options.exclude?.(labelOf(place)) === true) {
        continue;
      }
      if (entry.kind === 'file') {
        yield subjectAt(place, options);
      } else if (entry.kind === 'directory') {
        await enter(place, levels, options);
      } else {
        options.onSkip?.(labelOf(place), entry.kind);
      }
    }
  } finally {
    for (const level of levels) {
      await level.dir?.close();
    }
  }
}

async function enter(place: Place, levels: Level[], options: WalkOptions): Promise<void> {
  try {
    const dir = await opendir(openable(place.path), { encoding: nameEncoding, bufferSize: 128 });
    levels.push({ place, dir, waiting: [] });
  } catch (error) {
    skip(labelOf(place), error, options);
  }
}

async function nextEntry(level: Level, levels: readonly Level[], options: WalkOptions): Promise<Entry | undefined> {
  if (level.waiting.length === 0 && level.dir !== undefined) {
    const taken = levels.reduce((sum, one) => sum + one.waiting.length, 0);
    await readPortion(level, level.dir, { limit: Math.max(leastNames, maxNames - taken), options });
  }
  return level.waiting.pop();
}

async function readPortion(level: Level, dir: Dir, { limit, options }: { readonly limit: number; readonly options: WalkOptions }): Promise<void> {
  const entries: Entry[] = [];
  try {
    let found = await dir.read();
    while (found !== null) {
      entries.push({ name: found.name, kind: specialKind(found) ?? 'file' });
      found = entries.length < limit ? await dir.read() : null;
    }
  } catch (error) {
    skip(labelOf(level.place), error, options);
  }
  if (entries.length < limit) {
    level.dir = undefined;
    await dir.close();
  }
  level.waiting = entries.sort((a, b) => (a.name < b.name ? 1 : a.name > b.name ? -1 : 0));
}

/** What a root is; undefined, and reported, when it is nothing to walk. */
async function startAt(root: string, options: WalkOptions): Promise<{ readonly kind: 'file' | 'directory'; readonly place: Place } | undefined> {
  try {
    const given = absolutePath(root);
    const isLink = (await lstat(given)).isSymbolicLink();
    const path = isLink ? pathFromBytes(await realpath(given, { encoding: 'buffer' })) : given;
    const kind = specialKind(await lstat(path, { bigint: true })) ?? 'file';
    if (kind === 'file' || kind === 'directory') {
      return { kind, place: { label: encoded(withoutEnd(root)), path: encoded(path) } };
    }
    options.onSkip?.(root, kind);
  } catch (error) {
    skip(root, error, options);
  }
  return undefined;
}

function skip(label: string, error: unknown, options: WalkOptions): void {
  const errno = errnoOf(error);
  options.onSkip?.(label, errno === 'ENOENT' || errno === 'ENOTDIR' ? 'gone' : 'unreadable', errno);
}

function subjectAt(place: Place, options: WalkOptions): FileSubject {
  return foundFile(openable(place.path), { label: labelOf(place) }, options);
}

function labelOf(place: Place): string {
  return pathLabel(openable(place.label));
}

function under(place: Place, name: string): Place {
  return { label: join(place.label, name), path: join(place.path, name) };
}

function join(path: string, name: string): string {
  return path.endsWith(separator) ? path + name : path + separator + name;
}

/** Without separators at the end, unless that is all there is. */
function withoutEnd(root: string): string {
  const end = isWindows ? /[\\/]+$/ : /\/+$/;
  return root.replace(end, '') === '' ? root : root.replace(end, '');
}

const nameEncoding: BufferEncoding = isWindows ? 'utf8' : 'latin1';

/** From a path to the encoding of names. */
function encoded(path: FilePath): string {
  if (isWindows) {
    return String(path);
  }
  return (typeof path === 'string' ? Buffer.from(path, 'utf8') : path).toString('latin1');
}

/** From the encoding of names to a path. Nearly all names are ASCII and the same in both. */
function openable(path: string): FilePath {
  return isWindows || /^[\0-\x7f]*$/.test(path) ? path : pathFromBytes(Buffer.from(path, 'latin1'));
}
