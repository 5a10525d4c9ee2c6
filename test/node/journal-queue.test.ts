import { describe, expect, it } from 'vitest';
import { isWorthRewriting } from '../../src/node/journal/journal.js';
import { openJournalQueue } from '../../src/node/journal/open-journal-queue.js';
import type { PendingQueue } from '../../src/pending/pending-queue.js';
import { toArray } from '../../src/testing/assertions.js';
import { FakeClock, settle } from '../../src/testing/doubles/fake-clock.js';
import { fileAt, owner } from '../pending/subjects.js';
import { SimDisk } from '../support/sim-disk.js';

interface Setting {
  readonly disk: SimDisk;
  readonly clock: FakeClock;
  /** How often each operation of the disk was asked for. */
  readonly asked: Map<string, number>;
  readonly open: (more?: { readonly slackBytes?: number }) => Promise<PendingQueue & { close(): Promise<void> }>;
}

function setting(): Setting {
  const disk = new SimDisk();
  const clock = new FakeClock();
  const asked = new Map<string, number>();
  disk.interfere = (name) => {
    asked.set(name, (asked.get(name) ?? 0) + 1);
    return undefined;
  };
  return { disk, clock, asked, open: (more = {}) => openJournalQueue({ dir: '/data', clock, files: disk.files, ...more }) };
}

describe('isWorthRewriting', () => {
  const kib = 1024;
  it.each([
    ['a small file is left alone', 250 * kib, 0, 0, false],
    ['history alone is not kept', 257 * kib, 0, 0, true],
    ['a file of the living is left alone', 10_000 * kib, 9000 * kib, 0, false],
    ['half of a file is allowed to be history', 2000 * kib, 900 * kib, 0, false],
    ['more than that is not', 2100 * kib, 900 * kib, 0, true],
    ['what was just looked at is not looked at again', 2100 * kib, 0, 2000 * kib, false],
    ['but when it has grown by a good part', 2800 * kib, 0, 2000 * kib, true],
  ])('%s', (_, bytes, liveBytes, baseBytes, expected) => {
    expect(isWorthRewriting({ bytes, liveBytes, baseBytes, slackBytes: 256 * kib })).toBe(expected);
  });
});

