/**
 * A program that answers and keeps itself up to date: looks and merges are made by processes of their own, which have a low
 * priority, end with the program, and may die without harm.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../src/base/seams.js';
import { VedetteError } from '../../src/base/errors.js';
import { stateFileName } from '../../src/node/files/file-state-store.js';
import { openGenerationStore } from '../../src/node/update/generation-store.js';
import { keepServerUpdated, type ServerUpdateOptions, type ServerUpdates } from '../../src/node/update/keep-server.js';
import { repositoryName } from '../../src/node/update/kept-names.js';
import type { UpdateReport } from '../../src/node/update/updater.js';
import { readCurrent } from '../../src/node/server-store/generation-files.js';
import { buildContainer } from '../../src/pattern/container.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { encodeServerPattern } from '../../src/pattern/server-pattern.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { formatPublicKey } from '../../src/protocol/keys.js';
import { makeDelta } from '../../src/update/delta/make-delta.js';
import { crypto } from '../support/feed.js';
import { tempDir } from '../support/temp-dir.js';
import { Repository } from '../support/updates/repository.js';
import { patternKey } from '../support/updates/scene.js';
import { startWebServer, type WebServer } from '../support/updates/web-server.js';
import { assertBuilt, projectRoot, vedette } from './support/cli.js';

const root = tempDir('keep-server');
const entryFile = pathToFileURL(join(projectRoot, 'dist/node.js')).href;
const hourMs = 3_600_000;
/** On a busy machine a process of the lowest priority may have to wait for long. */
const starvedMs = 300_000;
let scenes = 0;
let dir = '';
let repository: Repository;
let web: WebServer;
let clock: Clock & { aheadMs: number };
let updates: ServerUpdates | undefined;
let reports: UpdateReport[] = [];
let faults: unknown[] = [];

beforeAll(assertBuilt);

beforeEach(async () => {
  dir = join(root, `scene-${scenes++}`);
  repository = new Repository(Date.now());
  repository.publishRoot();
  await publish(1);
  web = await startWebServer(repository.files);
  clock = quickClock();
  [reports, faults] = [[], []];
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await updates?.close();
  updates = undefined;
  await web.close();
});

/** Each generation lists one hash more. */
async function publish(generation: number): Promise<void> {
  const entries = Array.from({ length: 50 + generation }, (_, n): HashEntry => {
    const hash = new Uint8Array(32).fill(n + 1);
    return { kind: 'file', algorithm: 'sha256', hash, disposition: 'malicious', threat: { name: `Test.${n}`, type: 'trojan' } };
  });
  const head = { kind: 'server-pattern', generation, createdAt: Date.now() - hourMs, expiresAt: Date.now() + 300 * hourMs, periodMs: hourMs } as const;
  const bytes = await buildContainer({ head, sections: encodeServerPattern({ hostRule: 'psl', entries }), crypto, signer: patternKey });
  const before = repository.components.get('server-pattern');
  const deltas = before === undefined ? [] : [{ from: before.generation, generation, bytes: makeDelta(before.bytes, bytes, { crypto }) }];
  repository.components.set('server-pattern', { generation, bytes, deltas });
  repository.publish();
}

/** Hours pass when they are told to, and the pauses of the schedule take no time; what limits a transfer does. */
function quickClock(): typeof clock {
  const real = createSystemClock();
  const quick: typeof clock = {
    aheadMs: 0,
    now: () => Date.now() + quick.aheadMs,
    monotonicMs: () => performance.now() + quick.aheadMs,
    sleep: (ms, signal, options) => real.sleep(ms > 10_000 ? ms : Math.min(ms, 20), signal, options),
  };
  return quick;
}

async function keep(change: Partial<ServerUpdateOptions> = {}): Promise<ServerUpdates> {
  const rootFile = join(root, `root-${scenes}.json`);
  writeFileSync(rootFile, repository.root);
  updates = await keepServerUpdated({
    dataDir: dir, root: rootFile, sources: [{ url: web.url, scope: 'customer' }], trust: [formatPublicKey(patternKey.publicKey)], clock,
    random: () => 0, onReport: (report) => reports.push(report), onFault: (fault) => faults.push(fault), ...change,
  });
  return updates;
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries++) {
    expect(tries, `${what}: ${JSON.stringify(reports)} ${faults.join()}`).toBeLessThan(5000);
    await wait(20);
  }
}

const served = async (): Promise<number | undefined> => (await readCurrent(join(dir, 'server')))?.generation;

