/** Key lists on the command line: made, shown, replaced by their successors, and handed out by a server that reads them again. */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openKeyListFile } from '../../src/cli/serve/key-list-file.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { createKeyRing } from '../../src/protocol/key-ring.js';
import { decodeKeyList } from '../../src/protocol/key-list.js';
import { keyId, parsePublicKey } from '../../src/protocol/keys.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { records } from './support/ended.js';
import { temporaryFolder } from './support/folders.js';
import { vedette } from './support/in-process.js';

const crypto = createNodeCrypto();
const names = ['old', 'next', 'list', 'stranger'] as const;
type Name = (typeof names)[number];
let folder: string;
const pub = (name: Name): string => join(folder, name, 'vedette.pub');
const key = (name: Name): string => join(folder, name, 'vedette.key');
const textOf = (name: Name): string => readFileSync(pub(name), 'utf8').trim();
const raw = (name: Name): Uint8Array => parsePublicKey(textOf(name));

beforeAll(async () => {
  folder = temporaryFolder('key-list');
  for (const name of names) {
    expect((await vedette(['keygen', '--out', join(folder, name)])).code).toBe(0);
  }
});

let made = 0;
/** A list by the list key, in a file of its own unless one is named. */
async function make(args: readonly string[], out = join(folder, `list-${made++}`), by: Name = 'list'): Promise<string> {
  const ended = await vedette(['key-list', 'make', '--out', out, '--signed-by', key(by), ...args]);
  expect([ended.code, ended.stderr]).toEqual([0, '']);
  return out;
}
async function shown(file: string): Promise<{ sequence: number; keys: { key: string; notBefore: number | null; notAfter: number | null; revoked: boolean }[]; signedBy: string[] }> {
  const [record] = records(await vedette(['key-list', 'show', file, '--json']));
  return record as never;
}

