/**
 * Facts of an executable's headers that signatures refer to: entry point, sections, version information, imports.
 * The reader is a generator that asks for ranges of bytes, so that it runs over bytes in memory and over a source alike.
 */

/** A range of bytes that is wanted next. The answer may be shorter: what is missing is past the end. */
export interface ByteRange {
  readonly at: number;
  readonly length: number;
}

/** A section in the order of the headers. Offsets and sizes are in bytes of the file, as rounded by the format's rules. */
export interface ExecutableSection {
  readonly rawOffset: number;
  readonly rawSize: number;
  readonly virtualAddress: number;
  readonly virtualSize: number;
}

/** What the headers of an executable say. */
export interface ExecutableFacts {
  readonly format: 'pe' | 'elf' | 'macho';
  /** As an offset in the file; undefined when the headers do not lead to one. */
  readonly entryPoint: number | undefined;
  readonly sections: readonly ExecutableSection[];
  /** PE only: offsets at which a `VI` subsignature is tried. */
  readonly versionInfo: readonly number[];
  /** PE only: the MD5 preimage of the import hash (`dll.function,…`), undefined without an import table. */
  readonly imports: ImportTable | undefined;
}

/** The text whose MD5 is the import hash, and its length as `.imp` signatures give it. */
export interface ImportTable {
  readonly text: string;
  readonly size: number;
}

/** Reads the headers: yields the ranges that it needs, returns the facts, or undefined for what is no executable. */
export type ExecutableReader = Generator<ByteRange, ExecutableFacts | undefined, Uint8Array>;

/** Runs a reader over bytes in memory. */
export function readExecutable(bytes: Uint8Array): ExecutableFacts | undefined {
  const reader = executableReader(bytes.length);
  let step = reader.next();
  while (step.done !== true) {
    step = reader.next(bytes.subarray(step.value.at, step.value.at + step.value.length));
  }
  return step.value;
}

/** The reader for a file of `size` bytes. */
export function* executableReader(size: number): ExecutableReader {
  const head = yield { at: 0, length: Math.min(size, 64) };
  return head.length < 64 ? undefined : undefined;
}
