/** Engines that flag subjects on disk and do nothing else: every pass into a file of its own, and what it holds is counted anew. */
import { closeSync, fdatasyncSync, fstatSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeEvent } from '../../src/node/journal/event-codec.js';
import { frameHeaderBytes } from '../../src/node/journal/frame.js';
import { openJournalQueue } from '../../src/node/journal/open-journal-queue.js';
import type { NewPending, PendingQueue } from '../../src/pending/pending-queue.js';
import { packSubject } from '../../src/pending/subject-record.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import type { Engine } from '../definition.js';
import { running } from '../definition.js';
import type { QueueInput } from './queues.js';

/** How they answer. */
export function flaggingAnswer(count: number): string {
  return `${count} on the disk`;
}

/** The same bytes appended to a file and synced, on the calling thread: the least that a promise of durability costs. */
export const appendSameBytes: Engine<QueueInput> = {
  name: 'append + fdatasync',
  async start({ subjects, batch }, { scratchDir }) {
    const records = subjects.map(recordOf);
    const dir = await mkdtemp(join(scratchDir, 'append-'));
    let file = -1;
    let passes = 0;
    const close = (): void => {
      if (file >= 0) {
        closeSync(file);
      }
    };
    return running({
      ready: () => {
        close();
        file = openSync(join(dir, `${passes++}.log`), 'wx+', 0o600);
      },
      run: (amount) => {
        let end = 0;
        for (let at = 0; at < amount; at += batch) {
          end += writeSync(file, Buffer.concat(records.slice(at, Math.min(amount, at + batch))), 0, null, end);
          fdatasyncSync(file);
        }
        return amount;
      },
      answer: (amount) => flaggingAnswer(fstatSync(file).size === records.slice(0, amount).reduce((sum, one) => sum + one.length, 0) ? amount : -1),
      close,
    });
  },
};

/** Ours: `batch` calls of one subject each at a time, each with its own promise. */
export const journalFlagging: Engine<QueueInput> = {
  name: 'vedette journal queue',
  start({ subjects, batch }, { scratchDir }) {
    let queue: PendingQueue | undefined;
    let dir: string | undefined;
    const close = async (): Promise<void> => {
      await queue?.close?.();
      await (dir === undefined ? undefined : rm(dir, { recursive: true, force: true }));
    };
    return running({
      async ready() {
        await close();
        dir = await mkdtemp(join(scratchDir, 'flagging-'));
        queue = await openJournalQueue({ dir, clock: createSystemClock() });
      },
      async run(amount) {
        for (let at = 0; at < amount; at += batch) {
          await Promise.all(subjects.slice(at, Math.min(amount, at + batch)).map((subject) => queue!.enqueue([subject])));
        }
      },
      /** What the next process would find. */
      async answer() {
        await queue?.close?.();
        queue = await openJournalQueue({ dir: dir ?? '', clock: createSystemClock() });
        let count = 0;
        for await (const _ of queue.list()) {
          count++;
        }
        return flaggingAnswer(count);
      },
      close,
    });
  },
};

/** As many bytes as the journal writes for it. */
function recordOf(subject: NewPending): Buffer {
  const id = 'x'.repeat(16);
  const record = encodeEvent({ kind: 'enqueued', entry: id, item: id, at: 1_700_000_000_000, subject: packSubject(subject) ?? '' });
  return Buffer.alloc(frameHeaderBytes + Buffer.byteLength(record), 'x');
}
