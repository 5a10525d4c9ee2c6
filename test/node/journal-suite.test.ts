import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openJournalQueue } from '../../src/node/journal/open-journal-queue.js';
import { describePendingQueue } from '../../src/testing/suites/queue-suite.js';
import { expectLikeModel } from '../pending/queue-property.js';
import { SimDisk } from '../support/sim-disk.js';

let root = '';
let count = 0;
const dirs = new WeakMap<object, string>();

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vedette-journal-'));
});

afterAll(() => rm(root, { recursive: true, force: true }));

describePendingQueue(
  { describe, it },
  {
    name: 'journal',
    async create(context) {
      const dir = join(root, `queue-${count++}`, 'made', 'too');
      const queue = await openJournalQueue({ ...context, dir });
      dirs.set(queue, dir);
      return queue;
    },
    async reopen(queue, context) {
      const dir = dirs.get(queue) ?? '';
      await queue.close?.();
      const again = await openJournalQueue({ ...context, dir });
      dirs.set(again, dir);
      return again;
    },
    dispose: (queue) => queue.close?.(),
  },
);

describe('the pending queue on disk', () => {
  it('says the same as a naive model at every step of a random life with restarts', async () => {
    await expectLikeModel(
      async (making) => {
        let disk = new SimDisk();
        const open = (): ReturnType<typeof openJournalQueue> => openJournalQueue({ ...making, dir: '/data/pending', files: disk.files });
        return {
          queue: await open(),
          // As after a kill: nothing is closed, the lock file of the dead process is left to the next one.
          restart: () => {
            disk = new SimDisk(withoutLocks(disk.image()));
            return open();
          },
        };
      },
      Number(process.env['FUZZ_RUNS'] ?? 100),
    );
  });

  it('refuses everything once it is closed', async () => {
    const queue = await openJournalQueue({ dir: '/data', files: new SimDisk().files, clock: (await import('../../src/preset/system-seams.js')).createSystemClock() });
    await queue.close();
    await queue.close();
    await expect(queue.enqueue([])).rejects.toMatchObject({ code: 'closed' });
    await expect(queue.claim('main', { limit: 1, leaseMs: 1 })).rejects.toMatchObject({ code: 'closed' });
  });
});

function withoutLocks(image: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  return new Map([...image].filter(([path]) => !path.includes('.lock-')));
}
