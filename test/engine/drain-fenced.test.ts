/**
 * Remedies that take longer than any lease, and entries that change hands meanwhile: a remedy that must not be repeated
 * is carried out once, and what became of it is what is on record.
 */
import { describe, expect, it } from 'vitest';
import type { ActionOutcome, CheckResult } from '../../src/base/check-result.js';
import type { Json } from '../../src/base/seams.js';
import { createMemoryQueue } from '../../src/pending/memory-queue.js';
import type { PendingEntry, PendingQueue } from '../../src/pending/pending-queue.js';
import { toArray } from '../../src/testing/assertions.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { contentEntry } from '../support/feed.js';
import { createWorld, type World } from '../support/world.js';

const hour = 3_600_000;

interface Hanging {
  readonly world: World;
  readonly queue: PendingQueue;
  /** Keys that the handler was called with. */
  readonly calls: string[];
  /** Outcomes as they were taken by the queue. */
  readonly outcomes: Json[];
  /** Lets the remedies that hang come to an end. */
  readonly end: (outcome: ActionOutcome) => void;
}

interface Making {
  readonly idempotent?: boolean;
  /** How long it takes to open a flagged file again. */
  readonly openMs?: number;
  readonly wrap?: (queue: PendingQueue) => PendingQueue;
}

/** A flagged file before a server that is back, and a handler that hangs until it is told how it ended. */
async function hanging({ idempotent = false, openMs = 0, wrap = (queue) => queue }: Making = {}): Promise<Hanging> {
  const clock = new FakeClock();
  const memory = createMemoryQueue({ clock });
  const calls: string[] = [];
  const outcomes: Json[] = [];
  let end: (outcome: ActionOutcome) => void = () => undefined;
  const ending = new Promise<ActionOutcome>((resolve) => {
    end = resolve;
  });
  const queue: PendingQueue = {
    ...memory,
    settle: async (...call) => {
      const isSettled = await memory.settle(...call);
      outcomes.push(call[2]);
      return isSettled;
    },
  };
  const world: World = await createWorld({
    feed: { hashes: [contentEntry('Listed.a', 'content a')] },
    without: ['filter'],
    parts: {
      clock,
      queue: wrap(queue),
      openers: {
        file: async ({ ref }) => {
          await (openMs > 0 ? clock.sleep(openMs, new AbortController().signal) : undefined);
          return world.file(ref);
        },
      },
      actions: {
        idempotent,
        apply: (_: CheckResult, { key }): Promise<ActionOutcome> => {
          calls.push(key);
          return ending;
        },
      },
    },
  });
  world.mood = 'down';
  await clock.run(world.engine.check(world.write('/a', 'content a')));
  world.mood = 'up';
  return { world: Object.assign(world, { clock }), queue, calls, outcomes, end };
}

async function drainFor(world: World, ms: number): Promise<CheckResult[]> {
  const drained = toArray(world.engine.pending.drain({ dead: true }));
  await world.clock.advance(ms);
  return world.clock.run(drained);
}

/** Three drains side by side, each begun when the leases of the one before are over. */
async function drainThrice(world: World): Promise<void> {
  const drains: Promise<unknown>[] = [];
  for (let drain = 0; drain < 3; drain++) {
    drains.push(toArray(world.engine.pending.drain({ dead: true })));
    await world.clock.advance(10);
  }
  await world.clock.run(Promise.all(drains));
}

/** As in a tab that was frozen: the lease is over long before the file is open. */
function short(queue: PendingQueue): PendingQueue {
  return { ...queue, claim: (owner, how) => queue.claim(owner, { ...how, leaseMs: 5 }) };
}

const done: ActionOutcome = { kind: 'done' };

