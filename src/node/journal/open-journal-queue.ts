/**
 * Opening the pending queue of a directory: lock, read, keep a copy of what is damaged, and make sure that what was
 * read is on the disk before anything is promised on top of it.
 */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { Clock } from '../../base/seams.js';
import { QueueCore } from '../../pending/queue-core.js';
import { ensureDirectory, nodeFiles, type DurableFile, type DurableFiles } from '../durable-files.js';
import { storeError } from '../store-error.js';
import { decodeEvent } from './event-codec.js';
import { JournalLog } from './journal-log.js';
import { JournaledQueue, payloadsOf, type JournalQueue } from './journal-queue.js';
import { nodeProcesses, type ProcessProbe } from './lock-holder.js';
import { acquireLock, type Lock } from './lock.js';
import { readJournal, type Losses, type Reading } from './read-journal.js';
import { copyAside, rewriteJournal, type JournalPlace, type Written } from './write-journal.js';

/** What was found damaged at opening. Everything that could be read is in the queue. */
export interface JournalDamage extends Losses {
  /** Path of the copy of the damaged file. */
  readonly copy: string;
}

/** Options of `openJournalQueue`. */
export interface JournalOptions {
  /** Made with mode 0700 when it is not there. */
  readonly dir: string;
  readonly clock: Clock;
  /** Entries at most (100,000). */
  readonly maxEntries?: number | undefined;
  /** Bytes of all items at most (64 MiB). The file holds up to about twice as much, and once more while rewritten. */
  readonly maxBytes?: number | undefined;
  /** How long to wait for another process to let go of the directory (0). */
  readonly waitMs?: number | undefined;
  /** Bytes of history that are not worth writing the file anew (256 KiB). */
  readonly slackBytes?: number | undefined;
  /** Told once, at opening, of a file that could not be read as a whole. */
  readonly onDamage?: ((damage: JournalDamage) => void) | undefined;
  readonly files?: DurableFiles | undefined;
  readonly processes?: ProcessProbe | undefined;
  /** A new id at every call, never the same again (96 random bits). */
  readonly ids?: (() => string) | undefined;
}

const fileName = 'pending.journal';
const lockName = 'pending.lock';

/**
 * Opens the pending queue of a directory, for this process alone.
 * @throws VedetteError `store-busy` when another process has it, `unsupported` when it was written by a later version
 * (and is left untouched), `store-damaged` when the disk fails; RangeError when a bound is no positive integer.
 */
export async function openJournalQueue(options: JournalOptions): Promise<JournalQueue> {
  const { clock, files = nodeFiles, maxBytes, maxEntries, ids = randomId, slackBytes = 1 << 18 } = options;
  const core = new QueueCore({ clock, maxEntries, maxBytes, ids, durability: 'disk' });
  const place: JournalPlace = { files, dir: resolve(options.dir), name: fileName };
  const lock = await lockPlace(place, options);
  try {
    const written = await openFile(place, core, options);
    return new JournaledQueue({ core, lock, clock, slackBytes, log: new JournalLog(place, lock, written) });
  } catch (error) {
    await lock.release();
    throw storeError('opening', place.dir, error);
  }
}

async function lockPlace(place: JournalPlace, options: JournalOptions): Promise<Lock> {
  const { files, dir } = place;
  try {
    await ensureDirectory(files, dir);
    return await acquireLock({
      files,
      dir,
      name: lockName,
      clock: options.clock,
      waitMs: options.waitMs ?? 0,
      processes: options.processes ?? nodeProcesses,
      token: () => randomBytes(8).toString('hex'),
    });
  } catch (error) {
    throw storeError('locking', dir, error);
  }
}

/** The journal, read into the core, whole and on the disk. */
async function openFile(place: JournalPlace, core: QueueCore, options: JournalOptions): Promise<Written> {
  const file = await place.files.open(join(place.dir, place.name));
  if (file === undefined) {
    return writeAnew(place, core);
  }
  try {
    const reading = await readJournal(file, (payload) => replay(core, payload));
    core.endReplay();
    if (reading.losses === undefined && !reading.torn) {
      return await settleFile(place, file, reading);
    }
    await report(place, file, { reading, options });
    const written = await writeAnew(place, core);
    await file.close();
    return written;
  } catch (error) {
    await file.close();
    throw error;
  }
}

function replay(core: QueueCore, payload: Uint8Array): boolean {
  const event = decodeEvent(payload);
  return event !== undefined && core.replay(event);
}

/**
 * The process before may have been killed between a write and its sync: what was read is then in the page cache only.
 */
async function settleFile(place: JournalPlace, file: DurableFile, reading: Reading): Promise<Written> {
  await file.sync();
  await place.files.syncDirectory(place.dir);
  return { file, bytes: await file.size(), sequence: reading.sequence };
}

async function report(
  place: JournalPlace,
  file: DurableFile,
  { reading, options }: { readonly reading: Reading; readonly options: JournalOptions },
): Promise<void> {
  if (reading.losses === undefined) {
    return;
  }
  const name = await copyAside(place, file, Math.floor(options.clock.now()).toString(36));
  try {
    options.onDamage?.({ ...reading.losses, copy: join(place.dir, name) });
  } catch {
    // A listener that throws must not keep the queue closed.
  }
}

async function writeAnew(place: JournalPlace, core: QueueCore): Promise<Written> {
  const outcome = await rewriteJournal(place, payloadsOf(core.snapshot()));
  if (outcome.kind === 'written') {
    return outcome.written;
  }
  throw outcome.error;
}

function randomId(): string {
  return randomBytes(12).toString('base64url');
}