describe('vedette key-list make', () => {
  it('writes a list that a key ring takes by its list key, and that `show` verifies and prints', async () => {
    const file = await make(['--key', pub('old'), '--key', textOf('next'), '--not-after', `${pub('old')}=2030-01-31`, '--not-before', `${textOf('next')}=2029-12-31T23:00:00+01:00`]);
    const ring = createKeyRing({ keys: [], listKeys: [raw('list')], crypto });
    expect(await ring.offer(new Uint8Array(readFileSync(file)))).toEqual({ kind: 'taken', sequence: 1 });
    const at = (iso: string): number => Date.parse(iso);
    expect(await shown(file)).toEqual({
      kind: 'key-list',
      file,
      sequence: 1,
      keys: [
        { key: textOf('old'), notBefore: null, notAfter: at('2030-01-31T00:00:00Z'), revoked: false },
        { key: textOf('next'), notBefore: at('2029-12-31T22:00:00Z'), notAfter: null, revoked: false },
      ],
      signedBy: [Buffer.from(keyId(raw('list'), crypto)).toString('hex')],
    });
    expect((await vedette(['key-list', 'show', file, '--list-key', pub('list')])).stdout).toMatch(/counts until 2030-01-31 00:00:00 UTC/);
    expect(await vedette(['key-list', 'show', file, '--list-key', pub('stranger')])).toMatchObject({ code: 2, stderr: expect.stringContaining('signed by 0 list keys') as unknown });
  });

  it('replaces a list by its successor, in which what was revoked stays so', async () => {
    const file = await make(['--key', pub('old')]);
    await make(['--key', pub('next'), '--revoke', pub('old')], file);
    await make(['--key', pub('next')], file);
    expect(await shown(file)).toMatchObject({ sequence: 3, keys: [{ key: textOf('next'), revoked: false }, { key: textOf('old'), revoked: true }] });
    await make(['--key', pub('next'), '--sequence', '17'], file);
    expect(await shown(file)).toMatchObject({ sequence: 17 });
  });

  it.each<[string, () => readonly string[], RegExp]>([
    ['a list of no keys', () => [], /--key KEY\.pub are needed/],
    ['a key that is both', () => ['--key', pub('old'), '--revoke', pub('old')], /is revoked, and stays so/],
    ['a list key in its list', () => ['--key', pub('list')], /cannot stand in one/],
    ['a time of another key', () => ['--key', pub('old'), '--not-after', `${pub('next')}=2030-01-01`], /not among the keys/],
    ['a time without its zone', () => ['--key', pub('old'), '--not-after', `${pub('old')}=2030-01-01T12:00`], /expected KEY\.pub=/],
    ['a day that there is not', () => ['--key', pub('old'), '--not-after', `${pub('old')}=2030-13-01`], /expected KEY\.pub=/],
    ['a private key among the public ones', () => ['--key', join(folder, 'nothing.pub')], /nothing\.pub: no such file/],
  ])('refuses %s in one line', async (_, args, message) => {
    const ended = await vedette(['key-list', 'make', '--out', join(folder, 'refused'), '--signed-by', key('list'), ...args()]);
    expect([ended.code, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toMatch(message);
  });

  it('goes not back, and not over a file that is something else', async () => {
    const file = await make(['--key', pub('old'), '--sequence', '5']);
    const back = await vedette(['key-list', 'make', '--out', file, '--signed-by', key('list'), '--key', pub('old'), '--sequence', '5']);
    expect([back.code, back.stderr]).toEqual([2, expect.stringContaining('nobody goes back')]);
    const other = join(folder, 'other');
    writeFileSync(other, 'something else');
    const over = await vedette(['key-list', 'make', '--out', other, '--signed-by', key('list'), '--key', pub('old')]);
    expect([over.code, over.stderr, readFileSync(other, 'utf8')]).toEqual([2, expect.stringMatching(/other: no key list/), 'something else']);
  });
});

describe('the key list that a server hands out', () => {
  const open = async (path: string, how: { readonly signing?: Name; readonly listKey?: Name; readonly isRestart?: boolean } = {}) => {
    const clock = new FakeClock(Date.parse('2029-06-01'));
    const faults: string[] = [];
    const ring = how.listKey === undefined ? undefined : createKeyRing({ keys: [], listKeys: [raw(how.listKey)], crypto });
    const signingKey = how.signing === undefined ? undefined : raw(how.signing);
    const list = await openKeyListFile({ path, ring, signingKey, crypto, clock, isRestart: how.isRestart, onFault: (error) => void faults.push((error as Error).message) });
    /** Its number a second later. */
    const later = async (): Promise<number | undefined> => {
      await clock.advance(1_000);
      await list();
      const bytes = await list();
      return bytes === undefined ? undefined : decodeKeyList(bytes).sequence;
    };
    return { list, later, faults };
  };

  it('is the newer one within a second of its being there', async () => {
    const file = await make(['--key', pub('old')]);
    const { list, later } = await open(file, { signing: 'old', listKey: 'list' });
    await make(['--key', pub('old'), '--key', pub('next')], file);
    expect(decodeKeyList((await list())!).sequence).toBe(1);
    expect(await later()).toBe(2);
  });

  it('stays the last good one while the file is missing, is garbage, goes back or is a stranger’s, and each is told of once', async () => {
    const file = await make(['--key', pub('old')]);
    const first = join(folder, 'first');
    copyFileSync(file, first);
    await make(['--key', pub('old')], file);
    const { later, faults } = await open(file, { signing: 'old', listKey: 'list' });
    const strange = await make(['--key', pub('old'), '--sequence', '9'], undefined, 'stranger');
    for (const change of [() => rmSync(file), () => writeFileSync(file, 'garbage'), () => copyFileSync(first, file), () => copyFileSync(strange, file), () => writeFileSync(file, Buffer.alloc(20_000))]) {
      change();
      expect([await later(), await later()]).toEqual([2, 2]);
    }
    expect(faults.map((text) => text.slice(file.length + 2))).toEqual([
      'no such file or directory', expect.stringContaining('no key list'), 'of sequence 1, expected more than 2', 'signed by 0 list keys, expected 1', 'more than 16384 bytes, which is the limit',
    ]);
    rmSync(file);
    await make(['--key', pub('old'), '--sequence', '3'], file);
    expect(await later()).toBe(3);
  });

  it('is handed out as it is where no list key is named, but never goes back', async () => {
    const file = await make(['--key', pub('old'), '--sequence', '4'], undefined, 'stranger');
    const { later } = await open(file, { signing: 'old' });
    expect(await later()).toBe(4);
    rmSync(file);
    await make(['--key', pub('old'), '--sequence', '3'], file, 'stranger');
    expect(await later()).toBe(4);
  });

  it('is refused at the start where nobody would believe the server by it, and is told of and handed out when it comes later', async () => {
    const without = await make(['--key', pub('next')]);
    const revoked = await make(['--key', pub('next'), '--revoke', pub('old')]);
    const over = await make(['--key', pub('old'), '--not-after', `${pub('old')}=2029-05-01`]);
    for (const [file, why] of [[without, 'unknown'], [revoked, 'revoked'], [over, 'retired']] as const) {
      await expect(open(file, { signing: 'old' })).rejects.toThrow(`by this list the key that signs here is ${why}`);
      const again = await open(file, { signing: 'old', isRestart: true });
      expect([await again.later(), again.faults.length]).toEqual([1, 1]);
    }
    const file = await make(['--key', pub('old')]);
    const running = await open(file, { signing: 'old' });
    await make(['--key', pub('next'), '--revoke', pub('old')], file);
    expect([await running.later(), await running.later()]).toEqual([2, 2]);
    expect(running.faults).toEqual([expect.stringContaining('is revoked')]);
  });

  it('is none while a process that was started anew finds none', async () => {
    const file = join(folder, 'later');
    const { list, later, faults } = await open(file, { signing: 'old', isRestart: true });
    expect([await list(), faults.length]).toEqual([undefined, 1]);
    await make(['--key', pub('old')], file);
    expect(await later()).toBe(1);
  });
});
