import { describe, expect, it } from 'vitest';
import { VedetteError } from '../../src/base/errors.js';
import type { PendingEntry, PendingQueue } from '../../src/pending/pending-queue.js';
import { createMemoryQueue } from '../../src/pending/memory-queue.js';
import { describePendingQueue } from '../../src/testing/suites/queue-suite.js';
import type { QueueContext } from '../../src/testing/suites/queue/fixture.js';
import type { TestRunner } from '../../src/testing/runner.js';
import { failedTests, itCatches } from './sabotage.js';

type Create = (context: QueueContext) => PendingQueue;
type Change = (queue: PendingQueue, context: QueueContext) => Partial<PendingQueue>;
const suite = (runner: TestRunner, create: Create): void => describePendingQueue(runner, { name: 'under test', create });

/** The memory queue with one thing changed. */
const wrong =
  (change: Change): Create =>
  (context) => {
    const queue = createMemoryQueue(context);
    return { ...bound(queue), ...change(queue, context) };
  };

/** A queue like it whose methods may be taken off. */
function bound(queue: PendingQueue): PendingQueue {
  return {
    durability: queue.durability,
    enqueue: (subjects) => queue.enqueue(subjects),
    claim: (owner, options) => queue.claim(owner, options),
    intend: (...call) => queue.intend(...call),
    settle: (...call) => queue.settle(...call),
    release: (id, options) => queue.release(id, options),
    renew: (...call) => queue.renew?.(...call) ?? Promise.resolve(false),
    find: (id) => queue.find(id),
    list: () => queue.list(),
    counts: (owner) => queue.counts(owner),
    adopt: (from, to) => queue.adopt?.(from, to) ?? Promise.resolve(0),
  };
}

/** The queue shows its entries changed, wherever it shows them. */
const seenAs =
  (see: (entry: PendingEntry) => PendingEntry): Change =>
  (queue) => ({
    claim: async (owner, options) => (await queue.claim(owner, options)).map(see),
    find: async (id) => {
      const entry = await queue.find(id);
      return entry === undefined ? undefined : see(entry);
    },
    async *list() {
      for await (const entry of queue.list()) {
        yield see(entry);
      }
    },
  });

