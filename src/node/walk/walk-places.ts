/**
 * Places in a tree that is walked: how a person knows them and how they are opened, both in the encoding of names. On
 * POSIX names are held as one character per byte (latin1), which loses nothing whatever their encoding.
 */
import { lstatSync, realpathSync, type BigIntStats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import type { Signal } from '../../base/seams.js';
import { extendTextHash, placeHash, textHashSeed } from '../../base/found-files.js';
import { errnoOf } from '../files/durable-files.js';
import { absolutePath, pathFromBytes, pathLabel, type FilePath } from '../files/file-path.js';
import { specialKind, type FileReading, type SpecialKind } from '../files/file-subject.js';

/** Why something was passed over. */
export type SkipReason = Exclude<SpecialKind, 'directory'> | 'gone' | 'unreadable';

/** Options of `walk`. */
export interface WalkOptions extends Signal, FileReading {
  /** Asked with every path found under a root, as a person reads it; true leaves it out, a directory with all in it. */
  exclude?(path: string): boolean;
  /** Told of everything that was passed over for another reason, with the system's error name where there is one. */
  onSkip?(path: string, reason: SkipReason, errno?: string): void;
}

/** A place under a root. */
export interface Place {
  readonly label: string;
  readonly path: string;
  /** Neither has a character beyond ASCII: they are what they look like in every encoding. */
  readonly isAscii: boolean;
}

/** The directory of a place: hashes of what every label and path below it begins with; undefined where they are not ASCII. */
export interface PlaceHashes {
  readonly label: number;
  readonly path: number;
}

/** What the hashes of places below this one begin with. */
export function hashesBelow(place: Place): PlaceHashes | undefined {
  const below = (text: string): number => extendTextHash(textHashSeed, join(text, ''));
  return place.isAscii ? { label: below(place.label), path: below(place.path) } : undefined;
}

/** The `placeHash` of a name below. */
export function hashOfName(below: PlaceHashes, name: string): number {
  const path = extendTextHash(below.path, name);
  return placeHash(path, below.label === below.path ? path : extendTextHash(below.label, name));
}

/** One name in a directory. */
export interface Entry {
  readonly name: string;
  readonly kind: 'file' | SpecialKind;
}

/** Names waiting in all open directories together, before directories are sorted portion by portion. */
export const maxNames = 262_144;
/** Names that a directory may always read at once. */
export const leastNames = 1024;

const isWindows = process.platform === 'win32';
const separator = isWindows ? '\\' : '/';

/** Where a walk begins. */
export interface Start {
  readonly kind: 'file' | 'directory';
  readonly place: Place;
}

/** What a root is; undefined, and reported, when it is nothing to walk. */
export async function startAt(root: string, options: WalkOptions): Promise<Start | undefined> {
  try {
    const path = pathFromBytes(await realpath(absolutePath(root), inBytes));
    return startFrom(root, { path, stats: await lstat(path, inBigInts) }, options);
  } catch (error) {
    skip(root, error, options);
    return undefined;
  }
}

/** The same on the calling thread. */
export function startNow(root: string, options: WalkOptions): Start | undefined {
  try {
    const path = pathFromBytes(realpathSync.native(absolutePath(root), inBytes));
    return startFrom(root, { path, stats: lstatSync(path, inBigInts) }, options);
  } catch (error) {
    skip(root, error, options);
    return undefined;
  }
}

const inBytes = { encoding: 'buffer' } as const;
const inBigInts = { bigint: true } as const;

/** `path`: without any symbolic link: remedies follow none, wherever on the way to the root it stands. */
function startFrom(root: string, { path, stats }: { readonly path: FilePath; readonly stats: BigIntStats }, options: WalkOptions): Start | undefined {
  const kind = specialKind(stats) ?? 'file';
  if (kind === 'file' || kind === 'directory') {
    return { kind, place: placeOf(encoded(withoutEnd(root)), encoded(path)) };
  }
  options.onSkip?.(root, kind);
  return undefined;
}

/** Reports what cannot be looked into. */
export function skip(label: string, error: unknown, options: WalkOptions): void {
  const errno = errnoOf(error);
  options.onSkip?.(label, errno === 'ENOENT' || errno === 'ENOTDIR' ? 'gone' : 'unreadable', errno);
}

/** How a person reads it. */
export function labelOf(place: Place): string {
  return pathLabel(openable(place.label, place.isAscii));
}

/** A name in a directory. */
export function under(place: Place, name: string): Place {
  const path = join(place.path, name);
  const label = place.label === place.path ? path : join(place.label, name);
  return { label, path, isAscii: place.isAscii && isAscii(name) };
}

function join(path: string, name: string): string {
  return path.endsWith(separator) ? path + name : path + separator + name;
}

/** Without separators at the end, unless that is all there is. */
function withoutEnd(root: string): string {
  const end = isWindows ? /[\\/]+$/ : /\/+$/;
  return root.replace(end, '') === '' ? root : root.replace(end, '');
}

/** How names are read. */
export const nameEncoding: BufferEncoding = isWindows ? 'utf8' : 'latin1';

/** From a path to the encoding of names. */
function encoded(path: FilePath): string {
  if (isWindows) {
    return String(path);
  }
  return (typeof path === 'string' ? Buffer.from(path, 'utf8') : path).toString('latin1');
}

/** From the encoding of names to a path. Nearly all names are ASCII and the same in both: a place knows it of its own. */
export function openable(path: string, isPlain: boolean): FilePath {
  return isWindows || isPlain ? path : pathFromBytes(Buffer.from(path, 'latin1'));
}

function placeOf(label: string, path: string): Place {
  return { label, path, isAscii: isAscii(label) && isAscii(path) };
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

/** Descending by the bytes of their names, so that the next is taken from the end. */
export function lastFirst(a: Entry, b: Entry): number {
  return a.name < b.name ? 1 : a.name > b.name ? -1 : 0;
}
