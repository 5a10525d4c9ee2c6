/** Promises of `claim`, `release` and `counts`: oldest first, to one claimer at a time, never forgotten. */
import { assertEqual, assertSameSet } from '../../assertions.js';
import type { SuiteTests } from '../../runner.js';
import { claimAll, claimEverything, entryOf, flag, keysOf, owner, pendingFile } from './fixture.js';
import type { QueueFixture } from './fixture.js';

/** Registered by `describePendingQueue`. */
export const claimTests: SuiteTests<QueueFixture> = {
  'a claim gives the oldest first, no more than its limit': async (fixture) => {
    const queue = await fixture.make();
    await flag(fixture, queue, ['b', 'a', 'd', 'c'].map((mark) => pendingFile(mark)));
    assertEqual('first claim', keysOf(await queue.claim(owner, { limit: 3, leaseMs: 60_000 })), ['key-b', 'key-a', 'key-d']);
    assertEqual('second claim', keysOf(await queue.claim(owner, { limit: 3, leaseMs: 60_000 })), ['key-c']);
  },
  'an empty queue gives nothing': async ({ make }) => {
    const queue = await make();
    assertEqual('claim', await queue.claim(owner, claimAll), []);
  },
  'a claim gives entries of the owner only': async (fixture) => {
    const queue = await fixture.make();
    await flag(fixture, queue, [pendingFile('a', { owner: 'engine-2' }), pendingFile('b')]);
    assertEqual('claim', keysOf(await queue.claim(owner, claimAll)), ['key-b']);
    assertEqual('claim of all', keysOf(await queue.claim(owner, claimEverything)), []);
    assertEqual('claim of the other', keysOf(await queue.claim('engine-2', claimAll)), ['key-a']);
  },
  'what is claimed is claimed by nobody else, whatever is included': async (fixture) => {
    const queue = await fixture.make();
    await flag(fixture, queue, [pendingFile('a')]);
    await queue.claim(owner, claimAll);
    assertEqual('second claim', await queue.claim(owner, claimAll), []);
    assertEqual('claim of all', await queue.claim(owner, claimEverything), []);
  },
  'claims that overlap in time share nothing and leave nothing': async (fixture) => {
    const queue = await fixture.make();
    await queue.enqueue(Array.from({ length: 10 }, (_, i) => pendingFile(`m${i}`)));
    const claims = await Promise.all(Array.from({ length: 4 }, () => queue.claim(owner, { limit: 3, leaseMs: 60_000 })));
    const keys = keysOf(claims.flat());
    assertSameSet('claimed', keys, Array.from({ length: 10 }, (_, i) => `key-m${i}`));
  },
  'a lease that runs out makes the entry due again, with one attempt more': async (fixture) => {
    const queue = await fixture.make();
    await flag(fixture, queue, [pendingFile('a')]);
    await queue.claim(owner, { limit: 1, leaseMs: 5_000 });
    await fixture.clock.advance(4_999);
    assertEqual('within the lease', await queue.claim(owner, claimAll), []);
    await fixture.clock.advance(2);
    const again = await queue.claim(owner, claimAll);
    assertEqual('after the lease', keysOf(again), ['key-a']);
    assertEqual('attempts', again[0]?.attempts, 1);
  },
  'a released entry is due at its instant and not before, with one attempt more': async (fixture) => {
    const queue = await fixture.make();
    await flag(fixture, queue, [pendingFile('a')]);
    const [entry] = await queue.claim(owner, claimAll);
    const notBeforeAt = fixture.clock.now() + 10_000;
    await queue.release(entry?.id ?? '', { notBeforeAt });
    assertEqual('notBeforeAt', (await entryOf(queue, entry?.id ?? '')).notBeforeAt, notBeforeAt);
    await fixture.clock.advance(9_999);
    assertEqual('a millisecond before', await queue.claim(owner, claimAll), []);
    await fixture.clock.advance(1);
    const again = await queue.claim(owner, claimAll);
    assertEqual('at the instant', keysOf(again), ['key-a']);
    assertEqual('attempts', again[0]?.attempts, 1);
  },
  'a failing entry does not keep the others from their turn': async (fixture) => {
    const queue = await fixture.make();
    await flag(fixture, queue, [pendingFile('poison'), pendingFile('a'), pendingFile('b')]);
    const [poison] = await queue.claim(owner, { limit: 1, leaseMs: 60_000 });
    await queue.release(poison?.id ?? '', { notBeforeAt: fixture.clock.now() + 60_000 });
    assertEqual('next claim', keysOf(await queue.claim(owner, { limit: 2, leaseMs: 60_000 })), ['key-a', 'key-b']);
  },
  'a dead entry is kept and listed, and claimed only when the dead are included': async (fixture) => {
    const queue = await fixture.make();
    await flag(fixture, queue, [pendingFile('a')]);
    const [entry] = await queue.claim(owner, claimAll);
    await queue.release(entry?.id ?? '', { notBeforeAt: fixture.clock.now(), dead: true });
    await fixture.clock.advance(86_400_000);
    assertEqual('claim', await queue.claim(owner, claimAll), []);
    assertEqual('claim of the waiting', await queue.claim(owner, { ...claimAll, include: 'waiting' }), []);
    const dead = await entryOf(queue, entry?.id ?? '');
    assertEqual('dead', dead.dead, true);
    assertEqual('attempts', dead.attempts, 1);
    assertEqual('claim of all', keysOf(await queue.claim(owner, claimEverything)), ['key-a']);
    await queue.release(dead.id, { notBeforeAt: fixture.clock.now() });
    assertEqual('dead after a release without dead', (await entryOf(queue, dead.id)).dead, false);
  },
  'an entry that is not due yet is claimed when the waiting are included': async (fixture) => {
    const queue = await fixture.make();
    await flag(fixture, queue, [pendingFile('a'), pendingFile('b')]);
    const [entry] = await queue.claim(owner, { limit: 1, leaseMs: 60_000 });
    await queue.release(entry?.id ?? '', { notBeforeAt: fixture.clock.now() + 3_600_000 });
    assertSameSet('claim of the waiting', keysOf(await queue.claim(owner, { ...claimAll, include: 'waiting' })), ['key-a', 'key-b']);
  },
  'attempts add up over releases and leases': async (fixture) => {
    const queue = await fixture.make();
    const [id] = await flag(fixture, queue, [pendingFile('a')]);
    for (let round = 1; round <= 3; round++) {
      const claimed = await queue.claim(owner, { limit: 1, leaseMs: 1_000 });
      assertEqual(`attempts at claim ${round}`, claimed[0]?.attempts, round - 1);
      if (round % 2 === 1) {
        await queue.release(id ?? '', { notBeforeAt: fixture.clock.now() });
      }
      await fixture.clock.advance(1_001);
    }
    assertEqual('attempts at the end', (await entryOf(queue, id ?? '')).attempts, 3);
  },
  'failures are the attempts that the entry itself failed': async (fixture) => {
    const queue = await fixture.make();
    const [id = ''] = await flag(fixture, queue, [pendingFile('a')]);
    for (const failed of [true, false, true]) {
      await queue.claim(owner, claimAll);
      await queue.release(id, { notBeforeAt: fixture.clock.now(), failed });
    }
    const entry = await entryOf(queue, id);
    assertEqual('attempts and failures', [entry.attempts, entry.failures], [3, 2]);
  },
  'a new place brings a dead entry back to life': async (fixture) => {
    const queue = await fixture.make();
    const [id = ''] = await flag(fixture, queue, [pendingFile('a', { at: '/one' })]);
    await queue.claim(owner, claimAll);
    await queue.release(id, { notBeforeAt: fixture.clock.now(), dead: true });
    await flag(fixture, queue, [pendingFile('a', { at: '/two' })]);
    assertEqual('dead', (await entryOf(queue, id)).dead, false);
    assertEqual('claim', keysOf(await queue.claim(owner, claimAll)), ['key-a']);
  },
  'counts say how many wait, and until when': async (fixture) => {
    const queue = await fixture.make();
    await flag(fixture, queue, [pendingFile('a'), pendingFile('b'), pendingFile('c')]);
    const [a, b] = await queue.claim(owner, { limit: 2, leaseMs: 60_000 });
    const nextAt = fixture.clock.now() + 5_000;
    await queue.release(a?.id ?? '', { notBeforeAt: nextAt + 1_000 });
    await queue.release(b?.id ?? '', { notBeforeAt: nextAt });
    assertEqual('waiting', await queue.counts(owner), { due: 1, waiting: 2, nextAt, claimed: 0, dead: 0, orphaned: 0 });
    await fixture.clock.advance(5_000);
    assertEqual('one fell due', await queue.counts(owner), { due: 2, waiting: 1, nextAt: nextAt + 1_000, claimed: 0, dead: 0, orphaned: 0 });
  },
  'counts tell due, claimed, dead and orphaned entries apart': async (fixture) => {
    const queue = await fixture.make();
    assertEqual('empty', await queue.counts(owner), { due: 0, claimed: 0, dead: 0, orphaned: 0 });
    await flag(fixture, queue, [pendingFile('a'), pendingFile('b'), pendingFile('c'), pendingFile('d', { owner: 'engine-2' })]);
    assertEqual('flagged', await queue.counts(owner), { due: 3, claimed: 0, dead: 0, orphaned: 1 });
    const [a] = await queue.claim(owner, { limit: 2, leaseMs: 10_000 });
    assertEqual('claimed', await queue.counts(owner), { due: 1, claimed: 2, dead: 0, orphaned: 1 });
    await queue.release(a?.id ?? '', { notBeforeAt: fixture.clock.now(), dead: true });
    assertEqual('one dead', await queue.counts(owner), { due: 1, claimed: 1, dead: 1, orphaned: 1 });
    await fixture.clock.advance(10_001);
    assertEqual('lease over', await queue.counts(owner), { due: 2, claimed: 0, dead: 1, orphaned: 1 });
    assertEqual('seen by a third owner', (await queue.counts('engine-3')).orphaned, 4);
  },
};
