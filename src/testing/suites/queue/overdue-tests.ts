/** Promises of escalation, of turns between sites, and of adoption: nothing waits unseen, unheard or in nobody's name. */
import type { NewPending, PendingQueue } from '../../../pending/pending-queue.js';
import { assertEqual, assertTrue, present } from '../../assertions.js';
import type { SuiteTests } from '../../runner.js';
import { claimAll, claimEverything, entryOf, flag, flagOne, hashOf, keysOf, owner, pendingFile } from './fixture.js';
import type { QueueFixture } from './fixture.js';

function pendingUrl(mark: string, host: string): NewPending {
  return { ...pendingFile(mark, { at: false }), kind: 'url', url: `https://${host}/${mark}`, fingerprints: [{ kind: 'url', algorithm: 'sha256', hash: hashOf(mark) }] };
}

async function adopted(queue: PendingQueue, from: string, to: string): Promise<number> {
  return present('adopt', queue.adopt?.bind(queue))(from, to);
}

/** Registered by `describePendingQueue`. */
export const overdueTests: SuiteTests<QueueFixture> = {
  'a flood of one site does not keep other sites, files or digests from their turn': async ({ make }) => {
    const queue = await make();
    await queue.enqueue(Array.from({ length: 60 }, (_, i) => pendingUrl(`flood${i}`, `h${i % 7}.flood.example`)));
    await queue.enqueue([pendingUrl('quiet', 'quiet.test'), pendingFile('file'), { ...pendingFile('digest', { at: false }), kind: 'digest' }]);
    const keys = keysOf(await queue.claim(owner, { limit: 8, leaseMs: 60_000 }));
    assertEqual('claimed', keys.length, 8);
    for (const key of ['key-quiet', 'key-file', 'key-digest', 'key-flood0']) {
      assertTrue(`${key} is among the first: ${keys.join(', ')}`, keys.includes(key));
    }
    const flooding = keys.filter((key) => key.startsWith('key-flood'));
    assertEqual('the flood, oldest first', flooding, flooding.map((_, i) => `key-flood${i}`));
  },
  'only what was flagged before an instant and not escalated is claimed as overdue, whatever its state': async (fixture) => {
    const queue = await fixture.make();
    const [a = '', b = ''] = await flag(fixture, queue, [pendingFile('a'), pendingFile('b'), pendingFile('c')]);
    const [first] = await queue.claim(owner, { limit: 1, leaseMs: 60_000 });
    await queue.release(first?.id ?? '', { notBeforeAt: fixture.clock.now(), dead: true });
    const { firstAt } = await entryOf(queue, b);
    const overdue = { ...claimEverything, overdueBefore: firstAt };
    assertEqual('before the second was flagged', keysOf(await queue.claim(owner, overdue)), ['key-a']);
    await queue.release(a, { notBeforeAt: fixture.clock.now(), dead: true, escalated: true });
    assertEqual('escalated', [(await entryOf(queue, a)).escalated, (await entryOf(queue, a)).dead], [true, true]);
    assertEqual('not escalated', (await entryOf(queue, b)).escalated ?? false, false);
    assertEqual('a millisecond later', keysOf(await queue.claim(owner, { ...overdue, overdueBefore: firstAt + 1 })), ['key-b']);
  },
  'an escalation is on record for good': async (fixture) => {
    const queue = await fixture.make();
    const [id = ''] = await flag(fixture, queue, [pendingFile('a')]);
    await queue.claim(owner, claimAll);
    await queue.release(id, { notBeforeAt: fixture.clock.now(), escalated: true });
    await queue.claim(owner, claimAll);
    await queue.release(id, { notBeforeAt: fixture.clock.now() });
    assertEqual('escalated', (await entryOf(queue, id)).escalated, true);
    const again = await fixture.reopen(queue);
    assertEqual('escalated after reopening', (await entryOf(again, id)).escalated, true);
    assertEqual('claim of the overdue', await again.claim(owner, { ...claimEverything, overdueBefore: fixture.clock.now() + 1 }), []);
  },
  'every sighting brings a dead entry back to life, and it starts over': async (fixture) => {
    for (const at of ['/one', '/two']) {
      const queue = await fixture.make();
      const [id = ''] = await flag(fixture, queue, [pendingFile('a', { at: '/one' })]);
      await queue.claim(owner, claimAll);
      await queue.release(id, { notBeforeAt: fixture.clock.now(), dead: true, failed: true });
      await flagOne(queue, pendingFile('a', { at }));
      const entry = await entryOf(queue, id);
      assertEqual(`seen at ${at}`, [entry.dead, entry.attempts, entry.failures ?? 0], [false, 0, 0]);
      assertEqual('claim', keysOf(await queue.claim(owner, claimAll)), ['key-a']);
    }
  },
  'a dead entry that is taken back starts over, and one that was not claimed can be': async (fixture) => {
    const queue = await fixture.make();
    const [id = ''] = await flag(fixture, queue, [pendingFile('a')]);
    await queue.claim(owner, claimAll);
    await queue.release(id, { notBeforeAt: fixture.clock.now(), dead: true, failed: true });
    await queue.release(id, { notBeforeAt: fixture.clock.now() });
    const entry = await entryOf(queue, id);
    assertEqual('taken back', [entry.dead, entry.attempts, entry.failures ?? 0], [false, 0, 0]);
    assertEqual('claim', keysOf(await queue.claim(owner, claimAll)), ['key-a']);
  },
};

