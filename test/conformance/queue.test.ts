import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import type { PendingQueue } from '../../src/pending/pending-queue.js';
import { createMemoryQueue } from '../../src/pending/memory-queue.js';
import { openJournalQueue } from '../../src/node/journal/open-journal-queue.js';
import { describePendingQueue, type QueueContext } from '../../src/testing.js';

describePendingQueue({ describe, it }, { name: 'memory queue', create: createMemoryQueue });

const folders = new WeakMap<PendingQueue, string>();

async function open(dir: string, context: QueueContext): Promise<PendingQueue> {
  const queue = await openJournalQueue({ dir, ...context });
  folders.set(queue, dir);
  return queue;
}

describePendingQueue({ describe, it }, {
  name: 'journal queue',
  create: async (context) => open(await mkdtemp(join(tmpdir(), 'vedette-queue-')), context),
  async reopen(queue, context) {
    await queue.close?.();
    return open(folders.get(queue) ?? '', context);
  },
  async dispose(queue) {
    await queue.close?.();
    await rm(folders.get(queue) ?? '', { recursive: true, force: true });
  },
});
