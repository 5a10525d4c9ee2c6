/** Writes a new table into the directory of a server store and makes it the current one, or leaves everything as it was. */
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { setTimeout as wait, setImmediate } from 'node:timers/promises';
import type { Checksum } from '../../server/store/import/byte-run.js';
import type { TableTarget } from '../../server/store/import/table-writer.js';
import { throwIfAborted } from '../../base/errors.js';
import { createLmdbValues } from '../lmdb.js';
import { makeCurrent, newTableName, removeOthers, removeTable } from './generation-files.js';

/** The checksum of the pages of a table: CRC-32, which the machine computes faster than the disk reads. */
export const checksum: Checksum = (bytes) => crc32(bytes);

/** Where a table goes and which generation it is. */
export interface NewTable {
  readonly dir: string;
  readonly generation: number;
  readonly signal?: AbortSignal | undefined;
  /** The table in use, where there is one: somebody may be answering from it, and goes first. */
  readonly inUse: string | undefined;
}

/** So long the writer holds a processor when somebody answers on the same machine, ms; then it leaves it for as long. */
const turnMs = 1;

/**
 * Runs the steps of `write` and makes what they wrote the current table. Other work gets its turn between the steps. What
 * a writer that was killed left behind is removed before, so that there are never more than two tables.
 */
export async function writeTable(table: NewTable, write: (target: TableTarget) => Generator<void, void>): Promise<void> {
  const { dir, generation, signal, inUse } = table;
  await removeOthers(dir, inUse);
  const file = newTableName(generation);
  try {
    const values = await createLmdbValues(join(dir, file));
    try {
      const pause = inUse === undefined ? (): Promise<void> => setImmediate() : politePause();
      for (const _ of write({ sink: values, checksum })) {
        await pause();
        throwIfAborted(signal);
      }
    } finally {
      await values.close();
    }
    await makeCurrent(dir, { file, generation });
  } catch (error) {
    await removeTable(dir, file);
    throw error;
  }
}

/** A scheduler lets one who computes without a break go on for some milliseconds, however low its priority. */
function politePause(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since >= turnMs) {
      await wait(turnMs);
      since = performance.now();
    }
  };
}
