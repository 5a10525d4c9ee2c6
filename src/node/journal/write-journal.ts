/**
 * Writing a new journal file in the place of the old one, and keeping a copy of a damaged one. A new file is complete
 * and on the disk under another name before it takes the place of the old.
 */
import { join } from 'node:path';
import type { DurableFile, DurableFiles } from '../durable-files.js';
import { encodeFileHeader, encodeFrame, fileHeaderBytes } from './frame.js';

/** Where a journal lives. */
export interface JournalPlace {
  readonly files: DurableFiles;
  readonly dir: string;
  /** File name in `dir`. */
  readonly name: string;
}

/** A file that was written anew and took the place of the old one. */
export interface Written {
  readonly file: DurableFile;
  readonly bytes: number;
  /** Number of the last record. */
  readonly sequence: number;
}

/** `kept`: the old file is untouched; `unsure`: after a power failure it may be the old file or the new one. */
export type Rewriting =
  | { readonly kind: 'written'; readonly written: Written }
  | { readonly kind: 'kept' | 'unsure'; readonly error: unknown };

/** Name of the file that a new journal is written to. */
export function temporaryName(place: JournalPlace): string {
  return `${place.name}.new`;
}

/** Writes a journal of these payloads in the place of the one that is there. Never rejects. */
export async function rewriteJournal(place: JournalPlace, payloads: Iterable<Uint8Array>): Promise<Rewriting> {
  const { files, dir, name } = place;
  const temporary = join(dir, temporaryName(place));
  let written: Written | undefined;
  try {
    await files.remove(temporary);
    written = await writeWhole(await files.create(temporary), payloads);
    await written.file.sync();
  } catch (error) {
    await ignoring(written?.file.close());
    await ignoring(files.remove(temporary));
    return { kind: 'kept', error };
  }
  try {
    await files.rename(temporary, join(dir, name));
    await files.syncDirectory(dir);
    return { kind: 'written', written };
  } catch (error) {
    await ignoring(written.file.close());
    return { kind: 'unsure', error };
  }
}

async function writeWhole(file: DurableFile, payloads: Iterable<Uint8Array>): Promise<Written> {
  let bytes = 0;
  let sequence = 0;
  let parts: Uint8Array[] = [encodeFileHeader()];
  let length = fileHeaderBytes;
  const flush = async (): Promise<void> => {
    await file.write(bytes, Buffer.concat(parts));
    bytes += length;
    parts = [];
    length = 0;
  };
  try {
    for (const payload of payloads) {
      const frame = encodeFrame(++sequence, payload);
      parts.push(frame);
      length += frame.length;
      if (length >= 1 << 18) {
        await flush();
      }
    }
    await flush();
    return { file, bytes, sequence };
  } catch (error) {
    await ignoring(file.close());
    throw error;
  }
}

/** Copies a damaged file to a name of its own, on the disk, before anything is done about it. The name. */
export async function copyAside(place: JournalPlace, file: DurableFile, stamp: string): Promise<string> {
  const { files, dir } = place;
  const name = await freeName(place, stamp);
  const copy = await files.create(join(dir, name));
  try {
    const chunk = new Uint8Array(Math.min(1 << 18, (await file.size()) + 1));
    for (let at = 0, read = await file.read(0, chunk); read > 0; read = await file.read(at, chunk)) {
      await copy.write(at, chunk.subarray(0, read));
      at += read;
    }
    await copy.sync();
  } finally {
    await copy.close();
  }
  await files.syncDirectory(dir);
  return name;
}

async function freeName(place: JournalPlace, stamp: string): Promise<string> {
  for (let count = 0; ; count++) {
    const name = `${place.name}.damaged-${stamp}${count === 0 ? '' : `-${count}`}`;
    if (!(await place.files.exists(join(place.dir, name)))) {
      return name;
    }
  }
}

async function ignoring(act: Promise<void> | undefined): Promise<void> {
  try {
    await act;
  } catch {
    // Another error is already on its way to the caller.
  }
}