describe('a remedy that takes longer than any lease', () => {
  it.each([false, true])('is carried out once, and settled as it ended (idempotent: %s)', async (idempotent) => {
    const { world, calls, outcomes, end } = await hanging({ idempotent });
    await drainFor(world, hour);
    for (let round = 0; round < 5; round++) {
      expect(await drainFor(world, hour)).toEqual([]);
    }
    expect(await world.engine.pending.counts()).toMatchObject({ due: 0, claimed: 1, dead: 0 });
    end(done);
    await world.clock.advance(60_000);
    expect(calls).toHaveLength(1);
    expect(outcomes).toMatchObject([{ outcome: 'done' }]);
    expect(await world.engine.pending.counts()).toEqual({ due: 0, claimed: 0, dead: 0, orphaned: 0 });
    expect(world.clock.sleeping).toBe(0);
  });

  it('is not held against its entry, which is tried again where the remedy failed', async () => {
    const { world, calls, end } = await hanging();
    await drainFor(world, 3 * hour);
    const [held] = await toArray(world.engine.pending.list());
    expect(held).toMatchObject({ attempts: 0 });
    end({ kind: 'unable', detail: 'in use' });
    await world.clock.advance(60_000);
    expect(calls).toHaveLength(1);
    expect(await toArray(world.engine.pending.list())).toEqual([]);
  });

  it('keeps its entry after the drain that began it was called off', async () => {
    const { world, calls, outcomes, end } = await hanging();
    const off = new AbortController();
    const first = toArray(world.engine.pending.drain({ signal: off.signal }));
    await world.clock.advance(500);
    expect(calls).toHaveLength(1);
    off.abort();
    await world.clock.run(first.catch(() => undefined));
    expect(await drainFor(world, hour)).toEqual([]);
    end(done);
    await world.clock.advance(60_000);
    expect([calls.length, outcomes]).toMatchObject([1, [{ outcome: 'done' }]]);
  });

  it('does not outlive its engine', async () => {
    const { world, calls, outcomes, end } = await hanging();
    await drainFor(world, hour);
    await world.clock.run(world.engine.close());
    expect(world.clock.sleeping).toBe(0);
    const before = world.events.length;
    end(done);
    await world.clock.advance(60_000);
    expect(calls).toHaveLength(1);
    expect(outcomes).toMatchObject([{ outcome: 'done' }]);
    expect(world.events.slice(before).filter(({ kind }) => kind === 'fault')).toEqual([]);
    expect(world.clock.sleeping).toBe(0);
  });
});

describe('an entry that changes hands', () => {
  it('is not treated by the drain that had it before, when it was brought back to life meanwhile', async () => {
    const { world, queue, calls, outcomes, end } = await hanging();
    const [entry] = await toArray(queue.list());
    await queue.release(entry?.id ?? '', { notBeforeAt: world.clock.now(), dead: true, failed: true });
    world.mood = 'hangs';
    const first = toArray(world.engine.pending.drain({ dead: true }));
    await world.clock.advance(10);
    expect(await world.engine.pending.revive(entry?.id)).toBe(1);
    world.mood = 'up';
    const second = toArray(world.engine.pending.drain());
    await world.clock.advance(20_000);
    end(done);
    await world.clock.run(Promise.all([first, second]));
    expect([calls.length, outcomes]).toMatchObject([1, [{ outcome: 'done' }]]);
  });

  it('is treated once when it is brought back to life while its remedy is under way', async () => {
    const { world, queue, calls, outcomes, end } = await hanging();
    const [entry] = await toArray(queue.list());
    await queue.release(entry?.id ?? '', { notBeforeAt: world.clock.now(), dead: true, failed: true });
    const first = toArray(world.engine.pending.drain({ dead: true }));
    await world.clock.advance(10);
    expect([calls.length, await world.engine.pending.revive(entry?.id)]).toEqual([1, 1]);
    expect(await drainFor(world, hour)).toEqual([]);
    end(done);
    await world.clock.run(first);
    await world.clock.advance(60_000);
    expect([calls.length, outcomes]).toMatchObject([1, [{ outcome: 'done' }]]);
    expect(await toArray(queue.list())).toEqual([]);
  });

  it.each([false, true])('is treated by one of two drains whose leases ran out while they checked it (idempotent: %s)', async (idempotent) => {
    const { world, calls, outcomes, end } = await hanging({ idempotent, wrap: short, openMs: 20 });
    end(done);
    await drainThrice(world);
    expect([calls.length, outcomes]).toMatchObject([1, [{ outcome: 'done' }]]);
  });
});

describe('a queue of a host that knows no names of claims', () => {
  const forgetful = (queue: PendingQueue): PendingQueue => {
    const rest = { ...queue };
    delete rest.renew;
    const nameless = ({ claim: _, ...entry }: PendingEntry): PendingEntry => entry;
    return { ...rest, claim: async (...call) => (await queue.claim(...call)).map(nameless) };
  };

  it('has every remedy under way once all the same', async () => {
    const { world, calls, outcomes, end } = await hanging({ idempotent: true, wrap: forgetful });
    await drainFor(world, hour);
    await drainFor(world, hour);
    await drainFor(world, hour);
    end(done);
    await world.clock.advance(60_000);
    expect([calls.length, outcomes]).toMatchObject([1, [{ outcome: 'done' }]]);
  });

  it('has one carried out again by a drain whose lease ran out before it began (check of these tests)', async () => {
    const { world, calls, end } = await hanging({ wrap: (queue) => forgetful(short(queue)), openMs: 20 });
    end(done);
    await drainThrice(world);
    expect(calls.length).toBeGreaterThan(1);
  });
});
