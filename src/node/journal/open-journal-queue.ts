/** Opening the pending queue of a directory: the queue in memory, kept in a journal of its events. */
import { randomBytes, randomFillSync } from 'node:crypto';
import { QueueCore } from '../../pending/queue-core.js';
import { JournaledQueue, queueState, recorded, type JournalQueue } from './journal-queue.js';
import { openJournal, type JournalFileOptions } from './open-journal.js';

export type { JournalDamage, JournalFileOptions } from './open-journal.js';

/** Options of `openJournalQueue`. */
export interface JournalOptions extends JournalFileOptions {
  /** Entries at most (100,000). */
  readonly maxEntries?: number | undefined;
  /** Bytes of all items at most (64 MiB). The file holds up to about twice as much, and once more while rewritten. */
  readonly maxBytes?: number | undefined;
  /** A new id at every call, never the same again (96 random bits). */
  readonly ids?: (() => string) | undefined;
}

/**
 * Opens the pending queue of a directory, for this process alone.
 * @throws VedetteError `store-busy` when another process has it, `unsupported` when it was written by a later version
 * (and is left untouched), `store-damaged` when the disk fails; RangeError when a bound is no positive integer.
 */
export async function openJournalQueue(options: JournalOptions): Promise<JournalQueue> {
  const { clock, maxBytes, maxEntries, ids = randomIds() } = options;
  const core = new QueueCore({ clock, maxEntries, maxBytes, ids, durability: 'disk', seed: randomBytes(4).readUInt32LE() });
  const journal = await openJournal({ ...options, name: 'pending', state: queueState(core) });
  await journal.note(() => recorded(core.voidClaims()));
  return new JournaledQueue(core, journal);
}

/** 96 random bits each; drawn for many at once, which is an eighth of the cost. */
function randomIds(): () => string {
  const bytes = Buffer.alloc(12 * 256);
  let at = bytes.length;
  return () => {
    if (at === bytes.length) {
      randomFillSync(bytes);
      at = 0;
    }
    at += 12;
    return bytes.toString('base64url', at - 12, at);
  };
}
