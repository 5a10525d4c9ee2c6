/** One import or change at a time for the directory of a server store. Those that answer from it need no lock. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { createSystemClock } from '../../preset/system-seams.js';
import { nodeFiles } from '../files/durable-files.js';
import { acquireLock } from '../journal/lock.js';
import { nodeProcesses } from '../journal/lock-holder.js';

const name = 'write';

/** Does the work while nobody else writes there. The directory is made. @throws VedetteError `store-busy` where somebody does. */
export async function withStoreLock<T>(dir: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const token = (): string => randomBytes(16).toString('hex');
  const lock = await acquireLock({ files: nodeFiles, dir, name, guards: `${name}.none`, clock: createSystemClock(), waitMs: 0, processes: nodeProcesses, token });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}
