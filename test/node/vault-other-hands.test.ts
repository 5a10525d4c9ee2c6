/** A vault that other hands are in as well: other keys, other containers, purges. No file is lost between them. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeProcesses, type ProcessProbe } from '../../src/node/journal/lock-holder.js';
import { createVault, createVaultWith } from '../../src/node/vault/create-vault.js';
import { tempDir } from '../support/temp-dir.js';
import { deadProcess, watchedFiles, type Call } from './vault-calls.js';
import { bad, condemn, contentOf, itemsOf, putAway } from './vault-scene.js';

const root = tempDir('vault-other-hands');
let count = 0;

/** Files of a process that ends with its first call for which this holds: after it was made. */
function endingAfter(isLast: (call: Call) => boolean): { readonly files: ReturnType<typeof watchedFiles>; readonly over: Promise<void> } {
  let end: () => void = () => undefined;
  let isOver = false;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const files = watchedFiles(async (call, act) => {
    if (isOver) {
      return new Promise(() => undefined);
    }
    const value = await act();
    if (isLast(call)) {
      isOver = true;
      end();
      return new Promise(() => undefined);
    }
    return value;
  });
  return { files, over };
}

describe('a copy that an interrupted run left when its original was gone already', () => {
  it('is not thrown away by the next application because it was sealed with another key', async () => {
    const dir = join(root, `vault-${count++}`);
    const key = randomBytes(32);
    const { dir: from, path } = condemn(root);
    const { files, over } = endingAfter(({ name, about }) => name === 'unlink' && about.includes('.vedette-'));
    void putAway(createVaultWith({ dir, key }, { files, processes: deadProcess }), path, { key: 'k' }).catch(() => undefined);
    await over;
    expect(readdirSync(from)).toEqual([]);
    const other = createVault({ dir, key: randomBytes(32) });
    const { id, outcome } = await putAway(other, path, { key: 'k' });
    expect(outcome.kind).toBe('not-needed');
    const again = createVault({ dir, key });
    expect((await itemsOf(again)).map((item) => item.state)).toEqual(['moving']);
    expect((await contentOf(again, id)).toString()).toBe(bad);
  });
});

/** A process of another container: it lives, and nobody here can see it. */
function inContainer(space: string): ProcessProbe {
  return { self: () => ({ ...nodeProcesses.self(), space }), startOf: (pid) => nodeProcesses.startOf(pid) };
}

/** A quarantine of another container that stands still in the middle of its copy until it is let go. */
function halfWay(dir: string, path: string): { readonly isHalf: Promise<void>; readonly goOn: () => void; readonly end: Promise<string> } {
  let half: () => void = () => undefined;
  let goOn: () => void = () => undefined;
  const isHalf = new Promise<void>((resolve) => (half = resolve));
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  let writes = 0;
  const files = watchedFiles(async ({ name, about }, act) => {
    if (name === 'write' && /moving\/[0-9a-f]{32}/.test(about) && ++writes === 2) {
      half();
      await gate;
    }
    return act();
  });
  const vault = createVaultWith({ dir }, { files, processes: inContainer('111') });
  const end = putAway(vault, path, { key: 'k' }).then(({ outcome }) => outcome.kind, (error: unknown) => (error instanceof Error ? error.message : 'failed'));
  return { isHalf, goOn: () => goOn(), end };
}

describe('a purge', () => {
  it('takes no file from a process of another container that is just putting it away', async () => {
    const dir = join(root, `vault-${count++}`);
    const { path } = condemn(root);
    const { isHalf, goOn, end } = halfWay(dir, path);
    await isHalf;
    const other = createVaultWith({ dir }, { processes: inContainer('222') });
    expect(await other.purge({ olderThanMs: 1e12 })).toBe(0);
    goOn();
    expect(await end).toBe('done');
    const [item] = await itemsOf(other);
    expect((await contentOf(other, item?.id ?? '')).toString()).toBe(bad);
  });

  it('removes what such a process left half written an hour ago', async () => {
    const dir = join(root, `vault-${count++}`);
    const { path } = condemn(root);
    const { isHalf } = halfWay(dir, path);
    await isHalf;
    for (const name of readdirSync(join(dir, 'moving'))) {
      utimesSync(join(dir, 'moving', name), 1_000_000, 1_000_000);
    }
    await createVaultWith({ dir, now: () => 1_000_000_000 + 3_600_001 }, { processes: inContainer('222') }).purge({ olderThanMs: 1e12 });
    expect(readdirSync(join(dir, 'moving'))).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe(bad);
  });
});

describe('a quarantine whose copy is removed by other hands before it is an item', () => {
  it('leaves the original where it is', async () => {
    const dir = join(root, `vault-${count++}`);
    const { path } = condemn(root);
    const { isHalf, goOn, end } = halfWay(dir, path);
    await isHalf;
    for (const name of readdirSync(join(dir, 'moving'))) {
      rmSync(join(dir, 'moving', name));
    }
    goOn();
    expect(await end).toContain('keeping of');
    expect(readFileSync(path, 'utf8')).toBe(bad);
  });
});
