/** Promises of a queue of durability `disk`: what was acknowledged before a restart is there after it. */
import { assertEqual, assertTrue, present, toArray } from '../../assertions.js';
import type { SuiteTests } from '../../runner.js';
import { claimAll, entryOf, flag, flagOne, keysOf, owner, pendingFile } from './fixture.js';
import type { QueueFixture } from './fixture.js';

/** Registered by `describePendingQueue` when it is given `reopen`. */
export const durableTests: SuiteTests<QueueFixture> = {
  'what was acknowledged is there after reopening, the same in every field and in order': async (fixture) => {
    const queue = await fixture.make();
    assertEqual('durability', queue.durability, 'disk');
    await flag(fixture, queue, [pendingFile('b', { at: '/one' }), pendingFile('a', { at: false }), pendingFile('b', { at: '/two' })]);
    const before = await toArray(queue.list());
    const after = await toArray((await fixture.reopen(queue)).list());
    assertEqual('entries', after, before);
  },
  'what was settled stays settled after reopening': async (fixture) => {
    const queue = await fixture.make();
    const [a = '', b = ''] = await flag(fixture, queue, [pendingFile('a'), pendingFile('b', { at: '/one' }), pendingFile('b', { at: '/two' })]);
    await queue.settle(a, present('item', (await entryOf(queue, a)).items[0]).id, { kind: 'done' });
    await queue.settle(b, present('item', (await entryOf(queue, b)).items[0]).id, { kind: 'unable', detail: 'gone' });
    const again = await fixture.reopen(queue);
    assertEqual('the settled entry', await again.find(a), undefined);
    assertEqual('outcomes of the other', (await entryOf(again, b)).items.map((item) => item.outcome), [{ kind: 'unable', detail: 'gone' }, undefined]);
  },
  'intents, attempts, instants and dead letters are there after reopening': async (fixture) => {
    const queue = await fixture.make();
    const [a = '', b = ''] = await flag(fixture, queue, [pendingFile('a'), pendingFile('b')]);
    await queue.claim(owner, claimAll);
    const item = present('item', (await entryOf(queue, a)).items[0]).id;
    await queue.intend(a, item, { remedy: 'delete' });
    const notBeforeAt = fixture.clock.now() + 5_000;
    await queue.release(a, { notBeforeAt });
    await queue.release(b, { notBeforeAt, dead: true, failed: true });
    const again = await fixture.reopen(queue);
    const [open, dead] = [await entryOf(again, a), await entryOf(again, b)];
    assertEqual('intent', open.items[0]?.intent, { remedy: 'delete' });
    assertEqual('item id', open.items[0]?.id, item);
    assertEqual('attempts and instant', [open.attempts, open.notBeforeAt, open.dead], [1, notBeforeAt, false]);
    assertEqual('dead letter', [dead.attempts, dead.failures, dead.dead], [1, 1, true]);
    assertEqual('claim before the instant', keysOf(await again.claim(owner, claimAll)), []);
  },
  'what was claimed when the process ended is due again, after its lease at the latest': async (fixture) => {
    const queue = await fixture.make();
    await flag(fixture, queue, [pendingFile('a')]);
    await queue.claim(owner, { limit: 1, leaseMs: 5_000 });
    const again = await fixture.reopen(queue);
    await fixture.clock.advance(5_001);
    assertEqual('claim', keysOf(await again.claim(owner, claimAll)), ['key-a']);
  },
  'the bound and the joining hold over reopening': async (fixture) => {
    const queue = await fixture.make({ maxEntries: 2 });
    const [a] = await flag(fixture, queue, [pendingFile('a'), pendingFile('b')]);
    const again = await fixture.reopen(queue);
    assertEqual('over the bound', await again.enqueue([pendingFile('c')]), [{ kind: 'refused', code: 'pending-full' }]);
    assertEqual('joined', await flagOne(again, pendingFile('a')), a);
    assertEqual('items', (await entryOf(again, a ?? '')).items.length, 1);
  },
  'ids are not given out again after reopening': async (fixture) => {
    const queue = await fixture.make();
    const [first = ''] = await flag(fixture, queue, [pendingFile('a')]);
    const item = present('item', (await entryOf(queue, first)).items[0]).id;
    await queue.settle(first, item, { kind: 'done' });
    const again = await fixture.reopen(queue);
    const second = await flagOne(again, pendingFile('a'));
    assertTrue('entry id', second !== first);
    assertTrue('item id', present('item', (await entryOf(again, second)).items[0]).id !== item);
  },
};
