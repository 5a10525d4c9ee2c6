import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesSubject } from '../../src/base/subject.js';
import { toUtf8 } from '../../src/base/bytes.js';
import type { HostLists } from '../../src/lists/host-lists.js';
import { createFileLists } from '../../src/node/files/file-lists.js';
import { createNodeEngine } from '../../src/node/preset.js';
import { compileLinearRegex } from '../../src/preset/linear-regex.js';
import { describeHostLists } from '../../src/testing.js';
import { toArray } from '../../src/testing/assertions.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { tempDir } from '../support/temp-dir.js';
import { sha256 } from './vault-scene.js';

const root = tempDir('file-lists');
let count = 0;
const newDir = (): string => join(root, `lists-${count++}`, 'state');
const digest = sha256('content');
const key = { sha256: Buffer.from(digest, 'hex') };
const clock = createSystemClock();

const dirs = new WeakMap<HostLists, string>();
function open(dir: string, how: { readonly clock: FakeClock }): HostLists {
  const lists = createFileLists({ dir, clock: how.clock });
  dirs.set(lists, dir);
  return lists;
}

describeHostLists({ describe, it }, {
  name: 'file lists',
  create: (context) => open(newDir(), context),
  reopen: (lists, context) => open(dirs.get(lists) ?? '', context),
});

describe('lists in a directory', () => {
  it('make nothing until something is added, and then a private file', async () => {
    const dir = newDir();
    const lists = createFileLists({ dir, clock });
    expect(lists.judge(key)).toBeUndefined();
    await expect(lists.add({ id: 'bad', effect: 'approved' })).rejects.toThrow(TypeError);
    expect(existsSync(dir)).toBe(false);
    await lists.add({ id: 'good', effect: 'approved', sha256: digest });
    expect(readdirSync(dir)).toEqual(['k-host-lists.value']);
    expect([statSync(dir).mode & 0o777, statSync(join(dir, 'k-host-lists.value')).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  it('see within a second what another process has written', async () => {
    const dir = newDir();
    const fake = new FakeClock();
    const [one, other] = [createFileLists({ dir, clock: fake }), createFileLists({ dir, clock })];
    expect(one.judge(key)).toBeUndefined();
    await other.add({ id: 'a', effect: 'blocked', sha256: digest });
    expect(one.judge(key)).toBeUndefined();
    await fake.advance(1000);
    expect(one.judge(key)).toEqual({ effect: 'blocked', rule: 'a' });
    await other.remove('a');
    await fake.advance(1000);
    expect(one.judge(key)).toBeUndefined();
  });

  it('lose no change of several that add at once', async () => {
    const dir = newDir();
    const all = Array.from({ length: 4 }, () => createFileLists({ dir, clock }));
    await Promise.all(all.flatMap((lists, at) => [1, 2, 3].map((turn) => lists.add({ id: `${at}-${turn}`, effect: 'approved', sha256: sha256(`${at}-${turn}`) }))));
    expect(await toArray(createFileLists({ dir, clock }).entries())).toHaveLength(12);
    expect(readdirSync(dir)).toEqual(['k-host-lists.value']);
  });

  it('take rules by regular expression where they can be compiled', async () => {
    const dir = newDir();
    await createFileLists({ dir, clock, compileRegex: compileLinearRegex }).add({ id: 'r', effect: 'blocked', regex: 'exam.le' });
    expect(createFileLists({ dir, clock, compileRegex: compileLinearRegex }).judge({ canonical: 'http://example.com/', expressions: ['example.com/'] })?.rule).toBe('r');
    expect(() => createFileLists({ dir, clock }).judge(key)).toThrow(expect.objectContaining({ code: 'store-damaged' }));
  });

  it.each([
    ['a flipped bit', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 20), Buffer.of(bytes[20]! ^ 1), bytes.subarray(21)])],
    ['an end that is missing', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['nothing in it', () => Buffer.alloc(0)],
  ])('fail when they are damaged, and are not taken for empty: %s', async (_, damage) => {
    const dir = newDir();
    await createFileLists({ dir, clock }).add({ id: 'a', effect: 'blocked', sha256: digest });
    const file = join(dir, 'k-host-lists.value');
    writeFileSync(file, damage(readFileSync(file)));
    const lists = createFileLists({ dir, clock });
    for (let turn = 0; turn < 2; turn++) {
      expect(() => lists.judge(key)).toThrow(expect.objectContaining({ code: 'store-damaged' }));
    }
    await expect(lists.add({ id: 'b', effect: 'blocked', sha256: digest })).rejects.toMatchObject({ code: 'store-damaged' });
  });

  it('are those of an engine with a data directory, after a restart too; damaged ones make no check clean', async () => {
    const dataDir = join(root, `engine-${count++}`);
    const subject = (): ReturnType<typeof bytesSubject> => bytesSubject(toUtf8('content'));
    const first = createNodeEngine({ dataDir, background: 'manual' });
    await first.lists.add({ id: 'mine', effect: 'blocked', sha256: digest });
    await first.close();
    const second = createNodeEngine({ dataDir, background: 'manual' });
    expect((await second.check(subject())).verdict).toMatchObject({ disposition: 'malicious', source: 'list' });
    await second.close();
    writeFileSync(join(dataDir, 'state', 'k-host-lists.value'), 'damaged');
    const third = createNodeEngine({ dataDir, background: 'manual' });
    expect((await third.check(subject())).verdict.disposition).toBe('unknown');
    await third.close();
  });
});