describe('the suite of the pending queue', () => {
  it('passes the memory queue', async () => {
    expect(await failedTests((runner) => suite(runner, createMemoryQueue))).toEqual([]);
  });

  itCatches<Create>(
    [
      { wrong: 'acknowledges and keeps nothing', part: wrong((queue) => ({ enqueue: async (subjects) => subjects.map((_, i) => ({ kind: 'queued', id: `${i}`, durability: queue.durability })) })), caughtBy: 'enqueue acknowledges every subject in order, with the id of its entry' },
      { wrong: 'acknowledges in another order', part: wrong((queue) => ({ enqueue: async (subjects) => [...(await queue.enqueue(subjects))].reverse() })), caughtBy: 'enqueue acknowledges every subject in order, with the id of its entry' },
      { wrong: 'says another durability than it has', part: wrong(() => ({ durability: 'disk' })), caughtBy: 'enqueue acknowledges every subject in order, with the id of its entry' },
      { wrong: 'loses the tag', part: wrong(seenAs((entry) => ({ ...entry, items: entry.items.map((item) => ({ ...item, subject: { label: item.subject.label ?? '' } })) }))), caughtBy: 'an entry says all that the subject said' },
      { wrong: 'cuts sizes to 32 bits', part: wrong(seenAs((entry) => ({ ...entry, fingerprints: entry.fingerprints.map((one) => (one.size === undefined ? one : { ...one, size: one.size | 0 })) }))), caughtBy: 'an entry says all that the subject said' },
      { wrong: 'never joins', part: wrong(neverJoins), caughtBy: 'the same key of the same owner joins its entry as a further item' },
      { wrong: 'joins over owners', part: wrong((queue) => ({ enqueue: (subjects) => queue.enqueue(subjects.map((one) => ({ ...one, owner: 'engine-1' }))) })), caughtBy: 'the same key of another owner is another entry' },
      { wrong: 'joins over kinds', part: wrong((queue) => ({ enqueue: (subjects) => queue.enqueue(subjects.map((one) => ({ ...one, kind: 'file' }))) })), caughtBy: 'the same key of another kind is another entry' },
      { wrong: 'takes every sighting for an item of its own', part: wrong(freshLocators), caughtBy: 'the same locator twice is one item' },
      { wrong: 'keeps the caller’s bytes', part: wrong(keepsBytes), caughtBy: 'what the caller does to its own objects afterwards changes nothing' },
      { wrong: 'gives out what cannot be cloned', part: wrong(seenAs((entry) => ({ ...entry, toString: () => entry.id }))), caughtBy: 'entries can be cloned and sent to another thread' },
      { wrong: 'lists the living only', part: wrong((queue) => ({ async *list() { for await (const entry of queue.list()) { if (!entry.dead) { yield entry; } } } })), caughtBy: 'the list holds all entries of all owners, oldest first, claimed and dead ones included' },
      { wrong: 'has no bound of entries', part: ({ clock }) => createMemoryQueue({ clock }), caughtBy: 'a full queue refuses with pending-full and keeps what it has' },
      { wrong: 'drops the oldest when it is full', part: dropsOldest, caughtBy: 'a full queue refuses with pending-full and keeps what it has' },
      { wrong: 'refuses a whole call for one subject too many', part: wrong(allOrNothing), caughtBy: 'one call may be accepted in part, and says which' },
      { wrong: 'has no bound of bytes', part: ({ clock, maxEntries }) => createMemoryQueue({ clock, ...(maxEntries === undefined ? {} : { maxEntries }) }), caughtBy: 'its bytes are bounded too' },
      { wrong: 'claims the newest first', part: wrong((queue) => ({ claim: async (owner, options) => [...(await queue.claim(owner, options))].reverse() })), caughtBy: 'a claim gives the oldest first, no more than its limit' },
      { wrong: 'knows no limit', part: wrong((queue) => ({ claim: (owner, options) => queue.claim(owner, { ...options, limit: 1_000 }) })), caughtBy: 'a claim gives the oldest first, no more than its limit' },
      { wrong: 'gives claimed entries to everybody', part: wrong(knowsNoLease), caughtBy: 'what is claimed is claimed by nobody else, whatever is included' },
      { wrong: 'never ends a lease', part: wrong((queue) => ({ claim: (owner, options) => queue.claim(owner, { ...options, leaseMs: 1e12 }) })), caughtBy: 'a lease that runs out makes the entry due again, with one attempt more' },
      { wrong: 'ends leases early', part: wrong((queue) => ({ claim: (owner, options) => queue.claim(owner, { ...options, leaseMs: options.leaseMs / 2 }) })), caughtBy: 'a lease that runs out makes the entry due again, with one attempt more' },
      { wrong: 'makes released entries due at once', part: wrong((queue, { clock }) => ({ release: (id, options) => queue.release(id, { ...options, notBeforeAt: clock.now() }) })), caughtBy: 'a released entry is due at its instant and not before, with one attempt more' },
      { wrong: 'counts no attempts', part: wrong(seenAs((entry) => ({ ...entry, attempts: 0 }))), caughtBy: 'attempts add up over releases and leases' },
      { wrong: 'counts every attempt as a failure', part: wrong((queue) => ({ release: (id, options) => queue.release(id, { ...options, failed: true }) })), caughtBy: 'failures are the attempts that the entry itself failed' },
      { wrong: 'drops dead letters', part: wrong(dropsDead), caughtBy: 'a dead entry is kept and listed, and claimed only when the dead are included' },
      { wrong: 'claims the dead with the others', part: wrong((queue) => ({ claim: (owner, options) => queue.claim(owner, { ...options, include: 'dead' }) })), caughtBy: 'a dead entry is kept and listed, and claimed only when the dead are included' },
      { wrong: 'never claims what is not due', part: wrong((queue) => ({ claim: (owner, { limit, leaseMs }) => queue.claim(owner, { limit, leaseMs }) })), caughtBy: 'an entry that is not due yet is claimed when the waiting are included' },
      { wrong: 'counts orphans as its own', part: wrong((queue) => ({ counts: async (owner) => { const { orphaned, ...counts } = await queue.counts(owner); return { ...counts, due: counts.due + orphaned, orphaned: 0 }; } })), caughtBy: 'counts tell due, claimed, dead and orphaned entries apart' },
      { wrong: 'lets a flood through first', part: wrong(oldestFirstOnly), caughtBy: 'a flood of one site does not keep other sites, files or digests from their turn' },
      { wrong: 'takes everything for overdue', part: wrong((queue) => ({ claim: (owner, { limit, leaseMs, include }) => queue.claim(owner, { limit, leaseMs, ...(include === undefined ? {} : { include }) }) })), caughtBy: 'only what was flagged before an instant and not escalated is claimed as overdue, whatever its state' },
      { wrong: 'forgets escalations', part: wrong((queue) => ({ release: (id, options) => queue.release(id, { ...options, escalated: false }) })), caughtBy: 'an escalation is on record for good' },
      { wrong: 'revives at new places only', part: wrong(knownPlacesStayDead), caughtBy: 'every sighting brings a dead entry back to life, and it starts over' },
      { wrong: 'gives nothing away', part: wrong(() => ({ adopt: () => Promise.resolve(2) })), caughtBy: 'adopted entries are the new owner’s, with their ids, items and intents, and start over' },
      { wrong: 'gives claimed entries away', part: wrong((queue) => ({ adopt: async (from, to) => { for await (const entry of queue.list()) { await queue.release(entry.id, { notBeforeAt: 0 }); } return queue.adopt?.(from, to) ?? 0; } })), caughtBy: 'what is claimed is left to its claimer, and adopted when it is free again' },
      { wrong: 'settles an entry with its first item', part: wrong(settlesWhole), caughtBy: 'an entry of several items is settled with the last of them' },
      { wrong: 'loses what joined a claimed entry', part: wrong(settlesWhole), caughtBy: 'an item that joins while its entry is claimed is not settled with the others' },
      { wrong: 'always says that the entry is settled', part: wrong((queue) => ({ settle: async (id, item, outcome) => { await queue.settle(id, item, outcome); return true; } })), caughtBy: 'an entry of several items is settled with the last of them' },
      { wrong: 'gives all claims one name', part: wrong(seenAs((entry) => (entry.claim === undefined ? entry : { ...entry, claim: 1 }))), caughtBy: 'every claim of an entry has a name of its own, higher than those before it' },
      { wrong: 'lets everybody intend', part: wrong((queue) => ({ intend: (id, item, intent) => queue.intend(id, item, intent) })), caughtBy: 'what is intended by a claim that is over is refused, and not on record' },
      { wrong: 'refuses intents in silence', part: wrong((queue) => ({ intend: (...call) => queue.intend(...call).catch(() => undefined) })), caughtBy: 'what is intended by a claim that is over is refused, and not on record' },
      { wrong: 'lets everybody give back', part: wrong((queue) => ({ release: (id, { claim: _, ...options }) => queue.release(id, options) })), caughtBy: 'what is given back by a claim that is over stays with its claimer, as it was' },
      { wrong: 'lets everybody settle', part: wrong((queue) => ({ settle: (id, item, outcome) => queue.settle(id, item, outcome) })), caughtBy: 'a claim that is over settles what it has begun itself, and nothing else' },
      { wrong: 'takes no outcome of what was begun from a claim that is over', part: wrong(settlesByHoldersOnly), caughtBy: 'a claim that is over settles what it has begun itself, and nothing else' },
      { wrong: 'ends claims with their leases', part: wrong(endsWithLease), caughtBy: 'a claim that ran out is good until somebody else has the entry' },
      { wrong: 'renews nothing', part: wrong(() => ({ renew: () => Promise.resolve(true) })), caughtBy: 'a claim lasts for as long as it is renewed, without a further attempt' },
      { wrong: 'renews for everybody', part: wrong(renewsForAll), caughtBy: 'a claim that is over is not renewed' },
      { wrong: 'forgets intents', part: wrong(() => ({ intend: () => Promise.resolve() })), caughtBy: 'an intent without outcome stays on record over lease and release' },
      { wrong: 'loses an entry once in a while', part: wrong(losesSome), caughtBy: 'over any sequence of calls it holds what was acknowledged and not settled, and nothing else' },
      { wrong: 'throws for what it does not know', part: wrong((queue) => ({ release: async (id, options) => { if ((await queue.find(id)) === undefined) { throw new Error('unknown'); } await queue.release(id, options); } })), caughtBy: 'settling, intending or releasing what is not there does nothing' },
    ],
    suite,
  );
});

