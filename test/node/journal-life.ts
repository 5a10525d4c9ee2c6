/**
 * Random lives of a journal on a simulated disk, and the one check that all crash tests share: after a power failure
 * in any moment, everything acknowledged by then is there, nothing is there that was never asked for, and what was
 * acknowledged as settled stays away.
 */
import type { DurableFiles } from '../../src/node/files/durable-files.js';
import { openJournalQueue } from '../../src/node/journal/open-journal-queue.js';
import type { ProcessProbe } from '../../src/node/journal/lock-holder.js';
import type { NewPending, PendingEntry, PendingQueue } from '../../src/pending/pending-queue.js';
import { VedetteError } from '../../src/base/errors.js';
import type { Random } from '../../src/base/seams.js';
import { toArray } from '../../src/testing/assertions.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { fileAt, owner } from '../pending/subjects.js';
import { SimDisk, type Crash, type Image } from '../support/sim-disk.js';

export const dir = '/data/pending';

/** Moments of the disk, by place: when something was asked for, and when it was acknowledged. */
interface Deed {
  readonly askedAt: number;
  doneAt?: number;
}

/** What was asked of the queue, and what it said. */
export class History {
  readonly flagged = new Map<string, Deed>();
  readonly settled = new Map<string, Deed>();

  begin(deeds: Map<string, Deed>, place: string, moment: number): void {
    if (!deeds.has(place)) {
      deeds.set(place, { askedAt: moment });
    }
  }

  end(deeds: Map<string, Deed>, place: string, moment: number): void {
    const deed = deeds.get(place);
    if (deed !== undefined) {
      deed.doneAt ??= moment;
    }
  }
}

/** One disk and all that happens on it. */
export interface Life {
  readonly disk: SimDisk;
  readonly history: History;
  readonly random: Random;
  readonly clock: FakeClock;
  /** Number of the living process: everybody before it is dead. */
  process: number;
}

/** Life goes on after a power failure: what was promised until then is promised still. */
export function lifeAfter(life: Life, moment: number, crash: Crash): Life {
  const after = startLife(1, life.disk.imageAfter(moment, crash, life.random));
  after.process = life.process;
  for (const deeds of ['flagged', 'settled'] as const) {
    for (const [place, { askedAt, doneAt = Number.POSITIVE_INFINITY }] of life.history[deeds]) {
      if (askedAt <= moment) {
        after.history[deeds].set(place, { askedAt: -1, ...(doneAt <= moment ? { doneAt: -1 } : {}) });
      }
    }
  }
  return { ...after, random: life.random };
}

export function startLife(seed: number, image?: Image): Life {
  return { disk: new SimDisk(image), history: new History(), random: createSeededRandom(seed), clock: new FakeClock(), process: 0 };
}

/** Parts of the journal that a test may replace by worse ones. */
export interface Sabotage {
  files?(files: DurableFiles): DurableFiles;
  queue?(queue: PendingQueue): PendingQueue;
}

/** Opens the journal as the next process. */
export async function open(life: Life, sabotage: Sabotage = {}): Promise<PendingQueue> {
  const number = ++life.process;
  const files = sabotage.files?.(life.disk.files) ?? life.disk.files;
  const queue = await openJournalQueue({ dir, files, clock: life.clock, slackBytes: 1000, growBytes: 700, processes: processNumber(life, number) });
  return sabotage.queue?.(queue) ?? queue;
}

function processNumber(life: Life, number: number): ProcessProbe {
  const at = (start: number): string => String(start);
  return { self: () => ({ pid: 1, start: at(number), boot: '0', space: '0' }), startOf: () => at(life.process) };
}

/** Random deeds. Rejections are part of life where `mayFail` says so. */
export async function live(life: Life, queue: PendingQueue, { steps, mayFail = false }: { readonly steps: number; readonly mayFail?: boolean }): Promise<void> {
  for (let step = 0; step < steps; step++) {
    try {
      await (life.random() < 0.6 ? flagSome(life, queue) : settleSome(life, queue));
    } catch (error) {
      if (!mayFail || !VedetteError.is(error) || error.code !== 'store-damaged') {
        throw error;
      }
      await life.clock.advance(2000);
    }
  }
}

