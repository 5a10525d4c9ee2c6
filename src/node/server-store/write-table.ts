/** Writes a new table into the directory of a server store and makes it the current one, or leaves everything as it was. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { setImmediate } from 'node:timers/promises';
import type { Checksum } from '../../server/store/import/byte-run.js';
import type { TableTarget } from '../../server/store/import/table-writer.js';
import { throwIfAborted } from '../../base/errors.js';
import { createLmdbValues } from '../lmdb.js';
import { makeCurrent, newTableName, removeTable } from './generation-files.js';

/** The checksum of the pages of a table: CRC-32, which the machine computes faster than the disk reads. */
export const checksum: Checksum = (bytes) => crc32(bytes);

/** Where a table goes and which generation it is. */
export interface NewTable {
  readonly dir: string;
  readonly generation: number;
  readonly signal?: AbortSignal | undefined;
}

/** Runs the steps of `write` and makes what they wrote the current table. Other work gets its turn between the steps. */
export async function writeTable(table: NewTable, write: (target: TableTarget) => Generator<void, void>): Promise<void> {
  const { dir, generation, signal } = table;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const file = newTableName(generation);
  try {
    const values = await createLmdbValues(join(dir, file));
    try {
      for (const _ of write({ sink: values, checksum })) {
        await setImmediate();
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
