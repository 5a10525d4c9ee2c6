/** The vault of a process that ends, or whose disk fails, at every single system call: the file is in its place or in the vault. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Remedy } from '../../src/base/verdict.js';
import { VedetteError } from '../../src/base/errors.js';
import { fileLocator } from '../../src/node/files/file-path.js';
import { nodeRemedyFiles, type RemedyFiles } from '../../src/node/remedy/remedy-files.js';
import { createVault, createVaultWith } from '../../src/node/vault/create-vault.js';
import { hiddenName, vaultId } from '../../src/node/vault/quarantine.js';
import type { Vault } from '../../src/node/vault/vault.js';
import { tempDir } from '../support/temp-dir.js';
import { deadProcess, endingAt, watchedFiles, type Call } from './vault-calls.js';
import { contentOf, itemsOf, resultOf, sha256, signal } from './vault-scene.js';

const root = tempDir('vault-kill');
/** Two pieces of sealed content. */
const content = randomBytes(300_000);
/** Every call with `KILLS` in the environment, else every third. */
const stride = process.env['KILLS'] === undefined ? 3 : 1;
let count = 0;

interface Scene {
  readonly dir: string;
  readonly path: string;
  readonly vaultDir: string;
  readonly id: string;
}

function scene(): Scene {
  const base = join(root, `scene-${count++}`);
  const dir = join(base, 'files');
  mkdirSync(dir, { recursive: true });
  const path = join(dir, 'bad.exe');
  writeFileSync(path, content, { mode: 0o640 });
  return { dir, path, vaultDir: join(base, 'vault'), id: vaultId('key', sha256(content), fileLocator(path)) };
}

function apply(vault: Vault, { path }: Scene, remedy: Remedy): ReturnType<Vault['apply']> {
  return vault.apply(resultOf(path, remedy, { sha256: sha256(content) }), { key: 'key', signal });
}

/** Where the content is whole: names in the directory of the file, and states in the vault. */
async function whereabouts({ dir, vaultDir }: Scene): Promise<string[]> {
  const outside = readdirSync(dir).filter((name) => Buffer.compare(readFileSync(join(dir, name)), content) === 0);
  const vault = createVault({ dir: vaultDir });
  const inside: string[] = [];
  for (const { id, state } of await itemsOf(vault)) {
    if (state === 'held' && Buffer.compare(await contentOf(vault, id).catch(() => Buffer.alloc(0)), content) === 0) {
      inside.push('held');
    }
    if (state === 'moving') {
      inside.push('moving');
    }
  }
  return [...outside, ...inside];
}

/** Number of calls of an undisturbed run. */
async function callsOf(run: (files: RemedyFiles, one: Scene) => Promise<unknown>, one: Scene): Promise<Call[]> {
  const calls: Call[] = [];
  await run(watchedFiles((call, act) => {
    calls.push(call);
    return act();
  }), one);
  return calls;
}

const remedies = ['quarantine', 'delete', 'rename'] as const;
const moments = ['before', 'after'] as const;
const runOf = (remedy: Remedy) => (files: RemedyFiles, one: Scene): Promise<unknown> => apply(createVaultWith({ dir: one.vaultDir }, { files, processes: deadProcess }), one, remedy);

describe.each(remedies)('the remedy %s of a process that ends', (remedy) => {
  it.each(moments)('%s any of its calls leaves the file whole, and the next application completes it', async (when) => {
    const calls = await callsOf(runOf(remedy), scene());
    expect(calls.length).toBeGreaterThan(15);
    for (let number = stride === 1 ? 0 : count % stride; number < calls.length; number += stride) {
      const one = scene();
      const { files, over } = endingAt(number, when);
      void runOf(remedy)(files, one).catch(() => undefined);
      await over;
      const told = `call ${number}, ${when} ${calls[number]?.name} of ${calls[number]?.about}`;
      if (remedy !== 'delete') {
        expect(await whereabouts(one), told).not.toEqual([]);
      }
      const outcome = await apply(createVault({ dir: one.vaultDir }), one, remedy);
      expect(['done', 'not-needed'], told).toContain(outcome.kind);
      expect(await whereabouts(one), told).toEqual({ quarantine: ['held'], delete: [], rename: ['bad.exe.vir'] }[remedy]);
      if (remedy === 'quarantine') {
        expect(readdirSync(join(one.vaultDir, 'moving')).filter((name) => !name.startsWith('key.')), told).toEqual([]);
      }
    }
  });
});

