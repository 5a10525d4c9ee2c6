/**
 * The pending queues against forty lines over long random lives, with clocks that jump by a day and processes that end
 * with and without warning. The full figure: `OPERATIONS=1000000`.
 */
import { describe, expect, it } from 'vitest';
import type { Random } from '../../src/base/seams.js';
import { openJournalQueue } from '../../src/node/journal/open-journal-queue.js';
import { createMemoryQueue } from '../../src/pending/memory-queue.js';
import type { PendingEntry, PendingQueue } from '../../src/pending/pending-queue.js';
import { toArray } from '../../src/testing/assertions.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { fileAt } from '../pending/plain-subjects.js';
import { createMemoryFiles } from '../support/memory-files.js';
import { TwoClocks } from '../support/two-clocks.js';
import { QueueModel, type ModelEntry } from './queue-model.js';

const operations = Number(process.env['OPERATIONS'] ?? 6000);
const seed = Number(process.env['FUZZ_SEED'] ?? 5);
const day = 86_400_000;
const maxEntries = 12;
const owners = ['main', 'other'] as const;

interface Making {
  readonly clock: TwoClocks;
  readonly maxEntries: number;
  readonly ids: () => string;
}

/** A queue under test. What cannot outlive its process is never restarted. */
interface UnderTest {
  queue: PendingQueue;
  /** The process ends, gently or not, and the next one opens what it left. */
  restart?(gently: boolean): Promise<void>;
}

async function onMemoryFiles({ clock, ...bounds }: Making): Promise<UnderTest> {
  const files = createMemoryFiles();
  let process = 1;
  const open = (): Promise<PendingQueue> => {
    const number = process;
    // Every process before this one is dead.
    const processes = { self: () => ({ pid: 1, start: String(number), boot: '0', space: '0' }), startOf: () => String(process) };
    return openJournalQueue({ dir: '/data', clock, files, processes, slackBytes: 20_000, growBytes: 4096, ...bounds });
  };
  const under: UnderTest = {
    queue: await open(),
    restart: async (gently) => {
      // A claim is not waited for; whatever is waited for brings it to the disk.
      await under.queue.settle('none', 'none', 'none');
      await (gently ? under.queue.close?.() : undefined);
      process++;
      under.queue = await open();
    },
  };
  return under;
}

const makers: Readonly<Record<string, (making: Making) => Promise<UnderTest>>> = {
  memory: async (making) => ({ queue: createMemoryQueue(making) }),
  journal: onMemoryFiles,
};

/** One life: the first difference between queue and model, undefined when there is none. */
async function differ(make: (making: Making) => Promise<UnderTest>, count: number, change: (queue: PendingQueue) => PendingQueue = (queue) => queue): Promise<string | undefined> {
  const random = createSeededRandom(seed);
  const clock = new TwoClocks();
  const under = await make({ clock, maxEntries, ids: countUp() });
  const model = new QueueModel(clock, maxEntries, countUp());
  const seen = new Map<string, number>();
  for (let step = 0; step < count; step++) {
    const kind = kindOf(random());
    const difference = await take(kind, { under, queue: change(under.queue), model, random });
    // Everything is compared now and then: it costs as much as many operations.
    const whole = difference ?? (step % 100 === 0 ? await compareAll(under.queue, model) : undefined);
    if (whole !== undefined) {
      return `seed ${seed}, step ${step} (${kind}): ${whole}`;
    }
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
  }
  expect(seen.size).toBe(kinds.length);
  return compareAll(under.queue, model);
}

const kinds = ['enqueue', 'claim', 'intend', 'settle', 'release', 'pass', 'jump', 'restart'] as const;
const shares = [0.34, 0.5, 0.57, 0.75, 0.87, 0.97, 0.99, 1];

function kindOf(dice: number): (typeof kinds)[number] {
  return kinds[shares.findIndex((share) => dice < share)] ?? 'enqueue';
}

interface Step {
  readonly under: UnderTest;
  readonly queue: PendingQueue;
  readonly model: QueueModel;
  readonly random: Random;
}

