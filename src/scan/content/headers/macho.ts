/**
 * Mach-O headers ("OS X ABI Mach-O File Format Reference"), 32 and 64 bits, both byte orders: the sections of all
 * segments in order. Only PowerPC thread states name an entry point (its first register), as clamscan reads them.
 * Universal binaries have no sections of their own: each of their parts is an object of its own, which needs unpacking.
 */
import type { ByteRange, ExecutableFacts, ExecutableSection } from '../executable.js';
import { Fields, low32 } from './fields.js';

/** More load commands than this (or none): broken. */
export const MAX_LOAD_COMMANDS = 1024;
/** More sections in one segment than this: broken. */
export const MAX_SEGMENT_SECTIONS = 255;

type Reader<T> = Generator<ByteRange, T, Uint8Array>;
type Order = 'little' | 'big';

const SEGMENT = 0x01;
const SEGMENT_64 = 0x19;
const THREAD = 0x04;
const UNIX_THREAD = 0x05;
const I386 = 0x07;
const POWER_PC = 0x12;
const POWER_PC_64 = 0x0100_0012;
/** Bytes of a thread's registers, by processor: they must be there even where no entry point is taken of them. */
const THREAD_STATES: ReadonlyMap<number, number> = new Map([
  [I386, 64],
  [POWER_PC, 160],
  [POWER_PC_64, 304],
]);
const MAX_ALIGNMENT = 31;

interface State {
  at: number;
  entry: number;
  readonly sections: ExecutableSection[];
}

/** The facts of a Mach-O file; undefined when a header is missing or breaks a limit, or the entry point lies nowhere. */
export function* machoReader(): Reader<ExecutableFacts | undefined> {
  const bytes = yield { at: 0, length: 32 };
  const magic = new Fields(bytes, 'little').u32(0);
  const order: Order = magic === 0xfeedface || magic === 0xfeedfacf ? 'little' : 'big';
  const header = new Fields(bytes, order);
  const wide = header.u32(0) === 0xfeedfacf;
  if ((!wide && header.u32(0) !== 0xfeedface) || bytes.length < (wide ? 32 : 28)) {
    return undefined;
  }
  const commands = header.u32(16);
  if (commands === 0 || commands > MAX_LOAD_COMMANDS) {
    return undefined;
  }
  const state: State = { at: wide ? 32 : 28, entry: 0, sections: [] };
  for (let i = 0; i < commands; i++) {
    if (!(yield* readCommand(state, header.u32(4), order))) {
      return undefined;
    }
  }
  const entryPoint = entryOffset(state);
  return entryPoint === undefined
    ? undefined
    : { format: 'macho', entryPoint, sections: state.sections, versionInfo: [], imports: undefined };
}

/** Reads one load command and moves on behind it; false when it is broken. */
function* readCommand(state: State, cpu: number, order: Order): Reader<boolean> {
  const start = state.at;
  const command = new Fields(yield { at: start, length: 8 }, order);
  if (command.length < 8) {
    return false;
  }
  const kind = command.u32(0);
  if (kind === SEGMENT || kind === SEGMENT_64) {
    return yield* readSegment(state, kind === SEGMENT_64, order);
  }
  if (kind === THREAD || kind === UNIX_THREAD) {
    const read = yield* readThread(state, cpu, order);
    if (!read) {
      return false;
    }
  }
  state.at = start + Math.max(8, command.u32(4));
  return true;
}

/** Sections follow their segment's command at once, whatever length it states. */
function* readSegment(state: State, wide: boolean, order: Order): Reader<boolean> {
  const headSize = wide ? 72 : 56;
  const sectionSize = wide ? 80 : 68;
  const head = new Fields(yield { at: state.at, length: headSize }, order);
  const count = head.u32(headSize - 8);
  if (head.length < headSize || count > MAX_SEGMENT_SECTIONS) {
    return false;
  }
  const table = new Fields(yield { at: state.at + headSize, length: count * sectionSize }, order);
  for (let i = 0; i < count; i++) {
    const section = sectionAt(table, i * sectionSize, wide);
    if (table.length < (i + 1) * sectionSize || section === undefined) {
      return false;
    }
    state.sections.push(section);
  }
  state.at += headSize + count * sectionSize;
  return true;
}

function sectionAt(table: Fields, at: number, wide: boolean): ExecutableSection | undefined {
  const virtualAddress = wide ? low32(table.u64(at + 32)) : table.u32(at + 32);
  const virtualSize = wide ? low32(table.u64(at + 40)) : table.u32(at + 36);
  const alignment = table.u32(at + (wide ? 52 : 44));
  if (alignment > MAX_ALIGNMENT) {
    return undefined;
  }
  const unit = 2 ** alignment;
  const rawSize = (Math.ceil(virtualSize / unit) * unit) % 2 ** 32;
  return { rawOffset: table.u32(at + (wide ? 48 : 40)), rawSize, virtualAddress, virtualSize };
}

/** False when the registers are not all there. */
function* readThread(state: State, cpu: number, order: Order): Reader<boolean> {
  const length = THREAD_STATES.get(cpu);
  if (length === undefined) {
    return true;
  }
  const registers = new Fields(yield { at: state.at + 16, length }, order);
  if (cpu !== I386) {
    state.entry = cpu === POWER_PC_64 ? low32(registers.u64(0)) : registers.u32(0);
  }
  return registers.length === length;
}

function entryOffset({ entry, sections }: State): number | undefined {
  if (entry === 0 || sections.length === 0) {
    return entry;
  }
  const home = sections.find((section) => {
    return entry >= section.virtualAddress && entry < section.virtualAddress + section.virtualSize;
  });
  return home && entry - home.virtualAddress + home.rawOffset;
}
