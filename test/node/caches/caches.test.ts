import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAnswerCache } from '../../../src/cache/create-answer-cache.js';
import type { CacheSlot } from '../../../src/cache/verdict-cache.js';
import { decodeRecord, encodeRecord } from '../../../src/node/caches/record.js';
import { decodeSlot, encodeSlot } from '../../../src/node/caches/slot-codec.js';
import { openCaches, type CachesOptions } from '../../../src/node/caches/open-caches.js';
import { formatHolder, nodeProcesses } from '../../../src/node/journal/lock-holder.js';
import { openLmdb } from '../../../src/node/lmdb.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';
import { answerOf, fileOf, hashOf, prefixOf, recordOf } from '../../cache/answers.js';
import { tempDir } from '../../support/temp-dir.js';

const root = tempDir('caches');
let dirs = 0;
const newDir = (): string => join(root, String(dirs++));
const hour = 3_600_000;

function slotOf(mark: number): CacheSlot {
  return [
    {
      answer: { asked: Uint8Array.of(1, 2, 3, mark & 255), records: [], ttlMs: hour, generation: mark },
      from: 's', strength: 4, receivedAt: 1, receivedMonotonicMs: 1.5, process: 'p', ttlMs: hour,
    },
  ];
}

/** A child that opens the caches and dies without closing them. */
function killedWith(dir: string): string {
  const child = spawnSync('sleep', ['0']);
  const holder = { ...nodeProcesses.self(), pid: child.pid };
  return join(dir, `open-${formatHolder(holder, 'abcdef')}`);
}

