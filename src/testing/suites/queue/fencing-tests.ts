/**
 * Promises of fencing: every claim has a name, and what is done in the name of a claim that is over does no harm to
 * whoever has claimed the entry since.
 */
import type { PendingEntry, PendingQueue } from '../../../pending/pending-queue.js';
import { assertEqual, assertRejects, assertTrue, present } from '../../assertions.js';
import type { SuiteTests } from '../../runner.js';
import { claimAll, claimEverything, entryOf, flag, keysOf, owner, pendingFile } from './fixture.js';
import type { QueueFixture } from './fixture.js';

/** A claim of one entry: its name, and the entry as it was handed out. */
interface Held {
  readonly entry: PendingEntry;
  readonly claim: number;
}

async function hold(queue: PendingQueue, leaseMs = 60_000): Promise<Held> {
  const [claimed] = await queue.claim(owner, { limit: 1, leaseMs, include: 'dead' });
  const entry = present('claimed entry', claimed);
  return { entry, claim: present('name of the claim', entry.claim) };
}

/** An entry that one has claimed, and another one after the lease of the first was over. */
async function twice(fixture: QueueFixture, places: readonly string[] = ['/one'], begin?: (queue: PendingQueue, first: Held) => Promise<void>): Promise<{ readonly queue: PendingQueue; readonly first: Held; readonly second: Held; readonly items: readonly string[] }> {
  const queue = await fixture.make();
  await flag(fixture, queue, places.map((at) => pendingFile('a', { at })));
  const first = await hold(queue, 1_000);
  await begin?.(queue, first);
  await fixture.clock.advance(1_001);
  const second = await hold(queue);
  return { queue, first, second, items: second.entry.items.map((item) => item.id) };
}

