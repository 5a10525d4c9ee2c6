/** Processes that cannot see each other on one directory: whoever is presumed dead and is not does no harm. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VedetteError } from '../../src/base/errors.js';
import type { DurableFiles } from '../../src/node/files/durable-files.js';
import type { JournalQueue } from '../../src/node/journal/journal-queue.js';
import { formatHolder, startInStat, type Holder, type ProcessProbe } from '../../src/node/journal/lock-holder.js';
import { acquireLock } from '../../src/node/journal/lock.js';
import { openJournalQueue } from '../../src/node/journal/open-journal-queue.js';
import { toArray } from '../../src/testing/assertions.js';
import { FakeClock, settle } from '../../src/testing/doubles/fake-clock.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { fileAt } from '../pending/subjects.js';
import { SimDisk } from '../support/sim-disk.js';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 100);
const dir = '/data';

/** A process that sees itself alone: of a container of its own. */
function processIn(space: number): ProcessProbe {
  const self: Holder = { pid: 1, start: '500', boot: 'abcd', space: String(space) };
  return { self: () => self, startOf: (pid) => (pid === 1 ? '500' : undefined) };
}

function openIn(space: number, on: { readonly clock: FakeClock; readonly files: DurableFiles }): Promise<JournalQueue> {
  return openJournalQueue({ dir, ...on, slackBytes: 600, processes: processIn(space) });
}

async function placesOn(disk: SimDisk): Promise<string[]> {
  const clock = new FakeClock();
  const queue = await clock.run(openIn(99, { clock, files: disk.files }));
  const entries = await toArray(queue.list());
  await queue.close();
  return entries.flatMap((entry) => entry.items.map((item) => item.subject.locator?.ref ?? '')).sort();
}

/** What the fence rests on, taken away: copies and removals of rewrites do not happen. */
function withoutFence(files: DurableFiles): DurableFiles {
  return { ...files, rename: async (from, to) => (from.includes('.journal.new') ? undefined : files.rename(from, to)) };
}

describe('a process that was presumed dead', () => {
  it('writes nothing into the file of its successor when it wakes up', async () => {
    const disk = new SimDisk();
    const clock = new FakeClock();
    const first = await openIn(1, { clock, files: disk.files });
    await first.enqueue([fileAt('a')]);
    const second = await clock.run(openIn(2, { clock, files: disk.files }));
    await second.enqueue([fileAt('b'), fileAt('c')]);
    await expect(first.enqueue([fileAt('d')])).rejects.toMatchObject({ code: 'store-busy' });
    await second.close();
    expect(await placesOn(disk)).toEqual(['/files/a', '/files/b', '/files/c']);
  });

  it('does not put an old state in place of a new one at the end of a rewrite', async () => {
    const disk = new SimDisk();
    const clock = new FakeClock();
    let stall: Promise<undefined> | undefined;
    disk.interfere = (name, path) => (name === 'rename' && path.includes('.journal.new') ? stall : undefined);
    const first = await openIn(1, { clock, files: disk.files });
    let goOn = (): void => undefined;
    stall = new Promise((resolve) => (goOn = () => resolve(undefined)));
    // Settles as much as it flags, so that it begins to write the journal anew, and stops before the new takes its place.
    const stalled = live(first, 1, 40);
    await settle();
    stall = undefined;
    const second = await clock.run(openIn(2, { clock, files: disk.files }));
    await second.enqueue([fileAt('b')]);
    goOn();
    await expect(stalled).rejects.toMatchObject({ code: expect.stringMatching(/^store-/) as string });
    await second.close();
    expect(await placesOn(disk)).toContain('/files/b');
  });

  it('is fenced off by the next when its successor dies too soon', async () => {
    const disk = new SimDisk();
    const clock = new FakeClock();
    const first = await openIn(1, { clock, files: disk.files });
    await first.enqueue([fileAt('a')]);
    // Killed in the moment that it leaves to the first.
    void openIn(2, { clock, files: disk.files }).catch(() => undefined);
    await settle();
    const killed: ProcessProbe = { ...processIn(2), self: () => ({ pid: 2, start: '600', boot: 'abcd', space: '2' }) };
    const names = await disk.files.list(dir);
    const own = names.find((name) => name.startsWith('pending.lock-'));
    await disk.files.rename(`${dir}/${own}`, `${dir}/pending.lock-${formatHolder({ ...killed.self(), pid: 7 }, 'aa')}`);
    const third = await clock.run(openJournalQueue({ dir, clock, files: disk.files, processes: killed }));
    await third.enqueue([fileAt('b')]);
    await expect(first.enqueue([fileAt('c'), fileAt('d')])).rejects.toMatchObject({ code: 'store-busy' });
    await third.close();
    expect(await placesOn(disk)).toEqual(['/files/a', '/files/b']);
    expect((await disk.files.list(dir)).filter((name) => name !== 'pending.journal')).toEqual([]);
  });
});

