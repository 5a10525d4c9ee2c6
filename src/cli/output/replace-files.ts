/** Files that belong together, replaced so that no reader ever sees half of one. */
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '../input/read-file.js';

/**
 * Writes all files beside their places, makes them durable, and only then moves each into its place.
 * @throws VedetteError `config-invalid` naming the file; what was in place before then still is, whole.
 */
export async function replaceFiles(dir: string, files: readonly (readonly [name: string, bytes: Uint8Array])[]): Promise<void> {
  const written = files.map(([name]) => ({ from: join(dir, `.${name}.${process.pid}.new`), to: join(dir, name) }));
  try {
    for (const [index, { from, to }] of written.entries()) {
      await writeDurably(from, files[index]?.[1] ?? new Uint8Array()).catch((error: unknown) => {
        throw fileError(to, error);
      });
    }
    for (const { from, to } of written) {
      await rename(from, to).catch((error: unknown) => {
        throw fileError(to, error);
      });
    }
  } finally {
    await Promise.all(written.map(({ from }) => rm(from, { force: true })));
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w', 0o644);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