describe('a quarantine of a process that ended', () => {
  it.each(moments)('can be taken back instead of completed: %s', async (when) => {
    const calls = await callsOf(runOf('quarantine'), scene());
    for (let number = stride === 1 ? 0 : count % stride; number < calls.length; number += stride) {
      const one = scene();
      const { files, over } = endingAt(number, when);
      void runOf('quarantine')(files, one).catch(() => undefined);
      await over;
      const told = `call ${number}, ${when} ${calls[number]?.name} of ${calls[number]?.about}`;
      const vault = createVault({ dir: one.vaultDir });
      const wasThere = existsSync(one.path);
      const given = await vault.restore(one.id).catch((error: unknown) => (VedetteError.is(error) ? error.detail : error));
      // Nothing had been sealed to its end, or the file is back; a hidden name is left to the next application alone.
      expect(given === one.path || (wasThere && JSON.stringify(given) === '{"why":"unknown"}') || existsSync(join(one.dir, hiddenName(one.id))), told).toBe(true);
      if (given === one.path) {
        expect(await whereabouts(one), told).toEqual(['bad.exe']);
      }
    }
  });
});

describe('a quarantine of a process that ended, looked into before it is completed', () => {
  it.each(moments)('is completed all the same: %s', async (when) => {
    const calls = await callsOf(runOf('quarantine'), scene());
    for (let number = stride === 1 ? 0 : count % stride; number < calls.length; number += stride) {
      const one = scene();
      const { files, over } = endingAt(number, when);
      void runOf('quarantine')(files, one).catch(() => undefined);
      await over;
      const told = `call ${number}, ${when} ${calls[number]?.name} of ${calls[number]?.about}`;
      const vault = createVault({ dir: one.vaultDir });
      await contentOf(vault, one.id).catch((error: unknown) => expect(error, told).toMatchObject({ code: 'unsupported' }));
      expect(['done', 'not-needed'], told).toContain((await apply(vault, one, 'quarantine')).kind);
      expect(await whereabouts(one), told).toEqual(['held']);
    }
  });

  it('is completed after a restore that ended as well', async () => {
    const calls = await callsOf(runOf('quarantine'), scene());
    const sealed = calls.findIndex(({ name, about }) => name === 'rename' && about.endsWith(hiddenName('').slice(0, 9) + about.slice(-32)));
    expect(sealed).toBeGreaterThan(0);
    for (let number = stride === 1 ? 0 : 11; number < 60; number += 3 * stride - 2) {
      const one = scene();
      const first = endingAt(sealed, 'before');
      void runOf('quarantine')(first.files, one).catch(() => undefined);
      await first.over;
      const second = endingAt(number, 'after');
      const ended = createVaultWith({ dir: one.vaultDir }, { files: second.files, processes: deadProcess }).restore(one.id).catch(() => undefined);
      await Promise.race([second.over, ended]);
      expect(['done', 'not-needed'], `call ${number}`).toContain((await apply(createVault({ dir: one.vaultDir }), one, 'quarantine')).kind);
      expect(await whereabouts(one), `call ${number}`).toEqual(['held']);
    }
  });
});

describe('a restore of a process that ends', () => {
  const held = async (): Promise<Scene> => {
    const one = scene();
    await apply(createVault({ dir: one.vaultDir }), one, 'quarantine');
    return one;
  };
  const restoring = (files: RemedyFiles, one: Scene): Promise<unknown> => createVaultWith({ dir: one.vaultDir }, { files, processes: deadProcess }).restore(one.id);

  it.each(moments)('%s any of its calls leaves the file in the vault or in its place', async (when) => {
    const calls = await callsOf(restoring, await held());
    expect(calls.length).toBeGreaterThan(15);
    for (let number = stride === 1 ? 0 : count % stride; number < calls.length; number += stride) {
      const one = await held();
      const { files, over } = endingAt(number, when);
      void restoring(files, one).catch(() => undefined);
      await over;
      const told = `call ${number}, ${when} ${calls[number]?.name} of ${calls[number]?.about}`;
      const places = await whereabouts(one);
      expect(places.includes('bad.exe') || places.includes('held'), told).toBe(true);
      // The name is given only to what is complete.
      expect(!existsSync(one.path) || places.includes('bad.exe'), told).toBe(true);
      await createVault({ dir: one.vaultDir }).restore(one.id).catch((error: unknown) => expect(error, told).toMatchObject({ code: 'unsupported' }));
      expect(Buffer.compare(readFileSync(one.path), content), told).toBe(0);
    }
  });
});

