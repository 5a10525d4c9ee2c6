/**
 * All files under some roots, depth first, the names of a directory in the order of their bytes. Symbolic links are
 * not followed, so there are no loops; what is no regular file is passed over and reported.
 *
 * Names are read in portions: a directory is sorted as a whole as long as all names waiting their turn are few enough
 * (`maxNames`), beyond that portion by portion.
 */
import { opendir } from 'node:fs/promises';
import type { Dir } from 'node:fs';
import { throwIfAborted } from '../../base/errors.js';
import { inBatches, type BatchOptions } from '../../base/found-files.js';
import type { FileSubject } from '../../base/subject.js';
import { foundFile, specialKind } from '../files/file-subject.js';
import { walkInBatches } from './walk-batches.js';
import { labelOf, lastFirst, leastNames, maxNames, nameEncoding, openable, skip, startAt, under, type Entry, type Place, type WalkOptions } from './walk-places.js';

export type { SkipReason, WalkOptions } from './walk-places.js';

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
 *
 * An engine takes them in batches where it can: names and states of files, and the contents of small ones, are then read
 * on the calling thread, 8 ms at a time, and contents only as long as that is quick. With `blocking: false` nothing is,
 * and nothing waits for a slow disk but the walk itself.
 */
export function walk(roots: string | readonly string[], options: WalkOptions = {}): AsyncGenerator<FileSubject, void, undefined> {
  const files = walkOneByOne(roots, options);
  if (options.blocking === false) {
    return files;
  }
  return Object.assign(files, { [inBatches]: (taking: BatchOptions) => walkInBatches(roots, { ...options, signal: taking.signal ?? options.signal, glances: taking.glances }) });
}

async function* walkOneByOne(roots: string | readonly string[], options: WalkOptions): AsyncGenerator<FileSubject, void, undefined> {
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
    const dir = await opendir(openable(place.path, place.isAscii), { encoding: nameEncoding, bufferSize: 128 });
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
  level.waiting = entries.sort(lastFirst);
}

function subjectAt(place: Place, options: WalkOptions): FileSubject {
  return foundFile(openable(place.path, place.isAscii), { label: labelOf(place) }, options);
}
