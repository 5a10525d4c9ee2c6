import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/base/bytes.js';
import { createFileStateStore, stateFileName } from '../../src/node/files/file-state-store.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { describeStateStore } from '../../src/testing/suites/state-store-suite.js';
import { crashes, SimDisk } from '../support/sim-disk.js';

let root = '';
let count = 0;
const dirs = new WeakMap<object, string>();

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vedette-state-'));
});

afterAll(() => rm(root, { recursive: true, force: true }));

function open(dir: string): ReturnType<typeof createFileStateStore> {
  const store = createFileStateStore({ dir });
  dirs.set(store, dir);
  return store;
}

describeStateStore({ describe, it }, { name: 'files', create: () => open(join(root, `${count++}`)), reopen: (store) => open(dirs.get(store) ?? '') });

/** Sets two keys several times, noting when each value was asked for and acknowledged. */
async function life(disk: SimDisk, files = disk.files): Promise<{ readonly key: string; readonly value: string; readonly askedAt: number; readonly doneAt: number }[]> {
  const store = createFileStateStore({ dir: '/data/state', files });
  const deeds = [];
  for (let round = 0; round < 6; round++) {
    for (const key of ['generation', 'wait']) {
      const askedAt = disk.moment;
      await store.set(key, toUtf8(`value ${round}`));
      deeds.push({ key, value: `value ${round}`, askedAt, doneAt: disk.moment });
    }
  }
  return deeds;
}

/** Power failures after which a key holds neither its last acknowledged value nor a later one. */
async function broken(change: (disk: SimDisk) => SimDisk['files'] = (disk) => disk.files): Promise<number> {
  const disk = new SimDisk();
  const deeds = await life(disk, change(disk));
  const random = createSeededRandom(1);
  let count = 0;
  for (let moment = 0; moment <= disk.moment; moment++) {
    for (const crash of crashes) {
      const store = createFileStateStore({ dir: '/data/state', files: new SimDisk(disk.imageAfter(moment, crash, random)).files });
      for (const key of ['generation', 'wait']) {
        const mine = deeds.filter((deed) => deed.key === key);
        const least = mine.findLastIndex((deed) => deed.doneAt <= moment);
        const most = mine.findLastIndex((deed) => deed.askedAt <= moment);
        const allowed = mine.slice(Math.max(0, least), most + 1).map((deed) => deed.value);
        const found = await store.get(key).then((bytes) => bytes && Buffer.from(bytes).toString(), () => 'damaged');
        count += (found === undefined ? least < 0 : allowed.includes(found)) ? 0 : 1;
      }
    }
  }
  return count;
}

