/**
 * The version information of a PE file (Microsoft's "PE Format", "The .rsrc Section", and "VS_VERSIONINFO"): where its
 * key and value texts are. Resources are a tree of type, name and language; its depth is fixed here, so that directories
 * that point at each other cannot keep the reader busy.
 */
import type { ByteRange } from '../executable.js';
import { Fields } from './fields.js';
import { offsetOf, type PeImage } from './pe.js';

/** Entries of one resource directory past this many are not looked at. */
export const MAX_RESOURCE_ENTRIES = 1024;
/** Directories below version resources past this many are not looked at: entries may all point at the same few. */
export const MAX_RESOURCE_DIRECTORIES = 256;
/** Version resources past this many are not looked at. */
export const MAX_VERSION_RESOURCES = 16;
/** A version resource is looked at up to this length. */
export const MAX_VERSION_BYTES = 65_536;

type Reader<T> = Generator<ByteRange, T, Uint8Array>;

/** An entry of a directory: below it is another one where its offset has the highest bit. */
interface Entry {
  readonly id: number;
  readonly offset: number;
}

const RESOURCES = 2;
const VERSION_TYPE = 16;
const DIRECTORY = 16;
const ENTRY = 8;
const SUBDIRECTORY = 0x8000_0000;
/** Length, length of the value, type: what stands before each key. */
const BLOCK_HEAD = 6;
/** `VS_VERSION_INFO` and `StringFileInfo` with their zeros, in UTF-16: where the first block's value and a table begin. */
const FIXED_INFO_AT = 40;
const STRING_FILE_INFO = 'StringFileInfo';
const TABLES_AT = 36;
const STRINGS_AT = 24;

/** Offsets in the file of every key in the version information; ascending. */
export function* versionTexts(image: PeImage): Reader<readonly number[]> {
  const address = image.directories[RESOURCES]?.address ?? 0;
  const rootAt = address === 0 ? undefined : offsetOf(address, image);
  if (rootAt === undefined) {
    return [];
  }
  const offsets = new Set<number>();
  for (const leaf of yield* versionLeaves(rootAt)) {
    const data = new Fields(yield { at: leaf, length: 8 }, 'little');
    const at = data.length < 8 ? undefined : offsetOf(data.u32(0), image);
    if (at !== undefined) {
      const block = new Fields(yield { at, length: Math.min(data.u32(4), MAX_VERSION_BYTES) }, 'little');
      keysOf(block).forEach((key) => offsets.add(at + key));
    }
  }
  return [...offsets].sort((a, b) => a - b);
}

/** Offsets of the data entries of all version resources: languages of names of the type. */
function* versionLeaves(rootAt: number): Reader<number[]> {
  const leaves: number[] = [];
  const types = (yield* entriesAt(rootAt)).filter(({ id }) => id === VERSION_TYPE);
  const names = yield* entriesBelow(rootAt, types);
  for (const { offset } of yield* entriesBelow(rootAt, names)) {
    if (offset < SUBDIRECTORY && leaves.length < MAX_VERSION_RESOURCES) {
      leaves.push(rootAt + offset);
    }
  }
  return leaves;
}

function* entriesBelow(rootAt: number, entries: readonly Entry[]): Reader<Entry[]> {
  const below: Entry[] = [];
  const directories = entries.filter(({ offset }) => offset >= SUBDIRECTORY).slice(0, MAX_RESOURCE_DIRECTORIES);
  for (const { offset } of directories) {
    below.push(...(yield* entriesAt(rootAt + offset - SUBDIRECTORY)));
  }
  return below;
}

function* entriesAt(at: number): Reader<Entry[]> {
  const head = new Fields(yield { at, length: DIRECTORY }, 'little');
  const count = Math.min(head.u16(12) + head.u16(14), MAX_RESOURCE_ENTRIES);
  const table = new Fields(yield { at: at + DIRECTORY, length: count * ENTRY }, 'little');
  return Array.from({ length: Math.min(count, Math.floor(table.length / ENTRY)) }, (_, i) => ({
    id: table.u32(i * ENTRY),
    offset: table.u32(i * ENTRY + 4),
  }));
}

/** Where keys of strings begin in a version block: of those with a value, and with room for the padding behind them. */
function keysOf(block: Fields): number[] {
  const keys: number[] = [];
  const end = Math.min(block.u16(0), block.length);
  const start = aligned(FIXED_INFO_AT + block.u16(2));
  eachBlock(block, { start, end }, (info, infoEnd) => {
    if (!hasKey(block, info, STRING_FILE_INFO)) {
      return;
    }
    eachBlock(block, { start: info + TABLES_AT, end: infoEnd }, (table, tableEnd) => {
      eachBlock(block, { start: table + STRINGS_AT, end: tableEnd }, (text, textEnd) => {
        const isWhole = aligned(textEnd) <= tableEnd;
        if (isWhole && block.u16(text + 2) > 0) {
          keys.push(text + BLOCK_HEAD);
        }
      });
    });
  });
  return keys;
}

/** Visits the blocks from `start` to `end`, each by its length; one that is too short or too long ends the visit. */
function eachBlock(
  fields: Fields,
  { start, end }: { readonly start: number; readonly end: number },
  visit: (at: number, end: number) => void,
): void {
  for (let at = start; at + BLOCK_HEAD < end; ) {
    const length = fields.u16(at);
    if (length <= BLOCK_HEAD || at + length > end) {
      return;
    }
    visit(at, at + length);
    at = aligned(at + length);
  }
}

function hasKey(fields: Fields, at: number, key: string): boolean {
  return [...key].every((char, i) => fields.u16(at + BLOCK_HEAD + 2 * i) === char.charCodeAt(0));
}

/** Blocks begin at multiples of four bytes. */
function aligned(at: number): number {
  return (at + 3) & ~3;
}
