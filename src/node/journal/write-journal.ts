/**
 * Writing a new journal file in the place of the old one, and keeping a copy of a damaged one. A new file is complete
 * and on the disk under another name before it takes the place of the old.
 */
import { join } from 'node:path';
import { VedetteError } from '../../base/errors.js';
import type { DurableFile, DurableFiles } from '../files/durable-files.js';
import { rewriteName } from './fence.js';
import { FrameBatch } from './frame-batch.js';
import { encodeFileHeader, fileHeaderBytes } from './frame.js';

/** Where a journal lives. */
export interface JournalPlace {
  readonly files: DurableFiles;
  readonly dir: string;
  /** File name in `dir`. */
  readonly name: string;
}

/** A file that is whole and on the disk, to be appended to. */
export interface Written {
  readonly file: DurableFile;
  /** Where the next record goes. */
  readonly bytes: number;
  /** Bytes of the file: from `bytes` on they are zeros. */
  readonly size: number;
  /** Number of the last record. */
  readonly sequence: number;
}

/** `kept`: the old file is untouched; `unsure`: after a power failure it may be the old file or the new one. */
export type Rewriting =
  | { readonly kind: 'written'; readonly written: Written }
  | { readonly kind: 'kept' | 'unsure'; readonly error: unknown };

/** Who writes: the token is in the name of the file that it makes, and no other's. */
export interface Writer {
  readonly token: string;
  isHeld(): Promise<boolean>;
}

/** Writes a journal of these records in the place of the one that is there. Never rejects. */
export async function rewriteJournal(place: JournalPlace, records: Iterable<string>, by: Writer): Promise<Rewriting> {
  const { files, dir, name } = place;
  const temporary = join(dir, rewriteName(name, by.token));
  let written: Written | undefined;
  try {
    // One of this very writer may be there still, if it could not be removed: it would be in the way for good.
    await files.remove(temporary);
    written = await writeWhole(await createHeld(place, temporary, by), records);
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
    await ignoring(files.remove(temporary));
    return { kind: 'unsure', error };
  }
}

/** The lock is looked at when the file is there: who takes it from then on removes the file (`fence.ts`). */
async function createHeld({ files, dir }: JournalPlace, path: string, by: Writer): Promise<DurableFile> {
  const file = await files.create(path);
  try {
    if (await by.isHeld()) {
      return file;
    }
    throw new VedetteError('store-busy', `${dir} was taken over by another process`);
  } catch (error) {
    await ignoring(file.close());
    throw error;
  }
}

async function writeWhole(file: DurableFile, records: Iterable<string>): Promise<Written> {
  const batch = new FrameBatch();
  let bytes = fileHeaderBytes;
  let sequence = 0;
  const flush = async (): Promise<void> => {
    await file.write(bytes, batch.padded(0));
    bytes += batch.length;
    batch.clear();
  };
  try {
    await file.write(0, encodeFileHeader());
    for (const record of records) {
      batch.add(++sequence, record);
      if (batch.length >= 1 << 18) {
        await flush();
      }
    }
    if (batch.length > 0) {
      await flush();
    }
    return { file, bytes, size: bytes, sequence };
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
    await copyBytes(file, copy);
    await copy.sync();
    await copy.close();
    await files.syncDirectory(dir);
    return name;
  } catch (error) {
    await ignoring(copy.close());
    await ignoring(files.remove(join(dir, name)));
    throw error;
  }
}

async function copyBytes(from: DurableFile, to: DurableFile): Promise<void> {
  const chunk = new Uint8Array(1 << 18);
  for (let at = 0, read = await from.read(0, chunk); read > 0; read = await from.read(at, chunk)) {
    await to.write(at, chunk.subarray(0, read));
    at += read;
  }
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
