/** Promises of `intend` and `settle`: every item gets its outcome, and nothing that came in meanwhile is lost. */
import { assertEqual, assertTrue, present } from '../../assertions.js';
import type { SuiteTests } from '../../runner.js';
import { claimAll, claimEverything, entryOf, flag, flagOne, keysOf, owner, pendingFile } from './fixture.js';
import type { QueueFixture } from './fixture.js';

/** Registered by `describePendingQueue`. */
export const settleTests: SuiteTests<QueueFixture> = {
  'a settled entry is gone': async ({ make }) => {
    const queue = await make();
    const id = await flagOne(queue, pendingFile('a'));
    const [entry] = await queue.claim(owner, claimAll);
    assertEqual('settled', await queue.settle(id, present('item', entry?.items[0]).id, { kind: 'done' }), true);
    assertEqual('find', await queue.find(id), undefined);
    assertEqual('claim of all', await queue.claim(owner, claimEverything), []);
    assertEqual('counts', await queue.counts(owner), { due: 0, claimed: 0, dead: 0, orphaned: 0 });
  },
  'an entry of several items is settled with the last of them': async (fixture) => {
    const queue = await fixture.make();
    const [id = ''] = await flag(fixture, queue, [pendingFile('a', { at: '/one' }), pendingFile('a', { at: '/two' })]);
    const [entry] = await queue.claim(owner, claimAll);
    const [one, two] = [present('first item', entry?.items[0]), present('second item', entry?.items[1])];
    assertEqual('after the second', await queue.settle(id, two.id, { kind: 'not-needed' }), false);
    const open = await entryOf(queue, id);
    assertEqual('outcomes', open.items.map((item) => item.outcome), [undefined, { kind: 'not-needed' }]);
    assertEqual('after the first', await queue.settle(id, one.id, { kind: 'done' }), true);
    assertEqual('find', await queue.find(id), undefined);
  },
  'an item that joins while its entry is claimed is not settled with the others': async ({ make, clock }) => {
    const queue = await make();
    const id = await flagOne(queue, pendingFile('a', { at: '/one' }));
    const [entry] = await queue.claim(owner, { limit: 1, leaseMs: 5_000 });
    assertEqual('joined', await flagOne(queue, pendingFile('a', { at: '/late' })), id);
    assertEqual('settling the first', await queue.settle(id, present('item', entry?.items[0]).id, { kind: 'done' }), false);
    await clock.advance(5_001);
    const [again] = await queue.claim(owner, claimAll);
    const open = again?.items.filter((item) => item.outcome === undefined) ?? [];
    assertEqual('items still open', open.map((item) => item.subject.label), ['/late']);
  },
  'an intent without outcome stays on record over lease and release': async ({ make, clock }) => {
    const queue = await make();
    const id = await flagOne(queue, pendingFile('a'));
    const [entry] = await queue.claim(owner, { limit: 1, leaseMs: 5_000 });
    const item = present('item', entry?.items[0]).id;
    const intent = { remedy: 'quarantine', key: item };
    await queue.intend(id, item, intent);
    assertEqual('intent', (await entryOf(queue, id)).items[0]?.intent, intent);
    await clock.advance(5_001);
    const [again] = await queue.claim(owner, claimAll);
    assertEqual('intent after the lease', again?.items[0]?.intent, intent);
    assertEqual('outcome', again?.items[0]?.outcome, undefined);
    await queue.release(id, { notBeforeAt: clock.now() });
    assertEqual('intent after release', (await entryOf(queue, id)).items[0]?.intent, intent);
    assertEqual('item id', (await entryOf(queue, id)).items[0]?.id, item);
  },
  'a claimed entry can be settled after its lease ran out': async ({ make, clock }) => {
    const queue = await make();
    const id = await flagOne(queue, pendingFile('a'));
    const [entry] = await queue.claim(owner, { limit: 1, leaseMs: 1_000 });
    await clock.advance(1_001);
    assertEqual('settled', await queue.settle(id, present('item', entry?.items[0]).id, { kind: 'done' }), true);
    assertEqual('claim', await queue.claim(owner, claimAll), []);
  },
  'the first outcome of an item stands': async (fixture) => {
    const queue = await fixture.make();
    const [id = ''] = await flag(fixture, queue, [pendingFile('a', { at: '/one' }), pendingFile('a', { at: '/two' })]);
    const item = present('item', (await entryOf(queue, id)).items[0]).id;
    await queue.settle(id, item, { kind: 'done' });
    assertEqual('settled by the second call', await queue.settle(id, item, { kind: 'unable', detail: 'late' }), false);
    assertEqual('outcome', (await entryOf(queue, id)).items[0]?.outcome, { kind: 'done' });
  },
  'what turns up again after a remedy was begun is a new item': async (fixture) => {
    const queue = await fixture.make();
    const [id = ''] = await flag(fixture, queue, [pendingFile('a')]);
    const item = present('item', (await entryOf(queue, id)).items[0]).id;
    await queue.intend(id, item, { remedy: 'quarantine' });
    await flag(fixture, queue, [pendingFile('a')]);
    assertEqual('settling the first', await queue.settle(id, item, { kind: 'done' }), false);
    const items = (await entryOf(queue, id)).items;
    assertEqual('items', items.map((one) => [one.id === item, one.outcome]), [[true, { kind: 'done' }], [false, undefined]]);
  },
  'settling, intending or releasing what is not there does nothing': async ({ make, clock }) => {
    const queue = await make();
    const id = await flagOne(queue, pendingFile('a'));
    const other = await flagOne(queue, pendingFile('b'));
    const [entry] = await queue.claim(owner, { limit: 1, leaseMs: 60_000 });
    const item = present('item', entry?.items[0]).id;
    assertEqual('settling', await queue.settle(id, item, { kind: 'done' }), true);
    assertEqual('settling again', await queue.settle(id, item, { kind: 'done' }), false);
    assertEqual('settling another entry’s item', await queue.settle(other, item, { kind: 'done' }), false);
    assertEqual('settling what never was', await queue.settle('no such id', 'no such item', null), false);
    await queue.intend(id, item, 'again');
    await queue.intend(other, item, 'foreign');
    await queue.release(id, { notBeforeAt: clock.now() });
    await queue.release('no such id', { notBeforeAt: clock.now(), dead: true });
    assertEqual('the settled one', await queue.find(id), undefined);
    const left = await queue.claim(owner, claimAll);
    assertEqual('the other', keysOf(left), ['key-b']);
    assertEqual('its item', [left[0]?.items[0]?.intent, left[0]?.items[0]?.outcome], [undefined, undefined]);
    assertEqual('its attempts', left[0]?.attempts, 0);
  },
  'every entry is settled once when several drains work side by side': async ({ make }) => {
    const queue = await make();
    await queue.enqueue(Array.from({ length: 30 }, (_, i) => pendingFile(`m${i}`)));
    const settled: string[] = [];
    const drain = async (): Promise<void> => {
      for (let claimed = await queue.claim(owner, { limit: 4, leaseMs: 60_000 }); claimed.length > 0; claimed = await queue.claim(owner, { limit: 4, leaseMs: 60_000 })) {
        for (const entry of claimed) {
          await queue.settle(entry.id, present('item', entry.items[0]).id, { kind: 'done' });
          settled.push(entry.key);
        }
      }
    };
    await Promise.all([drain(), drain(), drain()]);
    assertEqual('settlements', settled.length, 30);
    assertTrue('each entry once', new Set(settled).size === 30);
    assertEqual('left', await queue.counts(owner), { due: 0, claimed: 0, dead: 0, orphaned: 0 });
  },
};