/** Registered for queues that have `adopt`. */
export const adoptTests: SuiteTests<QueueFixture> = {
  'adopted entries are the new owner’s, with their ids, items and intents, and start over': async (fixture) => {
    const queue = await fixture.make();
    if (queue.adopt === undefined) {
      return;
    }
    const [a = '', b = ''] = await flag(fixture, queue, [pendingFile('a', { owner: 'former' }), pendingFile('b', { owner: 'former' }), pendingFile('c')]);
    const item = present('item', (await entryOf(queue, a)).items[0]).id;
    await queue.claim('former', { limit: 1, leaseMs: 60_000 });
    await queue.intend(a, item, { key: item });
    await queue.release(a, { notBeforeAt: fixture.clock.now() + 60_000, dead: true, failed: true });
    assertEqual('adopted', await adopted(queue, 'former', owner), 2);
    assertEqual('adopted again', await adopted(queue, 'former', owner), 0);
    for (const reopens of [false, true]) {
      const one = reopens ? await fixture.reopen(queue) : queue;
      const entry = await entryOf(one, a);
      assertEqual('owner and standing', [entry.owner, entry.dead, entry.attempts, entry.failures ?? 0], [owner, false, 0, 0]);
      assertEqual('item', [entry.items[0]?.id, entry.items[0]?.intent], [item, { key: item }]);
      assertEqual('counts', await one.counts(owner), { due: 3, claimed: 0, dead: 0, orphaned: 0 });
      assertEqual('joined', await flagOne(one, pendingFile('b')), b);
    }
  },
  'what is claimed is left to its claimer, and adopted when it is free again': async ({ make, clock }) => {
    const queue = await make();
    if (queue.adopt === undefined) {
      return;
    }
    const id = await flagOne(queue, pendingFile('a', { owner: 'former' }));
    await queue.claim('former', { limit: 1, leaseMs: 5_000 });
    assertEqual('while claimed', await adopted(queue, 'former', owner), 0);
    await clock.advance(5_001);
    assertEqual('after the lease', await adopted(queue, 'former', owner), 1);
    assertEqual('claim', (await queue.claim(owner, claimAll)).map((entry) => entry.id), [id]);
  },
  'what both owners had flagged stays two entries, both settled in their turn': async (fixture) => {
    const queue = await fixture.make();
    if (queue.adopt === undefined) {
      return;
    }
    await flag(fixture, queue, [pendingFile('a', { owner: 'former' }), pendingFile('a')]);
    assertEqual('adopted', await adopted(queue, 'former', owner), 1);
    const claimed = await queue.claim(owner, claimAll);
    assertEqual('claimed', keysOf(claimed), ['key-a', 'key-a']);
    for (const entry of claimed) {
      assertEqual('settled', await queue.settle(entry.id, present('item', entry.items[0]).id, { kind: 'done' }), true);
    }
    assertEqual('counts', await queue.counts(owner), { due: 0, claimed: 0, dead: 0, orphaned: 0 });
  },
};