/** Registered by `describePendingQueue`. */
export const fencingTests: SuiteTests<QueueFixture> = {
  'every claim of an entry has a name of its own, higher than those before it': async (fixture) => {
    const queue = await fixture.make();
    const [id = ''] = await flag(fixture, queue, [pendingFile('a')]);
    const names: number[] = [];
    for (let round = 0; round < 4; round++) {
      names.push((await hold(queue, 1_000)).claim);
      if (round % 2 === 0) {
        await queue.release(id, { notBeforeAt: fixture.clock.now() });
      }
      await fixture.clock.advance(1_001);
    }
    assertTrue(`ascending: ${names.join(', ')}`, names.every((name, i) => Number.isSafeInteger(name) && name > (names[i - 1] ?? Number.NEGATIVE_INFINITY)));
  },
  'what is intended by a claim that is over is refused, and not on record': async (fixture) => {
    const { queue, first, second, items: [item = ''] } = await twice(fixture);
    const { id } = second.entry;
    await assertRejects('intend by the first', () => queue.intend(id, item, 'late', first.claim), 'claim-lost');
    assertEqual('intent', (await entryOf(queue, id)).items[0]?.intent, undefined);
    await queue.intend(id, item, 'mine', second.claim);
    await assertRejects('intend by the first, again', () => queue.intend(id, item, 'late', first.claim), 'claim-lost');
    assertEqual('intent of the second', (await entryOf(queue, id)).items[0]?.intent, 'mine');
  },
  'what is given back by a claim that is over stays with its claimer, as it was': async (fixture) => {
    const { queue, first, second } = await twice(fixture);
    const { id } = second.entry;
    const notBeforeAt = fixture.clock.now() + 5_000;
    await queue.release(id, { notBeforeAt, dead: true, failed: true, escalated: true, claim: first.claim });
    const entry = await entryOf(queue, id);
    assertEqual('standing', [entry.dead, entry.attempts, entry.escalated ?? false, entry.notBeforeAt], [false, 1, false, second.entry.notBeforeAt]);
    assertEqual('claim of all', keysOf(await queue.claim(owner, claimEverything)), []);
    await queue.release(id, { notBeforeAt, claim: second.claim });
    assertEqual('given back by the second', [(await entryOf(queue, id)).attempts, (await entryOf(queue, id)).notBeforeAt], [2, notBeforeAt]);
  },
  'a claim that is over settles what it has begun itself, and nothing else': async (fixture) => {
    const begin = (queue: PendingQueue, { entry, claim }: Held): Promise<void> => queue.intend(entry.id, entry.items[0]?.id ?? '', 'begun', claim);
    const { queue, first, second, items: [one = '', two = ''] } = await twice(fixture, ['/one', '/two'], begin);
    const { id } = second.entry;
    await assertRejects('settling the other item', () => queue.settle(id, two, { by: 'first' }, first.claim), 'claim-lost');
    assertEqual('settling the own one', await queue.settle(id, one, { by: 'first' }, first.claim), false);
    assertEqual('outcomes', (await entryOf(queue, id)).items.map((item) => item.outcome), [{ by: 'first' }, undefined]);
    await assertRejects('intend by the second', () => queue.intend(id, one, 'again', second.claim), 'claim-lost');
    await assertRejects('settling by the second', () => queue.settle(id, one, { by: 'second' }, second.claim), 'claim-lost');
    assertEqual('outcome', (await entryOf(queue, id)).items[0]?.outcome, { by: 'first' });
    assertEqual('settling the other by the second', await queue.settle(id, two, { by: 'second' }, second.claim), true);
    await assertRejects('settling what is settled', () => queue.settle(id, two, { by: 'second' }, second.claim), 'claim-lost');
  },
  'what another claim has begun since is no longer settled by the claim before': async (fixture) => {
    const begin = (queue: PendingQueue, { entry, claim }: Held): Promise<void> => queue.intend(entry.id, entry.items[0]?.id ?? '', 'begun', claim);
    const { queue, first, second, items: [item = ''] } = await twice(fixture, ['/one'], begin);
    const { id } = second.entry;
    await queue.intend(id, item, 'begun again', second.claim);
    await assertRejects('settling by the first', () => queue.settle(id, item, { by: 'first' }, first.claim), 'claim-lost');
    assertEqual('settling by the second', await queue.settle(id, item, { by: 'second' }, second.claim), true);
  },
  'a claim that ran out is good until somebody else has the entry': async (fixture) => {
    const queue = await fixture.make();
    await flag(fixture, queue, [pendingFile('a')]);
    const { entry, claim } = await hold(queue, 1_000);
    await fixture.clock.advance(5_000);
    const item = present('item', entry.items[0]).id;
    await queue.intend(entry.id, item, 'begun', claim);
    assertEqual('settled', await queue.settle(entry.id, item, { kind: 'done' }, claim), true);
  },
  'a claim is over when its entry was given back, by whomever': async (fixture) => {
    const queue = await fixture.make();
    await flag(fixture, queue, [pendingFile('a')]);
    const { entry, claim } = await hold(queue);
    const item = present('item', entry.items[0]).id;
    await queue.release(entry.id, { notBeforeAt: fixture.clock.now() });
    await assertRejects('intend', () => queue.intend(entry.id, item, 'late', claim), 'claim-lost');
    await assertRejects('settle', () => queue.settle(entry.id, item, { kind: 'done' }, claim), 'claim-lost');
    await queue.release(entry.id, { notBeforeAt: fixture.clock.now() + 5_000, dead: true, claim });
    const found = await entryOf(queue, entry.id);
    assertEqual('standing', [found.dead, found.attempts, found.notBeforeAt], [false, 1, fixture.clock.now()]);
  },
  'a claim lasts for as long as it is renewed, without a further attempt': async (fixture) => {
    const queue = await fixture.make();
    if (queue.renew === undefined) {
      return;
    }
    const [id = ''] = await flag(fixture, queue, [pendingFile('a')]);
    const { claim } = await hold(queue, 5_000);
    for (let round = 0; round < 3; round++) {
      await fixture.clock.advance(4_000);
      assertEqual(`renewed, round ${round}`, await queue.renew(id, claim, 5_000), true);
    }
    await fixture.clock.advance(4_999);
    assertEqual('claim of all', keysOf(await queue.claim(owner, claimEverything)), []);
    assertEqual('attempts', (await entryOf(queue, id)).attempts, 0);
    await fixture.clock.advance(2);
    assertEqual('after the last lease', (await queue.claim(owner, claimAll)).map((entry) => entry.attempts), [1]);
  },
  'a claim that is over is not renewed': async (fixture) => {
    const { queue, first, second, items: [item = ''] } = await twice(fixture);
    if (queue.renew === undefined) {
      return;
    }
    const { id } = second.entry;
    assertEqual('the first', await queue.renew(id, first.claim, 1), false);
    assertEqual('claim of all', keysOf(await queue.claim(owner, claimEverything)), []);
    await queue.release(id, { notBeforeAt: fixture.clock.now(), claim: second.claim });
    assertEqual('the second, given back', await queue.renew(id, second.claim, 60_000), false);
    const third = await hold(queue);
    await queue.settle(id, item, { kind: 'done' }, third.claim);
    assertEqual('the third, settled', await queue.renew(id, third.claim, 60_000), false);
  },
};
