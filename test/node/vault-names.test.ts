/** Every hostile name of the shared set as the name of a file that is put away and given back, and as what a host or a record says. */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileLocator } from '../../src/node/files/file-path.js';
import { createVault } from '../../src/node/vault/create-vault.js';
import type { Vault } from '../../src/node/vault/vault.js';
import { sharedPath } from '../shared.js';
import { tempDir } from '../support/temp-dir.js';
import { bad, contentOf, itemsOf, onlyItem, putAway, resultOf, sha256, signal } from './vault-scene.js';

const file = sharedPath('data/attacks/entry-names.json');
const names = file === undefined ? [] : (JSON.parse(readFileSync(file, 'utf8')) as { readonly names: readonly string[] }).names;
const root = tempDir('vault-names');
let count = 0;

/** A sandbox with a vault, and room above the directory of the files that names with `..` may lead to. */
function sandbox(): { readonly base: string; readonly files: string; readonly vault: Vault } {
  const base = join(root, `box-${count++}`);
  const files = join(base, 'a', 'b', 'files');
  mkdirSync(files, { recursive: true });
  return { base, files, vault: createVault({ dir: join(base, 'vault') }) };
}

/** Everything below a directory but the vault, with content and properties; times to the microsecond, as Node can set them. */
function snapshot(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(join(dir, 'vault')))
    .sort()
    .map((path) => {
      const stats = lstatSync(path, { bigint: true });
      const content = stats.isFile() ? sha256(readFileSync(path)) : stats.isSymbolicLink() ? readlinkSync(path) : 'directory';
      return [path, stats.mode, stats.uid, stats.gid, stats.isFile() ? stats.mtimeNs / 1000n : '', content].join(' ');
    });
}

/** The file of this name where the file system can hold it; undefined where it cannot. */
function held(files: string, name: string): string | undefined {
  const path = `${files}/${name}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    closeSync(openSync(path, 'wx'));
    writeFileSync(path, bad);
    return path;
  } catch {
    return undefined;
  }
}

describe.skipIf(file === undefined)(`a hostile name (needs the shared test data)`, () => {
  it('of the set can be held often enough', () => {
    const able = names.filter((name) => held(sandbox().files, name) !== undefined);
    expect(able.length).toBeGreaterThan(20);
  });

  it.each(names)('of a file is put away and given back as it was, and nothing else changes: %j', async (name) => {
    const { base, files, vault } = sandbox();
    const path = held(files, name);
    const before = snapshot(base);
    if (path === undefined) {
      // What no file system holds has no file to be treated, however it is written down.
      const result = { ...resultOf('/x'), subject: { kind: 'file' as const, label: name, locator: { scheme: 'file', ref: `${files}/${name}` } } };
      expect((await vault.apply(result, { key: 'k', signal })).kind).toMatch(/^(?:not-needed|unable)$/);
      expect(snapshot(base)).toEqual(before);
      return;
    }
    const { id, outcome } = await putAway(vault, path, { key: 'k' });
    expect(outcome).toEqual({ kind: 'done' });
    expect(existsSync(path)).toBe(false);
    expect(snapshot(base)).toHaveLength(before.length - 1);
    expect((await contentOf(vault, id)).toString()).toBe(bad);
    const ref = fileLocator(path).ref;
    expect(await onlyItem(vault)).toMatchObject({ path: ref, ref, sha256: sha256(bad) });
    if (/(?:^|\/)\.\.(?:\/|$)/.test(ref)) {
      // Up and down again is a way, not a place: the keeper has to say the place.
      await expect(vault.restore(id)).rejects.toMatchObject({ detail: { why: 'moved' } });
      await vault.restore(id, { to: join('/', ref) });
    } else {
      await vault.restore(id);
    }
    expect(snapshot(base)).toEqual(before);
    expect(await itemsOf(vault)).toEqual([]);
  });

  it.each(names)('is no more than a text where a host says it: %j', async (name) => {
    const { base, files, vault } = sandbox();
    const path = join(files, 'file');
    writeFileSync(path, bad);
    const before = snapshot(base);
    for (const ref of [name, `bytes:${name}`, `file://${name}`]) {
      const subject = { kind: 'file' as const, locator: { scheme: 'file', ref } };
      const outcome = await vault.apply(resultOf(path, 'quarantine', { subject, sha256: createHash('sha256').update('nobody has this').digest('hex') }), { key: name, signal });
      expect(outcome.kind).toMatch(/^(?:unable|not-needed)$/);
    }
    for (const call of [() => vault.restore(name), () => vault.open(name)]) {
      await expect(call()).rejects.toMatchObject({ code: 'unsupported', detail: { why: 'unknown' } });
    }
    expect(await vault.remove(name)).toBe(false);
    const result = resultOf(path, 'quarantine', {
      subject: { kind: 'file', label: name, locator: fileLocator(path) },
      verdict: { disposition: 'malicious', threats: [{ name, type: 'test' }], source: 'query', generations: {} },
    });
    expect(await vault.apply(result, { key: name, signal })).toEqual({ kind: 'done' });
    const item = await onlyItem(vault);
    expect(item).toMatchObject({ key: name, label: name, path, threats: [{ name, type: 'test' }] });
    await vault.restore(item.id);
    expect(snapshot(base)).toEqual(before);
  });

  it.each(names)('in a record of an earlier build leads nowhere: %j', async (name) => {
    const { base, vault } = sandbox();
    const id = 'd'.repeat(32);
    mkdirSync(join(base, 'vault'));
    const record = {
      version: 1, id, state: 'held', key: name, ref: name, label: name, sha256: sha256(bad), size: bad.length, mode: 0o644, uid: 0, gid: 0,
      atimeMs: 1, mtimeMs: 1, links: 1, parent: name, threats: [{ name, type: name }], quarantinedAt: 1,
    };
    writeFileSync(join(base, 'vault', `${id}.json`), JSON.stringify(record));
    writeFileSync(join(base, 'vault', `${id}.bin`), bad);
    const before = snapshot(base);
    expect(await onlyItem(vault)).toMatchObject({ id, ref: name });
    await expect(vault.restore(id)).rejects.toMatchObject({ code: 'unsupported' });
    expect(snapshot(base)).toEqual(before);
    expect((await contentOf(vault, id)).toString()).toBe(bad);
  });
});
