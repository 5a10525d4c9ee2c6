/** Random lives of a queue, beside the model: after every step both must say the same. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { VedetteError } from '../../src/base/errors.js';
import type { NewPending, PendingQueue } from '../../src/pending/pending-queue.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { toArray } from '../../src/testing/assertions.js';
import { QueueModel } from './queue-model.js';
import { fileAt } from './subjects.js';

type Step =
  | { readonly kind: 'enqueue'; readonly subjects: readonly NewPending[] }
  | { readonly kind: 'claim'; readonly owner: string; readonly limit: number; readonly leaseMs: number; readonly include: 'due' | 'waiting' | 'dead'; readonly overdueAfterMs?: number }
  | { readonly kind: 'intend' | 'settle'; readonly entry: number; readonly item: number; readonly by: By }
  | { readonly kind: 'renew'; readonly entry: number; readonly by: By; readonly leaseMs: number }
  | { readonly kind: 'release'; readonly entry: number; readonly by: By; readonly inMs: number; readonly dead: boolean; readonly failed: boolean; readonly escalated: boolean }
  | { readonly kind: 'adopt'; readonly from: string; readonly to: string }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'jump'; readonly ms: number }
  | { readonly kind: 'restart' };

/** In whose name: nobody's, that of the last claim, of the one before it, or of the one that began the item. */
type By = 'nobody' | 'last' | 'before' | 'beginner';

const owners = ['main', 'other'];
const by = fc.constantFrom<By[]>('nobody', 'last', 'last', 'before', 'beginner');
const pick = fc.nat({ max: 9 });

