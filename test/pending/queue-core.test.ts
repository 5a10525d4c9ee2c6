import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryQueue } from '../../src/pending/memory-queue.js';
import { maxRecordChars, packSubject, placeOf, unpackSubject } from '../../src/pending/subject-record.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { toArray } from '../../src/testing/assertions.js';
import { expectLikeModel } from './queue-property.js';
import { anyJson, anySubject, fileAt, owner } from './subjects.js';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 100);

describe('the pending queue in memory', () => {
  it('says the same as a naive model at every step of a random life', async () => {
    await expectLikeModel(async (making) => ({ queue: createMemoryQueue(making) }), numRuns * 3);
  });

  it('takes a file whose bytes are the text of a URL for another subject than that URL', async () => {
    const queue = createMemoryQueue({ clock: new FakeClock() });
    const file = fileAt('same key');
    const [a, b] = await queue.enqueue([file, { ...file, kind: 'url', url: 'http://example.com/' }]);
    expect(a?.kind === 'queued' && b?.kind === 'queued' && a.id !== b.id).toBe(true);
  });

  it('takes what turns up again after its remedy was begun or done for a new item', async () => {
    const queue = createMemoryQueue({ clock: new FakeClock() });
    await queue.enqueue([fileAt('a', '/one'), fileAt('a', '/two'), fileAt('a', '/three')]);
    const [entry] = await queue.claim(owner, { limit: 1, leaseMs: 1000 });
    const [one, two] = entry!.items;
    await queue.settle(entry!.id, one!.id, 'done');
    await queue.intend(entry!.id, two!.id, 'begun');
    await queue.enqueue([fileAt('a', '/one'), fileAt('a', '/two'), fileAt('a', '/three')]);
    const items = (await queue.find(entry!.id))!.items;
    expect(items.map((item) => item.subject.label)).toEqual(['/one', '/two', '/three', '/one', '/two']);
    expect(new Set(items.map((item) => item.id)).size).toBe(5);
  });

  it.each(['/one', '/two'])('brings a dead entry of /one back to life when its subject is seen at %s', async (place) => {
    const queue = createMemoryQueue({ clock: new FakeClock() });
    const [pending] = await queue.enqueue([fileAt('a', '/one')]);
    const id = pending?.kind === 'queued' ? pending.id : '';
    await queue.claim(owner, { limit: 1, leaseMs: 1000 });
    await queue.release(id, { notBeforeAt: 0, dead: true, failed: true });
    expect(await queue.find(id)).toMatchObject({ dead: true, failures: 1 });
    await queue.enqueue([fileAt('a', place)]);
    expect(await queue.find(id)).toMatchObject({ dead: false, attempts: 0 });
  });

  it('unites the fingerprints of all sightings', async () => {
    const queue = createMemoryQueue({ clock: new FakeClock() });
    const md5 = { kind: 'file', algorithm: 'md5', hash: new Uint8Array(16).fill(7), size: 9 } as const;
    const first = fileAt('a', '/one');
    await queue.enqueue([first, { ...fileAt('a', '/two'), fingerprints: [...first.fingerprints, md5] }]);
    const [entry] = await toArray(queue.list());
    expect(entry?.fingerprints).toEqual([...first.fingerprints, md5]);
  });

  it('counts a place that joins against the bound on bytes', async () => {
    const queue = createMemoryQueue({ clock: new FakeClock(), maxBytes: 10_000 });
    const answers = await queue.enqueue(Array.from({ length: 40 }, (_, i) => fileAt('a', `/${i}`)));
    const accepted = answers.filter((one) => one.kind === 'queued').length;
    expect(accepted).toBeGreaterThan(10);
    expect(accepted).toBeLessThan(32);
    expect(answers.slice(accepted).every((one) => one.kind === 'refused')).toBe(true);
  });

  it('refuses a subject that is too large for a record, and takes the largest that is not', async () => {
    const queue = createMemoryQueue({ clock: new FakeClock() });
    const empty = packSubject(fileAt('a', '/p', { subject: { tag: '' } }))!.length;
    const tagged = (chars: number): Parameters<typeof packSubject>[0] => fileAt('a', '/p', { subject: { tag: 'x'.repeat(chars) } });
    const [fits, exceeds] = await queue.enqueue([tagged(maxRecordChars - empty), tagged(maxRecordChars - empty + 1)]);
    expect([fits?.kind, exceeds?.kind]).toEqual(['queued', 'refused']);
  });

  it('waits by the monotonic clock when the wall clock is set back', async () => {
    const clock = new FakeClock();
    const queue = createMemoryQueue({ clock });
    await queue.enqueue([fileAt('a')]);
    const [entry] = await queue.claim(owner, { limit: 1, leaseMs: 1000 });
    await queue.release(entry!.id, { notBeforeAt: clock.now() + 60_000 });
    clock.jumpWall(-365 * 86_400_000);
    expect(await queue.claim(owner, { limit: 1, leaseMs: 1000 })).toEqual([]);
    await clock.advance(60_000);
    expect(await queue.claim(owner, { limit: 1, leaseMs: 1000 })).toHaveLength(1);
  });

  it('holds an entry for a day at most, however far ahead its instant lies', async () => {
    const clock = new FakeClock();
    const queue = createMemoryQueue({ clock });
    await queue.enqueue([fileAt('a')]);
    const [entry] = await queue.claim(owner, { limit: 1, leaseMs: 1000 });
    await queue.release(entry!.id, { notBeforeAt: clock.now() + 900 * 86_400_000 });
    await clock.advance(86_399_999);
    expect(await queue.claim(owner, { limit: 1, leaseMs: 1000 })).toEqual([]);
    await clock.advance(1);
    expect(await queue.claim(owner, { limit: 1, leaseMs: 1000 })).toHaveLength(1);
  });

  it('names an intent, an outcome, an instant or a limit that cannot be taken', async () => {
    const queue = createMemoryQueue({ clock: new FakeClock() });
    const [pending] = await queue.enqueue([fileAt('a')]);
    const id = pending?.kind === 'queued' ? pending.id : '';
    const item = (await queue.find(id))!.items[0]!.id;
    await expect(queue.settle(id, item, 'x'.repeat(70_000))).rejects.toThrow(RangeError);
    await expect(queue.intend(id, item, 'x'.repeat(70_000))).rejects.toThrow(RangeError);
    await expect(queue.release(id, { notBeforeAt: Number.NaN })).rejects.toThrow(RangeError);
    await expect(queue.claim(owner, { limit: -1, leaseMs: 1 })).rejects.toThrow(RangeError);
    await expect(queue.claim(owner, { limit: 1, leaseMs: 0 })).rejects.toThrow(RangeError);
    expect((await queue.find(id))?.items[0]?.outcome).toBeUndefined();
  });

  it('joins and settles ten thousand places of one subject without slowing down', async () => {
    const queue = createMemoryQueue({ clock: new FakeClock() });
    const places = Array.from({ length: 10_000 }, (_, i) => fileAt('a', `/${i}`));
    const [pending] = await queue.enqueue(places);
    const id = pending?.kind === 'queued' ? pending.id : '';
    for (const item of (await queue.find(id))!.items) {
      await queue.settle(id, item.id, 'done');
    }
    expect(await queue.find(id)).toBeUndefined();
  }, 10_000);
});

describe('the text of a subject', () => {
  it('is read back as the same subject, whatever it holds', () => {
    fc.assert(
      fc.property(anySubject, (subject) => {
        expect(unpackSubject(packSubject(subject)!)).toEqual(subject);
      }),
      { numRuns },
    );
  });

  it('is refused, never misread, when its shape is not that of a record', () => {
    fc.assert(
      fc.property(fc.oneof(anyJson, fc.array(anyJson, { minLength: 10, maxLength: 11 })), (value) => {
        const read = unpackSubject(JSON.stringify(value));
        return read === undefined || packSubject(read) !== undefined;
      }),
      { numRuns },
    );
    for (const text of ['', '[', '{}', '[]', 'null', '[1,2,3]', JSON.stringify(['o', 'file', 'k', 'nonsense', 0, [], 0, 0, 0, null])]) {
      expect(unpackSubject(text)).toBeUndefined();
    }
  });

  it('tells places apart whatever characters they are made of', () => {
    const place = (scheme: string, ref: string): string | undefined => placeOf({ locator: { scheme, ref } });
    expect(place('a', 'b","c')).not.toBe(place('a","b', 'c'));
    expect(placeOf({ label: 'only a label' })).toBeUndefined();
  });
});
