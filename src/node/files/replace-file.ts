/** A small file written as a whole: on the disk under a name of its own before it takes the place of the old one. */
import { join } from 'node:path';
import type { DurableFile, DurableFiles } from './durable-files.js';

/** Where a file goes, and the name that it has until it is whole. */
export interface Replacement {
  readonly files: DurableFiles;
  readonly dir: string;
  readonly name: string;
  readonly temporary: string;
}

/** Rejects with the system's error; the old file is then as it was, or the new one has taken its place. */
export async function replaceFile({ files, dir, name, temporary }: Replacement, bytes: Uint8Array): Promise<void> {
  try {
    await fill(await files.create(join(dir, temporary)), bytes);
    await files.rename(join(dir, temporary), join(dir, name));
    await files.syncDirectory(dir);
  } catch (error) {
    await files.remove(join(dir, temporary)).catch(() => undefined);
    throw error;
  }
}

async function fill(file: DurableFile, bytes: Uint8Array): Promise<void> {
  try {
    await file.write(0, bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