async function take(kind: (typeof kinds)[number], { under, queue, model, random }: Step): Promise<string | undefined> {
  const { clock } = model;
  const pick = (below: number): number => Math.floor(random() * below);
  const entry = model.entries[pick(model.entries.length + 1)];
  const [id, item] = [entry?.id ?? 'none', entry?.items[pick(entry.items.length + 1)]?.id ?? 'none'];
  switch (kind) {
    case 'enqueue': {
      const [owner, key, place] = [owners[pick(2)]!, `c${pick(8)}`, `/p${pick(4)}`];
      const [got] = await queue.enqueue([fileAt(key, place, { owner })]);
      return unless('enqueue', got?.kind === 'queued' ? got.id : undefined, model.enqueue(owner, key, place));
    }
    case 'claim': {
      const options = { limit: pick(5), leaseMs: 1 + pick(5000), include: (['due', 'due', 'waiting', 'dead'] as const)[pick(4)]! };
      const owner = owners[pick(2)]!;
      const got = await queue.claim(owner, options);
      return unless('claim', got.map(ofQueue), model.claim(owner, options).map((one) => ofModel(one, model)));
    }
    case 'intend': {
      const open = model.open(id, item);
      if (open !== undefined) {
        open.intent = `${pick(100)}`;
      }
      return void (await queue.intend(id, item, open?.intent ?? 'none'));
    }
    case 'settle': {
      // Often all that is open, so that entries come to an end and the queue stays small.
      const all = entry?.items.filter((one) => one.outcome === undefined).map((one) => one.id) ?? [];
      const outcome = `${pick(100)}`;
      for (const one of random() < 0.4 ? all : [item]) {
        const difference = unless('settle', await queue.settle(id, one, outcome), model.settle(id, one, outcome));
        if (difference !== undefined) {
          return difference;
        }
      }
      return undefined;
    }
    case 'release': {
      const options = { notBeforeAt: clock.now() + pick(11_000) - 1000, dead: random() < 0.2, failed: random() < 0.5 };
      model.release(id, options);
      return void (await queue.release(id, options));
    }
    case 'pass':
      return clock.pass(pick(6000)) as undefined;
    case 'jump':
      return clock.jump([day, -day, 5000, -5000][pick(4)]!) as undefined;
    case 'restart':
      if (under.restart !== undefined) {
        clock.restart();
        await under.restart(random() < 0.3);
        model.restart();
      }
      return undefined;
  }
}

async function compareAll(queue: PendingQueue, model: QueueModel): Promise<string | undefined> {
  const entries = (await toArray(queue.list())).map(ofQueue);
  const counts = await queue.counts(owners[0]);
  const states = model.entries.map((one) => (one.owner === owners[0] ? model.stateOf(one) : 'orphaned'));
  const count = (state: string): number => states.filter((one) => one === state).length;
  const expected = [count('due'), count('waiting'), count('claimed'), count('dead'), count('orphaned')];
  return (
    unless('list', entries, model.entries.map((one) => ofModel(one, model))) ??
    unless('counts', [counts.due, counts.waiting ?? 0, counts.claimed, counts.dead, counts.orphaned], expected)
  );
}

function ofQueue(entry: PendingEntry): unknown[] {
  const items = entry.items.map(({ id, subject, intent, outcome }) => [id, subject.locator?.ref, intent ?? null, outcome ?? null]);
  return [entry.id, entry.owner, entry.key, entry.attempts, entry.failures ?? 0, entry.dead, entry.notBeforeAt, items];
}

function ofModel(entry: ModelEntry, { clock }: QueueModel): unknown[] {
  const lapsed = entry.leaseUntil !== undefined && entry.leaseUntil <= clock.monotonicMs() ? 1 : 0;
  const items = entry.items.map(({ id, place, intent, outcome }) => [id, place, intent ?? null, outcome ?? null]);
  return [entry.id, entry.owner, entry.key, entry.attempts + lapsed, entry.failures + lapsed, entry.dead, entry.notBeforeAt, items];
}

function unless(what: string, got: unknown, expected: unknown): string | undefined {
  const [one, other] = [JSON.stringify(got), JSON.stringify(expected)];
  return one === other ? undefined : `${what}: got ${one}, expected ${other}`;
}

function countUp(): () => string {
  let count = 0;
  return () => `id${count++}`;
}

describe('the pending queue', () => {
  it.each(Object.entries(makers))(`%s says what forty lines say (${operations} operations)`, async (_, make) => {
    expect(await differ(make, operations)).toBeUndefined();
  }, 3_600_000);

  it.each<[string, (queue: PendingQueue) => PendingQueue]>([
    ['forgets an intent', (queue) => withMethods(queue, { intend: async () => undefined })],
    ['settles an item twice', (queue) => withMethods(queue, { settle: async (id, item, outcome) => (await queue.settle(id, item, outcome)) || (await queue.find(id)) === undefined })],
    ['gives an entry to two at a time', (queue) => withMethods(queue, { claim: (owner, options) => queue.claim(owner, { ...options, leaseMs: 1 }) })],
    ['does not count what an entry failed itself', (queue) => withMethods(queue, { release: (id, options) => queue.release(id, { ...options, failed: false }) })],
  ])('is found out when it %s (sabotage)', async (_, change) => {
    expect(await differ(makers['memory']!, 4000, change)).toBeDefined();
  });
});

function withMethods(queue: PendingQueue, methods: Partial<PendingQueue>): PendingQueue {
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
    ...methods,
  };
}
