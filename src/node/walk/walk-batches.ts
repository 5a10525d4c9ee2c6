/**
 * The same files in the same order as `walk` gives them, a few hundred at a time, each with the look that was taken at
 * it: one `lstat` a file, on the calling thread, without a promise for any of them. Between slices of 8 ms everything
 * else has its turn.
 */
import { lstatSync, opendirSync, readdirSync, type BigIntStats, type Dir, type Dirent } from 'node:fs';
import { throwIfAborted } from '../../base/errors.js';
import type { FoundFile } from '../../base/found-files.js';
import type { FileGlance, FileSubject, SubjectInfo } from '../../base/subject.js';
import { fileLocator, fileScheme, pathLabel, type FilePath } from '../files/file-path.js';
import { foundFile, specialKind } from '../files/file-subject.js';
import { hashesBelow, hashOfName, labelOf, lastFirst, leastNames, maxNames, nameEncoding, openable, skip, startAt, under, type Entry, type Place, type PlaceHashes, type WalkOptions } from './walk-places.js';

const sliceMs = 8;
/** Small, so that what is handed over is forgotten before a garbage collection sees it: with 256 that took half of the time. */
const maxBatch = 64;

/**
 * Directories of this size, as the file system counts it, are read in portions; smaller ones (thousands of names) in one
 * call, which takes a fifth of the time where directories are small.
 */
const maxWholeBytes = 128 * 1024;

const namesAndKinds = { encoding: nameEncoding, withFileTypes: true } as const;

/** A directory that is being walked. */
interface Level {
  readonly place: Place;
  readonly hashes: PlaceHashes | undefined;
  /** Open as long as there may be more names to read. */
  dir: Dir | undefined;
  waiting: Entry[];
}

/** Batches of at least one file. Ends like a walk: without a word when it is returned, with `aborted` by the signal. */
export async function* walkInBatches(roots: string | readonly string[], options: WalkOptions): AsyncGenerator<readonly FoundFile[], void, undefined> {
  for (const root of typeof roots === 'string' ? [roots] : roots) {
    const start = await startAt(root, options);
    if (start?.kind === 'file') {
      yield [found(start.place, options, { seenAt: Date.now() })];
    } else if (start !== undefined) {
      yield* walkTree(start.place, options);
    }
  }
}

async function* walkTree(root: Place, options: WalkOptions): AsyncGenerator<readonly FoundFile[], void, undefined> {
  const levels: Level[] = [];
  let until = performance.now() + sliceMs;
  enter(root, levels, options);
  try {
    while (levels.length > 0) {
      throwIfAborted(options.signal);
      const batch = nextBatch(levels, options);
      if (batch.length > 0) {
        yield batch;
      }
      if (performance.now() >= until) {
        await othersTurn();
        until = performance.now() + sliceMs;
      }
    }
  } finally {
    levels.forEach((level) => level.dir?.closeSync());
  }
}

/** The next files, after so many entries at most: of a tree without files as well. */
function nextBatch(levels: Level[], options: WalkOptions): FoundFile[] {
  const batch: FoundFile[] = [];
  const seenAt = Date.now();
  const level = levels.at(-1);
  for (let entries = 0; level !== undefined && entries < maxBatch && levels.at(-1) === level; entries++) {
    const entry = nextEntry(level, levels, options);
    if (entry === undefined) {
      levels.pop();
      break;
    }
    visit(under(level.place, entry.name), entry, { levels, level, options, batch, seenAt });
  }
  return batch;
}

interface Visit {
  readonly levels: Level[];
  /** Where the entry is. */
  readonly level: Level;
  readonly options: WalkOptions;
  readonly batch: FoundFile[];
  /** Before any of the files was looked at. */
  readonly seenAt: number;
}

