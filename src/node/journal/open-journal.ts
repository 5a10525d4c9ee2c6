/**
 * Opening a journal: lock, read, keep a copy of what is damaged, and make sure that what was read is on the disk before
 * anything is promised on top of it.
 */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { VedetteError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';
import { ensureDirectory, nodeFiles, type DurableFile, type DurableFiles } from '../files/durable-files.js';
import { storeError } from '../store-error.js';
import { frameHeaderBytes } from './frame.js';
import { JournalLog } from './journal-log.js';
import { Journal, type JournalState } from './journal.js';
import { nodeProcesses, type ProcessProbe } from './lock-holder.js';
import { acquireLock, type Lock } from './lock.js';
import { readJournal, type Losses, type Reading } from './read-journal.js';
import { copyAside, rewriteJournal, type JournalPlace, type Writer, type Written } from './write-journal.js';

/** What was found damaged at opening. Everything that could be read was taken back. */
export interface JournalDamage extends Losses {
  /** Path of the copy of the damaged file. Absent when only the last record was cut short and there was no room. */
  readonly copy?: string;
}

/** Where and how a journal is kept, whatever is in it. */
export interface JournalFileOptions {
  /** Made with mode 0700 when it is not there. */
  readonly dir: string;
  readonly clock: Clock;
  /** How long to wait for another process to let go of the directory (0). */
  readonly waitMs?: number | undefined;
  /** Bytes of history that are not worth writing the file anew (256 KiB). */
  readonly slackBytes?: number | undefined;
  /** Bytes of zeros by which the file is made longer at a time (128 KiB). */
  readonly growBytes?: number | undefined;
  /** Told once, at opening, of a file that could not be read as a whole. */
  readonly onDamage?: ((damage: JournalDamage) => void) | undefined;
  readonly files?: DurableFiles | undefined;
  readonly processes?: ProcessProbe | undefined;
}

/** Options of `openJournal`. */
export interface OpenJournalOptions extends JournalFileOptions {
  /** Of its files: `<name>.journal`, `<name>.lock-…`. Several journals may share a directory. */
  readonly name: string;
  readonly state: JournalState;
}

/**
 * Opens the journal of that name in a directory, for this process alone, and takes its records back into `state`.
 * @throws VedetteError `store-busy` when another process has it, `unsupported` when it was written by a later version
 * (and is left untouched), `store-damaged` when the disk fails.
 */
export async function openJournal(options: OpenJournalOptions): Promise<Journal> {
  const { clock, state, name, files = nodeFiles, slackBytes = 1 << 18, growBytes = 1 << 17 } = options;
  const place: JournalPlace = { files, dir: resolve(options.dir), name: `${name}.journal` };
  const token = randomBytes(8).toString('hex');
  const lock = await lockPlace(place, options);
  const by: Writer = { token, isHeld: () => lock.isHeld() };
  try {
    const written = await openFile(place, by, options);
    return new Journal({ log: new JournalLog({ place, lock: by, written, growBytes }), lock, clock, state, slackBytes });
  } catch (error) {
    await lock.release();
    throw storeError('opening', place.dir, error);
  }
}

async function lockPlace({ files, dir, name }: JournalPlace, options: OpenJournalOptions): Promise<Lock> {
  try {
    await ensureDirectory(files, dir);
    return await acquireLock({
      files,
      dir,
      name: `${options.name}.lock`,
      guards: name,
      clock: options.clock,
      waitMs: options.waitMs ?? 0,
      processes: options.processes ?? nodeProcesses,
      token: () => randomBytes(8).toString('hex'),
    });
  } catch (error) {
    throw storeError('locking', dir, error);
  }
}

/** The journal, read into the state, whole and on the disk. */
async function openFile(place: JournalPlace, by: Writer, options: OpenJournalOptions): Promise<Written> {
  const { state } = options;
  const file = await place.files.open(join(place.dir, place.name));
  if (file === undefined) {
    return writeAnew(place, by, state);
  }
  try {
    // Whoever takes the lock over from now on leaves what is open here without a name (`fence.ts`).
    if (!(await by.isHeld())) {
      throw new VedetteError('store-busy', `${place.dir} was taken over by another process`);
    }
    const reading = await readJournal(file, (payload) => state.replay(payload));
    state.endReplay?.();
    await reportDamage(place, file, { reading, options });
    if (reading.losses === undefined) {
      return await settleFile(place, file, reading);
    }
    const written = await writeAnew(place, by, state);
    await file.close();
    return written;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * The process before may have been killed between a write and its sync: what was read is then in the page cache only.
 * What it began and did not finish goes, in its place: that needs no room where the disk is full.
 */
async function settleFile(place: JournalPlace, file: DurableFile, { end, tornBytes, size, sequence }: Reading): Promise<Written> {
  if (tornBytes > 0) {
    await file.write(end, new Uint8Array(tornBytes));
  }
  await file.sync();
  await place.files.syncDirectory(place.dir);
  return { file, bytes: end, size, sequence };
}

/** Keeps a copy of a file that was not read as a whole, and tells of it. */
async function reportDamage(
  place: JournalPlace,
  file: DurableFile,
  { reading, options }: { readonly reading: Reading; readonly options: OpenJournalOptions },
): Promise<void> {
  const { losses, end, tornBytes, size } = reading;
  // Fewer zeros than a header has may be the beginning of one.
  const isCut = tornBytes > 0 && size - end - tornBytes < frameHeaderBytes;
  if (losses === undefined && !isCut) {
    return;
  }
  const found = losses ?? { ranges: [[end, size]] as const, missing: 0, unusable: 0 };
  const copy = await copyOf(place, file, { isNeeded: losses !== undefined, at: options.clock.now() });
  try {
    options.onDamage?.({ ...found, ...(copy === undefined ? {} : { copy }) });
  } catch {
    // A listener that throws must not keep the journal closed.
  }
}

/** A piece of a record at the end is what a full disk leaves behind: then there may be no room for a copy either. */
async function copyOf(
  place: JournalPlace,
  file: DurableFile,
  { isNeeded, at }: { readonly isNeeded: boolean; readonly at: number },
): Promise<string | undefined> {
  try {
    return join(place.dir, await copyAside(place, file, Math.floor(at).toString(36)));
  } catch (error) {
    if (isNeeded) {
      throw error;
    }
    return undefined;
  }
}

async function writeAnew(place: JournalPlace, by: Writer, state: JournalState): Promise<Written> {
  const outcome = await rewriteJournal(place, state.snapshot(), by);
  if (outcome.kind === 'written') {
    return outcome.written;
  }
  throw outcome.error;
}
