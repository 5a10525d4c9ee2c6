/**
 * Remedies and restores while a second process swaps the file and its directory for symbolic links. What the links lead
 * to has the same names and the same content, and is not touched, not even read. `RACES` in the environment says how many.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { unlink, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { VedetteError } from '../../src/base/errors.js';
import type { Remedy } from '../../src/base/verdict.js';
import { createVault } from '../../src/node/vault/create-vault.js';
import type { Vault } from '../../src/node/vault/vault.js';
import { tempDir } from '../support/temp-dir.js';
import { bad, contentOf, itemsOf, resultOf, sha256, signal } from './vault-scene.js';

const root = tempDir('vault-races');
const races = Number(process.env['RACES'] ?? 100);
/** On a busy machine the other process gets few turns: so many times as long the races go on until there were enough. */
const patience = 100;
let count = 0;

/** A directory to be treated, one to be left alone, and who swaps them. */
class Arena {
  readonly live: string;
  readonly outside: string;
  readonly vault: Vault;
  readonly #directory: number;
  readonly #child;
  readonly #before: string;
  /** How often the other process has swapped something, as far as it was heard. */
  swaps = 0;

  constructor() {
    const base = join(root, `arena-${count++}`);
    this.live = join(base, 'live');
    this.outside = join(base, 'outside');
    [base, this.live, this.outside].forEach((dir) => mkdirSync(dir));
    for (const name of ['file', 'file.vir', 'secret']) {
      writeFileSync(join(this.outside, name), name === 'secret' ? 'secret' : bad, { mode: 0o640 });
      // Accessed before it was changed: then a file system with relatime notes the next access.
      utimesSync(join(this.outside, name), 1000, 2000);
    }
    this.vault = createVault({ dir: join(base, 'vault') });
    this.#directory = openSync(this.live, 'r');
    this.#before = this.#outsideNow();
    this.#child = fork(fileURLToPath(new URL('vault-swapper.mjs', import.meta.url)), [this.live, this.outside], { execArgv: [] });
    this.#child.on('message', (told) => (this.swaps = typeof told === 'number' ? told : this.swaps));
  }

