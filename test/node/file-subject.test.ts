import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../src/base/subject.js';
import { absolutePath, fileLocator, locatorPath, pathFromBytes, pathLabel } from '../../src/node/files/file-path.js';
import { fileOpener, fileSubject, foundFile } from '../../src/node/files/file-subject.js';
import { openBelow } from '../support/open-resources.js';
import { tempDir } from '../support/temp-dir.js';

const dir = tempDir('file-subject');
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 100);
const both = [{ blocking: false }, { blocking: true }];

function make(name: string, content = 'content'): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

async function readAll(source: ByteSource, chunkBytes = 4): Promise<string> {
  const parts: Buffer[] = [];
  const chunk = new Uint8Array(chunkBytes);
  let at = 0;
  for (let read = await source.read(at, chunk, {}); read > 0; read = await source.read(at, chunk, {})) {
    parts.push(Buffer.from(chunk.subarray(0, read)));
    at += read;
  }
  return Buffer.concat(parts).toString();
}

describe.each(both)('fileSubject, blocking $blocking', (reading) => {
  it('reads the bytes by offset to the end', async () => {
    const source = await fileSubject(make('plain', '0123456789'), {}, reading).open({});
    expect(source.size).toBe(10);
    expect(await readAll(source)).toBe('0123456789');
    const chunk = new Uint8Array(3);
    expect(await source.read(7, chunk, {})).toBe(3);
    expect(Buffer.from(chunk).toString()).toBe('789');
    expect(await source.read(100, chunk, {})).toBe(0);
    await source.close?.();
  });

  it('has another identity after every write, and the same without one', async () => {
    const path = make('changing');
    const source = await fileSubject(path, {}, reading).open({});
    const first = await source.identity?.();
    expect(await source.identity?.()).toBe(first);
    utimesSync(path, 1, 1);
    const second = await source.identity?.();
    expect(second).not.toBe(first);
    appendFileSync(path, 'more');
    expect(await source.identity?.()).not.toBe(second);
    await source.close?.();
  });

  it('stays with the file it opened when another takes its place', async () => {
    const path = make('replaced', 'first');
    const source = await fileSubject(path, {}, reading).open({});
    renameSync(make('other', 'second'), path);
    expect(await readAll(source)).toBe('first');
    await source.close?.();
  });

  it('rejects with the error of the system', async () => {
    await expect(fileSubject(join(dir, 'none'), {}, reading).open({})).rejects.toMatchObject({ code: 'ENOENT' });
    const link = join(dir, `link-${String(reading.blocking)}`);
    symlinkSync(make('target'), link);
    await expect(fileSubject(link, {}, reading).open({})).rejects.toMatchObject({ code: 'ELOOP' });
  });

  it('refuses what is no regular file, without waiting and without opening it', async () => {
    const fifo = join(dir, `fifo-${String(reading.blocking)}`);
    spawnSync('mkfifo', [fifo]);
    await expect(fileSubject(fifo, {}, reading).open({})).rejects.toMatchObject({ code: 'unsupported', detail: { type: 'fifo' } });
    await expect(fileSubject(dir, {}, reading).open({})).rejects.toMatchObject({ code: 'unsupported', detail: { type: 'directory' } });
    await expect(fileSubject('/dev/null', {}, reading).open({})).rejects.toMatchObject({ code: 'unsupported', detail: { type: 'device' } });
  });

  it('refuses a pipe that took the place of a file after it was seen, without waiting for a writer', async () => {
    const fifo = join(dir, `late-fifo-${String(reading.blocking)}`);
    spawnSync('mkfifo', [fifo]);
    await expect(foundFile(fifo, {}, reading).open({})).rejects.toMatchObject({ code: 'unsupported', detail: { type: 'fifo' } });
  });

  it('reads nothing once it is closed, and closes once', async () => {
    const source = await fileSubject(make('closed'), {}, reading).open({});
    await source.close?.();
    await source.close?.();
    expect(() => source.read(0, new Uint8Array(1), {})).toThrow(expect.objectContaining({ code: 'closed' }) as Error);
  });

  it('ends at once when the caller aborts', async () => {
    const signal = AbortSignal.abort();
    const subject = fileSubject(make('aborted'), {}, reading);
    await expect(subject.open({ signal })).rejects.toMatchObject({ code: 'aborted' });
    const source = await subject.open({});
    expect(() => source.read(0, new Uint8Array(1), { signal })).toThrow(expect.objectContaining({ code: 'aborted' }) as Error);
    await source.close?.();
  });
});

