/**
 * A file while it comes: what has arrived stays over failures, restarts and changes of source, and is only believed as
 * a whole, by its digest.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { DurableFile, DurableFiles } from '../../files/durable-files.js';
import { storeError } from '../../store-error.js';

/** A file that is to have this length and digest. */
export interface Expected {
  readonly length: number;
  /** Hex. */
  readonly sha256: string;
}

/** Bytes that have arrived. */
export interface PartFile {
  readonly length: number;
  append(chunk: Uint8Array): Promise<void>;
  /** Everything from the beginning again. */
  restart(): Promise<void>;
  /** The bytes, where they are those expected; else they are thrown away and it is undefined. */
  finish(): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

/** Opens what has come of a file so far. Rejects with `store-damaged` when the disk fails. */
export async function openPart(dir: string, expected: Expected, files: DurableFiles): Promise<PartFile> {
  const path = join(dir, partName(expected.sha256));
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw storeError('writing', path, error);
    }
  };
  const reopen = (): Promise<DurableFile> => guarded(async () => (await files.open(path)) ?? (await files.create(path)));
  let file = await reopen();
  let length = await guarded(() => file.size());
  const restart = (): Promise<void> =>
    guarded(async () => {
      await file.close();
      await files.remove(path);
      file = await files.create(path);
      length = 0;
    });
  if (length > expected.length) {
    await restart();
  }
  return {
    get length() {
      return length;
    },
    append: (chunk) =>
      guarded(async () => {
        await file.write(length, chunk);
        length += chunk.length;
      }),
    restart,
    async finish() {
      const bytes = new Uint8Array(length);
      await guarded(() => file.read(0, bytes));
      if (length === expected.length && createHash('sha256').update(bytes).digest('hex') === expected.sha256) {
        return bytes;
      }
      await restart();
      return undefined;
    },
    close: () => guarded(() => file.close()),
  };
}

/** Removes what came of files that nobody waits for any more; those that `keptAs` gives a name are kept under it. */
export async function removeParts(dir: string, files: DurableFiles, keptAs: (sha256: string) => string | undefined = () => undefined): Promise<void> {
  for (const name of await files.list(dir)) {
    const [, sha256] = /^part-([0-9a-f]{64})$/.exec(name) ?? [];
    const kept = sha256 === undefined ? undefined : keptAs(sha256);
    if (kept !== undefined) {
      await files.rename(join(dir, name), join(dir, kept));
    } else if (sha256 !== undefined) {
      await files.remove(join(dir, name));
    }
  }
}

function partName(sha256: string): string {
  return `part-${sha256}`;
}
