/** `vedette publish` as a contract: a repository from its keys to an hourly publication, and a root ceremony over three machines. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { records, type Ended } from './support/ended.js';
import { compileFeed, type Feed } from './support/feed.js';
import { temporaryFolder } from './support/folders.js';
import { vedette } from './support/in-process.js';

let feed: Feed;

beforeAll(async () => {
  feed = await compileFeed(vedette, { signed: true });
});

interface Scene {
  readonly dir: string;
  readonly keys: string;
}

async function repository(...more: string[]): Promise<Scene> {
  const folder = temporaryFolder('publish');
  const on = { dir: join(folder, 'repository'), keys: join(folder, 'keys') };
  expect((await vedette(['publish', 'init', '--dir', on.dir, '--keys', on.keys, ...more])).stderr).toBe('');
  return on;
}

const keyOptions = (on: Scene, ...names: string[]): string[] => names.flatMap((name) => ['--key', join(on.keys, `${name}.key`)]);
const hourly = ['snapshot', 'timestamp', 'agent-pattern', 'filter', 'server-pattern'];

async function succeeded(args: readonly string[]): Promise<Ended> {
  const ended = await vedette(args);
  expect(ended.stderr).toBe('');
  expect(ended.code).toBe(0);
  return ended;
}

/** A new pair in a folder of its own; gives the path without ending. */
async function newKey(name: string): Promise<string> {
  const out = temporaryFolder(name);
  await succeeded(['keygen', '--out', out]);
  return join(out, 'vedette');
}

describe('publish init', () => {
  it('makes keys that only their owner can read, and a repository that everybody can', async () => {
    const on = await repository();
    expect(readdirSync(on.keys).sort()).toEqual(['root-1', 'root-2', 'root-3', 'targets', ...hourly].flatMap((name) => [`${name}.key`, `${name}.pub`]).sort());
    expect(statSync(join(on.keys, 'root-1.key')).mode & 0o777).toBe(0o600);
    expect(statSync(join(on.dir, 'metadata/timestamp.json')).mode & 0o777).toBe(0o644);
  });

  it('never overwrites a key or a repository', async () => {
    const on = await repository();
    const key = readFileSync(join(on.keys, 'targets.key'), 'utf8');
    expect((await vedette(['publish', 'init', '--dir', on.dir, '--keys', on.keys])).code).toBe(2);
    expect(readFileSync(join(on.keys, 'targets.key'), 'utf8')).toBe(key);
    const other = temporaryFolder('other-keys');
    expect((await vedette(['publish', 'init', '--dir', on.dir, '--keys', other])).stderr).toMatch(/is a repository already/);
  });
});

