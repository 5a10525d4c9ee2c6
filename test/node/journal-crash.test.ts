import { describe, expect, it } from 'vitest';
import type { DurableFile, DurableFiles } from '../../src/node/files/durable-files.js';
import { crashes, type Fault } from '../support/sim-disk.js';
import { brokenPromises, flag, lifeAfter, live, open, startLife, states, subjectNumber, type Life, type Sabotage } from './journal-life.js';

const seed = Number(process.env['FUZZ_SEED'] ?? 20_250_101);
/** The full figure is 200 operations: more than 20,000 disks. */
const steps = Number(process.env['FUZZ_RUNS'] ?? 100) > 100 ? 200 : 20;
const lives = Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 100) / 100);

/** A life of one process. */
async function ordinaryLife(number: number, { steps = 40, ...sabotage }: Sabotage & { readonly steps?: number } = {}): Promise<Life> {
  const life = startLife(seed + number);
  await live(life, await open(life, sabotage), { steps });
  return life;
}

/** Lives that go on after a power failure in some moments, each to be judged in all of its own. */
async function livesAfter(life: Life, every: number, sabotage: Sabotage = {}): Promise<Life[]> {
  const after: Life[] = [];
  for (let moment = 7; moment < life.disk.moment; moment += every) {
    const next = lifeAfter(life, moment, crashes[after.length % crashes.length]!);
    await live(next, await open(next, sabotage), { steps: 6 });
    after.push(next);
  }
  return after;
}

/** A process is killed between a write and its sync; the next one acknowledges what it finds. */
async function lifeAfterKill(sabotage: Sabotage = {}): Promise<Life> {
  const life = startLife(seed);
  const killed = await open(life);
  life.disk.interfere = (name) => (name === 'sync' ? new Promise<undefined>(() => undefined) : undefined);
  void flag(life, killed, [subjectNumber(1)]);
  await life.clock.advance(1);
  life.disk.interfere = () => undefined;
  await flag(life, await open(life, sabotage), [subjectNumber(1)]);
  return life;
}

/** Lives in which one sync fails, each time another, and the process goes on. */
async function brokenByFailedSyncs(sabotage: Sabotage = {}): Promise<string[]> {
  const broken: string[] = [];
  for (let failing = 1; failing <= 10; failing++) {
    const life = startLife(seed);
    const queue = await open(life, sabotage);
    let syncs = 0;
    life.disk.interfere = (name): Fault | undefined => (name === 'sync' && ++syncs === failing ? { code: 'EIO', done: 'not' } : undefined);
    await live(life, queue, { steps: 10, mayFail: true });
    broken.push(...(await brokenPromises(life, crashes)));
  }
  return broken;
}

describe('the journal when the power fails', () => {
  it('keeps every acknowledged entry, and invents none, in every moment and for every kind of loss', async () => {
    for (let number = 0; number < lives; number++) {
      const life = await ordinaryLife(number);
      expect(await brokenPromises(life, crashes), `seed ${seed + number}`).toEqual([]);
      expect(life.disk.moment).toBeGreaterThan(100);
    }
  });

  it(`keeps them over ${steps} operations`, async () => {
    const life = await ordinaryLife(1, { steps });
    const before = states;
    expect(await brokenPromises(life, crashes), `seed ${seed + 1}`).toEqual([]);
    expect(states - before).toBeGreaterThan(100 * steps);
  });

  it('keeps them when it is opened after a power failure, goes on, and the power fails again', async () => {
    const life = await ordinaryLife(2);
    for (const next of await livesAfter(life, Math.ceil(60 / lives))) {
      expect(await brokenPromises(next, crashes)).toEqual([]);
    }
  });

  it('has been written anew several times in these lives', async () => {
    const life = startLife(seed);
    let renames = 0;
    life.disk.interfere = (name) => {
      renames += name === 'rename' ? 1 : 0;
      return undefined;
    };
    await live(life, await open(life), { steps: 40 });
    expect(renames).toBeGreaterThan(3);
  });

  it('keeps what the process before wrote and did not live to sync, once it has been acknowledged', async () => {
    expect(await brokenPromises(await lifeAfterKill(), crashes)).toEqual([]);
  });

  it('does not believe in what a failed sync left behind', async () => {
    expect(await brokenByFailedSyncs()).toEqual([]);
  });
});

describe('the check of the journal notices', () => {
  it('a sync that is skipped', async () => {
    const life = await ordinaryLife(0, { files: (files) => withFiles(files, (file) => ({ ...file, sync: async () => undefined })) });
    expect(await brokenPromises(life, crashes)).not.toEqual([]);
  });

  it('an acknowledgement before the commit', async () => {
    const life = await ordinaryLife(0, {
      queue: (queue) => ({
        ...bound(queue),
        enqueue: async (subjects) => {
          void queue.enqueue(subjects);
          return subjects.map(() => ({ kind: 'queued', id: '', durability: 'disk' }));
        },
      }),
    });
    expect(await brokenPromises(life, crashes)).not.toEqual([]);
  });

  it('a directory that is not synced after a rename', async () => {
    const life = await ordinaryLife(0, { files: (files) => ({ ...files, syncDirectory: async () => undefined }) });
    expect(await brokenPromises(life, crashes)).not.toEqual([]);
  });

  it('a journal that is believed at opening without a sync', async () => {
    const files = (whole: DurableFiles): DurableFiles => ({
      ...whole,
      open: async (path) => {
        const file = await whole.open(path);
        let syncs = 0;
        return file === undefined ? undefined : { ...file, sync: async () => (syncs++ === 0 ? undefined : file.sync()) };
      },
    });
    expect(await brokenPromises(await lifeAfterKill({ files }), crashes)).not.toEqual([]);
  });

  it('a sync that failed, was tried again and was believed', async () => {
    const files = (whole: DurableFiles): DurableFiles =>
      withFiles(whole, (file) => ({ ...file, sync: () => file.sync().catch(() => file.sync()) }));
    expect(await brokenByFailedSyncs({ files })).not.toEqual([]);
  });
});

function withFiles(files: DurableFiles, change: (file: DurableFile) => DurableFile): DurableFiles {
  return {
    ...files,
    create: async (path) => change(await files.create(path)),
    open: async (path) => {
      const file = await files.open(path);
      return file === undefined ? undefined : change(file);
    },
  };
}

function bound(queue: Awaited<ReturnType<typeof open>>): Awaited<ReturnType<typeof open>> {
  return {
    durability: queue.durability,
    enqueue: (subjects) => queue.enqueue(subjects),
    claim: (owner, options) => queue.claim(owner, options),
    intend: (id, item, intent) => queue.intend(id, item, intent),
    settle: (id, item, outcome) => queue.settle(id, item, outcome),
    release: (id, options) => queue.release(id, options),
    find: (id) => queue.find(id),
    list: () => queue.list(),
    counts: (owner) => queue.counts(owner),
  };
}