describe('createFileStateStore', () => {
  it('keeps the last acknowledged value or a later one, whole, whenever the power fails', async () => {
    expect(await broken()).toBe(0);
  });

  it('would be found out if it skipped a sync', async () => {
    expect(await broken((disk) => ({ ...disk.files, syncDirectory: async () => undefined }))).toBeGreaterThan(0);
    expect(
      await broken((disk) => ({ ...disk.files, create: async (path) => ({ ...(await disk.files.create(path)), sync: async () => undefined }) })),
    ).toBeGreaterThan(0);
  });

  it('says that a value is damaged instead of taking it for none', async () => {
    const dir = join(root, 'damaged');
    const store = createFileStateStore({ dir });
    await store.set('key', toUtf8('value'));
    const path = join(dir, `${stateFileName('key')}.value`);
    const whole = await readFile(path);
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const bytes = Buffer.from(whole);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      await writeFile(path, bytes);
      // The version is one byte of small numbers: a bit of it that flips up makes a version that nobody knows.
      const code = bit >> 3 === 3 && (bit & 7) > 0 && (bit & 7) < 4 ? 'unsupported' : 'store-damaged';
      await expect(store.get('key'), `bit ${bit}`).rejects.toMatchObject({ code });
    }
    for (let length = 0; length < whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      await expect(store.get('key'), `cut to ${length}`).rejects.toMatchObject({ code: 'store-damaged' });
    }
  });

  it('reads and writes values of version 1 byte for byte as ever', async () => {
    const dir = join(root, 'golden');
    await createFileStateStore({ dir }).set('newest.generation', toUtf8('{"at":1}'));
    const [name = ''] = await readdir(dir);
    expect([name, (await readFile(join(dir, name))).toString('hex')]).toEqual(['k-newest%002egeneration.value', '564456019825e45f7b226174223a317d']);
    expect(Buffer.from((await createFileStateStore({ dir }).get('newest.generation'))!).toString()).toBe('{"at":1}');
  });

  it('refuses values of a later version, and leaves them as they are', async () => {
    const dir = join(root, 'later');
    const store = createFileStateStore({ dir });
    await store.set('key', toUtf8('value'));
    const path = join(dir, `${stateFileName('key')}.value`);
    const later = Buffer.from('564456020000000099', 'hex');
    await writeFile(path, later);
    await expect(store.get('key')).rejects.toMatchObject({ code: 'unsupported', detail: { version: 2, readable: 1 } });
    await expect(store.set('key', toUtf8('new'))).rejects.toMatchObject({ code: 'unsupported' });
    expect(await readFile(path)).toEqual(later);
  });

  it('keeps its files to the user', async () => {
    const dir = join(root, 'private');
    await createFileStateStore({ dir }).set('key', toUtf8('value'));
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    const [name = ''] = await readdir(dir);
    expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600);
  });

  it('has a bound for values, on both ways', async () => {
    const dir = join(root, 'bound');
    const store = createFileStateStore({ dir, maxValueBytes: 10 });
    await store.set('key', new Uint8Array(10));
    await expect(store.set('key', new Uint8Array(11))).rejects.toThrow(RangeError);
    await createFileStateStore({ dir }).set('key', new Uint8Array(11));
    await expect(store.get('key')).rejects.toMatchObject({ code: 'store-damaged' });
  });

  it('says what the disk said, leaves nothing half written, and works again afterwards', async () => {
    const disk = new SimDisk();
    const store = createFileStateStore({ dir: '/data', files: disk.files });
    await store.set('key', toUtf8('old'));
    for (const name of ['create', 'write', 'sync', 'rename']) {
      disk.interfere = (operation) => (operation === name ? { code: 'ENOSPC', done: 'half' } : undefined);
      await expect(store.set('key', toUtf8('new'))).rejects.toMatchObject({ code: 'store-damaged', detail: { errno: 'ENOSPC' } });
      disk.interfere = () => undefined;
      expect(Buffer.from((await store.get('key'))!).toString()).toBe('old');
      expect(disk.image().size).toBe(1);
    }
    await store.set('key', toUtf8('new'));
    expect(Buffer.from((await store.get('key'))!).toString()).toBe('new');
  });

  it('removes what dead processes left half written, and nothing of the living', async () => {
    const disk = new SimDisk();
    await disk.files.create('/data/k-a.value.999999999-1-0-0-ff.new');
    await disk.files.create(`/data/k-a.value.${process.pid}-0-${'0'}-0-ff.old`);
    await createFileStateStore({ dir: '/data', files: disk.files }).set('b', toUtf8('x'));
    expect((await disk.files.list('/data')).sort()).toEqual(['k-a.value.' + String(process.pid) + '-0-0-0-ff.old', 'k-b.value']);
  });

  it('gives no two keys one name, also where names differ in case only', () => {
    const keys = ['a', 'A', 'a.', 'a%', '%0041', 'ä', '\ud800', '\ud801', 'x'.repeat(200), 'x'.repeat(201), `k=${'0'.repeat(64)}`, '', '/', '..'];
    const names = keys.map((key) => stateFileName(key).toLowerCase());
    expect(new Set(names).size).toBe(keys.length);
    expect(names.every((name) => /^k[-=][a-z0-9_%-]*$/.test(name) && name.length < 200)).toBe(true);
  });
});
