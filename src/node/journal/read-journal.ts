/**
 * Reading a whole journal file with everything in it that can be read: records before, between and after damage.
 * Nothing is passed over in silence; what is missing is counted and reported.
 */
import { VedetteError } from '../../base/errors.js';
import type { DurableFile } from '../files/durable-files.js';
import { decodeFileHeader, fileHeaderBytes, journalVersion, scanFrames, type Stretch } from './frame.js';

/** What of a file could not be read. */
export interface Losses {
  /** Byte ranges `[from, to)`, at most 100. */
  readonly ranges: readonly (readonly [number, number])[];
  /** Records that are missing between those that are there, as far as their numbers tell. */
  readonly missing: number;
  /** Records that are whole but hold nothing that can be used. */
  readonly unusable: number;
}

/** What reading a file came to. */
export interface Reading {
  /** Undefined when every byte was accounted for. */
  readonly losses: Losses | undefined;
  /** Number of the last record. */
  readonly sequence: number;
  /** Where the next record goes: the offset after the last one. */
  readonly end: number;
  /**
   * Bytes from `end` that a write began and did not finish: nothing acknowledged. After them the file has zeros; where
   * it has none, it was to be made longer by that write, or was cut off.
   */
  readonly tornBytes: number;
  /** Bytes of the file. */
  readonly size: number;
}

const windowBytes = 4 << 20;
const maxRanges = 100;

/**
 * Hands every undamaged record to `use`, in order; `use` says whether it could.
 * @throws VedetteError `unsupported` when the file is of a later version. Memory: one window of 4 MiB.
 */
export async function readJournal(file: DurableFile, use: (payload: Uint8Array) => boolean): Promise<Reading> {
  const size = await file.size();
  const reader = new JournalReader(use);
  // A Buffer, and so are its parts: texts are read from it without a detour.
  let window: Uint8Array = Buffer.allocUnsafe(Math.min(size, windowBytes));
  const end = await endOfContent(file, { size, window });
  let base = await readHeader(file, reader);
  while (base < end) {
    window = window.subarray(0, Math.min(window.length, end - base));
    const filled = await file.read(base, window);
    const atEnd = filled < window.length || base + filled >= end;
    const { found, consumed } = scanFrames(window.subarray(0, filled), atEnd);
    found.forEach((stretch) => reader.take(stretch, base));
    if (consumed === 0) {
      break;
    }
    base += consumed;
  }
  return reader.reading(Math.max(end, fileHeaderBytes), size);
}

/** The offset after the last byte that is not zero: what follows is room for records to come. */
async function endOfContent(file: DurableFile, { size, window }: { readonly size: number; readonly window: Uint8Array }): Promise<number> {
  for (let to = size; to > 0; ) {
    const from = Math.max(0, to - Math.min(window.length, 1 << 18));
    const bytes = window.subarray(0, to - from);
    let at = await file.read(from, bytes);
    while (at > 0 && bytes[at - 1] === 0) {
      at--;
    }
    if (at > 0) {
      return from + at;
    }
    to = from;
  }
  return 0;
}

async function readHeader(file: DurableFile, reader: JournalReader): Promise<number> {
  const bytes = new Uint8Array(fileHeaderBytes);
  const header = decodeFileHeader(bytes.subarray(0, await file.read(0, bytes)));
  if (header.kind === 'damaged') {
    // Nothing is given up for a damaged header: whatever looks like a record from here on is read.
    reader.take({ kind: 'damage', from: 0, to: fileHeaderBytes }, 0);
  } else if (header.version > journalVersion) {
    const detail = { version: header.version, readable: journalVersion };
    throw new VedetteError('unsupported', `journal of version ${header.version}: expected at most ${journalVersion}`, { detail });
  }
  return fileHeaderBytes;
}

class JournalReader {
  readonly #use: (payload: Uint8Array) => boolean;
  #ranges: [number, number][] = [];
  #missing = 0;
  #unusable = 0;
  #sequence = 0;
  #tornFrom: number | undefined;

  constructor(use: (payload: Uint8Array) => boolean) {
    this.#use = use;
  }

  take(stretch: Stretch, base: number): void {
    switch (stretch.kind) {
      case 'record':
        return this.#record(stretch.sequence, stretch.payload);
      case 'torn':
        this.#tornFrom = base + stretch.from;
        return;
      case 'damage':
        return this.#damage(base + stretch.from, base + stretch.to);
    }
  }

  reading(contentEnd: number, size: number): Reading {
    const end = this.#tornFrom ?? contentEnd;
    const isWhole = this.#ranges.length === 0 && this.#missing === 0 && this.#unusable === 0;
    const losses = isWhole ? undefined : { ranges: this.#ranges, missing: this.#missing, unusable: this.#unusable };
    return { losses, sequence: this.#sequence, end, tornBytes: contentEnd - end, size };
  }

  #record(sequence: number, payload: Uint8Array): void {
    if (sequence <= this.#sequence) {
      // Older than what was read already: a stray copy, not the next event.
      this.#unusable++;
      return;
    }
    this.#missing += sequence - this.#sequence - 1;
    this.#sequence = sequence;
    if (!this.#use(payload)) {
      this.#unusable++;
    }
  }

  #damage(from: number, to: number): void {
    const last = this.#ranges.at(-1);
    if (last !== undefined && last[1] === from) {
      last[1] = to;
    } else if (this.#ranges.length < maxRanges) {
      this.#ranges.push([from, to]);
    }
  }
}
