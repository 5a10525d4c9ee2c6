/** Small files read on the calling thread: what is read, what is left alone, and when the disk is too slow for it. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, closeSync, lstatSync, mkdirSync, openSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FileIdentity } from '../../src/base/subject.js';
import { createPromptReader, maxPromptBytes } from '../../src/node/files/prompt-reader.js';
import { paceAfterLeaving, paceAfterRead, paceAfterTurn, promptPace, type ReadPace } from '../../src/node/files/read-pace.js';
import { openBelow } from '../support/open-resources.js';
import { tempDir } from '../support/temp-dir.js';

const dir = tempDir('prompt-reader');
const at = (name: string): string => join(dir, name);
const look = (path: string): FileIdentity => lstatSync(path, { bigint: true });

/** A clock that stands still. */
const still = (): number => 0;
const textOf = (bytes: Uint8Array | undefined): string | undefined => (bytes === undefined ? undefined : Buffer.from(bytes).toString());

describe('a small file', () => {
  it('is read whole, with or without a look at it before', () => {
    writeFileSync(at('small'), 'content');
    writeFileSync(at('empty'), '');
    const reader = createPromptReader(still);
    expect(textOf(reader.read(at('small'), undefined))).toBe('content');
    expect(textOf(reader.read(at('small'), look(at('small'))))).toBe('content');
    expect(textOf(reader.read(at('empty'), undefined))).toBe('');
    expect(textOf(reader.read(Buffer.from(at('small')), undefined))).toBe('content');
  });

  it('is one up to the limit, and none beyond it', () => {
    writeFileSync(at('at-limit'), new Uint8Array(maxPromptBytes).fill(7));
    writeFileSync(at('over-limit'), new Uint8Array(maxPromptBytes + 1));
    const reader = createPromptReader(still);
    const read = reader.read(at('at-limit'), undefined);
    expect([read?.length, read?.every((byte) => byte === 7)]).toEqual([maxPromptBytes, true]);
    expect(reader.read(at('over-limit'), undefined)).toBeUndefined();
  });

  it('is left alone when it is not what was looked at: written to, replaced, touched', () => {
    const path = at('changing');
    const reader = createPromptReader(still);
    const changes = [
      () => appendFileSync(path, '!'),
      () => writeFileSync(path, 'CONTENT'),
      () => utimesSync(path, 1, 1),
      () => {
        writeFileSync(at('other'), 'content');
        renameSync(at('other'), path);
      },
    ];
    for (const change of changes) {
      rmSync(path, { force: true });
      writeFileSync(path, 'content');
      utimesSync(path, 5, 5);
      const seen = look(path);
      expect(textOf(reader.read(path, seen))).toBe('content');
      change();
      expect(reader.read(path, seen)).toBeUndefined();
    }
  });

  it.skipIf(process.platform === 'win32')('is none when it is a link, a pipe, a device, a directory, or not there', () => {
    symlinkSync(at('small'), at('link'));
    spawnSync('mkfifo', [at('pipe')]);
    mkdirSync(at('folder'));
    const reader = createPromptReader(still);
    for (const path of [at('link'), at('pipe'), '/dev/zero', at('folder'), at('nothing'), `${at('small')}/below`, at('\0')]) {
      expect(reader.read(path, undefined)).toBeUndefined();
    }
  });

  it.skipIf(process.platform !== 'linux')('is none when its size is not the number of its bytes', () => {
    expect(createPromptReader(still).read('/proc/self/status', undefined)).toBeUndefined();
  });

  it.skipIf(process.platform !== 'linux')('leaves no descriptor behind', () => {
    const reader = createPromptReader(still);
    for (let i = 0; i < 50; i++) {
      reader.read(at('small'), undefined);
      reader.read(at('over-limit'), undefined);
      reader.read(at('nothing'), undefined);
    }
    expect(openBelow(dir)).toEqual([]);
    const held = openSync(at('small'), 'r');
    expect(openBelow(dir)).toEqual([at('small')]);
    closeSync(held);
  });
});

describe('reading that takes long', () => {
  const thread: ReadPace = promptPace;
  const pool = (left: number, stretch = left): ReadPace => ({ by: 'pool', left, stretch });

  it.each([
    ['quick', thread, 0, thread],
    ['just quick enough', thread, 50, thread],
    ['slow', thread, 50.1, pool(256)],
    ['slow again', { ...thread, stretch: 256 }, 51, pool(512)],
    ['slow for ever', { ...thread, stretch: 16_384 }, 51, pool(16_384)],
  ])('%s', (_, pace, spentMs, expected) => {
    expect(paceAfterRead(pace, spentMs)).toEqual(expected);
  });

  it.each([
    ['one less', pool(256), pool(255, 256)],
    ['the last one', pool(1, 256), { by: 'thread', left: 0, stretch: 256 }],
  ])('of files that are left to the pool: %s', (_, pace, expected) => {
    expect(paceAfterLeaving(pace)).toEqual(expected);
  });

  it.each([
    ['a slice that was quick', { ...thread, stretch: 256 }, 32, thread],
    ['one of few files', { ...thread, stretch: 256 }, 31, { ...thread, stretch: 256 }],
    ['one of a disk that was never slow', thread, 5, thread],
    ['one in which files were left to the pool', pool(100), 1000, pool(100)],
  ])('after %s', (_, pace, files, expected) => {
    expect(paceAfterTurn(pace, { files })).toEqual(expected);
  });

  it('is left to the pool until it is tried again, and held against it only within one slice', () => {
    let now = 0;
    let tookMs = 30;
    const reader = createPromptReader(() => {
      const then = now;
      now += tookMs / 2;
      return then;
    });
    writeFileSync(at('slow'), 'slow');
    const isRead = (): boolean => reader.read(at('slow'), undefined) !== undefined;
    // Half of the time that passes lies within the reading.
    expect([isRead(), isRead(), isRead()]).toEqual([true, true, true]);
    expect(reader.isSlow()).toBe(false);
    reader.turned();
    tookMs = 120;
    expect([isRead(), reader.isSlow(), isRead()]).toEqual([true, true, false]);
    for (let left = 255; left > 0; left--) {
      expect(isRead()).toBe(false);
    }
    reader.turned();
    tookMs = 0;
    expect([reader.isSlow(), isRead()]).toEqual([false, true]);
  });
});