describe('the suite of a durable queue', () => {
  const durable = (runner: TestRunner, reopen: (queue: PendingQueue, context: QueueContext) => PendingQueue): void =>
    describePendingQueue(runner, { name: 'under test', create: (context) => ({ ...bound(createMemoryQueue(context)), durability: 'disk' }), reopen });

  it('catches one that forgets everything', async () => {
    const failed = await failedTests((runner) => durable(runner, (_, context) => createMemoryQueue(context)));
    expect(failed).toEqual(
      expect.arrayContaining([
        'what was acknowledged is there after reopening, the same in every field and in order',
        'intents, attempts, instants and dead letters are there after reopening',
        'what was claimed when the process ended is due again, after its lease at the latest',
        'the bound and the joining hold over reopening',
      ]),
    );
  });

  it('catches one that brings settled entries back', async () => {
    const settled: PendingEntry[] = [];
    const failed = await failedTests((runner) =>
      describePendingQueue(runner, {
        name: 'under test',
        create: (context) => remembersSettled(createMemoryQueue(context), settled),
        reopen: (queue) => ({ ...queue, find: async (id) => (await queue.find(id)) ?? settled.find((entry) => entry.id === id) }),
      }),
    );
    expect(failed).toContain('what was settled stays settled after reopening');
  });
});

