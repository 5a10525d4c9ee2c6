/**
 * Facts of an executable's headers that signatures refer to: entry point, sections, version information, imports.
 * A reader is a generator that asks for ranges of bytes, so that it runs over bytes in memory and over a source alike;
 * what it asks for is bounded (limits of each format in its own file), however the headers lie.
 *
 * Facts are as clamscan 1.4.6 takes them. Without facts (`undefined`: broken headers) it matches no signature whose
 * offset is relative to anything, `EOF-n` included, and no condition on entry point or sections holds.
 */
import { elfReader } from './headers/elf.js';
import { machoReader } from './headers/macho.js';
import { peReader } from './headers/pe.js';
import { RangeWindows } from './range-windows.js';

/** A range of bytes that is wanted next. The answer may be shorter: what is missing is past the end. */
export interface ByteRange {
  readonly at: number;
  readonly length: number;
}

/** A section in the order of the headers; numbers in bytes. Raw offset and size are as the format's rules round them. */
export interface ExecutableSection {
  readonly rawOffset: number;
  readonly rawSize: number;
  readonly virtualAddress: number;
  readonly virtualSize: number;
}

/** What the headers of an executable say. */
export interface ExecutableFacts {
  readonly format: 'pe' | 'elf' | 'macho';
  /** As an offset in the file; 0 when the headers name none: `EP+0` is then the beginning of the file. */
  readonly entryPoint: number;
  /** `Sx+n` counts from the raw offset of section x. `SEx` matches from there up to and with raw offset plus raw size. */
  readonly sections: readonly ExecutableSection[];
  /** PE only: offsets of the version information's texts, where `VI` subsignatures are tried; ascending. */
  readonly versionInfo: readonly number[];
  /** PE only: what the import hash is taken of; undefined without a readable import table. */
  readonly imports: ImportTable | undefined;
}

/** The text whose MD5 is the import hash: `dll.function,…` in lower case, in Latin-1. `.imp` gives hash and length. */
export interface ImportTable {
  readonly text: string;
  readonly size: number;
}

/** A step-wise reader: yields the ranges that it needs, returns the facts, or undefined for what is no (sound) executable. */
export type ExecutableReader = Generator<ByteRange, ExecutableFacts | undefined, Uint8Array>;

/** Reads a part of the content; shorter at its end. */
export type ReadRange = (range: ByteRange) => Promise<Uint8Array>;

/** The reader for a content of `size` bytes whose type has the target 1, 6 or 9; any other gives nothing. */
export function* executableReader(target: number, size: number): ExecutableReader {
  switch (target) {
    case 1:
      return yield* peReader(size);
    case 6:
      return yield* elfReader();
    case 9:
      return yield* machoReader();
    default:
      return undefined;
  }
}

/** Runs the reader over bytes in memory. */
export function readExecutable(target: number, bytes: Uint8Array): ExecutableFacts | undefined {
  const reader = executableReader(target, bytes.length);
  let step = reader.next();
  while (step.done !== true) {
    const { at, length } = step.value;
    step = reader.next(bytes.subarray(at, at + length));
  }
  return step.value;
}

/** Runs the reader over a source (range-windows.ts says how much of it is read at once). A rejection of `read` is passed on. */
export async function readExecutableFrom(
  target: number,
  size: number,
  read: ReadRange,
): Promise<ExecutableFacts | undefined> {
  const reader = executableReader(target, size);
  const windows = new RangeWindows(size, read);
  let step = reader.next();
  while (step.done !== true) {
    step = reader.next(await windows.get(step.value));
  }
  return step.value;
}
