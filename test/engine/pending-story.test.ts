/** The pending story (DESIGN rule 3): flagged, let through, checked anew when a server is back, each remedy once. */
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/base/bytes.js';
import { bytesSubject, digestSubject, urlSubject } from '../../src/base/subject.js';
import type { CheckResult } from '../../src/base/check-result.js';
import type { Subject } from '../../src/base/subject.js';
import { agentPattern, contentEntry, literal, serverPattern, urlEntry } from '../support/feed.js';
import { createWorld, type World } from '../support/world.js';

const feed = {
  signatures: [literal('Local.Marker', 'local-marker')],
  hashes: [
    contentEntry('Listed.A', 'content a'),
    contentEntry('Listed.B', 'content b'),
    contentEntry('Other', 'content c plus'),
    urlEntry('Bad.Url', 'http://bad.example/'),
  ],
};
/** Shares its prefix set with a listed entry, so that the filter says "maybe", and is not listed. */
const files = ['a', 'b'];

async function outage(subjects: (world: World) => Subject[]): Promise<{ world: World; flagged: CheckResult[] }> {
  const world = await createWorld({ feed, without: ['filter'] });
  world.mood = 'down';
  const flagged = await world.clock.run(world.engine.checkMany(subjects(world)));
  return { world, flagged };
}

async function drained(world: World): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for await (const result of world.engine.pending.drain()) {
    results.push(result);
  }
  return results;
}

const summary = (results: readonly CheckResult[]): unknown[] =>
  results
    .map((result) => [result.subject.label ?? result.subject.url, result.verdict.disposition, result.verdict.reason ?? null])
    .sort((x, y) => String(x).localeCompare(String(y)));