async function flagSome(life: Life, queue: PendingQueue): Promise<void> {
  const { random, history } = life;
  const calls = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
    Array.from({ length: 1 + Math.floor(random() * 2) }, () => subjectNumber(random() < 0.2 ? Math.floor(random() * (history.flagged.size + 1)) : history.flagged.size + Math.floor(random() * 5))),
  );
  await together(calls.map((subjects) => flag(life, queue, subjects)));
}

/** Enqueues, and notes when it was asked and when it was acknowledged. */
export async function flag({ disk, history }: Life, queue: PendingQueue, subjects: readonly NewPending[]): Promise<void> {
  const fresh = subjects.filter((subject) => !history.settled.has(placeOf(subject)));
  fresh.forEach((subject) => history.begin(history.flagged, placeOf(subject), disk.moment));
  const answers = await queue.enqueue(fresh);
  fresh.forEach((subject, i) => answers[i]?.kind === 'queued' && history.end(history.flagged, placeOf(subject), disk.moment));
}

async function settleSome({ disk, history, random }: Life, queue: PendingQueue): Promise<void> {
  const entries = await queue.claim(owner, { limit: 3, leaseMs: 1000, include: 'dead' });
  await together(
    entries.map(async (entry) => {
      if (random() < 0.3) {
        return queue.release(entry.id, { notBeforeAt: 0, dead: random() < 0.5 });
      }
      for (const item of entry.items.filter((one) => one.outcome === undefined)) {
        const place = item.subject.locator?.ref ?? '';
        history.begin(history.settled, place, disk.moment);
        await queue.intend(entry.id, item.id, { remedy: 'quarantine' });
        await queue.settle(entry.id, item.id, { kind: 'done' });
        history.end(history.settled, place, disk.moment);
      }
    }),
  );
}

/** All to their end, then the first rejection: nothing goes on behind the back of the next step. */
async function together(all: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(all);
  const failed = outcomes.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    throw failed.reason;
  }
}

export function subjectNumber(number: number): NewPending {
  return fileAt(`content ${number % 7}`, `/place/${number}`);
}

function placeOf(subject: NewPending): string {
  return subject.subject.locator?.ref ?? '';
}

/** Disks after a power failure that were opened and judged so far. */
export let states = 0;

/** What of the promises is broken when the power fails in these moments; empty when nothing is. */
export async function brokenPromises(life: Life, crashes: readonly Crash[], moments: Iterable<number> = everyMoment(life)): Promise<string[]> {
  const broken: string[] = [];
  for (const moment of moments) {
    for (const crash of crashes) {
      states++;
      const image = life.disk.imageAfter(moment, crash, life.random);
      const where = `after ${moment} of ${life.disk.moment} operations, ${crash.data} data, ${crash.names} names, sectors of ${crash.sector}`;
      broken.push(...(await brokenIn(life.history, moment, image)).map((what) => `${what} ${where}`));
    }
    if (broken.length > 20) {
      break;
    }
  }
  return broken;
}

export function everyMoment(life: Life): Iterable<number> {
  return Array.from({ length: life.disk.moment + 1 }, (_, moment) => moment);
}

async function brokenIn(history: History, moment: number, image: Image): Promise<string[]> {
  const entries = await entriesOf(image);
  if (!Array.isArray(entries)) {
    return [`opening failed: ${String(entries)}`];
  }
  const found = new Set(entries.flatMap((entry) => entry.items.filter((item) => item.outcome === undefined).map((item) => item.subject.locator?.ref ?? '')));
  const broken: string[] = [];
  for (const [place, { doneAt = Number.POSITIVE_INFINITY }] of history.flagged) {
    const settlingBegan = (history.settled.get(place)?.askedAt ?? Number.POSITIVE_INFINITY) <= moment;
    if (doneAt <= moment && !settlingBegan && !found.has(place)) {
      broken.push(`lost: ${place}`);
    }
  }
  for (const place of found) {
    if ((history.flagged.get(place)?.askedAt ?? Number.POSITIVE_INFINITY) > moment) {
      broken.push(`never asked for: ${place}`);
    }
    if ((history.settled.get(place)?.doneAt ?? Number.POSITIVE_INFINITY) <= moment) {
      broken.push(`came back: ${place}`);
    }
  }
  return broken;
}

/** What a process that starts on this disk finds, or the error. */
export async function entriesOf(image: Image): Promise<PendingEntry[] | Error> {
  const life = startLife(1, new Map([...image].filter(([path]) => !path.includes('.lock-'))));
  try {
    const queue = await open(life);
    return await toArray(queue.list());
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