function neverJoins(queue: PendingQueue): Partial<PendingQueue> {
  let count = 0;
  return { enqueue: (subjects) => queue.enqueue(subjects.map((one) => ({ ...one, key: `${one.key}-${count++}` }))) };
}

function freshLocators(queue: PendingQueue): Partial<PendingQueue> {
  let count = 0;
  return { enqueue: (subjects) => queue.enqueue(subjects.map((one) => ({ ...one, subject: { ...one.subject, locator: { scheme: 'x', ref: `${count++}` } } }))) };
}

function keepsBytes(queue: PendingQueue, context: QueueContext): Partial<PendingQueue> {
  const kept = new Map<string, PendingEntry['fingerprints']>();
  return {
    enqueue: (subjects) => {
      subjects.forEach((one) => kept.set(one.key, one.fingerprints));
      return queue.enqueue(subjects);
    },
    ...pick(seenAs((entry) => ({ ...entry, fingerprints: kept.get(entry.key) ?? entry.fingerprints }))(queue, context)),
  };
}

function pick({ find, claim, list }: Partial<PendingQueue>): Partial<PendingQueue> {
  return { ...(find === undefined ? {} : { find }), ...(claim === undefined ? {} : { claim }), ...(list === undefined ? {} : { list }) };
}

function dropsOldest(context: QueueContext): PendingQueue {
  const queue = createMemoryQueue({ clock: context.clock });
  return {
    ...bound(queue),
    async enqueue(subjects) {
      const pending = await queue.enqueue(subjects);
      const all: PendingEntry[] = [];
      for await (const entry of queue.list()) {
        all.push(entry);
      }
      for (const entry of all.slice(0, Math.max(0, all.length - (context.maxEntries ?? Infinity)))) {
        await Promise.all(entry.items.map((item) => queue.settle(entry.id, item.id, null)));
      }
      return pending;
    },
  };
}

function allOrNothing(queue: PendingQueue, context: QueueContext): Partial<PendingQueue> {
  return {
    async enqueue(subjects) {
      const tooMany = subjects.length > (context.maxEntries ?? Infinity);
      return tooMany ? subjects.map(() => ({ kind: 'refused', code: 'pending-full' })) : queue.enqueue(subjects);
    },
  };
}

function knowsNoLease(queue: PendingQueue): Partial<PendingQueue> {
  return {
    async claim(owner, options) {
      const claimed = await queue.claim(owner, options);
      if (claimed.length > 0) {
        return claimed;
      }
      const all: PendingEntry[] = [];
      for await (const entry of queue.list()) {
        all.push(entry);
      }
      return all.filter((entry) => entry.owner === owner).slice(0, options.limit);
    },
  };
}