describe('a vault whose disk fails', () => {
  it.each(['ENOSPC', 'EIO'])('at any one call with %s says so, and loses nothing', async (code) => {
    const calls = await callsOf(runOf('quarantine'), scene());
    for (let number = stride === 1 ? 0 : count % stride; number < calls.length; number += stride) {
      const one = scene();
      let at = 0;
      const files = watchedFiles((call, act) => (at++ === number ? Promise.reject(Object.assign(new Error(code), { code })) : act()));
      const told = `call ${number}, ${calls[number]?.name} of ${calls[number]?.about}`;
      const vault = createVaultWith({ dir: one.vaultDir }, { files });
      const outcome = await apply(vault, one, 'quarantine').catch((error: unknown) => ({ kind: 'threw', error }));
      if ('error' in outcome) {
        const { error } = outcome;
        expect(VedetteError.is(error) ? error.detail : error, told).toMatchObject(VedetteError.is(error) ? { errno: code } : { code });
      }
      expect(await whereabouts(one), told).not.toEqual([]);
      expect((await apply(vault, one, 'quarantine')).kind, told).toBe('done');
      expect(await whereabouts(one), told).toEqual(['held']);
    }
  });

  it('tells a full disk by its errno', async () => {
    const one = scene();
    const files = watchedFiles((call, act) => (call.name === 'write' && call.about.includes(one.id) ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })) : act()));
    const vault = createVaultWith({ dir: one.vaultDir }, { files });
    await expect(apply(vault, one, 'quarantine')).rejects.toMatchObject({ code: 'store-damaged', detail: { operation: 'writing', errno: 'ENOSPC' } });
    expect(await whereabouts(one)).toEqual(['bad.exe']);
    expect(readdirSync(join(one.vaultDir, 'moving'))).toEqual([]);
  });
});

/** What is done to a disk, in its order, as far as a power failure can undo it. */
async function deeds(files: (whole: RemedyFiles) => RemedyFiles = (whole) => whole): Promise<{ readonly calls: readonly string[]; readonly broken: readonly string[] }> {
  const one = scene();
  const calls: string[] = [];
  const what = ({ name, about }: Call): string => {
    const place = about.endsWith('/moving') ? 'moving' : about.endsWith('.item') ? 'item' : about.includes(`/${one.id}.`) ? 'copy' : about.endsWith(hiddenName(one.id)) ? 'original' : about.startsWith(one.vaultDir) ? 'vault' : 'directory';
    return `${name} ${place}`;
  };
  const watched = watchedFiles((call, act) => {
    if (['write', 'sync', 'rename', 'unlink'].includes(call.name)) {
      calls.push(what(call));
    }
    return act();
  });
  await runOf('quarantine')(files(watched), one);
  const before = (first: string, second: string): string[] => {
    const [from, to] = [calls.indexOf(first), calls.indexOf(second)];
    return from >= 0 && to >= 0 && calls.lastIndexOf('write copy') < from && from < to ? [] : [`${first} before ${second}`];
  };
  const directorySynced = calls.lastIndexOf('sync directory') < calls.indexOf('rename item') && calls.lastIndexOf('sync directory') > calls.indexOf('unlink original');
  return { calls, broken: [...before('sync copy', 'rename original'), ...before('sync moving', 'rename original'), ...(directorySynced ? [] : ['sync directory before rename item'])] };
}

describe('the order of what a power failure could undo', () => {
  it('is: copy and its name on the disk, then the original gone from the disk, then the copy an item', async () => {
    const { calls, broken } = await deeds();
    expect(broken, calls.join(', ')).toEqual([]);
    expect(calls.slice(-3)).toEqual(['rename item', 'sync vault', 'sync moving']);
  });
});

describe('these checks notice', () => {
  it('a copy whose sync is skipped', async () => {
    const { broken } = await deeds((whole) => ({
      ...whole,
      open: async (path, flags, mode) => {
        const file = await whole.open(path, flags, mode);
        return String(path).includes('moving/') ? { ...file, sync: async () => undefined } : file;
      },
    }));
    expect(broken).toContain('sync copy before rename original');
  });

  it('a copy that was never written', async () => {
    const one = scene();
    const files: RemedyFiles = {
      ...nodeRemedyFiles,
      open: async (path, flags, mode) => {
        const file = await nodeRemedyFiles.open(path, flags, mode);
        return String(path).includes(`moving/${one.id}`) ? { ...file, write: async () => undefined } : file;
      },
    };
    await runOf('quarantine')(files, one);
    expect(await whereabouts(one)).toEqual([]);
  });
});
