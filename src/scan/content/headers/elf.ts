/**
 * ELF headers (System V ABI, "Object Files"), 32 and 64 bits, both byte orders: the entry point through the program
 * headers, the sections as the section headers list them, the null section included.
 */
import type { ByteRange, ExecutableFacts, ExecutableSection } from '../executable.js';
import { Fields, low32 } from './fields.js';

/** More program headers than this: broken. */
export const MAX_ELF_SEGMENTS = 128;
/** More sections than this: broken. */
export const MAX_ELF_SECTIONS = 256;

type Reader<T> = Generator<ByteRange, T, Uint8Array>;

/** Where the fields of a class of files lie, in bytes. */
interface Layout {
  readonly wide: boolean;
  readonly header: number;
  readonly segment: number;
  readonly section: number;
}

const NARROW: Layout = { wide: false, header: 52, segment: 32, section: 40 };
const WIDE: Layout = { wide: true, header: 64, segment: 56, section: 64 };
const CLASS_AT = 4;
const ORDER_AT = 5;

/** The facts of an ELF file; undefined when a header is missing or breaks a limit, or the entry point lies nowhere. */
export function* elfReader(): Reader<ExecutableFacts | undefined> {
  const bytes = yield { at: 0, length: WIDE.header };
  const layout = layoutOf(bytes);
  if (layout === undefined || bytes.length < layout.header) {
    return undefined;
  }
  const order = bytes[ORDER_AT] === 1 ? 'little' : 'big';
  const header = new Fields(bytes, order);
  const entryPoint = yield* entryOffset(header, layout, order);
  if (entryPoint === undefined) {
    return undefined;
  }
  const sections = yield* readSections(header, layout, order);
  return sections && { format: 'elf', entryPoint, sections, versionInfo: [], imports: undefined };
}

function layoutOf(bytes: Uint8Array): Layout | undefined {
  const isElf = bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
  if (!isElf) {
    return undefined;
  }
  return bytes[CLASS_AT] === 1 ? NARROW : bytes[CLASS_AT] === 2 ? WIDE : undefined;
}

/** The first segment whose memory holds the entry address tells its offset; 0 when there is none to look for. */
function* entryOffset(header: Fields, layout: Layout, order: 'little' | 'big'): Reader<number | undefined> {
  const { wide } = layout;
  const entry = address(header, wide, 24, 24);
  const tableAt = address(header, wide, 28, 32);
  const entrySize = header.u16(wide ? 54 : 42);
  const count = header.u16(wide ? 56 : 44);
  if (count > MAX_ELF_SEGMENTS) {
    return undefined;
  }
  if (count === 0 || entry === 0n) {
    return 0;
  }
  if (entrySize !== layout.segment) {
    return undefined;
  }
  const table = new Fields(yield { at: Number(tableAt), length: count * layout.segment }, order);
  if (table.length < count * layout.segment) {
    return undefined;
  }
  for (let at = 0; at < table.length; at += layout.segment) {
    const start = address(table, wide, at + 8, at + 16);
    const size = address(table, wide, at + 20, at + 40);
    if (entry >= start && entry < start + size) {
      return low32(entry - start + address(table, wide, at + 4, at + 8));
    }
  }
  return undefined;
}

function* readSections(
  header: Fields,
  layout: Layout,
  order: 'little' | 'big',
): Reader<readonly ExecutableSection[] | undefined> {
  const { wide } = layout;
  const tableAt = address(header, wide, 32, 40);
  const entrySize = header.u16(wide ? 58 : 46);
  const count = header.u16(wide ? 60 : 48);
  if (count > MAX_ELF_SECTIONS || entrySize !== layout.section) {
    return undefined;
  }
  if (count === 0) {
    return [];
  }
  const table = new Fields(yield { at: Number(tableAt), length: count * layout.section }, order);
  if (table.length < count * layout.section) {
    return undefined;
  }
  return Array.from({ length: count }, (_, i) => {
    const at = i * layout.section;
    const size = low32(address(table, wide, at + 20, at + 32));
    return {
      rawOffset: low32(address(table, wide, at + 16, at + 24)),
      rawSize: size,
      virtualAddress: low32(address(table, wide, at + 12, at + 16)),
      virtualSize: size,
    };
  });
}

function address(fields: Fields, wide: boolean, narrowAt: number, wideAt: number): bigint {
  return wide ? fields.u64(wideAt) : BigInt(fields.u32(narrowAt));
}
