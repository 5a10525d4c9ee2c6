import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DurableFiles } from '../../src/node/files/durable-files.js';
import { openJournalQueue } from '../../src/node/journal/open-journal-queue.js';
import { acquireLock, type Lock, type LockOptions } from '../../src/node/journal/lock.js';
import { formatHolder, holderState, nodeProcesses, parseHolder, type Holder, type ProcessProbe } from '../../src/node/journal/lock-holder.js';
import { FakeClock, settle } from '../../src/testing/doubles/fake-clock.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { fileAt } from '../pending/subjects.js';
import { SimDisk } from '../support/sim-disk.js';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 100);
const here: Holder = { pid: 10, start: '500', boot: 'abcd', space: '77' };

/** Processes as this table of starts says; `self` is number 10. */
function processes(starts: Readonly<Record<number, string>> = { 10: '500' }, self: Holder = here): ProcessProbe {
  return { self: () => self, startOf: (pid) => starts[pid] };
}

function options(disk: SimDisk, more: Partial<LockOptions> = {}): LockOptions {
  let count = 0;
  const token = (): string => (++count).toString(16).padStart(16, '0');
  return { files: disk.files, dir: '/data', name: 'x.lock', guards: 'x', clock: new FakeClock(), waitMs: 0, processes: processes(), token, ...more };
}

describe('holderState', () => {
  it.each<[string, Partial<Holder>, Readonly<Record<number, string>>, string]>([
    ['lives', {}, { 10: '500' }, 'alive'],
    ['is gone', {}, {}, 'dead'],
    ['is gone and its id is used by another', {}, { 10: '900' }, 'dead'],
    ['lives where starts are not told', { start: '0' }, { 10: '0' }, 'alive'],
    ['may live where its start is not told now', {}, { 10: '0' }, 'alive'],
    ['is of another boot', { boot: 'ffff' }, { 10: '500' }, 'unseen'],
    ['is of another container', { space: '78' }, {}, 'unseen'],
  ])('of a process that %s', (_, change, starts, expected) => {
    expect(holderState({ ...here, ...change }, processes(starts))).toBe(expected);
  });

  it.each<[string, Partial<Holder>, Readonly<Record<number, string>>, string]>([
    ['lives', {}, { 10: '0' }, 'alive'],
    ['is gone', {}, {}, 'dead'],
    ['is of a machine of another name, and has the id of none here', { space: '78' }, {}, 'unseen'],
    ['is of a machine of another name, or of this one before it had its name', { space: '78' }, { 10: '0' }, 'alive'],
    ['is of a release that did not tell the machine', { space: '0' }, {}, 'unseen'],
    ['is of a machine that names its boots', { boot: 'abcd', space: '78' }, { 10: '0' }, 'unseen'],
  ])('where boots are not named: of a process that %s', (_, change, starts, expected) => {
    const self: Holder = { pid: 11, start: '0', boot: '0', space: '77' };
    expect(holderState({ ...self, pid: 10, ...change }, processes(starts, self))).toBe(expected);
  });

  it('knows this very process, and one that was killed and not yet fetched', async () => {
    expect(holderState(nodeProcesses.self(), nodeProcesses)).toBe('alive');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const pid = child.pid!;
    const start = nodeProcesses.startOf(pid);
    expect(start).toBeDefined();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(holderState({ ...nodeProcesses.self(), pid, start: start! }, nodeProcesses)).toBe('dead');
  });
});

describe('the name of a holder', () => {
  it('is read back as it was written', () => {
    const holder = fc.record({ pid: fc.nat(), start: fc.stringMatching(/^\d{1,20}$/), boot: fc.stringMatching(/^[0-9a-f]{1,8}$/), space: fc.stringMatching(/^\d{1,20}$/) });
    fc.assert(
      fc.property(holder, fc.stringMatching(/^[0-9a-f]{1,32}$/), (one, token) => {
        expect(parseHolder(formatHolder(one, token))).toEqual({ holder: one, token });
      }),
      { numRuns },
    );
  });

  it.each(['', '1', '1-2-3', 'a-1-b-1-ff', '1-1-g-1-ff', '1-1-a-1-ff-1', '../../x-1-1-1-1-1'])('%j is none', (text) => {
    expect(parseHolder(text)).toBeUndefined();
  });
});