describe('publish add', () => {
  it('publishes what compile wrote, by the hourly keys alone', async () => {
    const on = await repository();
    const ended = await succeeded(['publish', 'add', feed.out, '--dir', on.dir, '--json', ...keyOptions(on, ...hourly)]);
    const lines = records(ended);
    expect(lines.map((line) => [line['kind'], line['component'] ?? null])).toEqual([
      ['published', 'agent-pattern'], ['published', 'filter'], ['published', 'server-pattern'], ['summary', null],
    ]);
    expect(lines.at(-1)).toEqual({ kind: 'summary', version: 2, pruned: expect.any(Number) as number });
    expect(existsSync(join(on.dir, 'targets/filter'))).toBe(true);
  });

  it('says so to people', async () => {
    const on = await repository();
    const ended = await succeeded(['publish', 'add', join(feed.out, 'filter.vaf'), '--dir', on.dir, ...keyOptions(on, ...hourly)]);
    expect(ended.stdout.replaceAll(/\d+(\.\d+)?/g, '#')).toBe('filter generation #: # bytes, no delta\ntimestamp #, # old files removed\n'.replace('# bytes', ended.stdout.includes('kB') ? '# kB' : '# bytes'));
  });

  it('without a path renews the metadata', async () => {
    const on = await repository();
    expect((await succeeded(['publish', 'add', '--dir', on.dir, ...keyOptions(on, 'snapshot', 'timestamp')])).stdout).toMatch(/^timestamp 2,/);
  });

  it.each<[string, (on: Scene) => string[], RegExp]>([
    ['without the keys', (on) => [feed.out, '--dir', on.dir], /role agent-pattern takes 1 of these keys/],
    ['from a folder without components', (on) => [on.keys, '--dir', on.dir], /expected agent\.vap/],
    ['into no repository', (on) => [feed.out, '--dir', on.keys], /there is no repository here/],
    ['from nothing', (on) => [join(on.dir, 'absent'), '--dir', on.dir], /no such file/],
  ])('%s ends with one line and status 2', async (_, args, expected) => {
    const on = await repository();
    const ended = await vedette(['publish', 'add', ...args(on)]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(expected);
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('publish status', () => {
  it('shows components, ends and thresholds', async () => {
    const on = await repository();
    await succeeded(['publish', 'add', feed.out, '--dir', on.dir, ...keyOptions(on, ...hourly)]);
    const { stdout } = await succeeded(['publish', 'status', '--dir', on.dir]);
    expect(stdout).toMatch(/^agent-pattern +generation \d+, [\d.]+ \w+, 0 deltas$/m);
    expect(stdout).toMatch(/^role root +version 1, until \d{4}-.* UTC, 2 of \w{8} \w{8} \w{8}$/m);
    const lines = records(await succeeded(['publish', 'status', '--dir', on.dir, '--json']));
    expect(lines.find((line) => line['role'] === 'root')).toMatchObject({ kind: 'role', version: 1, threshold: 2 });
    expect(lines.find((line) => line['component'] === 'filter')).toMatchObject({ kind: 'component', deltas: 0 });
  });
});

describe('a ceremony over several machines', () => {
  it('brings a new root key in: made here, signed there, shown, installed', async () => {
    const on = await repository();
    const fresh = await newKey('fresh');
    const file = join(temporaryFolder('stick'), 'root.json');
    const pub = (name: string): string => join(on.keys, `${name}.pub`);
    await succeeded(['publish', 'root', '--dir', on.dir, '--out', file, '--root-key', pub('root-2'), '--root-key', pub('root-3'), '--root-key', `${fresh}.pub`, '--root-threshold', '2']);
    const show = (): Promise<Ended> => vedette(['publish', 'show', file, '--dir', on.dir]);
    expect((await show()).code).toBe(3);
    expect((await vedette(['publish', 'install', file, '--dir', on.dir])).stderr).toMatch(/0 of its own root keys have signed/);
    await succeeded(['publish', 'sign', file, '--key', join(on.keys, 'root-2.key')]);
    expect((await show()).stdout).toMatch(/keys of itself: 1 of 2 needed have signed/);
    await succeeded(['publish', 'sign', file, '--key', join(on.keys, 'root-3.key')]);
    expect((await show()).code).toBe(0);
    expect((await succeeded(['publish', 'install', file, '--dir', on.dir])).stdout).toBe('root version 2 is in place\n');
  });

  it('starts from nothing as well, with keys made apart from each other', async () => {
    const names = ['root', 'targets', 'snapshot', 'timestamp', 'filter'] as const;
    const pairs = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await newKey(name)] as const))) as Record<(typeof names)[number], string>;
    const folder = temporaryFolder('apart');
    const [dir, root, targets] = ['repository', 'root.json', 'targets.json'].map((name) => join(folder, name)) as [string, string, string];
    mkdirSync(dir);
    const given = (['root', 'targets', 'snapshot', 'timestamp'] as const).flatMap((name) => [`--${name}-key`, `${pairs[name]}.pub`]);
    await succeeded(['publish', 'root', '--dir', dir, '--out', root, ...given, '--expires-days', '30']);
    await succeeded(['publish', 'sign', root, '--key', `${pairs.root}.key`]);
    await succeeded(['publish', 'install', root, '--dir', dir]);
    await succeeded(['publish', 'delegate', '--dir', dir, '--out', targets, '--component', 'filter', '--key', `${pairs.filter}.pub`]);
    await succeeded(['publish', 'sign', targets, '--key', `${pairs.targets}.key`]);
    await succeeded(['publish', 'install', targets, '--dir', dir]);
    const online = (['filter', 'snapshot', 'timestamp'] as const).flatMap((name) => ['--key', `${pairs[name]}.key`]);
    await succeeded(['publish', 'add', join(feed.out, 'filter.vaf'), '--dir', dir, ...online]);
    expect(readdirSync(join(dir, 'targets'))).toEqual(['filter']);
  });

  it.each<[string, (on: Scene) => string[], RegExp]>([
    ['delegate without keys', (on) => ['delegate', '--dir', on.dir, '--out', join(on.keys, 'x.json'), '--component', 'filter'], /--component and --key go together/],
    ['delegate for what is no component', (on) => ['delegate', '--dir', on.dir, '--out', join(on.keys, 'x.json'), '--component', 'nope', '--key', join(on.keys, 'filter.pub')], /nope is no component/],
    ['sign without a key', (on) => ['sign', join(on.dir, 'metadata/1.root.json')], /--key FILE is missing/],
    ['sign what is no metadata', (on) => ['sign', join(on.keys, 'filter.pub'), '--key', join(on.keys, 'filter.key')], /this is no JSON/],
    ['install what is no ceremony', (on) => ['install', join(on.dir, 'metadata/timestamp.json'), '--dir', on.dir], /expected targets metadata, these are timestamp/],
  ])('%s: one line, status 2', async (_, args, expected) => {
    const on = await repository();
    const ended = await vedette(['publish', ...args(on)]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(expected);
  });

  it('keeps its help within 100 columns', async () => {
    for (const command of ['add', 'init', 'status', 'root', 'delegate', 'sign', 'show', 'install']) {
      const { stdout } = await vedette(['publish', command, '--help']);
      expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
    }
  });
});