describe('the journal queue', () => {
  it('writes and syncs once for all who ask in the same turn, and once more for all who ask meanwhile', async () => {
    const { open, asked } = setting();
    const queue = await open();
    asked.clear();
    const first = Array.from({ length: 100 }, (_, i) => queue.enqueue([fileAt(`a${i}`)]));
    await Promise.resolve();
    await Promise.resolve();
    const second = Array.from({ length: 100 }, (_, i) => queue.enqueue([fileAt(`b${i}`)]));
    await Promise.all([...first, ...second]);
    expect(asked.get('sync')).toBe(2);
    expect(asked.get('write')).toBe(2);
  });

  it('syncs nothing for a claim, and nothing for what is known and on the disk', async () => {
    const { open, asked } = setting();
    const queue = await open();
    await queue.enqueue([fileAt('a')]);
    asked.clear();
    await queue.enqueue([fileAt('a')]);
    expect(asked.get('sync')).toBeUndefined();
    await queue.claim(owner, { limit: 1, leaseMs: 1000 });
    await settle();
    expect([asked.get('write'), asked.get('sync')]).toEqual([1, undefined]);
  });

  it('does not answer a second call about the same place before the first is on the disk', async () => {
    const { open, disk } = setting();
    const queue = await open();
    let release = (): void => undefined;
    disk.interfere = (name) => (name === 'sync' ? new Promise((resolve) => (release = () => resolve(undefined))) : undefined);
    let answered = 0;
    const calls = [queue.enqueue([fileAt('a')]), queue.enqueue([fileAt('a')])].map((call) => call.then(() => answered++));
    await settle();
    expect(answered).toBe(0);
    disk.interfere = () => undefined;
    release();
    await Promise.all(calls);
    expect(answered).toBe(2);
  });

  it('acknowledges nothing of a batch that it refused as a whole, unless it is on the disk', async () => {
    const { open } = setting();
    const queue = await open();
    const unwritable = { ...fileAt('b'), subject: { label: 'b', tag: 1n as unknown as string } };
    await expect(queue.enqueue([fileAt('a'), unwritable])).rejects.toThrow(TypeError);
    expect(await queue.enqueue([fileAt('a')])).toMatchObject([{ kind: 'queued', durability: 'disk' }]);
    await queue.close();
    expect(await toArray((await open()).list())).toHaveLength(1);
  });

  it('holds an entry against which a process died, as an attempt that failed', async () => {
    const { open, disk, clock } = setting();
    const queue = await open();
    await queue.enqueue([fileAt('a')]);
    await queue.claim(owner, { limit: 1, leaseMs: 60_000 });
    await settle();
    const after = new SimDisk(new Map([...disk.image()].filter(([path]) => path.endsWith('.journal'))));
    const again = await openJournalQueue({ dir: '/data', clock, files: after.files });
    expect(await again.claim(owner, { limit: 1, leaseMs: 60_000 })).toMatchObject([{ attempts: 1, failures: 1 }]);
  });

  it('is written anew while calls go on, and loses none of them', async () => {
    const { open, asked, disk, clock } = setting();
    const queue = await open({ slackBytes: 500 });
    for (let round = 0; round < 80; round++) {
      await Promise.all([
        queue.enqueue([fileAt(`kept ${round}`)]),
        queue.enqueue([fileAt(`settled ${round}`)]),
        queue.claim(owner, { limit: 1, leaseMs: 1 }),
        settleOne(queue, `settled ${round - 1}`),
      ]);
    }
    await queue.close();
    expect(asked.get('rename')).toBeGreaterThan(2);
    const again = await openJournalQueue({ dir: '/data', clock, files: disk.files });
    const keys = (await toArray(again.list())).map((entry) => entry.key);
    expect(keys.filter((key) => key.startsWith('kept'))).toHaveLength(80);
    expect(keys.filter((key) => key.startsWith('settled'))).toEqual(['settled 79']);
  });

  it('stays as it is, and goes on, where there is no room to be written anew', async () => {
    const { open, disk } = setting();
    const queue = await open({ slackBytes: 500 });
    disk.interfere = (name, path) => (path.includes('.new-') && name === 'create' ? { code: 'ENOSPC', done: 'not' } : undefined);
    for (let round = 0; round < 20; round++) {
      await queue.enqueue([fileAt(`${round}`)]);
      await settleOne(queue, `${round}`);
    }
    await queue.enqueue([fileAt('last')]);
    expect((await toArray(queue.list())).map((entry) => entry.key)).toEqual(['last']);
    expect([...disk.image().keys()].filter((path) => path.includes('.new-'))).toEqual([]);
  });

  it('says what the disk said, refuses until a second has passed, and mends itself then', async () => {
    const { open, disk, clock, asked } = setting();
    const queue = await open();
    await queue.enqueue([fileAt('before')]);
    disk.interfere = (name) => (['write', 'create'].includes(name) ? { code: 'ENOSPC', done: 'half' } : undefined);
    const full = { name: 'VedetteError', code: 'store-damaged', detail: { operation: 'writing', errno: 'ENOSPC' } };
    await expect(queue.enqueue([fileAt('during')])).rejects.toMatchObject(full);
    await expect(queue.enqueue([fileAt('again')])).rejects.toMatchObject(full);
    disk.interfere = (name) => void asked.set(name, 1);
    await expect(queue.enqueue([fileAt('too soon')])).rejects.toMatchObject(full);
    await clock.advance(1000);
    expect(await queue.enqueue([fileAt('after')])).toMatchObject([{ kind: 'queued' }]);
    const keys = (await toArray(queue.list())).map((entry) => entry.key);
    expect(keys.filter((key) => key !== 'during')).toEqual(['before', 'after']);
  });

  it('mends itself although what it began to write anew could not even be removed', async () => {
    const { open, disk, clock } = setting();
    const queue = await open();
    await queue.enqueue([fileAt('before')]);
    disk.interfere = (name, path) => {
      const isStuck = name === 'remove' && disk.image().has(path);
      return name === 'write' ? { code: 'ENOSPC', done: 'half' } : isStuck ? { code: 'EIO', done: 'not' } : undefined;
    };
    await expect(queue.enqueue([fileAt('during')])).rejects.toMatchObject({ code: 'store-damaged' });
    await clock.advance(1000);
    await expect(queue.enqueue([fileAt('still')])).rejects.toMatchObject({ code: 'store-damaged' });
    expect([...disk.image().keys()].filter((path) => path.includes('.new-'))).toHaveLength(1);
    disk.interfere = () => undefined;
    await clock.advance(1000);
    expect(await queue.enqueue([fileAt('after')])).toMatchObject([{ kind: 'queued' }]);
  });

  it('passes over directories that it may not sync, unless it made what is in them', async () => {
    const { open, disk } = setting();
    disk.interfere = (name, path) => (name === 'syncDirectory' && path === '/' ? Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' })) : undefined);
    await expect(open()).rejects.toMatchObject({ code: 'store-damaged', detail: { errno: 'EACCES' } });
    await expect(open()).resolves.toBeDefined();
  });
});

async function settleOne(queue: PendingQueue, key: string): Promise<void> {
  for (const entry of await toArray(queue.list())) {
    if (entry.key === key) {
      await queue.settle(entry.id, entry.items[0]!.id, 'done');
    }
  }
}
