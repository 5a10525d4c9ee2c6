/**
 * A file while it comes: what has arrived stays over failures, restarts and changes of source, and is only believed as
 * a whole, by its digest.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { DurableFile, DurableFiles } from '../../files/durable-files.js';
import { storeError } from '../../store-error.js';
import { partDigest, partName } from '../kept-names.js';

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

/** Where the parts of a repository lie. */
export interface PartPlace {
  readonly dir: string;
  readonly files: DurableFiles;
  /** Its name: what is cleared away of one does not touch what comes of another. */
  readonly repository: string;
}

/** Opens what has come of a file so far. Rejects with `store-damaged` when the disk fails. */
export async function openPart({ dir, files, repository }: PartPlace, expected: Expected): Promise<PartFile> {
  const path = join(dir, partName(repository, expected.sha256));
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

/** What becomes of a part, by the digest that the whole file would have. */
export type PartFate = { readonly kind: 'waits' | 'goes' } | { readonly kind: 'stays'; readonly as: string };

/** Goes through the parts of a repository: those that wait for the rest of their file, that go, and that are kept under another name. */
export async function sortParts({ dir, files, repository }: PartPlace, fateOf: (sha256: string) => PartFate): Promise<void> {
  for (const name of await files.list(dir)) {
    const sha256 = partDigest(repository, name);
    const fate: PartFate = sha256 === undefined ? { kind: 'waits' } : fateOf(sha256);
    if (fate.kind === 'stays') {
      await files.rename(join(dir, name), join(dir, fate.as));
    } else if (fate.kind === 'goes') {
      await files.remove(join(dir, name));
    }
  }
}