describe('an outage', () => {
  it('flags every subject and lets it through; once a server is back each is checked once and treated once', async () => {
    const { world, flagged } = await outage((one) => [
      ...files.map((name) => one.write(`/${name}`, `content ${name}`)),
      one.write('/clean', 'nothing special'),
      urlSubject('http://bad.example/x', { label: 'url' }),
    ]);
    expect(flagged.map((result) => [result.verdict.reason, result.pending.kind, result.decision.access])).toEqual(
      Array.from({ length: 4 }, () => ['unreachable', 'queued', 'allow']),
    );
    expect(await world.engine.pending.counts()).toMatchObject({ due: 4, dead: 0 });
    world.mood = 'up';
    const results = await world.clock.run(drained(world));
    expect(summary(results)).toEqual([
      ['/a', 'malicious', null],
      ['/b', 'malicious', null],
      ['/clean', 'clean', null],
      ['url', 'malicious', null],
    ]);
    expect(results.every((result) => result.occasion === 'late')).toBe(true);
    expect(world.applied.map(({ result }) => result.subject.label).sort()).toEqual(['/a', '/b', 'url']);
    expect(await world.clock.run(drained(world))).toEqual([]);
    expect(world.applied).toHaveLength(3);
  });

  it('is over by itself: `maintain` drains once a probe finds a server, and only then', async () => {
    const { world } = await outage((one) => [one.write('/a', 'content a')]);
    for (let look = 0; look < 5; look++) {
      const { nextAt } = await world.clock.run(world.engine.maintain());
      await world.clock.advance(Math.max(0, nextAt - world.clock.now()));
    }
    expect(world.applied).toEqual([]);
    world.mood = 'up';
    for (let look = 0; look < 5 && world.applied.length === 0; look++) {
      const { nextAt } = await world.clock.run(world.engine.maintain());
      await world.clock.advance(Math.max(0, nextAt - world.clock.now()));
    }
    expect(world.applied.map(({ result }) => result.subject.label)).toEqual(['/a']);
  });

  it('is over by itself with timers as well', async () => {
    const world = await createWorld({ feed, without: ['filter'], config: { background: 'timers' } });
    world.mood = 'down';
    await world.clock.run(world.engine.check(world.write('/a', 'content a')));
    await world.clock.advance(300_000);
    expect(world.applied).toEqual([]);
    world.mood = 'up';
    await world.clock.advance(300_000);
    expect(world.applied.map(({ result }) => [result.subject.label, result.occasion])).toEqual([['/a', 'late']]);
    await world.engine.close();
    expect(world.clock.sleeping).toBe(0);
  });

  it('asks one question for one content at many places, and treats every place', async () => {
    const world = await createWorld({ feed });
    world.mood = 'down';
    await world.clock.run(world.engine.checkMany(['/1', '/2', '/3'].map((path) => world.write(path, 'content a'))));
    expect(await world.engine.pending.counts()).toMatchObject({ due: 1 });
    world.mood = 'up';
    const before = world.sent.length;
    const results = await world.clock.run(drained(world));
    expect(results.map((result) => result.subject.label).sort()).toEqual(['/1', '/2', '/3']);
    expect(world.sent.length - before).toBe(1);
    expect(new Set(world.applied.map((one) => one.key)).size).toBe(3);
  });

  it('keeps what is still open when the servers go away again in the middle', async () => {
    const { world } = await outage((one) => [one.write('/a', 'content a')]);
    expect(await world.clock.run(drained(world))).toEqual([]);
    const counts = await world.engine.pending.counts();
    expect(counts.due + (counts.waiting ?? 0)).toBe(1);
  });

  it('tells whoever waits for an entry', async () => {
    const { world, flagged } = await outage((one) => [one.write('/a', 'content a')]);
    const id = flagged[0]?.pending.kind === 'queued' ? flagged[0].pending.id : '';
    const waiting = world.engine.pending.settled(id);
    world.mood = 'up';
    await world.clock.run(drained(world));
    expect((await waiting).verdict.disposition).toBe('malicious');
    expect((await world.engine.pending.settled(id)).verdict.disposition).toBe('malicious');
    await expect(world.engine.pending.settled('no-such-entry')).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('a flagged file that is no longer what it was', () => {
  it('appended to: the new content is judged for itself, and the flag on the old one is not cleared', async () => {
    const { world } = await outage((one) => [one.write('/a', 'content a')]);
    world.write('/a', 'content a and one byte more');
    world.mood = 'up';
    const results = await world.clock.run(drained(world));
    expect(results.map((result) => [result.verdict.disposition, result.verdict.threats[0]?.name ?? null])).toEqual([
      ['malicious', 'Listed.A'],
      ['clean', null],
    ]);
    expect(world.applied.map(({ result }) => result.verdict.threats[0]?.name)).toEqual(['Listed.A']);
  });

  it('replaced by something that is a threat of its own: both are raised', async () => {
    const { world } = await outage((one) => [one.write('/x', 'content a')]);
    world.write('/x', 'local-marker');
    world.mood = 'up';
    await world.clock.run(drained(world));
    expect(world.applied.map(({ result }) => result.verdict.threats[0]?.name)).toEqual(['Listed.A', 'Local.Marker']);
    expect(new Set(world.applied.map((one) => one.key)).size).toBe(2);
  });

  it('deleted: it is still asked, and a threat is raised with the last place where it was seen', async () => {
    const { world } = await outage((one) => [one.write('/a', 'content a'), one.write('/clean', 'nothing special')]);
    world.files.clear();
    world.mood = 'up';
    const results = await world.clock.run(drained(world));
    expect(summary(results)).toEqual([
      ['/a', 'malicious', null],
      ['/clean', 'unknown', 'gone'],
    ]);
    expect(world.applied[0]?.result.subject.locator).toEqual({ scheme: 'file', ref: '/a' });
  });

  it('renamed: asked under its old name, checked under its new one when it is seen again', async () => {
    const { world } = await outage((one) => [one.write('/old', 'content a')]);
    world.files.delete('/old');
    const renamed = world.write('/new', 'content a');
    world.mood = 'up';
    expect(summary(await world.clock.run(drained(world)))).toEqual([['/old', 'malicious', null]]);
    expect((await world.engine.check(renamed)).verdict.disposition).toBe('malicious');
  });

  it('changed and unverifiable again: the new content is flagged too before the old entry is settled', async () => {
    const world = await createWorld({ feed });
    world.mood = 'down';
    await world.clock.run(world.engine.check(world.write('/a', 'content a')));
    world.write('/a', 'content b');
    world.mood = 'up';
    // The old fingerprint is answered from the cache, the new one finds the server away again.
    await world.engine.check(bytesSubject(toUtf8('content a')), { apply: false });
    world.mood = 'down';
    const results = await world.clock.run(drained(world));
    expect(summary(results)).toEqual([['/a', 'malicious', null]]);
    const left = [];
    for await (const entry of world.engine.pending.list()) {
      left.push(entry.items.map((item) => item.subject.label));
    }
    expect(left).toEqual([['/a']]);
  });
});

describe('a flagged subject without a place', () => {
  it('is asked by fingerprint: a threat is raised, a "not listed" counts when the same signatures have seen the bytes', async () => {
    const { world } = await outage(() => ['content a', 'nothing special'].map((text) => bytesSubject(toUtf8(text), { label: text })));
    world.mood = 'up';
    expect(summary(await world.clock.run(drained(world)))).toEqual([
      ['content a', 'malicious', null],
      ['nothing special', 'clean', null],
    ]);
  });

  it('settles as no-content, never clean, when the local layers would have to run again', async () => {
    const patterns = [await agentPattern(feed, { generation: 1 })];
    const world = await createWorld({ feed, without: ['filter', 'agent'], parts: { pattern: async () => patterns } });
    world.mood = 'down';
    await world.clock.run(world.engine.check(bytesSubject(toUtf8('nothing special'), { label: 'n' })));
    const newer = await createWorldSharing(world);
    newer.mood = 'up';
    expect(summary(await newer.clock.run(drained(newer)))).toEqual([['n', 'unknown', 'no-content']]);
  });

  it('a digest is asked again and stays what it is', async () => {
    const { world } = await outage(() => [digestSubject(contentEntry('', 'content a').hash, { label: 'd', size: 9 })]);
    world.mood = 'up';
    expect(summary(await world.clock.run(drained(world)))).toEqual([['d', 'malicious', null]]);
  });
});

describe('the queue', () => {
  it('refuses what it has no room for: unknown `pending-full`, blocked, and nothing accepted disappears', async () => {
    const world = await createWorld({ feed, without: ['filter'], maxPending: 2 });
    world.mood = 'down';
    const subjects = ['1', '2', '3'].map((name) => world.write(`/${name}`, `content ${name}`));
    const results = await world.clock.run(world.engine.checkMany(subjects));
    expect(results.map((result) => result.pending.kind).sort()).toEqual(['queued', 'queued', 'refused']);
    const refused = results.find((result) => result.pending.kind === 'refused');
    expect(refused).toMatchObject({ verdict: { disposition: 'unknown', reason: 'pending-full' }, decision: { access: 'block' } });
    expect(await world.engine.pending.counts()).toMatchObject({ due: 2 });
  });

  it('that cannot be written to refuses as well, and says so in a fault event', async () => {
    const world = await createWorld({ feed, without: ['filter'], parts: { queue: () => Promise.reject(new Error('disk full')) } });
    world.mood = 'down';
    const result = await world.clock.run(world.engine.check(world.write('/a', 'content a')));
    expect(result).toMatchObject({ verdict: { reason: 'pending-full' }, pending: { kind: 'refused' }, decision: { access: 'block' } });
    expect(world.events.some((event) => event.kind === 'fault' && event.where === 'queue')).toBe(true);
  });

  it('is drained by its owner only', async () => {
    const world = await createWorld({ feed, without: ['filter'] });
    const other = world.engine.derive({ name: 'other' });
    world.mood = 'down';
    await world.clock.run(other.check(world.write('/a', 'content a')));
    world.mood = 'up';
    expect(await world.clock.run(drained(world))).toEqual([]);
    expect(await world.engine.pending.counts()).toMatchObject({ due: 0, orphaned: 0 });
    expect(await other.pending.counts()).toMatchObject({ due: 1, orphaned: 0 });
    await other.close();
    expect(await world.engine.pending.counts()).toMatchObject({ due: 0, orphaned: 1 });
  });

  it('does not flag when the caller does not want it', async () => {
    const { world } = await outage(() => []);
    const result = await world.clock.run(world.engine.check(world.write('/a', 'content a'), { pending: false }));
    expect(result.pending.kind).toBe('none');
  });
});

describe('a remedy that was begun before a crash', () => {
  it.each([
    [true, 'done', 1],
    [false, 'uncertain', 0],
  ] as const)('with an idempotent handler (%s) ends as %s', async (idempotent, outcome, applications) => {
    const applied: string[] = [];
    const actions = {
      idempotent,
      apply: async (_result: CheckResult, { key }: { key: string }) => {
        applied.push(key);
        return { kind: 'done' as const };
      },
    };
    const { createMemoryQueue } = await import('../../src/pending/memory-queue.js');
    const world = await createWorld({ feed, without: ['filter'], parts: { actions } });
    const queue = createMemoryQueue({ clock: world.clock });
    const crashed = await createWorld({ feed, without: ['filter'], parts: { actions, queue, clock: world.clock, openers: { file: async () => world.file('/a') } } });
    crashed.mood = 'down';
    await world.clock.run(crashed.engine.check(world.write('/a', 'content a')));
    for await (const entry of queue.list()) {
      await queue.intend(entry.id, entry.items[0]?.id ?? '', { key: `${entry.items[0]?.id}:${entry.key}`, remedy: 'quarantine' });
    }
    crashed.mood = 'up';
    const [result] = await world.clock.run(drained(crashed));
    expect(result?.outcome?.kind).toBe(outcome);
    expect(applied).toHaveLength(applications);
  });
});

/** The same queue after the agent pattern has moved on. */
async function createWorldSharing(world: World): Promise<World> {
  const entries = [];
  for await (const entry of world.engine.pending.list()) {
    entries.push(entry);
  }
  const { createMemoryQueue } = await import('../../src/pending/memory-queue.js');
  const queue = createMemoryQueue({ clock: world.clock });
  for (const { owner, kind, key, fingerprints, reason, items, scannedBy } of entries) {
    const [item] = items;
    if (item !== undefined) {
      await queue.enqueue([{ owner, kind, key, fingerprints, reason, subject: item.subject, ...(scannedBy === undefined ? {} : { scannedBy }) }]);
    }
  }
  const newer = await createWorld({ feed, without: ['filter'], generations: { agent: 2 }, parts: { queue, clock: world.clock } });
  newer.serve(await serverPattern(feed, { generation: 1 }));
  return { ...newer, clock: world.clock, set mood(mood: World['mood']) { newer.mood = mood; }, get mood() { return newer.mood; } };
}