describe('acquireLock', () => {
  it('gives the lock to one and tells the second that the store is busy', async () => {
    const disk = new SimDisk();
    const first = options(disk);
    const lock = await acquireLock(first);
    const second = acquireLock({ ...first });
    await expect((first.clock as FakeClock).run(second)).rejects.toMatchObject({ code: 'store-busy' });
    await lock.release();
    await expect(acquireLock(first)).resolves.toBeDefined();
  });

  it('waits as long as it was told for the holder to let go', async () => {
    const disk = new SimDisk();
    const first = options(disk);
    const clock = first.clock as FakeClock;
    const lock = await acquireLock(first);
    const second = acquireLock({ ...first, waitMs: 5000 });
    await clock.advance(2000);
    await lock.release();
    await expect(clock.run(second, { maxMs: 200 })).resolves.toBeDefined();
    const third = acquireLock({ ...first, waitMs: 3000 });
    await expect(clock.run(third)).rejects.toMatchObject({ code: 'store-busy', detail: { waitMs: 3000 } });
  });

  it('takes the place of dead holders at once, and clears up after them', async () => {
    const disk = new SimDisk();
    for (const start of ['1', '2', '3']) {
      await disk.files.create(`/data/x.lock-${formatHolder({ ...here, start }, `a${start}`)}`);
    }
    await disk.files.create('/data/x.lock-of-something-else');
    const lock = await acquireLock(options(disk));
    expect(await lock.isHeld()).toBe(true);
    expect((await disk.files.list('/data')).sort()).toEqual([`x.lock-${formatHolder(here, '0000000000000001')}`, 'x.lock-of-something-else']);
  });

  it('gives a holder that cannot be seen a moment to notice', async () => {
    const disk = new SimDisk();
    const far = `/data/x.lock-${formatHolder({ ...here, space: '99' }, 'aa')}`;
    await disk.files.create(far);
    const mine = options(disk);
    const clock = mine.clock as FakeClock;
    const lock = acquireLock(mine);
    await settle();
    expect(await disk.files.exists(far)).toBe(false);
    expect(clock.sleeping).toBe(1);
    await clock.advance(1000);
    expect(await (await lock).isHeld()).toBe(true);
  });

  it('leaves no file behind when it fails', async () => {
    const disk = new SimDisk();
    disk.interfere = (name) => (name === 'list' ? { code: 'EIO', done: 'not' } : undefined);
    await expect(acquireLock(options(disk))).rejects.toThrow('EIO');
    expect(disk.image().size).toBe(0);
  });

  it('is never held by two, in whatever order the contenders take their steps', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        expect(await contend(seed, (probe) => probe)).toBeLessThan(2);
      }),
      { numRuns },
    );
  });

  it('would be found out if it were', async () => {
    const blind = (probe: ProcessProbe): ProcessProbe => ({ ...probe, startOf: () => undefined });
    const most = await Promise.all(Array.from({ length: 20 }, (_, seed) => contend(seed, blind)));
    expect(Math.max(...most)).toBeGreaterThan(1);
  });
});

/** Several contenders in random order; the most that ever held the lock at once. All of them get it in the end. */
async function contend(seed: number, sabotage: (probe: ProcessProbe) => ProcessProbe): Promise<number> {
  const random = createSeededRandom(seed);
  const disk = new SimDisk();
  const clock = new FakeClock();
  disk.interfere = async () => {
    for (let turn = Math.floor(random() * 8); turn > 0; turn--) {
      await Promise.resolve();
    }
    return undefined;
  };
  let held = 0;
  let most = 0;
  let count = 0;
  const token = (): string => Math.floor(random() * 2 ** 40).toString(16) + (count++).toString(16);
  const one = async (): Promise<void> => {
    const lock: Lock = await acquireLock({ ...options(disk), clock, token, waitMs: 600_000, processes: sabotage(processes()) });
    most = Math.max(most, ++held);
    await clock.sleep(5, new AbortController().signal);
    held--;
    await lock.release();
  };
  await clock.run(Promise.all([one(), one(), one()]));
  return most;
}

describe('a journal that is taken over', () => {
  it('acknowledges nothing any more, and says why', async () => {
    const disk = new SimDisk();
    const clock = new FakeClock();
    const in1: ProcessProbe = processes({ 10: '500' }, { ...here, space: '1' });
    const first = await openJournalQueue({ dir: '/data', clock, files: disk.files, processes: in1 });
    await first.enqueue([fileAt('a')]);
    const opening = openJournalQueue({ dir: '/data', clock, files: disk.files, processes: processes() });
    await settle();
    await expect(first.enqueue([fileAt('b')])).rejects.toMatchObject({ code: 'store-busy' });
    await expect(first.enqueue([fileAt('c')])).rejects.toMatchObject({ code: 'store-busy' });
    const second = await clock.run(opening);
    expect((await second.counts('main')).due).toBeGreaterThanOrEqual(1);
    await second.enqueue([fileAt('d')]);
    await first.close();
  });

  it('keeps all that was acknowledged when a machine that cannot see the other takes it over, and back', async () => {
    const disk = new SimDisk();
    const clock = new FakeClock();
    // Two machines without names of boots on one network drive, each with a process 10 or 11.
    const machine = (space: string, pid: number): ProcessProbe => processes({ [pid]: '0' }, { pid, start: '0', boot: '0', space });
    const one = await openJournalQueue({ dir: '/data', clock, files: disk.files, processes: machine('1', 10) });
    await one.enqueue([fileAt('a')]);
    const two = await clock.run(openJournalQueue({ dir: '/data', clock, files: disk.files, processes: machine('2', 11) }));
    await expect(one.enqueue([fileAt('b')])).rejects.toMatchObject({ code: 'store-busy' });
    await two.enqueue([fileAt('c')]);
    const back = await clock.run(openJournalQueue({ dir: '/data', clock, files: disk.files, processes: machine('1', 12) }));
    await expect(two.enqueue([fileAt('d')])).rejects.toMatchObject({ code: 'store-busy' });
    expect((await back.counts('main')).due).toBeGreaterThanOrEqual(2);
    await back.close();
  });

  it('holds nothing back for a second process that opens in vain', async () => {
    const disk = new SimDisk();
    const clock = new FakeClock();
    const first = await openJournalQueue({ dir: '/data', clock, files: disk.files, processes: processes() });
    const files: DurableFiles = disk.files;
    await expect(clock.run(openJournalQueue({ dir: '/data', clock, files, processes: processes() }))).rejects.toMatchObject({ code: 'store-busy' });
    expect(await first.enqueue([fileAt('a')])).toMatchObject([{ kind: 'queued' }]);
    await first.close();
    expect([...disk.image().keys()]).toEqual(['/data/pending.journal']);
  });
});
