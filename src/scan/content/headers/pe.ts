/**
 * PE headers (Microsoft's "PE Format"), 32 and 64 bits: the sections with the rounding that clamscan applies, and the
 * entry point as an offset in the file.
 *
 * Raw offsets are rounded down and raw sizes up to the file alignment, or to 512 when a section does not keep to the
 * stated alignment but to that one; what lies past the end of the file is cut off. Addresses below the header's size
 * (rounded up) are offsets already, others lie in the last section whose raw bytes hold them.
 */
import type { ByteRange, ExecutableFacts, ExecutableSection } from '../executable.js';
import { AddressMap } from './address-map.js';
import { Fields } from './fields.js';
import { importTable } from './pe-imports.js';
import { versionTexts } from './pe-resources.js';

/** More sections than this: no facts. Wider than anything that loads (96 on Windows), far below what a file could state. */
export const MAX_PE_SECTIONS = 4096;

type Reader<T> = Generator<ByteRange, T, Uint8Array>;

/** What the readers of the directories need to know. */
export interface PeImage {
  readonly size: number;
  readonly wide: boolean;
  readonly headerSize: number;
  readonly sections: readonly ExecutableSection[];
  /** The sections by their raw bytes. */
  readonly addresses: AddressMap<ExecutableSection>;
  /** Address and size of each data directory, by its index. */
  readonly directories: readonly { readonly address: number; readonly size: number }[];
}

const FILE_HEADER = 24;
const SECTION = 40;
const DIRECTORY = 8;
const MAX_DIRECTORIES = 16;
const SIGN_BIT = 0x8000_0000;
const U32 = 2 ** 32;

interface Section extends ExecutableSection {
  readonly signed: boolean;
}

/** The facts of a PE file; undefined when a header is missing or broken, or the entry point lies nowhere in the file. */
export function* peReader(size: number): Reader<ExecutableFacts | undefined> {
  const dos = new Fields(yield { at: 0, length: 64 }, 'little');
  const at = dos.u32(60);
  if (dos.length < 64 || dos.u16(0) !== 0x5a4d) {
    return undefined;
  }
  const head = new Fields(yield { at, length: FILE_HEADER }, 'little');
  const optionalSize = head.u16(20);
  const count = head.u16(6);
  if (head.length < FILE_HEADER || head.u32(0) !== 0x4550 || count === 0 || count > MAX_PE_SECTIONS) {
    return undefined;
  }
  const optional = new Fields(yield { at: at + FILE_HEADER, length: 112 + DIRECTORY * MAX_DIRECTORIES }, 'little');
  const wide = optional.u16(0) === 0x20b;
  const fixed = wide ? 112 : 96;
  const directoryCount = Math.min(optional.u32(fixed - 4), MAX_DIRECTORIES);
  if (optionalSize < fixed + DIRECTORY * directoryCount || optional.length < fixed + DIRECTORY * directoryCount) {
    return undefined;
  }
  const table = new Fields(yield { at: at + FILE_HEADER + optionalSize, length: count * SECTION }, 'little');
  if (table.length < count * SECTION) {
    return undefined;
  }
  const sections = sectionsOf(table, count, { optional, size });
  const image: PeImage = {
    size,
    wide,
    headerSize: roundUp(optional.u32(60), optional.u32(32)),
    sections,
    addresses: new AddressMap(sections),
    directories: Array.from({ length: directoryCount }, (_, i) => ({
      address: optional.u32(fixed + DIRECTORY * i),
      size: optional.u32(fixed + DIRECTORY * i + 4),
    })),
  };
  const entryPoint = sections.some(({ signed }) => signed) ? undefined : offsetOf(optional.u32(16), image);
  return entryPoint === undefined ? undefined : yield* withDirectories(image, entryPoint);
}

function* withDirectories(image: PeImage, entryPoint: number): Reader<ExecutableFacts> {
  const sections = image.sections.map(({ rawOffset, rawSize, virtualAddress, virtualSize }) => {
    return { rawOffset, rawSize, virtualAddress, virtualSize };
  });
  const versionInfo = yield* versionTexts(image);
  const imports = yield* importTable(image);
  return { format: 'pe', entryPoint, sections, versionInfo, imports };
}

/** The offset in the file of an address relative to the image; undefined when no raw bytes stand for it. */
export function offsetOf(address: number, image: PeImage): number | undefined {
  if (address < image.headerSize) {
    return address < image.size ? address : undefined;
  }
  const home = image.addresses.find(address);
  return home && home.rawOffset + address - home.virtualAddress;
}

function sectionsOf(table: Fields, count: number, { optional, size }: { optional: Fields; size: number }): Section[] {
  const sectionAlignment = optional.u32(32);
  const stated = optional.u32(36);
  const starts = Array.from({ length: count }, (_, i) => i * SECTION);
  const misaligned = stated !== 0 && starts.some((at) => keepsTo512(table, at, stated));
  const fileAlignment = misaligned ? 512 : stated;
  return starts.map((at) => sectionAt(table, at, { sectionAlignment, fileAlignment, size }));
}

function keepsTo512(table: Fields, at: number, stated: number): boolean {
  const rawOffset = table.u32(at + 20);
  return stated !== 512 && table.u32(at + 16) !== 0 && rawOffset % stated !== 0 && rawOffset % 512 === 0;
}

function sectionAt(
  table: Fields,
  at: number,
  by: { readonly sectionAlignment: number; readonly fileAlignment: number; readonly size: number },
): Section {
  const statedSize = table.u32(at + 16);
  const statedOffset = table.u32(at + 20);
  const rawOffset = roundDown(statedOffset, by.fileAlignment);
  const rounded = roundUp(statedSize, by.fileAlignment);
  const isBeyond = rounded > 0 && statedOffset >= by.size;
  const rawSize = isBeyond ? 0 : Math.min(rounded, Math.max(0, by.size - rawOffset));
  const keptSize = isBeyond ? 0 : keptOf(statedOffset, statedSize, rounded > 0 ? by.size : Infinity);
  const virtualSize = roundUp(table.u32(at + 8), by.sectionAlignment);
  return {
    rawOffset,
    rawSize,
    virtualAddress: roundDown(table.u32(at + 12), by.sectionAlignment),
    virtualSize: virtualSize === 0 ? roundUp(keptSize, by.sectionAlignment) : virtualSize,
    signed: [table.u32(at + 8), table.u32(at + 12), keptSize].some((value) => value >= SIGN_BIT),
  };
}

/** How much of a size lies within the file. */
function keptOf(offset: number, size: number, end: number): number {
  return offset + size > end ? Math.max(0, end - offset) : size;
}

function roundDown(value: number, unit: number): number {
  return unit === 0 ? value : value - (value % unit);
}

/** Sums wrap at 32 bits, as in the format's own fields. */
function roundUp(value: number, unit: number): number {
  return unit === 0 || value % unit === 0 ? value : (value - (value % unit) + unit) % U32;
}
