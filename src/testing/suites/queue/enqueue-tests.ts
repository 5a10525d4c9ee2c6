/** Promises of `enqueue`, `find` and `list`: what is acknowledged is there, whole, once, and within the bounds. */
import type { NewPending } from '../../../pending/pending-queue.js';
import { assertEqual, assertSameSet, assertTrue, show, toArray } from '../../assertions.js';
import type { SuiteTests } from '../../runner.js';
import { claimAll, entryOf, flag, flagOne, hashOf, keysOf, owner, pendingFile, settleAll } from './fixture.js';
import type { QueueFixture } from './fixture.js';

/** Registered by `describePendingQueue`. */
export const enqueueTests: SuiteTests<QueueFixture> = {
  'enqueue acknowledges every subject in order, with the id of its entry': async ({ make }) => {
    const queue = await make();
    const pending = await queue.enqueue([pendingFile('a'), pendingFile('b')]);
    assertEqual('number of acknowledgements', pending.length, 2);
    for (const [index, key] of ['key-a', 'key-b'].entries()) {
      const one = pending[index];
      assertTrue(`acknowledgement ${index}: expected queued, got ${show(one)}`, one?.kind === 'queued');
      assertEqual('durability', one.durability, queue.durability);
      assertEqual('entry', (await entryOf(queue, one.id)).key, key);
    }
  },
  'no subjects give no acknowledgements': async ({ make }) => {
    const queue = await make();
    assertEqual('acknowledgements', await queue.enqueue([]), []);
  },
  'an entry says all that the subject said': async ({ make, clock }) => {
    const queue = await make();
    const entry = await entryOf(queue, await flagOne(queue, richSubject));
    assertEqual('owner', entry.owner, richSubject.owner);
    assertEqual('kind', entry.kind, richSubject.kind);
    assertEqual('key', entry.key, richSubject.key);
    assertEqual('url', entry.url, richSubject.url);
    assertEqual('fingerprints', entry.fingerprints, richSubject.fingerprints);
    assertEqual('reason', entry.reason, richSubject.reason);
    assertEqual('attempts', entry.attempts, 0);
    assertEqual('firstAt', entry.firstAt, clock.now());
    assertEqual('dead', entry.dead, false);
    assertEqual('number of items', entry.items.length, 1);
    assertEqual('subject of the item', entry.items[0]?.subject, richSubject.subject);
    assertEqual('instant of the item', entry.items[0]?.at, clock.now());
    assertEqual('outcome of the item', entry.items[0]?.outcome, undefined);
    assertEqual('intent of the item', entry.items[0]?.intent, undefined);
  },
  'the same key of the same owner joins its entry as a further item': async (fixture) => {
    const queue = await fixture.make();
    const [first, second] = await flag(fixture, queue, [pendingFile('a', { at: '/one' }), pendingFile('a', { at: '/two' })]);
    assertEqual('id of the entry', second, first);
    const entry = await entryOf(queue, first ?? '');
    assertEqual('places, oldest first', entry.items.map((item) => item.subject.label), ['/one', '/two']);
    assertEqual('time between the items', (entry.items[1]?.at ?? 0) - (entry.items[0]?.at ?? 0), 1_000);
    assertEqual('firstAt', entry.firstAt, entry.items[0]?.at);
    assertEqual('number of entries', (await toArray(queue.list())).length, 1);
  },
  'the same locator twice is one item': async (fixture) => {
    const queue = await fixture.make();
    const [id] = await flag(fixture, queue, [pendingFile('a'), pendingFile('a')]);
    assertEqual('number of items', (await entryOf(queue, id ?? '')).items.length, 1);
  },
  'subjects without a locator are an item each': async (fixture) => {
    const queue = await fixture.make();
    const [id] = await flag(fixture, queue, [pendingFile('a', { at: false }), pendingFile('a', { at: false })]);
    assertEqual('number of items', (await entryOf(queue, id ?? '')).items.length, 2);
  },
  'equal keys in one call join as well': async ({ make }) => {
    const queue = await make();
    const pending = await queue.enqueue([pendingFile('a', { at: '/one' }), pendingFile('b'), pendingFile('a', { at: '/two' })]);
    const ids = pending.map((one) => (one.kind === 'queued' ? one.id : one.kind));
    assertEqual('third id', ids[2], ids[0]);
    assertTrue('second id is another', ids[1] !== ids[0]);
    assertEqual('number of items', (await entryOf(queue, ids[0] ?? '')).items.length, 2);
  },
  'equal keys in calls that overlap in time join as well': async ({ make }) => {
    const queue = await make();
    const places = Array.from({ length: 10 }, (_, i) => `/place/${i}`);
    await Promise.all(places.map((at) => queue.enqueue([pendingFile('a', { at })])));
    const entries = await toArray(queue.list());
    assertEqual('number of entries', entries.length, 1);
    assertSameSet('places', entries[0]?.items.map((item) => item.subject.label ?? '') ?? [], places);
  },
  'the same key of another owner is another entry': async (fixture) => {
    const queue = await fixture.make();
    const [mine, other] = await flag(fixture, queue, [pendingFile('a'), pendingFile('a', { owner: 'engine-2' })]);
    assertTrue('ids differ', mine !== other);
    assertEqual('owner of the second', (await entryOf(queue, other ?? '')).owner, 'engine-2');
  },
  'the same key of another kind is another entry': async ({ make }) => {
    const queue = await make();
    const file = await flagOne(queue, pendingFile('a'));
    const digest = await flagOne(queue, { ...pendingFile('a'), kind: 'digest' });
    assertTrue('ids differ', file !== digest);
    assertEqual('kind of the second', (await entryOf(queue, digest)).kind, 'digest');
  },
  'an entry keeps the generation that its first item was scanned by': async (fixture) => {
    const queue = await fixture.make();
    const [id = ''] = await flag(fixture, queue, [{ ...pendingFile('a', { at: '/one' }), scannedBy: 12 }, { ...pendingFile('a', { at: '/two' }), scannedBy: 13 }]);
    assertEqual('scannedBy', (await entryOf(queue, id)).scannedBy, 12);
  },
  'ids of entries and items are unique': async ({ make }) => {
    const queue = await make();
    const subjects = Array.from({ length: 50 }, (_, i) => pendingFile(`m${i % 25}`, { at: `/place/${i}` }));
    await queue.enqueue(subjects);
    const entries = await toArray(queue.list());
    const items = entries.flatMap((entry) => entry.items);
    assertEqual('different entry ids', new Set(entries.map((entry) => entry.id)).size, 25);
    assertEqual('different item ids', new Set(items.map((item) => item.id)).size, 50);
  },
  'what the caller does to its own objects afterwards changes nothing': async ({ make }) => {
    const queue = await make();
    const hash = hashOf('a');
    const subjects: NewPending[] = [{ ...pendingFile('a'), fingerprints: [{ kind: 'file', algorithm: 'sha256', hash }] }];
    const [pending] = await queue.enqueue(subjects);
    hash.fill(0);
    subjects.length = 0;
    const entry = await entryOf(queue, pending?.kind === 'queued' ? pending.id : '');
    assertEqual('hash', entry.fingerprints[0]?.hash, hashOf('a'));
  },
  'entries can be cloned and sent to another thread': async ({ make }) => {
    const queue = await make();
    const entry = await entryOf(queue, await flagOne(queue, richSubject));
    assertEqual('clone', structuredClone(entry), entry);
  },
  'an id that never was has no entry': async ({ make }) => {
    const queue = await make();
    assertEqual('entry', await queue.find('no such id'), undefined);
  },
  'the list holds all entries of all owners, oldest first, claimed and dead ones included': async (fixture) => {
    const queue = await fixture.make();
    const [a, b] = await flag(fixture, queue, [pendingFile('a'), pendingFile('b'), pendingFile('c', { owner: 'engine-2' }), pendingFile('d')]);
    await queue.claim(owner, { limit: 2, leaseMs: 60_000 });
    await queue.release(b ?? '', { notBeforeAt: fixture.clock.now(), dead: true });
    const listed = await toArray(queue.list());
    assertEqual('keys', keysOf(listed), ['key-a', 'key-b', 'key-c', 'key-d']);
    assertEqual('dead', listed.map((entry) => entry.dead), [false, true, false, false]);
    assertEqual('first id', listed[0]?.id, a);
  },
  'settling while listing disturbs neither': async ({ make }) => {
    const queue = await make();
    await queue.enqueue(Array.from({ length: 20 }, (_, i) => pendingFile(`m${i}`)));
    const seen: string[] = [];
    for await (const entry of queue.list()) {
      seen.push(entry.key);
      await settleAll(queue, entry);
    }
    assertEqual('different keys seen', new Set(seen).size, 20);
    assertEqual('left', (await toArray(queue.list())).length, 0);
  },
  'an emptied queue takes the same subject again, as a new entry': async ({ make }) => {
    const queue = await make();
    const first = await flagOne(queue, pendingFile('a'));
    await settleAll(queue, await entryOf(queue, first));
    const second = await flagOne(queue, pendingFile('a'));
    assertTrue('the new entry has an id of its own', second !== first);
    assertEqual('claimed', (await queue.claim(owner, claimAll)).map((entry) => entry.id), [second]);
  },
};

const richSubject: NewPending = {
  owner: 'engine/größe "1"',
  kind: 'url',
  key: 'ab'.repeat(32),
  url: 'http://example.com/\u00e4?q=\ud83d\ude00&x=%00',
  fingerprints: [
    { kind: 'url', algorithm: 'sha256', hash: hashOf('url') },
    { kind: 'file', algorithm: 'md5', hash: hashOf('md5').subarray(0, 16), size: 5_000_000_000 },
  ],
  reason: 'server-behind',
  subject: {
    label: 'line one\nline two \u2028 \u0000',
    locator: { scheme: 'mail', ref: 'inbox:42/part=1' },
    tag: { tenant: 7, deep: [1, [2, { three: null }]], flag: true, text: '\u00ff' },
  },
};
