import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openJournalQueue } from '../../src/node/journal/open-journal-queue.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { describePendingQueue } from '../../src/testing/suites/queue-suite.js';
import { expectLikeModel } from '../pending/queue-property.js';
import { fileAt, owner } from '../pending/subjects.js';
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

  it('keeps its directories and files to the user, also while it is written anew and beside what is damaged', async () => {
    const dir = join(root, 'private', 'pending');
    const clock = createSystemClock();
    const modes = async (): Promise<Set<string>> => {
      const all = await Promise.all((await readdir(join(root, 'private'), { recursive: true, withFileTypes: true })).map(async (one) => [one.isDirectory(), (await stat(join(one.parentPath, one.name))).mode & 0o777] as const));
      return new Set(all.map(([isDirectory, mode]) => `${isDirectory ? 'directory' : 'file'} ${mode.toString(8)}`));
    };
    const queue = await openJournalQueue({ dir, clock, slackBytes: 100 });
    for (let round = 0; round < 20; round++) {
      await queue.enqueue([fileAt(`${round}`)]);
      for (const entry of await queue.claim(owner, { limit: 1, leaseMs: 1000 })) {
        await queue.settle(entry.id, entry.items[0]!.id, 'done');
      }
    }
    expect(await modes()).toEqual(new Set(['directory 700', 'file 600']));
    await queue.close();
    await writeFile(join(dir, 'pending.journal'), 'no journal');
    await (await openJournalQueue({ dir, clock })).close();
    expect((await readdir(dir)).length).toBe(2);
    expect(await modes()).toEqual(new Set(['directory 700', 'file 600']));
    expect((await stat(join(root, 'private'))).mode & 0o777).toBe(0o700);
  });

  it('refuses everything once it is closed', async () => {
    const queue = await openJournalQueue({ dir: '/data', files: new SimDisk().files, clock: createSystemClock() });
    await queue.close();
    await queue.close();
    await expect(queue.enqueue([])).rejects.toMatchObject({ code: 'closed' });
    await expect(queue.claim('main', { limit: 1, leaseMs: 1 })).rejects.toMatchObject({ code: 'closed' });
  });
});

function withoutLocks(image: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  return new Map([...image].filter(([path]) => !path.includes('.lock-')));
}
