/** Queue engines that are pending queues: ours in memory, ours on disk, and a host's. A life is enqueue, claim, settle. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../src/base/seams.js';
import { openJournalQueue } from '../../src/node/journal/open-journal-queue.js';
import { createMemoryQueue } from '../../src/pending/memory-queue.js';
import type { NewPending, PendingEntry, PendingQueue } from '../../src/pending/pending-queue.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import type { Engine } from '../definition.js';
import { Unavailable, running } from '../definition.js';
import { assertMethods } from '../host-engine.js';

/** What goes through the queues, and how many of it at a time. */
export interface QueueInput {
  readonly subjects: readonly NewPending[];
  readonly batch: number;
}

/** Owner of all entries. */
export const owner = 'bench';

type Durability = PendingQueue['durability'];
type Create = (options: { readonly dir: string; readonly clock: Clock }) => PendingQueue | Promise<PendingQueue>;

/** Ours in memory. */
export const memoryQueue: Engine<QueueInput> = queueEngine('vedette memory queue', {
  create: ({ clock }) => createMemoryQueue({ clock }),
  durability: 'process',
});

/** Ours on disk. */
export const journalQueue: Engine<QueueInput> = queueEngine('vedette journal queue', { create: openJournalQueue, durability: 'disk' });

/** Any queue of that durability: another one is listed as skipped. */
export function queueEngine(name: string, by: { readonly create: Create; readonly durability: Durability }): Engine<QueueInput> {
  return {
    name,
    async start({ subjects, batch }, { scratchDir }) {
      const dir = await mkdtemp(join(scratchDir, 'queue-'));
      const queue = await openQueue(by, dir);
      return running({
        run: (amount) => lives(queue, { subjects: subjects.slice(0, amount), batch }),
        answer: async (settled) => queueAnswer(settled, await left(queue)),
        async close() {
          await queue.close?.();
          await rm(dir, { recursive: true, force: true });
        },
      });
    },
  };
}

/** How queues answer. */
export function queueAnswer(settled: number, leftOver: number): string {
  return `${settled} settled, ${leftOver} left`;
}

async function openQueue({ create, durability }: { readonly create: Create; readonly durability: Durability }, dir: string): Promise<PendingQueue> {
  const queue = await create({ dir, clock: createSystemClock() });
  assertMethods(queue, ['enqueue', 'claim', 'settle', 'list']);
  if (queue.durability !== durability) {
    await queue.close?.();
    throw new Unavailable(`its durability is ${queue.durability}`);
  }
  return queue;
}

/** Puts the subjects through, a batch at a time, and counts what was settled. */
async function lives(queue: PendingQueue, { subjects, batch }: QueueInput): Promise<number> {
  let settled = 0;
  for (let at = 0; at < subjects.length; at += batch) {
    await queue.enqueue(subjects.slice(at, at + batch));
    const claimed = await queue.claim(owner, { limit: batch, leaseMs: 60_000 });
    const done = await Promise.all(claimed.map((entry) => settleAll(queue, entry)));
    settled += done.filter(Boolean).length;
  }
  return settled;
}

async function settleAll(queue: PendingQueue, { id, items }: PendingEntry): Promise<boolean> {
  let isSettled = false;
  for (const item of items) {
    isSettled = await queue.settle(id, item.id, 'clean');
  }
  return isSettled;
}

async function left(queue: PendingQueue): Promise<number> {
  let count = 0;
  for await (const _ of queue.list()) {
    count++;
  }
  return count;
}
