/**
 * Keeps a former holder of a lock from writing what is no longer its own. One that was presumed dead and lives (in
 * another container, on another machine) may be anywhere in its work, for any time, and still have the file open:
 *
 *     it appends     to the file that it has open: from now on that is a file without a name
 *     it rewrites    into a file of a name of its own, made before it looks whether it still holds the lock: either it
 *                    replaces the old file before this, or its new file is gone and cannot replace anything
 *
 * Either way what it wrote is not acknowledged: it finds its lock gone first.
 */
import { join } from 'node:path';
import type { DurableFile, DurableFiles } from '../files/durable-files.js';

/** A guarded file. */
export interface Guarded {
  readonly files: DurableFiles;
  readonly dir: string;
  /** Name of the file in `dir`. */
  readonly guards: string;
}

const chunkBytes = 1 << 18;

/** Names under which `name` is written anew begin with this. */
export function rewriteName(name: string, token: string): string {
  return `${name}.new${token === '' ? '' : `-${token}`}`;
}

/** Removes what earlier holders began to write and did not put in place. */
export async function removeRewrites({ files, dir, guards }: Guarded): Promise<void> {
  for (const name of await files.list(dir)) {
    if (name.startsWith(rewriteName(guards, ''))) {
      await files.remove(join(dir, name));
    }
  }
}

/** Who fences; the token is in the name of the file that it makes. */
export interface Fencer {
  readonly token: string;
  isHeld(): Promise<boolean>;
}

/** Puts a copy of the guarded file in its place, so that nobody else has it open. False where the lock was lost meanwhile. */
export async function fenceOff(guarded: Guarded, by: Fencer): Promise<boolean> {
  await removeRewrites(guarded);
  const { files, dir, guards } = guarded;
  const path = join(dir, guards);
  const temporary = join(dir, rewriteName(guards, by.token));
  const file = await files.open(path);
  if (file === undefined) {
    return by.isHeld();
  }
  try {
    await copyTo(files, temporary, file);
  } finally {
    await file.close();
  }
  if (!(await by.isHeld())) {
    return false;
  }
  await files.rename(temporary, path);
  await files.syncDirectory(dir);
  return true;
}

async function copyTo(files: DurableFiles, path: string, file: DurableFile): Promise<void> {
  const copy = await files.create(path);
  try {
    const chunk = new Uint8Array(chunkBytes);
    let at = 0;
    for (let read = await file.read(at, chunk); read > 0; read = await file.read(at, chunk)) {
      await copy.write(at, chunk.subarray(0, read));
      at += read;
    }
    await copy.sync();
  } finally {
    await copy.close();
  }
}
