/**
 * The queue against a model of itself: after any sequence of calls, what was acknowledged and not settled is there,
 * what was settled is not, and nothing else is.
 */
import type { Random } from '../../../base/seams.js';
import type { PendingEntry, PendingQueue } from '../../../pending/pending-queue.js';
import { assertEqual, assertRejects, assertTrue, present, show, toArray } from '../../assertions.js';
import { createSeededRandom } from '../../doubles/seeded-random.js';
import { claimEverything, owner, pendingFile } from './fixture.js';
import type { QueueFixture } from './fixture.js';

interface ModelItem {
  readonly place: string;
  begun: boolean;
  settled: boolean;
}

interface ModelEntry {
  readonly id: string;
  readonly key: string;
  /** In the order in which they came. */
  readonly items: ModelItem[];
  leasedUntil: number;
  /** The claim that has it. */
  claim?: number | undefined;
}

interface Run {
  readonly fixture: QueueFixture;
  readonly random: Random;
  readonly entries: Map<string, ModelEntry>;
  queue: PendingQueue;
}

const maxEntries = 8;
const leaseMs = 5_000;

/** One random life of a queue; with `reopens` it is ended and opened again now and then. */
export async function liveRandomly(fixture: QueueFixture, options: { readonly seed: number; readonly steps: number; readonly reopens: boolean }): Promise<void> {
  const queue = await fixture.make({ maxEntries });
  const run: Run = { fixture, random: createSeededRandom(options.seed), entries: new Map(), queue };
  for (let step = 0; step < options.steps; step++) {
    const chance = run.random();
    const where = `seed ${options.seed}, step ${step}`;
    if (chance < 0.45) {
      await enqueueSome(run, where);
    } else if (chance < 0.6) {
      await claimSome(run, where);
    } else if (chance < 0.85) {
      await workOnOne(run, where);
    } else if (chance < 0.98 || !options.reopens) {
      await fixture.clock.advance(Math.floor(run.random() * 2_000));
    } else {
      run.queue = await fixture.reopen(run.queue);
      // Whether claims outlive a restart is the queue's to say.
      run.entries.forEach((entry) => (entry.claim = undefined));
      await fixture.clock.advance(leaseMs + 1);
    }
    await compare(run, where);
  }
  await fixture.clock.advance(600_000);
  assertEqual(`seed ${options.seed}: claimed at the end`, (await run.queue.claim(owner, claimEverything)).length, run.entries.size);
}

async function enqueueSome({ queue, random, entries }: Run, where: string): Promise<void> {
  const mark = `${Math.floor(random() * 12)}`;
  const place = `/place/${Math.floor(random() * 3)}`;
  const [pending] = await queue.enqueue([pendingFile(mark, { at: place })]);
  const known = [...entries.values()].find((entry) => entry.key === `key-${mark}`);
  if (known === undefined && entries.size >= maxEntries) {
    assertEqual(`${where}: enqueue over the bound`, pending?.kind, 'refused');
    return;
  }
  assertTrue(`${where}: enqueue: expected queued, got ${show(pending)}`, pending?.kind === 'queued');
  assertEqual(`${where}: joined`, known === undefined ? entries.has(pending.id) : pending.id === known.id, known !== undefined);
  const entry = known ?? { id: pending.id, key: `key-${mark}`, items: [], leasedUntil: 0 };
  entries.set(entry.id, entry);
  if (!entry.items.some((item) => item.place === place && !item.begun && !item.settled)) {
    entry.items.push({ place, begun: false, settled: false });
  }
}

async function claimSome({ queue, random, entries, fixture }: Run, where: string): Promise<void> {
  const include = (['due', 'waiting', 'dead'] as const)[Math.floor(random() * 3)] ?? 'due';
  for (const claimed of await queue.claim(owner, { limit: 1 + Math.floor(random() * 3), leaseMs, include })) {
    const entry = entries.get(claimed.id);
    assertTrue(`${where}: claimed ${claimed.id}, which is settled or never was`, entry !== undefined);
    assertTrue(`${where}: claimed ${claimed.id}, which is leased`, fixture.clock.monotonicMs() >= entry.leasedUntil);
    entry.leasedUntil = fixture.clock.monotonicMs() + leaseMs;
    await tryByFormer(queue, entry, claimed, where);
    entry.claim = present(`${where}: name of the claim`, claimed.claim);
  }
}

/** The claim that had the entry before: what it does is refused or passed over. */
async function tryByFormer(queue: PendingQueue, { claim }: ModelEntry, { id, items }: PendingEntry, where: string): Promise<void> {
  const open = items.find((item) => item.outcome === undefined);
  if (claim !== undefined && open !== undefined) {
    await assertRejects(`${where}: intent of a former claim`, () => queue.intend(id, open.id, 'late', claim), 'claim-lost');
    await queue.release(id, { notBeforeAt: 0, dead: true, claim });
  }
}

/** Begins, settles or gives back a claimed entry. */
async function workOnOne({ queue, random, entries, fixture }: Run, where: string): Promise<void> {
  const claimed = [...entries.values()].filter((entry) => entry.leasedUntil > fixture.clock.monotonicMs());
  const entry = claimed[Math.floor(random() * claimed.length)];
  const found = entry === undefined ? undefined : await queue.find(entry.id);
  if (entry === undefined || found === undefined) {
    return;
  }
  const index = entry.items.findIndex((item) => !item.settled);
  const [item, id] = [entry.items[index], found.items[index]?.id ?? ''];
  const chance = random();
  const claim = random() < 0.5 ? entry.claim : undefined;
  if (chance < 0.3) {
    await queue.release(entry.id, { notBeforeAt: fixture.clock.now() + Math.floor(random() * 3_000), dead: random() < 0.3, ...(claim === undefined ? {} : { claim }) });
    entry.leasedUntil = 0;
  } else if (item !== undefined && chance < 0.5) {
    await queue.intend(entry.id, id, { step: where }, claim);
    item.begun = true;
  } else if (item !== undefined) {
    const settled = await queue.settle(entry.id, id, { kind: 'done' }, claim);
    item.settled = true;
    const all = entry.items.every((one) => one.settled);
    assertEqual(`${where}: settled`, settled, all);
    if (all) {
      entries.delete(entry.id);
    }
  }
}

async function compare({ queue, entries }: Run, where: string): Promise<void> {
  const line = (id: string, items: readonly { place: string; begun: boolean; settled: boolean }[]): string =>
    `${id}: ${items.map((item) => `${item.place} ${item.settled ? 'settled' : item.begun ? 'begun' : 'open'}`).join(', ')}`;
  const listed = (await toArray(queue.list())).map((entry) => line(entry.id, entry.items.map(asModel)));
  assertEqual(`${where}: entries`, listed.sort(), [...entries.values()].map((entry) => line(entry.id, entry.items)).sort());
  const { due, claimed, dead, waiting = 0 } = await queue.counts(owner);
  assertEqual(`${where}: sum of the counts`, due + claimed + dead + waiting, entries.size);
}

function asModel(item: PendingEntry['items'][number]): ModelItem {
  return { place: item.subject.label ?? '', begun: item.intent !== undefined, settled: item.outcome !== undefined };
}
