/**
 * The import table of a PE file (Microsoft's "PE Format", "The .idata Section") as the text of its import hash: for each
 * library and function in order `library.function`, in lower case, joined by commas. A library loses its extension when
 * it is dll, ocx or sys. What is read is limited as clamscan limits it.
 */
import type { ByteRange, ImportTable } from '../executable.js';
import { Fields } from './fields.js';
import { ordinalName } from './import-ordinals.js';
import { offsetOf, type PeImage } from './pe.js';

/** Libraries past this many are not looked at. */
export const MAX_IMPORT_LIBRARIES = 1024;
/** More entries of functions than this in all, named or not: no import hash. Ours: far above what linkers write. */
export const MAX_IMPORT_FUNCTIONS = 65_536;

type Reader<T> = Generator<ByteRange, T, Uint8Array>;

const IMPORTS = 1;
const DESCRIPTOR = 20;
const MAX_NAME = 256;
const HINT = 2;
const BLOCK = 1024;
const STRIPPED = new Set(['dll', 'ocx', 'sys']);
const FUNCTION_NAME = /^[\w.]*$/;

interface Library {
  /** File name in lower case. */
  readonly name: string;
  /** Offset of the table of functions in the file. */
  readonly tableAt: number;
}

/** The text of the import hash; undefined without a table, or when a name in it is none. */
export function* importTable(image: PeImage): Reader<ImportTable | undefined> {
  const directory = image.directories[IMPORTS];
  if (directory === undefined || directory.address === 0 || directory.size === 0) {
    return undefined;
  }
  const at = offsetOf(directory.address, image);
  const libraries = at === undefined ? undefined : yield* readLibraries(image, at, directory.size);
  if (libraries === undefined) {
    return undefined;
  }
  const imports: string[] = [];
  let room = MAX_IMPORT_FUNCTIONS;
  for (const library of libraries) {
    const functions = yield* readFunctions(image, library, room);
    if (functions === undefined) {
      return undefined;
    }
    room -= functions.entries;
    for (const name of functions.names) {
      imports.push(`${withoutExtension(library.name)}.${name}`);
    }
  }
  const text = imports.join(',');
  return { text, size: text.length };
}

/** Descriptors up to one without a name, or to the last one that more of the directory follows. */
function* readLibraries(image: PeImage, at: number, size: number): Reader<Library[] | undefined> {
  const libraries: Library[] = [];
  const count = Math.min(MAX_IMPORT_LIBRARIES, Math.ceil(size / DESCRIPTOR) - 1);
  const table = new Fields(yield { at, length: count * DESCRIPTOR }, 'little');
  for (let i = 0; (i + 1) * DESCRIPTOR <= table.length && table.u32(i * DESCRIPTOR + 12) !== 0; i++) {
    const nameAt = offsetOf(table.u32(i * DESCRIPTOR + 12), image);
    if (nameAt === undefined) {
      return undefined;
    }
    const lookup = table.u32(i * DESCRIPTOR);
    const lookupAt = lookup === 0 ? undefined : offsetOf(lookup, image);
    const tableAt = lookupAt ?? offsetOf(table.u32(i * DESCRIPTOR + 16), image);
    const name = yield* readName(nameAt);
    if (tableAt !== undefined && name !== undefined) {
      libraries.push({ name: name.toLowerCase(), tableAt });
    }
  }
  return libraries;
}

interface Functions {
  readonly names: readonly string[];
  /** How many entries were read, those without a readable name included. */
  readonly entries: number;
}

/** The names of a library's functions; undefined when one is no name or there are more than `room` entries. */
function* readFunctions(image: PeImage, library: Library, room: number): Reader<Functions | undefined> {
  const width = image.wide ? 8 : 4;
  const names: string[] = [];
  let entries = 0;
  for (let at = library.tableAt; ; at += BLOCK) {
    const block = new Fields(yield { at, length: BLOCK }, 'little');
    for (let entry = 0; entry < BLOCK; entry += width) {
      const low = block.u32(entry);
      const high = image.wide ? block.u32(entry + 4) : low;
      if (entry + width > block.length || (low === 0 && high === 0)) {
        return { names, entries };
      }
      if (entries === room) {
        return undefined;
      }
      entries++;
      const name = yield* functionName(image, library.name, { low, high });
      if (name !== undefined && !FUNCTION_NAME.test(name)) {
        return undefined;
      }
      if (name !== undefined) {
        names.push(name);
      }
    }
  }
}

/** By ordinal when the highest bit is set, else by the name behind a hint; undefined when that cannot be read. */
function* functionName(
  image: PeImage,
  library: string,
  { low, high }: { readonly low: number; readonly high: number },
): Reader<string | undefined> {
  if (high >= 0x8000_0000) {
    return ordinalName(library, low & 0xffff);
  }
  if (low >= 0x8000_0000) {
    return undefined;
  }
  // What lies nowhere is read at the beginning of the file, where the bytes behind `MZ` are a name of their own.
  const name = yield* readName((offsetOf(low, image) ?? 0) + HINT);
  return name?.toLowerCase();
}

/** A text up to its zero byte, of at most 256 bytes; undefined where fewer bytes than that are left in the file. */
function* readName(at: number): Reader<string | undefined> {
  const bytes = yield { at, length: MAX_NAME };
  if (bytes.length < MAX_NAME) {
    return undefined;
  }
  const end = bytes.indexOf(0);
  return String.fromCharCode(...bytes.subarray(0, end === -1 ? MAX_NAME : end));
}

function withoutExtension(name: string): string {
  const dot = name.indexOf('.');
  return dot !== -1 && STRIPPED.has(name.slice(dot + 1)) ? name.slice(0, dot) : name;
}