describe('openCaches', () => {
  it('is warm at the next start, with its files for this user only', async () => {
    const dir = newDir();
    const first = await openCaches({ dir });
    await first.verdicts.put([['one', slotOf(1)], ['two', slotOf(2)]]);
    await first.scans.put([['page', Uint8Array.of(1, 2, 3)]]);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    await first.close();
    expect(readdirSync(dir).sort()).toEqual(['caches.mdb', 'caches.mdb-lock', 'caches.mdb.sum']);
    expect(readdirSync(dir).map((name) => statSync(join(dir, name)).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
    const second = await openCaches({ dir });
    expect(second.verdicts.get(['two', 'one', 'none'])).toEqual([slotOf(2), slotOf(1), undefined]);
    expect(second.scans.get(['page'])).toEqual([Uint8Array.of(1, 2, 3)]);
    await second.close();
  });

  it('keeps what is used and never more than its bound', async () => {
    const caches = await openCaches({ dir: newDir(), maxSlots: 20 });
    for (let i = 0; i < 200; i++) {
      await caches.verdicts.put([[`key ${i}`, slotOf(i)]]);
      expect(await caches.verdicts.get(['key 0'])).toEqual([slotOf(0)]);
      expect(caches.counts().slots).toBeLessThanOrEqual(20);
    }
    expect(await caches.verdicts.get(['key 1', 'key 199'])).toEqual([undefined, slotOf(199)]);
    await caches.close();
  });

  it('gives back at once what is not committed yet, and nothing that was forgotten since', async () => {
    const dir = newDir();
    const caches = await openCaches({ dir });
    const { verdicts } = caches;
    void verdicts.put([['a', slotOf(1)]]);
    expect(verdicts.get(['a'])).toEqual([slotOf(1)]);
    void verdicts.put([['a', slotOf(2)], ['b', slotOf(3)]]);
    void verdicts.forget(['b']);
    expect(verdicts.get(['a', 'b'])).toEqual([slotOf(2), undefined]);
    void verdicts.forget('all');
    void verdicts.put([['c', slotOf(4)]]);
    expect(verdicts.get(['a', 'b', 'c'])).toEqual([undefined, undefined, slotOf(4)]);
    await caches.close();
    const again = await openCaches({ dir });
    expect(again.verdicts.get(['a', 'b', 'c'])).toEqual([undefined, undefined, slotOf(4)]);
    await again.close();
  });

  it('shares one file with others that have it open', async () => {
    const dir = newDir();
    const one = await openCaches({ dir });
    const other = await openCaches({ dir });
    await one.verdicts.put([['a', slotOf(1)]]);
    await one.close();
    expect(await other.verdicts.get(['a'])).toEqual([slotOf(1)]);
    expect(existsSync(join(dir, 'caches.mdb.sum'))).toBe(false);
    await other.close();
    expect(existsSync(join(dir, 'caches.mdb.sum'))).toBe(true);
  });

  it('goes on with the file of a process that was killed, after a look through all of it', async () => {
    const dir = newDir();
    const first = await openCaches({ dir });
    await first.verdicts.put([['a', slotOf(1)]]);
    await first.close();
    writeFileSync(join(dir, 'caches.mdb.sum'), '');
    writeFileSync(killedWith(dir), '');
    const faults: unknown[] = [];
    const second = await openCaches({ dir, onFault: (error) => faults.push(error) });
    expect(second.verdicts.get(['a'])).toEqual([slotOf(1)]);
    await second.close();
    expect(faults).toEqual([]);
    expect(readdirSync(dir).some((name) => name.startsWith('open-'))).toBe(false);
  });

  it('sets a file aside that is no cache, says so, and begins a new one', async () => {
    const dir = newDir();
    await (await openCaches({ dir })).close();
    writeFileSync(join(dir, 'caches.mdb'), Buffer.alloc(65_536, 0x5a));
    const faults: unknown[] = [];
    const caches = await openCaches({ dir, onFault: (error) => faults.push(error) });
    await caches.verdicts.put([['a', slotOf(1)]]);
    expect(caches.verdicts.get(['a'])).toEqual([slotOf(1)]);
    await caches.close();
    expect(faults).toEqual([expect.objectContaining({ code: 'store-damaged' })]);
    expect(readFileSync(join(dir, 'damaged.mdb'))).toEqual(Buffer.alloc(65_536, 0x5a));
  });

  it('believes no record that does not fit its key', async () => {
    const dir = newDir();
    const first = await openCaches({ dir });
    await first.verdicts.put([['a', slotOf(1)], ['b', slotOf(2)]]);
    await first.close();
    const raw = await openLmdb(join(dir, 'caches.mdb'));
    const table = raw.table('verdict-0');
    const ofB = table.peek(Buffer.from('b'))!.slice();
    raw.write(() => table.put(Buffer.from('a'), ofB));
    await raw.close();
    const second = await openCaches({ dir });
    expect(second.verdicts.get(['a', 'b'])).toEqual([undefined, slotOf(2)]);
    await second.close();
  });

  it('rejects with the disk\'s error where it may not write', async () => {
    const dir = newDir();
    mkdirSync(dir);
    writeFileSync(join(dir, 'caches.mdb'), '');
    if (process.getuid?.() === 0) {
      await expect(openCaches({ dir: join(dir, 'caches.mdb', 'below') })).rejects.toMatchObject({ code: expect.stringMatching(/^E/) });
      return;
    }
    chmodSync(dir, 0o500);
    await expect(openCaches({ dir })).rejects.toMatchObject({ code: 'EACCES' });
  });

  it('refuses bounds that are none', async () => {
    await expect(openCaches({ dir: newDir(), maxSlots: 3 })).rejects.toBeInstanceOf(RangeError);
    await expect(openCaches({ dir: newDir(), maxPages: 0.5 })).rejects.toBeInstanceOf(RangeError);
  });
});

describe('a record', () => {
  const key = Buffer.from('f2abcd', 'latin1');

  it('of an answer is laid out as docs/stores.md says', () => {
    const record = encodeRecord('verdict', key, encodeSlot(slotOf(1)));
    expect(Buffer.from(record).toString('latin1')).toMatchInlineSnapshot(`"VCVÿù-[{"answer":{"asked":{"hex":"01020301"},"records":[],"ttlMs":3600000,"generation":1},"from":"s","strength":4,"receivedAt":1,"receivedMonotonicMs":1.5,"process":"p","ttlMs":3600000}]"`);
    expect(decodeSlot(decodeRecord('verdict', key, record)!)).toEqual(slotOf(1));
  });

  it('of another kind, version or key, or with any bit changed, is none', () => {
    const record = encodeRecord('verdict', key, encodeSlot(slotOf(1)));
    expect(decodeRecord('scan', key, record)).toBeUndefined();
    expect(decodeRecord('verdict', Buffer.from('f2abce'), record)).toBeUndefined();
    for (let bit = 0; bit < 8 * record.length; bit++) {
      const changed = record.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(decodeRecord('verdict', key, changed)).toBeUndefined();
    }
    expect(decodeRecord('verdict', key, record.subarray(0, 7))).toBeUndefined();
  });

  it.each(['', '{}', '[{}]', '[{"answer":{"asked":"00","records":[]}}]', '[{"answer":{"asked":{"hex":"0g"},"records":[]}}]', 'nonsense'])('that holds %j is no answer', (text) => {
    expect(decodeSlot(Buffer.from(text))).toBeUndefined();
  });
});

describe('answers in a file', () => {
  const ask = { kind: 'file', algorithm: 'sha256', hashes: [prefixOf(1)] } as const;
  const origin = { id: 'signed', strength: 4 };

  /** What a process that starts now says about an answer that was stored before. */
  async function asked(options: CachesOptions, clock: FakeClock, store = false): Promise<string> {
    const caches = await openCaches({ ...options, clock });
    const cache = createAnswerCache({ store: caches.verdicts, clock, random: () => 0 });
    if (store) {
      await cache.store(ask, [answerOf({ records: [recordOf(hashOf(1))], ttlMs: hour })], origin);
    }
    const [found] = await cache.lookup([fileOf(1)], {});
    await caches.close();
    return found?.kind ?? 'none';
  }

  it.each([
    ['live as long as they were given, over a restart', { wall: hour / 2, steady: hour / 2, boot: 'a' }, 'hit'],
    ['end in time', { wall: hour + 1, steady: hour + 1, boot: 'a' }, 'stale'],
    ['are not made younger by a clock that was put back between two processes', { wall: -hour, steady: hour + 1, boot: 'a' }, 'stale'],
    ['are not made younger by a clock that went on too slowly', { wall: 1, steady: hour + 1, boot: 'a' }, 'stale'],
    ['do not live longer for a clock that was put forward', { wall: 48 * hour, steady: 1, boot: 'a' }, 'stale'],
    ['live on over a restart of the machine', { wall: hour / 2, steady: 5, boot: 'b' }, 'hit'],
    ['are gone when the clock was put back before a restart of the machine', { wall: -1, steady: 5, boot: 'b' }, 'miss'],
  ])('%s', async (_, { wall, steady, boot }, expected) => {
    const dir = newDir();
    const start = 1_700_000_000_000;
    const first = new FakeClock(start);
    expect(await asked({ dir, steady: { id: 'a', nowMs: () => 1_000 } }, first, true)).toBe('hit');
    expect(await asked({ dir, steady: { id: boot, nowMs: () => 1_000 + steady } }, new FakeClock(start + wall))).toBe(expected);
  });
});