const subject: fc.Arbitrary<NewPending> = fc
  .tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.constantFrom('main', 'main', 'other'), fc.constantFrom('file' as const, 'file' as const, 'digest' as const, 'url' as const))
  .map(([content, place, owner, kind]) => {
    const url = kind === 'url' ? { url: `http://site${content % 2}.example/${content}` } : {};
    const base = { ...fileAt(`c${content}`, `/p${place}`, { owner, kind }), ...url };
    return place === 0 ? { ...base, subject: { label: 'no place' } } : base;
  });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('enqueue' as const), subjects: fc.array(subject, { maxLength: 4 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('claim' as const),
      owner: fc.constantFrom(...owners),
      limit: fc.nat({ max: 4 }),
      leaseMs: fc.integer({ min: 1, max: 5000 }),
      include: fc.constantFrom('due' as const, 'due' as const, 'waiting' as const, 'dead' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('claim' as const),
      owner: fc.constantFrom(...owners),
      limit: fc.nat({ max: 4 }),
      leaseMs: fc.constant(1000),
      include: fc.constant('dead' as const),
      overdueAfterMs: fc.nat({ max: 8000 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('intend' as const, 'settle' as const, 'settle' as const), entry: pick, item: pick, by }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('renew' as const), entry: pick, by, leaseMs: fc.integer({ min: 1, max: 5000 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('release' as const),
      entry: pick,
      by,
      inMs: fc.integer({ min: -1000, max: 10_000 }),
      dead: fc.boolean(),
      failed: fc.boolean(),
      escalated: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 6000 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('jump' as const), ms: fc.constantFrom(-2 * 86_400_000, -5000, 5000, 86_400_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('adopt' as const), from: fc.constantFrom(...owners), to: fc.constantFrom(...owners) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

/** A queue under test; `restart` ends it as a crash does and opens it again. */
export interface QueueUnderTest {
  readonly queue: PendingQueue;
  restart?(): Promise<PendingQueue>;
  end?(): Promise<void>;
}

export interface QueueMaking {
  readonly clock: FakeClock;
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly ids: () => string;
}

/** @throws where a queue made by `make` and the model part. */
export async function expectLikeModel(make: (making: QueueMaking) => Promise<QueueUnderTest>, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 3000, max: 20_000 }), async (steps, maxEntries, maxBytes) => {
      await compare(make, steps, { maxEntries, maxBytes });
    }),
    { numRuns },
  );
}

async function compare(
  make: (making: QueueMaking) => Promise<QueueUnderTest>,
  steps: readonly Step[],
  bounds: { readonly maxEntries: number; readonly maxBytes: number },
): Promise<void> {
  const clock = new FakeClock();
  const under = await make({ ...bounds, clock, ids: countUp() });
  let { queue } = under;
  const model = new QueueModel({ ...bounds, clock, ids: countUp(), durability: queue.durability });
  for (const one of steps) {
    if (one.kind === 'advance') {
      await clock.advance(one.ms);
    } else if (one.kind === 'jump') {
      clock.jumpWall(one.ms);
    } else if (one.kind === 'restart') {
      queue = (await under.restart?.()) ?? queue;
      if (under.restart !== undefined) {
        model.restart();
      }
    } else {
      await takeStep(queue, model, clock, one);
    }
    expect(await toArray(queue.list())).toEqual(model.list());
    for (const owner of owners) {
      expect(await queue.counts(owner)).toEqual(model.counts(owner));
    }
  }
  await under.end?.();
}

async function takeStep(queue: PendingQueue, model: QueueModel, clock: FakeClock, step: Exclude<Step, { kind: 'advance' } | { kind: 'jump' } | { kind: 'restart' }>): Promise<void> {
  switch (step.kind) {
    case 'enqueue':
      expect(await queue.enqueue(step.subjects)).toEqual(model.enqueue(step.subjects));
      return;
    case 'claim': {
      const { owner, overdueAfterMs, limit, leaseMs, include } = step;
      const options = { limit, leaseMs, include, ...(overdueAfterMs === undefined ? {} : { overdueBefore: clock.now() - overdueAfterMs }) };
      const lanes = model.claimable(owner, options);
      const claimed = await queue.claim(owner, options);
      expectFair(claimed.map((entry) => entry.id), { lanes, limit });
      expect(claimed).toEqual(model.claim(claimed, leaseMs));
      return;
    }
    case 'adopt':
      expect(await queue.adopt?.(step.from, step.to)).toBe(model.adopt(step.from, step.to));
      return;
    case 'release': {
      const entry = model.entries[step.entry];
      const id = entry?.id ?? 'none';
      const { dead, failed, escalated } = step;
      const claim = nameOf(step.by, entry);
      const options = { notBeforeAt: clock.now() + step.inMs, dead, failed, escalated, ...(claim === undefined ? {} : { claim }) };
      await queue.release(id, options);
      model.release(id, options);
      return;
    }
    case 'renew': {
      const entry = model.entries[step.entry];
      const call = [entry?.id ?? 'none', nameOf(step.by, entry) ?? 0, step.leaseMs] as const;
      expect(await queue.renew?.(...call)).toBe(model.renew(...call));
      return;
    }
    case 'intend':
    case 'settle': {
      const entry = model.entries[step.entry];
      const item = entry?.items[step.item % (entry.items.length + 1)];
      const call = [entry?.id ?? 'none', item?.id ?? 'none', { [step.kind]: step.item }, nameOf(step.by, entry, item)] as const;
      expect(await queue[step.kind](...call).catch(codeOf)).toBe(model[step.kind](...call));
      return;
    }
  }
}

function nameOf(whose: By, entry: QueueModel['entries'][number] | undefined, item = entry?.items[0]): number | undefined {
  const last = entry?.lastClaim ?? 1;
  return { nobody: undefined, last, before: last - 1, beginner: item?.begunBy }[whose];
}

function codeOf(error: unknown): unknown {
  return VedetteError.is(error) ? error.code : error;
}

/** As many as there are and were asked for; of each lane the oldest, in their order; of no lane two more than of another. */
function expectFair(claimed: readonly string[], { lanes, limit }: { readonly lanes: ReadonlyMap<string, readonly string[]>; readonly limit: number }): void {
  expect(claimed).toHaveLength(Math.min(limit, [...lanes.values()].flat().length));
  const shares = [...lanes.values()].map((lane) => {
    const share = claimed.filter((id) => lane.includes(id));
    expect(share).toEqual(lane.slice(0, share.length));
    return { count: share.length, rest: lane.length - share.length };
  });
  const most = Math.max(0, ...shares.map(({ count }) => count));
  expect(shares.filter(({ count, rest }) => rest > 0 && count < most - 1)).toEqual([]);
}

function countUp(): () => string {
  let count = 0;
  return () => `id${count++}`;
}