  ready(): Promise<unknown> {
    return once(this.#child, 'message');
  }

  /** Puts the bad file where it belongs, whatever its directory is called at the moment. */
  provide(): void {
    try {
      // Never through a link that stands there just now.
      const fd = openSync(`/proc/self/fd/${this.#directory}/file`, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o640);
      writeFileSync(fd, bad);
      closeSync(fd);
    } catch (error) {
      expect(error).toMatchObject({ code: 'EEXIST' });
    }
  }

  names(): string[] {
    return readdirSync(`/proc/self/fd/${this.#directory}`);
  }

  clear(): void {
    this.names().forEach((name) => rmSync(`/proc/self/fd/${this.#directory}/${name}`, { force: true }));
  }

  /** Everything about what lies outside that differs from what it was. */
  touched(): string[] {
    const now = this.#outsideNow();
    return now === this.#before ? [] : [this.#before, now];
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    let isBack = false;
    this.#child.on('message', (told) => (isBack = typeof told === 'object' && 'isBack' in told && told.isBack === true));
    this.#child.send('stop');
    await once(this.#child, 'exit');
    closeSync(this.#directory);
    expect(isBack).toBe(true);
  }

  #outsideNow(): string {
    const names = readdirSync(this.outside).sort();
    const facts = names.map((name) => {
      const { ino, size, mode, uid, gid, nlink, mtimeNs, ctimeNs, atimeNs } = lstatSync(join(this.outside, name), { bigint: true });
      return [name, ino, size, mode, uid, gid, nlink, mtimeNs, ctimeNs, atimeNs].join(' ');
    });
    const { ctimeNs } = lstatSync(this.outside, { bigint: true });
    return `${ctimeNs}\n${facts.join('\n')}`;
  }
}

async function arena(): Promise<Arena> {
  const made = new Arena();
  onTestFinished(() => made.kill());
  await made.ready();
  return made;
}

async function treated(on: Arena, remedy: Remedy, key: string): Promise<string> {
  const result = resultOf(join(on.live, 'file'), remedy);
  try {
    return (await on.vault.apply(result, { key, signal })).kind;
  } catch (error) {
    expect(VedetteError.is(error) || (error instanceof Error && 'code' in error), String(error)).toBe(true);
    return `threw ${VedetteError.is(error) ? JSON.stringify(error.detail) : String(error)}`;
  }
}

describe.skipIf(process.platform !== 'linux')(`${races} races (needs Linux)`, () => {
  it.each(['quarantine', 'delete', 'rename'] as const)('of %s with a process that swaps links in touch nothing outside', async (remedy) => {
    const on = await arena();
    const outcomes = new Map<string, number>();
    const failed = new Set<string>();
    // Some are in time and some are not: else nothing is raced.
    const isRaced = (): boolean => on.swaps > races && outcomes.has('done') && outcomes.has('not-needed');
    for (let round = 0; round < races || (!isRaced() && round < patience * races); round++) {
      if (!on.names().includes('file')) {
        on.provide();
      }
      const kind = await treated(on, remedy, `${remedy}-${round}`);
      outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
      if (kind.startsWith('threw')) {
        failed.add(`${remedy}-${round}`);
      }
      if (round % 50 === 0) {
        expect(on.touched()).toEqual([]);
        on.clear();
      }
    }
    await on.stop();
    expect(on.touched()).toEqual([]);
    expect(isRaced(), JSON.stringify([on.swaps, ...outcomes])).toBe(true);
    // An order that failed half-way may leave its copy on the way; the next application of its key goes on from there.
    const cutShort = (await itemsOf(on.vault)).flatMap((item) => (item.state === 'moving' ? [item.key] : []));
    expect(cutShort.filter((key) => !failed.has(key))).toEqual([]);
    for (const key of cutShort) {
      expect(await treated(on, remedy, key)).toBe('done');
    }
    const items = await itemsOf(on.vault);
    // Each order has a key of its own: what is said to be done lies in the vault, or it would be lost.
    expect(items.length).toBeGreaterThanOrEqual(remedy === 'quarantine' ? (outcomes.get('done') ?? 0) + cutShort.length : 0);
    for (const item of items) {
      expect([item.state, sha256(await contentOf(on.vault, item.id))]).toEqual(['held', sha256(bad)]);
    }
  }, 1_800_000);

  it('of restore with a process that swaps links in touch nothing outside, and give back what was taken', async () => {
    const on = await arena();
    const ends = new Map<string, number>();
    const known: string[] = [];
    const isRaced = (): boolean => on.swaps > races && (ends.get('restored') ?? 0) > races / 20;
    for (let round = 0; round < races || (!isRaced() && round < patience * races); round++) {
      if (known.length === 0) {
        on.clear();
        on.provide();
        await treated(on, 'quarantine', `restore-${round}`);
        known.push(...(await itemsOf(on.vault)).map(({ id }) => id));
      }
      const [id = ''] = known;
      const end = await on.vault.restore(id).then(
        () => 'restored',
        (error: unknown) => (VedetteError.is(error) ? JSON.stringify(error.detail) : String(error)),
      );
      ends.set(end, (ends.get(end) ?? 0) + 1);
      if (end === 'restored') {
        known.shift();
      } else if (end.includes('taken')) {
        on.clear();
      }
      if (round % 50 === 0) {
        expect(on.touched()).toEqual([]);
      }
    }
    await on.stop();
    expect(on.touched()).toEqual([]);
    expect(isRaced(), JSON.stringify([on.swaps, ...ends])).toBe(true);
    const left = join(on.live, 'file');
    if (existsSync(left) && lstatSync(left).isFile()) {
      expect([readFileSync(left, 'utf8'), lstatSync(left).mode & 0o777]).toEqual([bad, 0o640]);
    }
  }, 1_800_000);

  it('would be found out if a remedy went by the path alone (sabotage)', async () => {
    const on = await arena();
    const path = join(on.live, 'file');
    for (let round = 0; round < 20_000 && on.touched().length === 0; round++) {
      on.provide();
      const content = await readFile(path).catch(() => undefined);
      if (content?.toString() === bad) {
        await unlink(path).catch(() => undefined);
      }
    }
    await on.stop();
    expect(on.touched()).not.toEqual([]);
  }, 60_000);
});