describe('fileSubject', () => {
  it('is labelled as given and located by its absolute path', () => {
    const path = make('named');
    const given = relative(process.cwd(), path);
    expect(fileSubject(given)).toMatchObject({ kind: 'file', label: given, locator: { scheme: 'file', ref: path } });
    expect(fileSubject(path, { label: 'mine', tag: 7 })).toMatchObject({ label: 'mine', tag: 7, locator: { ref: path } });
  });

  it('refuses a socket', async () => {
    const path = join(dir, 'socket');
    const server = createServer().listen(path);
    await once(server, 'listening');
    await expect(fileSubject(path).open({})).rejects.toMatchObject({ code: 'unsupported', detail: { type: 'socket' } });
    server.close();
  });

  it('waits with closing for a read that is under way, so that no other file is read in its place', async () => {
    for (let round = 0; round < 50; round++) {
      const source = await fileSubject(make('slow', 'a'.repeat(100_000))).open({});
      const into = new Uint8Array(100_000);
      const reading = source.read(0, into, {});
      await source.close?.();
      const other = await fileSubject(make('fast', 'b'.repeat(100_000))).open({});
      expect(await reading).toBe(100_000);
      expect(into.every((byte) => byte === 0x61)).toBe(true);
      await other.close?.();
    }
  });

  it.skipIf(process.getuid?.() === 0)('is unreadable where the system says so (nobody is refused anything when run as root)', async () => {
    const path = make('secret');
    chmodSync(path, 0);
    await expect(fileSubject(path).open({})).rejects.toMatchObject({ code: 'EACCES' });
  });

  it('leaves no descriptor open when it refuses', async () => {
    const before = openBelow(dir);
    for (let round = 0; round < 20; round++) {
      await expect(foundFile(dir, {}, {}).open({})).rejects.toMatchObject({ code: 'unsupported' });
    }
    expect(openBelow(dir)).toEqual(before);
  });
});

describe('fileOpener', () => {
  it('opens again what a locator names', async () => {
    const path = make('again', 'the same');
    const subject = await fileOpener(fileSubject(path).locator!);
    expect(subject).toMatchObject({ kind: 'file', locator: { scheme: 'file', ref: path } });
    expect(subject).not.toHaveProperty('label');
    const source = subject?.kind === 'file' ? await subject.open({}) : undefined;
    expect(await readAll(source!)).toBe('the same');
    await source?.close?.();
  });

  it.each([
    ['another scheme', { scheme: 'mail', ref: '/etc/hostname' }],
    ['a relative path', { scheme: 'file', ref: 'etc/hostname' }],
    ['a zero byte', { scheme: 'file', ref: '/etc/host\0name' }],
    ['escapes that are none', { scheme: 'file', ref: 'bytes:/a%zz' }],
    ['an escaped zero byte', { scheme: 'file', ref: 'bytes:/a%00' }],
  ])('knows no path for %s', async (_, locator) => {
    expect(await fileOpener(locator)).toBeUndefined();
  });

  it('finds a file whose name is no text', async () => {
    const name = Buffer.concat([Buffer.from(`${dir}/caf`), Buffer.from([0xe9, 0x25, 0x20])]);
    writeFileSync(name, 'latin1 name');
    const { locator, label } = fileSubject(pathFromBytes(name));
    expect(locator?.ref).toBe(`bytes:${dir}/caf%e9%25%20`);
    expect(label).toBe(`${dir}/caf\\xe9% `);
    const subject = await fileOpener(JSON.parse(JSON.stringify(locator)) as { scheme: string; ref: string });
    const source = subject?.kind === 'file' ? await subject.open({}) : undefined;
    expect(await readAll(source!)).toBe('latin1 name');
    await source?.close?.();
  });
});

describe('paths', () => {
  it('of any bytes come back from their locator', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
        const path = Buffer.concat([Buffer.from('/x'), Buffer.from(bytes.filter((byte) => byte !== 0 && byte !== 0x2f))]);
        const back = locatorPath(fileLocator(pathFromBytes(path)));
        expect(Buffer.from(back ?? '')).toEqual(path);
      }),
      { numRuns },
    );
  });

  it.each([
    ['/a//b/./c/', '/a/b/c'],
    ['/', '/'],
    ['/.', '/'],
    ['/a/../b', '/a/../b'],
    ['/a/.../b', '/a/.../b'],
    ['/a/.b', '/a/.b'],
    ['//a', '/a'],
  ])('%s is made absolute as %s', (given, expected) => {
    expect(absolutePath(given)).toBe(expected);
  });

  it('that are relative are so to the working directory', () => {
    expect(absolutePath('a/b')).toBe(join(process.cwd(), 'a/b'));
    expect(absolutePath('.')).toBe(process.cwd());
    expect(absolutePath('.././../x/../y')).toBe(join(process.cwd(), '../../x') + '/../y');
    expect(absolutePath('..a/...')).toBe(join(process.cwd(), '..a/...'));
    expect(absolutePath(Buffer.from('a'))).toEqual(Buffer.from(`${process.cwd()}/a`));
  });

  it('are labelled with their text, and escapes only for bytes that are none', () => {
    expect(pathLabel('/größe')).toBe('/größe');
    expect(pathLabel(Buffer.from([0x2f, 0xc3, 0xbc, 0xff, 0x41, 0xc3]))).toBe('/ü\\xffA\\xc3');
  });
});
