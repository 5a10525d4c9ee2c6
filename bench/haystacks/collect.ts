/**
 * Ordinary files of this machine by kind: programs (ELF where there are any, else pieces of the Node program itself),
 * scripts and texts from the installed packages. Lists are sorted, so that the same machine gives the same haystack.
 */
import { closeSync, openSync, readSync, readdirSync, statSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { join } from 'node:path';

/** A part of a file: all of it, as a rule. */
export interface Piece {
  readonly file: string;
  readonly at: number;
  readonly bytes: number;
}

/** Pieces of the kinds that are read from files. Paths stay in memory: no description or record has one. */
export type Sources = Readonly<Record<'program' | 'script' | 'text', readonly Piece[]>>;

const kilobyte = 1_024;
const programFolders = ['/usr/bin', '/usr/lib'];
/** Fewer programs than this are not a mixture. */
const minPrograms = 100;

/** Lists the sources; `packages` is the folder of the installed packages. */
export function collectSources(packages: string): Sources {
  const inPackages = walk(packages, { min: 4 * kilobyte, max: 3_000 * kilobyte });
  const programs = programFolders.flatMap((folder) => walk(folder, { min: 20 * kilobyte, max: 9_000 * kilobyte })).filter(isElf);
  return {
    program: programs.length >= minPrograms ? programs : piecesOf(process.execPath, 64 * kilobyte),
    script: inPackages.filter(({ file }) => /\.[cm]?js$/.test(file)),
    text: inPackages.filter(({ file }) => /\.(?:md|txt|json|[cm]?ts)$/.test(file)),
  };
}

/** The first pieces, until they have `maxBytes`. */
export function readPieces(pieces: readonly Piece[], maxBytes: number): { readonly bytes: Buffer; readonly files: number } {
  const contents: Buffer[] = [];
  let left = maxBytes;
  for (const { file, at, bytes } of pieces) {
    if (left <= 0) {
      break;
    }
    const content = readAt(file, at, Math.min(bytes, left));
    contents.push(content);
    left -= content.length;
  }
  return { bytes: Buffer.concat(contents), files: contents.length };
}

/** Regular files of such a size below the folder, sorted by path. A folder that is not there has none. */
export function walk(folder: string, size: { readonly min: number; readonly max: number }): Piece[] {
  const found: Piece[] = [];
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for (const entry of listed(next)) {
      const file = join(next, entry.name);
      if (entry.isDirectory()) {
        folders.push(file);
      } else if (entry.isFile()) {
        found.push({ file, at: 0, bytes: statSync(file).size });
      }
    }
  }
  return found
    .filter(({ bytes }) => bytes >= size.min && bytes <= size.max)
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

function listed(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Whether it is a program or a library of Linux. */
export function isElf({ file }: Piece): boolean {
  try {
    return readAt(file, 0, 4).toString('latin1') === '\x7fELF';
  } catch {
    return false;
  }
}

/** A file as pieces of so many bytes. */
export function piecesOf(file: string, bytes: number): Piece[] {
  return Array.from({ length: Math.floor(statSync(file).size / bytes) }, (_, i) => ({ file, at: i * bytes, bytes }));
}

function readAt(file: string, at: number, bytes: number): Buffer {
  const into = Buffer.alloc(bytes);
  const fd = openSync(file, 'r');
  try {
    return into.subarray(0, readSync(fd, into, 0, bytes, at));
  } finally {
    closeSync(fd);
  }
}