/** Flags and settles until it is told that the store is not its own. */
async function live(queue: JournalQueue, number: number, deeds: number, acknowledged: Set<string> = new Set()): Promise<void> {
  for (let deed = 0; deed < deeds; deed++) {
    const kept = `/kept/${number}-${deed}`;
    await queue.enqueue([fileAt(kept, kept), fileAt('passing', `/passing/${number}-${deed}`)]);
    acknowledged.add(kept);
    const passing = (await toArray(queue.list())).find((entry) => entry.key === 'passing');
    await queue.settle(passing?.id ?? '', passing?.items[0]?.id ?? '', 'done');
  }
}

/** Two processes that evict each other again and again, with pauses of up to seconds anywhere. What was lost. */
async function fight(seed: number, sabotage: (files: DurableFiles) => DurableFiles): Promise<string[]> {
  const random = createSeededRandom(seed);
  const disk = new SimDisk();
  const clock = new FakeClock();
  const acknowledged = new Set<string>();
  disk.interfere = async () => {
    if (random() < 0.04) {
      await clock.sleep(random() * 3000, new AbortController().signal);
    }
    return undefined;
  };
  const oneOf = async (space: number): Promise<void> => {
    for (let life = 0; life < 3; life++) {
      try {
        await live(await openIn(space, { clock, files: sabotage(disk.files) }), space * 10 + life, 12, acknowledged);
      } catch (error) {
        expect(VedetteError.is(error) && ['store-busy', 'store-damaged'].includes(error.code)).toBe(true);
      }
    }
  };
  await clock.run(Promise.all([oneOf(1), oneOf(2)]));
  disk.interfere = () => undefined;
  const there = await placesOn(disk);
  return [...acknowledged].filter((place) => !there.includes(place));
}

describe('two processes that cannot see each other', () => {
  it('lose nothing acknowledged, however long they pause and wherever', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        expect(await fight(seed, (files) => files)).toEqual([]);
      }),
      { numRuns: Math.ceil(numRuns / 4) },
    );
  }, 600_000);

  it('would be found out if they did (sabotage: nobody is fenced off)', async () => {
    const lost = await Promise.all(Array.from({ length: 10 }, (_, seed) => fight(seed, withoutFence)));
    expect(lost.flat()).not.toEqual([]);
  });
});

describe('startInStat', () => {
  const stat = (state: string, threads: number): string => `7 (a) b) ${state} ${Array.from({ length: 16 }, () => '1').join(' ')} ${threads} 0 4711 9`;

  it.each([
    ['runs', 'R', 11, '4711'],
    ['sleeps', 'S', 1, '4711'],
    ['is over and not fetched yet', 'Z', 1, undefined],
    ['is over but for a thread that is still in a system call', 'Z', 2, '4711'],
    ['is gone', 'X', 1, undefined],
  ])('of a process that %s', (_, state, threads, expected) => {
    expect(startInStat(stat(state, threads))).toBe(expected);
  });

  it('says nothing about a text that is cut', () => {
    expect(startInStat('7 (name) S 1')).toBe('0');
  });
});

describe('a lock that guards a file that is not there', () => {
  it('is taken over without making one', async () => {
    const disk = new SimDisk();
    const clock = new FakeClock();
    await disk.files.create(`${dir}/x-${formatHolder(processIn(1).self(), 'aa')}`);
    const taking = acquireLock({ files: disk.files, dir, name: 'x', guards: 'y', clock, waitMs: 0, processes: processIn(2), token: () => 'bb' });
    await (await clock.run(taking)).release();
    expect([...disk.image().keys()]).toEqual([]);
  });
});