interface Note {
  readonly pid: number;
  readonly parent: number;
  /** Of all its threads. */
  readonly priorities: readonly number[];
}

/** A module that notes how its process was, and when it began. */
function noting(): { readonly file: string; readonly ended: () => readonly Note[]; readonly begun: () => readonly number[] } {
  const [file, notes] = [join(root, `notes-${scenes}.mjs`), join(root, `notes-${scenes}.txt`)];
  writeFileSync(
    file,
    `import { appendFileSync, readdirSync } from 'node:fs';
     import { getPriority } from 'node:os';
     appendFileSync(${JSON.stringify(`${notes}.begun`)}, process.pid + '\\n');
     process.on('exit', () => {
       const threads = process.platform === 'linux' ? readdirSync('/proc/self/task').map(Number) : [process.pid];
       appendFileSync(${JSON.stringify(notes)}, JSON.stringify({ pid: process.pid, parent: process.ppid, priorities: [...new Set(threads.map(getPriority))] }) + '\\n');
     });\n`,
  );
  const lines = (path: string): string[] => (existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []);
  return { file, ended: () => lines(notes).map((line) => JSON.parse(line) as Note), begun: () => lines(`${notes}.begun`).map(Number) };
}

/** A program of a host: notes, then does as it is told after `first`. */
function program(first = ''): ReturnType<typeof noting> & { readonly path: string } {
  const notes = noting();
  const path = join(root, `program-${scenes}.mjs`);
  writeFileSync(path, `import ${JSON.stringify(pathToFileURL(notes.file).href)};\n${first}\nawait (await import(${JSON.stringify(entryFile)})).runUpdateProcess();\n`);
  return { ...notes, path };
}

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a server that keeps itself up to date', () => {
  it('leaves looking and merging to a process of the lowest priority', { timeout: starvedMs }, async () => {
    const { path, ended, begun } = program();
    const before = getPriority();
    await keep({ apart: { program: path } });
    await until('the first look', () => reports.length === 1);
    expect(reports[0]).toMatchObject({ kind: 'updated', updated: [{ component: 'server-pattern', to: 1, by: 'full' }] });
    expect(await served()).toBe(1);
    expect(ended()).toMatchObject([{ parent: process.pid, priorities: [19] }]);
    expect(begun().filter(isRunning)).toEqual([]);
    expect(getPriority()).toBe(before);
    expect(faults).toEqual([]);
    expect(updates?.status()).toMatchObject({ source: web.url, rolledBack: [] });
  });

  it('has deltas taken, by another process each time', async () => {
    const { path, ended } = program();
    await keep({ apart: { program: path, priority: 0 } });
    await until('the first look', () => reports.length === 1);
    await publish(2);
    clock.aheadMs += 2 * hourMs;
    await until('the second look', () => reports.length === 2);
    expect(reports[1]).toMatchObject({ kind: 'updated', updated: [{ from: 1, to: 2, by: 'deltas' }] });
    expect(await served()).toBe(2);
    expect(new Set(ended().map(({ pid }) => pid)).size).toBe(2);
    expect(ended()).toMatchObject([{ parent: process.pid, priorities: [getPriority()] }, {}]);
    expect(faults).toEqual([]);
  });

  it('starts the program of the package by itself', async () => {
    const { file, ended } = noting();
    vi.stubEnv('NODE_OPTIONS', `--import=${pathToFileURL(file).href}`);
    const built = (await import(entryFile)) as { readonly keepServerUpdated: typeof keepServerUpdated };
    const rootFile = join(root, `root-${scenes}.json`);
    writeFileSync(rootFile, repository.root);
    const kept = await built.keepServerUpdated({
      dataDir: dir, root: rootFile, sources: [{ url: web.url, scope: 'customer' }], trust: [formatPublicKey(patternKey.publicKey)], clock,
      random: () => 0, apart: { priority: 7 }, onReport: (report) => reports.push(report), onFault: (fault) => faults.push(fault),
    });
    await until('the first look', () => reports.length + faults.length > 0);
    await kept.close();
    expect(faults).toEqual([]);
    expect(reports).toMatchObject([{ kind: 'updated' }]);
    expect(ended()).toMatchObject([{ parent: process.pid, priorities: [Math.max(7, getPriority())] }]);
  });

  it('does it all itself where it is told to (check of these tests: nobody notes anything)', async () => {
    const { ended } = program();
    await keep({ apart: false });
    await until('the first look', () => reports.length === 1);
    expect(await served()).toBe(1);
    await publish(2);
    clock.aheadMs += 2 * hourMs;
    await until('the second look', () => reports.length === 2);
    expect(reports[1]).toMatchObject({ updated: [{ by: 'deltas' }] });
    expect(await served()).toBe(2);
    expect(ended()).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('lives on when such a process is killed, says so, and looks again later', async () => {
    const killed = join(root, `killed-${scenes}`);
    const { path } = program(`
      import { existsSync, writeFileSync } from 'node:fs';
      if (!existsSync(${JSON.stringify(killed)})) { writeFileSync(${JSON.stringify(killed)}, ''); process.kill(process.pid, 'SIGKILL'); }`);
    await keep({ apart: { program: path, priority: 0 } });
    await until('the first look', () => faults.length === 1);
    expect(String(faults[0])).toContain('the update process ended (SIGKILL)');
    await until('it knows', () => updates?.status()?.error !== undefined);
    expect(reports).toEqual([]);
    clock.aheadMs += 2 * hourMs;
    await until('the second look', () => reports.length === 1);
    expect(reports[0]).toMatchObject({ kind: 'updated' });
    expect(await served()).toBe(1);
  });

  it('takes the process along when it is closed', async () => {
    web.instead = (path) => path.startsWith('targets/');
    const { path, begun } = program();
    await keep({ apart: { program: path, priority: 0 } });
    await until('the file is asked for', () => web.asked.some((asked) => asked.startsWith('targets/')));
    expect(begun().filter(isRunning)).toHaveLength(1);
    await updates?.close();
    expect(begun().filter(isRunning)).toEqual([]);
    expect(faults).toEqual([]);
    expect(await served()).toBeUndefined();
  });

  it('goes back with its administrator, and stays there', async () => {
    const { path } = program();
    await keep({ apart: { program: path, priority: 0 } });
    await until('the first look', () => reports.length === 1);
    await publish(2);
    clock.aheadMs += 2 * hourMs;
    await until('the second look', () => reports.length === 2);
    await openGenerationStore({ dir: join(dir, 'patterns'), clock }).rollback('server-pattern');
    await until('it is back', async () => (await served()) === 1);
    clock.aheadMs += 2 * hourMs;
    await until('the third look', () => reports.length === 3);
    expect(reports[2]).toMatchObject({ kind: 'current' });
    expect(await served()).toBe(1);
    expect(updates?.status()?.rolledBack).toMatchObject([{ component: 'server-pattern', from: 2, to: 1 }]);
    await publish(3);
    clock.aheadMs += 2 * hourMs;
    await until('the fourth look', () => reports.length === 4);
    expect(await served()).toBe(3);
    expect(faults).toEqual([]);
  });

  it('tells errors of the process by their codes', async () => {
    mkdirSync(join(dir, 'patterns', `${stateFileName(`metadata-${repositoryName(repository.root)}`)}.value`), { recursive: true });
    const { path } = program();
    await keep({ apart: { program: path, priority: 0 } });
    await until('the first look', () => faults.length > 0);
    expect(VedetteError.is(faults[0]) ? faults[0].code : faults[0]).toBe('store-damaged');
  });

  it('takes no priority that is none', async () => {
    await expect(keep({ apart: { priority: 20 } })).rejects.toThrow(RangeError);
    await expect(keep({ apart: { priority: -1 } })).rejects.toThrow(RangeError);
  });
});

describe('vedette update', () => {
  const updated = async (...more: string[]): Promise<readonly number[]> => {
    const { file, ended } = noting();
    const rootFile = join(root, `root-${scenes}.json`);
    writeFileSync(rootFile, repository.root);
    const args = ['update', '--data', dir, '--source', web.url, '--root', rootFile, '--trust', formatPublicKey(patternKey.publicKey), ...more];
    expect(await vedette(args, { env: { NODE_OPTIONS: `--import=${pathToFileURL(file).href}` } })).toMatchObject({ code: 0, stderr: '' });
    return ended().at(-1)!.priorities;
  };

  it('lowers its own priority for a server, as far as it is told, and leaves it alone for an agent', { timeout: starvedMs }, async () => {
    expect(await updated('--role', 'server', '--priority', '0')).toEqual([getPriority()]);
    expect(await updated('--role', 'server', '--priority', '11')).toEqual([Math.max(11, getPriority())]);
    expect(await updated('--role', 'server')).toEqual([19]);
    expect(await updated()).toEqual([getPriority()]);
    expect(await served()).toBe(1);
  });
});