function visit(place: Place, { name, kind }: Entry, to: Visit): void {
  const { levels, level, options, batch } = to;
  if (options.exclude?.(labelOf(place)) === true) {
    return;
  }
  if (kind === 'file') {
    const hash = level.hashes === undefined || !place.isAscii ? undefined : hashOfName(level.hashes, name);
    batch.push(found(place, options, { seenAt: to.seenAt, hash }));
  } else if (kind === 'directory') {
    enter(place, levels, options);
  } else {
    options.onSkip?.(labelOf(place), kind);
  }
}

function enter(place: Place, levels: Level[], options: WalkOptions): void {
  try {
    const path = openable(place.path, place.isAscii);
    const hashes = hashesBelow(place);
    if (lstatSync(path).size > maxWholeBytes) {
      levels.push({ place, hashes, dir: opendirSync(path, { encoding: nameEncoding, bufferSize: 128 }), waiting: [] });
      return;
    }
    const waiting = readdirSync(path, namesAndKinds).map(entryOf).sort(lastFirst);
    levels.push({ place, hashes, dir: undefined, waiting });
  } catch (error) {
    skip(labelOf(place), error, options);
  }
}

function entryOf(one: Dirent): Entry {
  return { name: one.name, kind: specialKind(one) ?? 'file' };
}

function nextEntry(level: Level, levels: readonly Level[], options: WalkOptions): Entry | undefined {
  if (level.waiting.length === 0 && level.dir !== undefined) {
    const taken = levels.reduce((sum, one) => sum + one.waiting.length, 0);
    readPortion(level, level.dir, { limit: Math.max(leastNames, maxNames - taken), options });
  }
  return level.waiting.pop();
}

function readPortion(level: Level, dir: Dir, { limit, options }: { readonly limit: number; readonly options: WalkOptions }): void {
  const entries: Entry[] = [];
  try {
    for (let one = dir.readSync(); one !== null; one = entries.length < limit ? dir.readSync() : null) {
      entries.push(entryOf(one));
    }
  } catch (error) {
    skip(labelOf(level.place), error, options);
  }
  if (entries.length < limit) {
    level.dir = undefined;
    dir.closeSync();
  }
  level.waiting = entries.sort(lastFirst);
}

function found(place: Place, options: WalkOptions, how: { readonly seenAt: number; readonly hash?: number | undefined }): FoundFile {
  const path = openable(place.path, place.isAscii);
  const identity = statsOf(path);
  const glance = identity === undefined ? undefined : { identity, seenAt: how.seenAt };
  return new SeenFile(path, place.label === place.path ? path : openable(place.label, place.isAscii), { options, glance, hash: how.hash });
}

/** What cannot be looked at now is for the opening to tell. */
function statsOf(path: FilePath): BigIntStats | undefined {
  try {
    const stats = lstatSync(path, lookOptions);
    return stats?.isFile() === true ? stats : undefined;
  } catch {
    return undefined;
  }
}

const lookOptions = { bigint: true, throwIfNoEntry: false } as const;

class SeenFile implements FoundFile {
  readonly glance: FileGlance | undefined;
  readonly placeHash: number | undefined;
  readonly #path: FilePath;
  readonly #label: FilePath;
  readonly #options: WalkOptions;

  constructor(path: FilePath, label: FilePath, how: { readonly options: WalkOptions; readonly glance: FileGlance | undefined; readonly hash: number | undefined }) {
    this.#path = path;
    this.#label = label;
    this.#options = how.options;
    this.glance = how.glance;
    this.placeHash = how.hash;
  }

  info(): SubjectInfo & { readonly kind: 'file' } {
    const path = this.#path;
    // What was found under an absolute root is as tidy as the root.
    const locator = typeof path === 'string' ? { scheme: fileScheme, ref: path } : fileLocator(path);
    return { label: pathLabel(this.#label), locator, kind: 'file' };
  }

  subject(): FileSubject {
    return foundFile(this.#path, { label: pathLabel(this.#label) }, this.#options, { glance: this.glance });
  }
}

/** Timers, sockets and whoever else waits. */
function othersTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
