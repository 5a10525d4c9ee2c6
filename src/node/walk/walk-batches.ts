/**
 * The same files in the same order as `walk` gives them, some dozens at a time, each with the look that was taken at
 * it: one `lstat` a file, on the calling thread, without a promise for any of them. Their contents can be had in the same
 * way. Between slices of 8 ms everything else has its turn.
 */
import { lstatSync, opendirSync, readdirSync, type BigIntStats, type Dir, type Dirent } from 'node:fs';
import { throwIfAborted } from '../../base/errors.js';
import type { BatchOptions, FoundFile } from '../../base/found-files.js';
import type { FileGlance, FileSubject, Locator, SubjectInfo } from '../../base/subject.js';
import { fileLocator, fileScheme, pathLabel, type FilePath } from '../files/file-path.js';
import { foundFile, specialKind } from '../files/file-subject.js';
import { createPromptReader, maxPromptBytes, type PromptReader } from '../files/prompt-reader.js';
import { hashesBelow, hashOfName, labelOf, lastFirst, leastNames, maxNames, nameEncoding, openable, skip, startNow, under, type Entry, type Place, type PlaceHashes, type WalkOptions } from './walk-places.js';

const sliceMs = 8;
/** Small, so that what is handed over is forgotten before a garbage collection sees it: with 256 that took half of the time. */
const maxBatch = 64;
/** So much content in one batch, that is read and judged before anything else has its turn: some milliseconds. */
const maxContentBytes = 1024 * 1024;
/** Where sizes are not known. */
const maxBlindBatch = 16;

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
export async function* walkInBatches(roots: string | readonly string[], options: WalkOptions & Pick<BatchOptions, 'glances'>): AsyncGenerator<readonly FoundFile[], void, undefined> {
  const reader = createPromptReader(() => performance.now());
  const walking: Walking = { options, reader, looks: options.glances !== false, until: performance.now() + sliceMs };
  for (const root of typeof roots === 'string' ? [roots] : roots) {
    throwIfAborted(options.signal);
    const start = startNow(root, options);
    if (start?.kind === 'file') {
      yield [found(start.place, walking, { seenAt: Date.now() })];
    } else if (start !== undefined) {
      yield* walkTree(start.place, walking);
    }
    await sliceEnd(walking);
  }
}

/** What all files of a walk have in common. */
interface Walking {
  readonly options: WalkOptions;
  readonly reader: PromptReader;
  /** Whether files are looked at. */
  readonly looks: boolean;
  /** When everything else has its turn. */
  until: number;
}

async function* walkTree(root: Place, walking: Walking): AsyncGenerator<readonly FoundFile[], void, undefined> {
  const { options } = walking;
  const levels: Level[] = [];
  enter(root, levels, options);
  try {
    while (levels.length > 0) {
      throwIfAborted(options.signal);
      const batch = nextBatch(levels, walking);
      if (batch.length > 0) {
        yield batch;
      }
      await sliceEnd(walking);
    }
  } finally {
    levels.forEach((level) => level.dir?.closeSync());
  }
}

/** Undefined within a slice of time. */
function sliceEnd(walking: Walking): Promise<void> | undefined {
  if (performance.now() < walking.until) {
    return undefined;
  }
  return othersTurn().then(() => {
    walking.reader.turned();
    walking.until = performance.now() + sliceMs;
  });
}

/** The next files, after so many entries at most: of a tree without files as well. */
function nextBatch(levels: Level[], walking: Walking): FoundFile[] {
  const batch: FoundFile[] = [];
  const visit: Visit = { levels, walking, batch, seenAt: Date.now() };
  const level = levels.at(-1);
  const most = walking.looks ? maxBatch : maxBlindBatch;
  let bytes = 0;
  for (let entries = 0; level !== undefined && entries < most && bytes < maxContentBytes && levels.at(-1) === level; entries++) {
    const entry = nextEntry(level, levels, walking.options);
    if (entry === undefined) {
      levels.pop();
      break;
    }
    bytes += visitEntry(entry, level, visit);
  }
  return batch;
}

interface Visit {
  readonly levels: Level[];
  readonly walking: Walking;
  readonly batch: FoundFile[];
  /** Before any of the files was looked at. */
  readonly seenAt: number;
}

/** @returns bytes of content that may be read along with the batch. */
function visitEntry({ name, kind }: Entry, level: Level, { levels, walking, batch, seenAt }: Visit): number {
  const { options } = walking;
  const place = under(level.place, name);
  if (options.exclude?.(labelOf(place)) === true) {
    return 0;
  }
  if (kind === 'file') {
    const hash = level.hashes === undefined || !place.isAscii || !walking.looks ? undefined : hashOfName(level.hashes, name);
    const one = found(place, walking, { seenAt, hash });
    batch.push(one);
    const size = Number(one.glance?.identity.size ?? 0);
    return size <= maxPromptBytes ? size : 0;
  }
  if (kind === 'directory') {
    enter(place, levels, options);
  } else {
    options.onSkip?.(labelOf(place), kind);
  }
  return 0;
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

function found(place: Place, walking: Walking, how: { readonly seenAt: number; readonly hash?: number | undefined }): FoundFile {
  const path = openable(place.path, place.isAscii);
  const identity = walking.looks ? statsOf(path) : undefined;
  const glance = identity === undefined ? undefined : { identity, seenAt: how.seenAt };
  return new SeenFile(path, place.label === place.path ? path : openable(place.label, place.isAscii), { walking, glance, hash: how.hash });
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

/** Copied for each file, like the results that they go into (`quick-check.ts`). */
const plainLocator: Locator = { scheme: fileScheme, ref: '' };
const plainInfo: SubjectInfo & { readonly kind: 'file' } = { label: '', locator: plainLocator, kind: 'file' };

class SeenFile implements FoundFile {
  readonly glance: FileGlance | undefined;
  readonly placeHash: number | undefined;
  readonly #path: FilePath;
  readonly #label: FilePath;
  readonly #walking: Walking;

  constructor(path: FilePath, label: FilePath, how: { readonly walking: Walking; readonly glance: FileGlance | undefined; readonly hash: number | undefined }) {
    this.#path = path;
    this.#label = label;
    this.#walking = how.walking;
    this.glance = how.glance;
    this.placeHash = how.hash;
  }

  info(): SubjectInfo & { readonly kind: 'file' } {
    const path = this.#path;
    // What was found under an absolute root is as tidy as the root.
    const locator = typeof path === 'string' ? { ...plainLocator, ref: path } : fileLocator(path);
    return { ...plainInfo, label: pathLabel(this.#label), locator };
  }

  content(): Uint8Array | undefined {
    const { reader, looks } = this.#walking;
    const seen = this.glance?.identity;
    // What was looked at, and is no regular file or a large one, is not opened.
    const mayBeRead = seen === undefined ? !looks : seen.size <= maxPromptBytes;
    return mayBeRead ? reader.read(this.#path, seen) : undefined;
  }

  subject(): FileSubject {
    const { options, reader } = this.#walking;
    const reading = reader.isSlow() ? { blocking: false } : options;
    return foundFile(this.#path, { label: pathLabel(this.#label) }, reading, { glance: this.glance });
  }
}

/** Timers, sockets and whoever else waits. */
function othersTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
