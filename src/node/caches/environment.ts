/**
 * The environment of a cache directory, opened and closed in turn with other processes. Who has it open leaves a mark
 * under its own name; the mark of a process that is no more says that nobody closed the file in order.
 *
 *    caches.mdb, caches.mdb-lock   lmdb        caches.mdb.sum   what the file was when it was closed in order
 *    open-PROCESS                  marks       opening-PROCESS  the lock of those who open and close
 *    damaged.mdb                   the last file that was set aside
 */
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { VedetteError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';
import { ensureDirectory, nodeFiles } from '../files/durable-files.js';
import { acquireLock, type Lock } from '../journal/lock.js';
import { formatHolder, holderState, nodeProcesses, parseHolder } from '../journal/lock-holder.js';
import { openLmdb, type LmdbEnvironment } from '../lmdb.js';
import { dropSum, noteSum, soundnessOf } from './sound.js';

/** Where the environment lies, and who is told of damage. */
export interface EnvironmentOptions {
  /** Made with mode 0700 where it is not there. */
  readonly dir: string;
  readonly clock: Clock;
  /** How long to wait for another process that is opening or closing it. */
  readonly waitMs: number;
  readonly onFault: (error: unknown) => void;
}

const markName = 'open';

/**
 * Opens the environment; a file that is not sound is set aside and reported, and a new one begun.
 * @throws VedetteError `peer-missing`, `store-busy`; the errors of the disk.
 */
export async function openEnvironment(options: EnvironmentOptions): Promise<LmdbEnvironment> {
  const dir = resolve(options.dir);
  const file = join(dir, 'caches.mdb');
  await ensureDirectory(nodeFiles, dir);
  const mark = join(dir, `${markName}-${formatHolder(nodeProcesses.self(), randomBytes(8).toString('hex'))}`);
  const lock = await lockOf(dir, options);
  try {
    if (!(await isOpenElsewhere(dir))) {
      await makeSound(file, dir, options);
    }
    await dropSum(file);
    await touch(mark);
    await Promise.all([touch(file), touch(`${file}-lock`)]);
    const environment = await openLmdb(file);
    return { ...environment, close: () => closeInTurn(environment, { dir, file, mark, options }) };
  } catch (error) {
    await rm(mark, { force: true });
    throw error;
  } finally {
    await lock.release();
  }
}

interface Opened {
  readonly dir: string;
  readonly file: string;
  readonly mark: string;
  readonly options: EnvironmentOptions;
}

/** The last one to close notes what it leaves. */
async function closeInTurn(environment: LmdbEnvironment, { dir, file, mark, options }: Opened): Promise<void> {
  const lock = await lockOf(dir, options).catch(() => undefined);
  try {
    await environment.close();
    await rm(mark, { force: true });
    if (lock !== undefined && !(await isOpenElsewhere(dir))) {
      await noteSum(file);
    }
  } finally {
    await lock?.release();
  }
}

function lockOf(dir: string, { clock, waitMs }: EnvironmentOptions): Promise<Lock> {
  const token = (): string => randomBytes(8).toString('hex');
  return acquireLock({ files: nodeFiles, dir, name: 'opening', guards: 'opening.none', clock, waitMs, processes: nodeProcesses, token });
}

/** Whether a living process has the file open. Marks of others, who cannot close it any more, go. */
async function isOpenElsewhere(dir: string): Promise<boolean> {
  let isOpen = false;
  for (const name of await nodeFiles.list(dir)) {
    const parsed = name.startsWith(`${markName}-`) ? parseHolder(name.slice(markName.length + 1)) : undefined;
    if (parsed === undefined) {
      continue;
    }
    if (holderState(parsed.holder, nodeProcesses) === 'alive') {
      isOpen = true;
    } else {
      // It never noted a sum, so the file is looked through.
      await rm(join(dir, name), { force: true });
    }
  }
  return isOpen;
}

async function makeSound(file: string, dir: string, { onFault }: EnvironmentOptions): Promise<void> {
  const soundness = await soundnessOf(file);
  if (soundness.kind !== 'damaged') {
    return;
  }
  const aside = join(dir, 'damaged.mdb');
  await rename(file, aside);
  await rm(`${file}-lock`, { force: true });
  onFault(new VedetteError('store-damaged', `${file} is damaged and was set aside as damaged.mdb: ${soundness.detail}`));
}

/** Made for this user only, before lmdb makes it for everybody. */
async function touch(path: string): Promise<void> {
  await (await open(path, 'a', 0o600)).close();
}