/** No lanes: each claim takes everything, keeps the oldest and gives the rest back as it was. */
function oldestFirstOnly(queue: PendingQueue, { clock }: QueueContext): Partial<PendingQueue> {
  return {
    async claim(owner, options) {
      const all = [...(await queue.claim(owner, { ...options, limit: 1_000 }))].sort((a, b) => (a.firstAt === b.firstAt ? Number(b.kind === 'url') - Number(a.kind === 'url') : a.firstAt - b.firstAt));
      await Promise.all(all.slice(options.limit).map((entry) => queue.release(entry.id, { notBeforeAt: clock.now(), dead: entry.dead })));
      return all.slice(0, options.limit);
    },
  };
}

/** A sighting at a known place is acknowledged and passed over. */
function knownPlacesStayDead(queue: PendingQueue): Partial<PendingQueue> {
  const seen = new Set<string>();
  return {
    async enqueue(subjects) {
      const pending = await queue.enqueue(subjects);
      for (const [index, one] of pending.entries()) {
        const entry = one.kind === 'queued' ? await queue.find(one.id) : undefined;
        const [item] = entry?.items ?? [];
        if (entry !== undefined && entry.items.length === 1 && item !== undefined && entry.attempts === 0 && seen.has(entry.id) && subjects[index]?.subject.label === item.subject.label) {
          await queue.release(entry.id, { notBeforeAt: entry.notBeforeAt, dead: true });
        }
        if (entry !== undefined) {
          seen.add(entry.id);
        }
      }
      return pending;
    },
  };
}

/** Every fifth release settles the entry instead. */
function losesSome(queue: PendingQueue): Partial<PendingQueue> {
  let count = 0;
  return {
    async release(id, options) {
      const entry = await queue.find(id);
      if (++count % 5 === 0) {
        await Promise.all((entry?.items ?? []).map((item) => queue.settle(id, item.id, null)));
        return;
      }
      await queue.release(id, options);
    },
  };
}

/** Knows the last claim of each entry, and takes outcomes from no other. */
function settlesByHoldersOnly(queue: PendingQueue): Partial<PendingQueue> {
  const last = new Map<string, number | undefined>();
  return {
    async claim(owner, options) {
      const claimed = await queue.claim(owner, options);
      claimed.forEach((entry) => last.set(entry.id, entry.claim));
      return claimed;
    },
    settle: (id, item, outcome, claim) => (claim === last.get(id) ? queue.settle(id, item, outcome, claim) : Promise.reject(new VedetteError('claim-lost', 'over'))),
  };
}

function endsWithLease(queue: PendingQueue, { clock }: QueueContext): Partial<PendingQueue> {
  const until = new Map<string, number>();
  return {
    async claim(owner, options) {
      const claimed = await queue.claim(owner, options);
      claimed.forEach(({ id }) => until.set(id, clock.monotonicMs() + options.leaseMs));
      return claimed;
    },
    intend: (...call) => (clock.monotonicMs() < (until.get(call[0]) ?? 0) ? queue.intend(...call) : Promise.reject(new VedetteError('claim-lost', 'over'))),
  };
}

function renewsForAll(queue: PendingQueue): Partial<PendingQueue> {
  return {
    async renew(id, claim, leaseMs) {
      await queue.renew?.(id, claim, leaseMs);
      return true;
    },
  };
}

function dropsDead(queue: PendingQueue): Partial<PendingQueue> {
  return {
    async release(id, options) {
      const entry = await queue.find(id);
      if (options.dead === true && entry !== undefined) {
        await Promise.all(entry.items.map((item) => queue.settle(id, item.id, null)));
        return;
      }
      await queue.release(id, options);
    },
  };
}

function settlesWhole(queue: PendingQueue): Partial<PendingQueue> {
  return {
    async settle(id, _, outcome) {
      const entry = await queue.find(id);
      const settled = await Promise.all((entry?.items ?? []).map((item) => queue.settle(id, item.id, outcome)));
      return settled.includes(true);
    },
  };
}

function remembersSettled(queue: PendingQueue, settled: PendingEntry[]): PendingQueue {
  return {
    ...bound(queue),
    durability: 'disk',
    async settle(id, item, outcome) {
      const entry = await queue.find(id);
      const done = await queue.settle(id, item, outcome);
      if (done && entry !== undefined) {
        settled.push(entry);
      }
      return done;
    },
  };
}
