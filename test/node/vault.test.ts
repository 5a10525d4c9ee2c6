import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pathFromBytes } from '../../src/node/files/file-path.js';
import { createVault } from '../../src/node/vault/create-vault.js';
import { purgeChoice } from '../../src/node/vault/list.js';
import type { Vault } from '../../src/node/vault/vault.js';
import { openBelow } from '../support/open-resources.js';
import { tempDir } from '../support/temp-dir.js';
import { bad, condemn, contentOf, itemsOf, onlyItem, putAway, resultOf, sha256, signal } from './vault-scene.js';

const root = tempDir('vault');
const shm = '/dev/shm';
const hasOtherDevice = existsSync(shm) && statSync(shm).dev !== statSync(root).dev;
const isRoot = process.getuid?.() === 0;
const now = 1_700_000_000_000;
let count = 0;

function newVault(change: Partial<Parameters<typeof createVault>[0]> = {}): Vault & { readonly dir: string } {
  const dir = join(root, `vault-${count++}`);
  return { ...createVault({ dir, now: () => now, ...change }), dir };
}

const refused = (why: string): unknown => expect.objectContaining({ code: 'unsupported', detail: { why } });

describe('a vault', () => {
  it('holds the content sealed and what was known of the file, in files that are private', async () => {
    const vault = newVault();
    const { path } = condemn(root);
    chmodSync(path, 0o754);
    utimesSync(path, 1000, 2000.5);
    const { id, outcome } = await putAway(vault, path, { key: 'kept' });
    expect(outcome).toEqual({ kind: 'done' });
    expect(existsSync(path)).toBe(false);
    expect(await onlyItem(vault)).toEqual({
      state: 'held', id, key: 'kept', path, ref: path, label: path, sha256: sha256(bad), size: bad.length, mode: 0o754,
      uid: process.getuid?.(), gid: process.getgid?.(), atimeMs: 1_000_000, mtimeMs: 2_000_500, links: 1,
      threats: [{ name: 'Test.Marker', type: 'test' }], quarantinedAt: now,
    });
    for (const dir of [vault.dir, join(vault.dir, 'moving')]) {
      expect(statSync(dir).mode & 0o777).toBe(0o700);
    }
    expect(readdirSync(vault.dir).sort()).toEqual([`${id}.item`, 'moving', 'vault.key'].sort());
    expect(readdirSync(join(vault.dir, 'moving'))).toEqual([]);
    for (const name of [`${id}.item`, 'vault.key']) {
      const bytes = readFileSync(join(vault.dir, name), 'latin1');
      expect(statSync(join(vault.dir, name)).mode & 0o777).toBe(0o600);
      expect([bytes.includes('inert marker'), bytes.includes('bad.exe')]).toEqual([false, false]);
    }
    expect((await contentOf(vault, id)).toString()).toBe(bad);
  });

  it.each([0, 1, 262_143, 262_144, 262_145, 524_288, 700_001])('gives back %i bytes as they were', async (size) => {
    const vault = newVault();
    const content = randomBytes(size);
    const { path } = condemn(root, 'file', content);
    const { id } = await putAway(vault, path, { key: 'k', content });
    expect(Buffer.compare(await contentOf(vault, id), content)).toBe(0);
    expect(await vault.restore(id)).toBe(path);
    expect(Buffer.compare(readFileSync(path), content)).toBe(0);
    expect(await itemsOf(vault)).toEqual([]);
  });

  it('makes a directory private that others could look into', async () => {
    const vault = newVault();
    mkdirSync(vault.dir, { mode: 0o755 });
    await putAway(vault, condemn(root).path, { key: 'k' });
    expect(statSync(vault.dir).mode & 0o777).toBe(0o700);
  });

  it('is empty where there is none, and is not made by looking', async () => {
    const vault = newVault();
    expect(await itemsOf(vault)).toEqual([]);
    expect(await vault.purge()).toBe(0);
    await expect(vault.restore('0'.repeat(32))).rejects.toEqual(refused('unknown'));
    expect(existsSync(vault.dir)).toBe(false);
  });

  it.each(['0'.repeat(32), '../../etc/passwd', '', 'x', '__proto__'])('knows nothing as %j', async (id) => {
    const vault = newVault();
    await putAway(vault, condemn(root).path, { key: 'k' });
    await expect(vault.restore(id)).rejects.toEqual(refused('unknown'));
    await expect(vault.open(id)).rejects.toEqual(refused('unknown'));
    expect(await vault.remove(id)).toBe(false);
  });

  it('uses the key that it is given, and opens nothing with another', async () => {
    const key = randomBytes(32);
    const vault = newVault({ key });
    const { id } = await putAway(vault, condemn(root).path, { key: 'k' });
    expect(readdirSync(vault.dir)).not.toContain('vault.key');
    const other = createVault({ dir: vault.dir, key: randomBytes(32) });
    expect(await itemsOf(other)).toEqual([expect.objectContaining({ state: 'damaged', id, why: 'foreign' })]);
    await expect(other.restore(id)).rejects.toMatchObject({ code: 'store-damaged', detail: { id, why: 'foreign' } });
    expect((await contentOf(createVault({ dir: vault.dir, key }), id)).toString()).toBe(bad);
    expect(() => createVault({ dir: vault.dir, key: randomBytes(31) })).toThrow(RangeError);
  });

  it('says when its key is damaged, takes nothing in, and makes no other over it', async () => {
    const vault = newVault();
    await putAway(vault, condemn(root).path, { key: 'k' });
    const file = join(vault.dir, 'vault.key');
    const bytes = readFileSync(file);
    bytes[20]! ^= 1;
    writeFileSync(file, bytes);
    const again = createVault({ dir: vault.dir });
    const { path } = condemn(root);
    await expect(itemsOf(again)).rejects.toMatchObject({ code: 'store-damaged', detail: { why: 'key' } });
    await expect(putAway(again, path, { key: 'k2' })).rejects.toMatchObject({ code: 'store-damaged', detail: { why: 'key' } });
    expect(existsSync(path)).toBe(true);
    expect(Buffer.compare(readFileSync(file), bytes)).toBe(0);
  });

  it('is shared by several users of its directory, who make one key', async () => {
    const dir = join(root, `vault-${count++}`);
    const vaults = Array.from({ length: 8 }, () => createVault({ dir }));
    const done = await Promise.all(vaults.map((vault, at) => putAway(vault, condemn(root).path, { key: `k${at}` })));
    for (const { id } of done) {
      expect((await contentOf(vaults[0]!, id)).toString()).toBe(bad);
    }
    expect(readdirSync(join(dir, 'moving'))).toEqual([]);
  });

  it('puts many files away at once', async () => {
    const vault = newVault();
    const files = Array.from({ length: 30 }, () => condemn(root));
    const outcomes = await Promise.all(files.map(({ path }, at) => putAway(vault, path, { key: `many-${at}` })));
    expect(outcomes.every(({ outcome }) => outcome.kind === 'done')).toBe(true);
    expect(await itemsOf(vault)).toHaveLength(30);
  });

  it('closes the file of a stream that is not read', async () => {
    const vault = newVault();
    const { id } = await putAway(vault, condemn(root).path, { key: 'k' });
    const before = openBelow(root);
    for (let round = 0; round < 10; round++) {
      const stream = await vault.open(id);
      stream.destroy();
      await new Promise((resolve) => stream.once('close', resolve));
    }
    expect(openBelow(root)).toEqual(before);
  });

  it('reports hard links, and what it holds is a file of its own', async () => {
    const vault = newVault();
    const { path, dir } = condemn(root);
    linkSync(path, join(dir, 'other'));
    const { id, outcome } = await putAway(vault, path, { key: 'k' });
    expect(outcome).toEqual({ kind: 'done', detail: '1 other hard link to the content, not treated' });
    expect(await onlyItem(vault)).toMatchObject({ links: 2 });
    writeFileSync(join(dir, 'other'), 'written through the other name');
    expect((await contentOf(vault, id)).toString()).toBe(bad);
  });

  it.skipIf(!hasOtherDevice)('takes from and gives to another device (needs /dev/shm on another one)', async () => {
    const vault = newVault();
    const dir = mkdtempSync(join(shm, 'vedette-vault-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const path = join(dir, 'bad.exe');
    writeFileSync(path, bad);
    const { id, outcome } = await putAway(vault, path, { key: 'k' });
    expect(outcome).toEqual({ kind: 'done' });
    expect(readdirSync(dir)).toEqual([]);
    await vault.restore(id);
    expect(readFileSync(path, 'utf8')).toBe(bad);
  });

  it.skipIf(!isRoot)('is unable where the file is immutable, and keeps no copy (needs root and chattr)', async () => {
    const vault = newVault();
    const { path } = condemn(root);
    const { spawnSync } = await import('node:child_process');
    if (spawnSync('chattr', ['+i', path]).status !== 0) {
      return;
    }
    const { outcome } = await putAway(vault, path, { key: 'k' });
    spawnSync('chattr', ['-i', path]);
    expect(outcome).toMatchObject({ kind: 'unable', detail: expect.stringMatching(/^EPERM: not permitted/) as string });
    expect(readdirSync(vault.dir).filter((name) => name.endsWith('.item'))).toEqual([]);
    expect(readdirSync(join(vault.dir, 'moving'))).toEqual([]);
  });
});

describe('restore', () => {
  it('gives a file back with mode, owner and times', async () => {
    const vault = newVault();
    const { path } = condemn(root);
    if (isRoot) {
      chownSync(path, 1234, 2345);
    }
    chmodSync(path, 0o4711);
    utimesSync(path, 1000.000_001, 1_795_318_289.904_168);
    const before = lstatSync(path, { bigint: true });
    const { id } = await putAway(vault, path, { key: 'k' });
    expect(await vault.restore(id)).toBe(path);
    const after = lstatSync(path, { bigint: true });
    expect([after.mode, after.uid, after.gid, after.mtimeNs]).toEqual([before.mode, before.uid, before.gid, before.mtimeNs]);
    expect(readFileSync(path, 'utf8')).toBe(bad);
    await expect(vault.restore(id)).rejects.toEqual(refused('unknown'));
  });

  it('puts nothing over another file, and nothing into a directory that is another by now', async () => {
    const vault = newVault();
    const { path, dir } = condemn(root);
    const { id } = await putAway(vault, path, { key: 'k' });
    for (const make of [() => writeFileSync(path, 'new'), () => symlinkSync('/nowhere', path), () => mkdirSync(path)]) {
      make();
      await expect(vault.restore(id)).rejects.toEqual(refused('taken'));
      expect(readdirSync(dir)).toEqual(['bad.exe']);
      rmSync(path, { recursive: true });
    }
    const elsewhere = condemn(root, 'unrelated').dir;
    renameSync(dir, `${dir}-away`);
    symlinkSync(elsewhere, dir);
    await expect(vault.restore(id)).rejects.toEqual(refused('link'));
    rmSync(dir);
    await expect(vault.restore(id)).rejects.toEqual(refused('gone'));
    mkdirSync(dir);
    await expect(vault.restore(id)).rejects.toEqual(refused('moved'));
    expect(readdirSync(elsewhere)).toEqual(['unrelated']);
    expect((await itemsOf(vault)).map((item) => item.state)).toEqual(['held']);
    expect(await vault.restore(id, { to: join(elsewhere, 'told') })).toBe(join(elsewhere, 'told'));
    expect(readFileSync(join(elsewhere, 'told'), 'utf8')).toBe(bad);
  });

  it('refuses a chosen place that is taken, missing, or behind a symbolic link', async () => {
    const vault = newVault();
    const { path, dir } = condemn(root);
    const { id } = await putAway(vault, path, { key: 'k' });
    writeFileSync(join(dir, 'taken'), '');
    symlinkSync(dir, `${dir}-link`);
    await expect(vault.restore(id, { to: join(dir, 'taken') })).rejects.toEqual(refused('taken'));
    await expect(vault.restore(id, { to: join(dir, 'missing', 'file') })).rejects.toEqual(refused('gone'));
    await expect(vault.restore(id, { to: join(dir, 'taken', 'file') })).rejects.toEqual(refused('gone'));
    await expect(vault.restore(id, { to: join(`${dir}-link`, 'file') })).rejects.toEqual(refused('link'));
    await expect(vault.restore(id, { to: '/' })).rejects.toEqual(refused('taken'));
    expect(readdirSync(dir)).toEqual(['taken']);
  });

  it('approves the digest before the file is there again, where it is told to', async () => {
    const added: [string, boolean][] = [];
    const { path } = condemn(root);
    const lists = {
      add: async (rule: { readonly id: string; readonly effect: string; readonly sha256?: string }) =>
        void added.push([`${rule.id} ${rule.effect} ${rule.sha256}`, existsSync(path)]),
    };
    const vault = newVault({ lists });
    const { id } = await putAway(vault, path, { key: 'k' });
    await vault.restore(id, { approve: true });
    expect(added).toEqual([[`restored:${sha256(bad)} approved ${sha256(bad)}`, false]]);
    expect(existsSync(path)).toBe(true);
    const second = await putAway(vault, path, { key: 'k2' });
    await vault.restore(second.id);
    expect(added).toHaveLength(1);
  });

  it('approves nothing without lists, nor what cannot be given back', async () => {
    const vault = newVault();
    const { path } = condemn(root);
    const { id } = await putAway(vault, path, { key: 'k' });
    await expect(vault.restore(id, { approve: true })).rejects.toEqual(refused('lists'));
    const added: unknown[] = [];
    const again = createVault({ dir: vault.dir, lists: { add: async (rule) => void added.push(rule) } });
    writeFileSync(path, 'new');
    await expect(again.restore(id, { approve: true })).rejects.toEqual(refused('taken'));
    rmSync(path);
    const failing = createVault({ dir: vault.dir, lists: { add: () => Promise.reject(new Error('no room')) } });
    await expect(failing.restore(id, { approve: true })).rejects.toThrow('no room');
    expect([added, existsSync(path), (await itemsOf(again)).length]).toEqual([[], false, 1]);
  });

  it('works for a name that is no text', async () => {
    const vault = newVault();
    const { dir } = condemn(root);
    const bytes = Buffer.concat([Buffer.from(`${dir}/odd`), Buffer.from([0xff, 0x0a])]);
    writeFileSync(bytes, bad);
    const { id } = await putAway(vault, pathFromBytes(bytes), { key: 'k' });
    expect(existsSync(bytes)).toBe(false);
    expect(await onlyItem(vault)).toMatchObject({ path: `${dir}/odd\\xff\n` });
    await vault.restore(id);
    expect(readFileSync(bytes, 'utf8')).toBe(bad);
  });
});

describe('purge', () => {
  const at = (id: string, quarantinedAt: number, size: number) => ({ id, quarantinedAt, size });
  const items = [at('c', 300, 5), at('a', 100, 10), at('b', 200, 20)];

  it.each([
    [{}, ['c', 'a', 'b']],
    [{ olderThanMs: 850 }, ['a']],
    [{ olderThanMs: 800 }, ['a']],
    [{ olderThanMs: 900 }, []],
    [{ olderThanMs: 0 }, ['c', 'a', 'b']],
    [{ maxBytes: 35 }, []],
    [{ maxBytes: 34 }, ['a']],
    [{ maxBytes: 24 }, ['a', 'b']],
    [{ maxBytes: 0 }, ['a', 'b', 'c']],
    [{ maxBytes: 25, olderThanMs: 850 }, ['a']],
  ])('with %j takes out %j', (limits, ids) => {
    expect(purgeChoice(items, limits, 1000)).toEqual(ids);
  });

  it('takes out for good and says how many', async () => {
    let clock = now;
    const vault = newVault({ now: () => clock });
    await putAway(vault, condemn(root).path, { key: 'old' });
    clock += 86_400_000;
    const { id } = await putAway(vault, condemn(root).path, { key: 'new' });
    expect(await vault.purge({ olderThanMs: 3_600_000 })).toBe(1);
    expect((await onlyItem(vault)).id).toBe(id);
    expect(await vault.purge()).toBe(1);
    expect(readdirSync(vault.dir).sort()).toEqual(['moving', 'vault.key']);
  });
});

describe('a quarantine directory of an earlier build', () => {
  function oldFile(dir: string, id: string, change: Record<string, unknown> = {}): void {
    mkdirSync(dir, { recursive: true });
    const record = {
      version: 1, id, state: 'held', key: 'old', ref: join(root, 'case-old', 'bad.exe'), label: 'bad.exe', sha256: sha256(bad), size: bad.length,
      mode: 0o640, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, atimeMs: 1000.5, mtimeMs: 2000.25, links: 1, parent: '1:2',
      threats: [{ name: 'Old.Threat', type: 'test' }], quarantinedAt: now, ...change,
    };
    writeFileSync(join(dir, `${id}.json`), JSON.stringify(record));
    writeFileSync(join(dir, `${id}.bin`), bad);
  }

  it.each(['in its own directory', 'in another one'])('is taken over, sealed and given back: %s', async (where) => {
    const id = '5'.repeat(32);
    const old = join(root, `old-${count}`);
    const vault = where === 'in another one' ? newVault({ adopt: old }) : newVault();
    const dir = where === 'in another one' ? old : vault.dir;
    oldFile(dir, id);
    expect(await onlyItem(vault)).toMatchObject({ state: 'held', id, sha256: sha256(bad), mode: 0o640, mtimeMs: 2000.25, label: 'bad.exe' });
    expect(readdirSync(dir).filter((name) => name.startsWith(`${id}.`) && !name.endsWith('.item'))).toEqual([]);
    const to = join(root, `old-restored-${count++}`);
    await vault.restore(id, { to });
    expect(readFileSync(to, 'utf8')).toBe(bad);
    expect(lstatSync(to).mode & 0o777).toBe(0o640);
  });

  it('stays, and is listed as damaged, where it cannot be believed', async () => {
    const vault = newVault();
    oldFile(vault.dir, '1'.repeat(32), { sha256: sha256('other') });
    oldFile(vault.dir, '2'.repeat(32), { state: 'moving' });
    oldFile(vault.dir, '3'.repeat(32), { id: '4'.repeat(32) });
    oldFile(vault.dir, '6'.repeat(32), { threats: 'none' });
    writeFileSync(join(vault.dir, `${'7'.repeat(32)}.json`), 'no json');
    writeFileSync(join(vault.dir, 'notes.json'), '{}');
    const items = await itemsOf(vault);
    expect(items.map(({ state, id }) => [state, id[0]])).toEqual(['1', '2', '3', '6', '7'].map((digit) => ['damaged', digit]));
    expect(readFileSync(join(vault.dir, `${'1'.repeat(32)}.bin`), 'utf8')).toBe(bad);
    expect((await vault.apply(resultOf(condemn(root).path), { key: 'k', signal })).kind).toBe('done');
  });

  it('that cannot be taken over goes by its id, and with a purge, record and content', async () => {
    const vault = newVault();
    const ids = ['1', '2', '3', '4'].map((digit) => digit.repeat(32));
    oldFile(vault.dir, ids[0]!, { sha256: sha256('other') });
    oldFile(vault.dir, ids[1]!, { state: 'moving' });
    writeFileSync(join(vault.dir, `${ids[2]}.json`), 'no json');
    // What is no file at all keeps nobody from the rest of the vault.
    symlinkSync(join(root, 'nowhere'), join(vault.dir, `${ids[3]}.json`));
    await vault.apply(resultOf(condemn(root).path), { key: 'k', signal });
    expect((await itemsOf(vault)).map(({ state }) => state)).toEqual(['held', 'damaged', 'damaged', 'damaged', 'damaged']);
    expect([await vault.remove(ids[0]!), await vault.remove(ids[0]!)]).toEqual([true, false]);
    expect(readdirSync(vault.dir).filter((name) => name.startsWith(ids[0]!))).toEqual([]);
    expect((await itemsOf(vault)).map(({ id }) => id).slice(1)).toEqual(ids.slice(1));
    expect(await vault.purge()).toBe(4);
    expect(readdirSync(vault.dir).sort()).toEqual(['moving', 'vault.key']);
    expect(await itemsOf(vault)).toEqual([]);
  });
});
