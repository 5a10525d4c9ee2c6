/** `vedette update` as a contract: from a repository on a web server into data directories of agents and servers, and back. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { coloursFor } from '../../src/cli/output/colours.js';
import { runProgram } from '../../src/cli/program.js';
import { serveDirectory } from '../support/updates/directory-server.js';
import type { WebServer } from '../support/updates/web-server.js';
import { records, type Ended } from './support/ended.js';
import { temporaryFolder } from './support/folders.js';
import { vedette } from './support/in-process.js';

const hourMs = 3_600_000;
const online = ['snapshot', 'timestamp', 'agent-pattern', 'filter', 'server-pattern', 'lists', 'action-table'];
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

interface Publisher {
  readonly dir: string;
  readonly root: string;
  readonly keys: string;
  /** The key that signs components, without ending. */
  readonly key: string;
  readonly web: WebServer;
}

let publisher: Publisher;
let site: Publisher;

async function succeeded(args: readonly string[]): Promise<Ended> {
  const ended = await vedette(args);
  expect(ended, args.join(' ')).toMatchObject({ code: 0, stderr: '' });
  return ended;
}

async function repository(...components: string[]): Promise<Publisher> {
  const folder = temporaryFolder('update');
  const [dir, keys, pattern] = ['repository', 'keys', 'pattern'].map((name) => join(folder, name)) as [string, string, string];
  await succeeded(['publish', 'init', '--dir', dir, '--keys', keys, ...components.flatMap((kind) => ['--component', kind])]);
  await succeeded(['keygen', '--out', pattern]);
  return { dir, keys, root: join(dir, 'metadata/1.root.json'), key: join(pattern, 'vedette'), web: await serveDirectory(dir) };
}

async function add(to: Publisher, out: string): Promise<void> {
  const names = readdirSync(to.keys).filter((name) => online.some((one) => name === `${one}.key`));
  await succeeded(['publish', 'add', out, '--dir', to.dir, ...names.flatMap((name) => ['--key', join(to.keys, name)])]);
}

/** Each generation knows ten hashes more than the one before. */
async function publish(generation: number): Promise<void> {
  const out = temporaryFolder('compiled');
  const sources = join(out, 'sources');
  mkdirSync(sources);
  writeFileSync(join(sources, 'local.ndb'), Array.from({ length: 60 }, (_, n) => `Test.Local.${n}:0:*:${Buffer.from(`marker-${n}-${digestOf(String(n))}`).toString('hex')}`).join('\n'));
  writeFileSync(join(sources, 'hashes.txt'), Array.from({ length: 2000 + 10 * generation }, (_, n) => digestOf(`sample ${n}`)).join('\n'));
  await succeeded(['compile', join(sources, 'local.ndb'), `hashes:${join(sources, 'hashes.txt')}`, '--out', out, '--key', `${publisher.key}.key`, '--generation', String(generation)]);
  await add(publisher, out);
}

async function publishSite(generation: number): Promise<string> {
  const out = temporaryFolder('site');
  writeFileSync(join(out, 'rules.json'), JSON.stringify([{ id: 'own', effect: 'blocked', sha256: digestOf('a file of the site') }, { id: 'other', effect: 'approved', url: 'intranet.example/' }]));
  writeFileSync(join(out, 'table.json'), JSON.stringify({ trojan: { access: 'warn', remedy: 'none' }, other: { access: 'block', remedy: 'none' } }));
  const made = await succeeded(['site', '--lists', join(out, 'rules.json'), '--actions', join(out, 'table.json'), '--out', out, '--key', `${site.key}.key`, '--generation', String(generation)]);
  expect(made.stdout).toMatch(/^lists\.vli: 2 rules, \d+ bytes\nactions\.vat: 2 types of threats, \d+ bytes\n$/);
  await add(site, out);
  return out;
}

beforeAll(async () => {
  publisher = await repository();
  site = await repository('lists', 'action-table');
  await publish(1);
});

afterEach(() => {
  publisher.web.asked.length = 0;
  publisher.web.instead = undefined;
});

afterAll(async () => {
  await publisher.web.close();
  await site.web.close();
});

const from = (one: Publisher, url = one.web.url): string[] => ['--source', url, '--root', one.root, '--trust', `${one.key}.pub`];
const update = (data: string, ...more: string[]): Promise<Ended> => vedette(['update', '--data', data, ...from(publisher), ...more]);
const targetsAsked = (): string[] => publisher.web.asked.filter((path) => path.startsWith('targets/')).map((path) => path.replace(/[0-9a-f]{64}\./, ''));
const newData = (): string => temporaryFolder('data');

let newest = 1;

async function publishNext(): Promise<number> {
  newest += 1;
  await publish(newest);
  return newest;
}

describe('update', () => {
  it('fetches whole files first, then deltas, then nothing', async () => {
    const data = newData();
    const first = await update(data);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(new RegExp(`^agent-pattern: generation ${newest}, [\\d.]+ \\w+ \\(full\\)\\nfilter: generation ${newest}, [\\d.]+ \\w+ \\(full\\)\\n$`));
    const next = await publishNext();
    publisher.web.asked.length = 0;
    const second = await update(data);
    expect(second.stdout).toContain(`filter: generation ${next - 1} to ${next}, `);
    expect(second.stdout.match(/\(deltas\)/g)).toHaveLength(2);
    expect(targetsAsked().filter((path) => !path.includes('.vdd'))).toEqual([]);
    publisher.web.asked.length = 0;
    expect((await update(data)).stdout).toBe(`up to date with ${publisher.web.url}\n`);
    expect(targetsAsked()).toEqual([]);
  });

  it('says the same to programs', async () => {
    const lines = records(await update(newData(), '--json', '--component', 'filter'));
    expect(lines).toEqual([
      { kind: 'updated', component: 'filter', to: newest, by: 'full', bytes: expect.any(Number) as number },
      { kind: 'summary', outcome: 'updated', source: publisher.web.url, failed: [], heldBack: [], targets: [expect.stringMatching(/^filter\/full\.vdt/) as string] },
    ]);
  });

  it('gives a server the server pattern and nothing that agents take, and serves it', async () => {
    const data = newData();
    expect((await update(data, '--role', 'server')).stdout).toMatch(/^server-pattern: generation \d+, .*\n$/);
    expect(new Set(targetsAsked().map((path) => path.split('/')[1]))).toEqual(new Set(['server-pattern']));
    publisher.web.asked.length = 0;
    await update(newData());
    expect(new Set(targetsAsked().map((path) => path.split('/')[1]))).toEqual(new Set(['agent-pattern', 'filter']));
    expect(readdirSync(data)).toContain('server');
  });

  it('goes back for its administrator alone: shown by inspect, not undone by the next update, ended by a newer generation', async () => {
    const data = newData();
    await update(data);
    const next = await publishNext();
    await update(data);
    const back = await succeeded(['update', '--rollback', '--data', data, '--component', 'filter']);
    expect(back.stdout).toBe(`filter: back from generation ${next} to ${next - 1}\n`);
    expect((await succeeded(['inspect', data])).stdout).toContain(`ROLLED BACK from generation ${next}`);
    expect((await update(data)).stdout).toMatch(/^up to date/);
    const kept = records(await succeeded(['inspect', data, '--json'])).find((line) => line['component'] === 'filter');
    expect(kept).toMatchObject({ generation: next - 1, newest: next, rolledBack: { from: next } });
    await publishNext();
    expect((await update(data)).stdout).toContain(`filter: generation ${next - 1} to ${next + 1}`);
    expect((await succeeded(['inspect', data])).stdout).not.toContain('ROLLED BACK');
    expect((await vedette(['update', '--rollback', '--data', newData()])).stderr).toMatch(/nothing to go back to/);
  });

  it('names the attack, keeps what it has, and ends with status 2', async () => {
    const data = newData();
    await update(data);
    await publishNext();
    publisher.web.instead = (path, _, response) => {
      if (!path.startsWith('targets/filter/')) {
        return false;
      }
      response.end(Buffer.alloc(100_000, 0x61));
      return true;
    };
    const ended = await update(data);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/^vedette: http:\/\/[^ ]+: (endless-data|substituted-file): /);
    expect(ended.stderr).toContain('held back with it: agent-pattern');
    expect((await succeeded(['inspect', data])).stdout).toMatch(new RegExp(`filter +generation ${newest - 1},`));
  });

  it('shows by inspect what has become stale', async () => {
    const data = newData();
    const now = Date.now();
    await update(data);
    expect((await succeeded(['inspect', data])).stdout.match(/fresh now/g)).toHaveLength(2);
    vi.useFakeTimers({ now: now + 5 * hourMs, toFake: ['Date'] });
    try {
      expect((await succeeded(['inspect', data])).stdout).toMatch(/agent-pattern .*fresh now[\s\S]*filter .*stale now/);
      vi.setSystemTime(now + 31 * 24 * hourMs);
      expect((await succeeded(['inspect', data])).stdout.match(/expired now/g)).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each<[string, string[], RegExp]>([
    ['with nothing to fetch from', [], /update needs --source URL, --root FILE and --trust KEY\.pub/],
    ['with a component of another role', ['--component', 'server-pattern', '--rollback'], /server-pattern is none of role agent/],
    ['with a root that is not there', ['--source', 'http://127.0.0.1:1', '--root', '/absent/root.json', '--trust', '/absent.pub'], /absent/],
    ['as --serve without a root', ['--serve'], /update --serve needs --root FILE/],
  ])('%s: one line, status 2', async (_, args, expected) => {
    const ended = await vedette(['update', '--data', newData(), ...args]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(expected);
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('a site of its own', () => {
  it('has lists and action table in a repository by its own key, which scans on the directory go by', async () => {
    const data = newData();
    await publishSite(7);
    await update(data);
    const own = await succeeded(['update', '--data', data, ...from(site), '--component', 'lists', '--component', 'action-table']);
    expect(own.stdout).toMatch(/^lists: generation 7, \d+ bytes \(full\)\naction-table: generation 7, \d+ bytes \(full\)\n$/);
    const file = join(newData(), 'file');
    writeFileSync(file, 'a file of the site');
    const [line] = records(await vedette(['scan', file, '--data', data, '--json']));
    expect(line).toMatchObject({ disposition: 'malicious', source: 'list', generations: { lists: 7, actions: 7 } });
    const mistaken = await vedette(['update', '--data', newData(), '--source', site.web.url, '--root', site.root, '--trust', `${publisher.key}.pub`]);
    expect([mistaken.code, mistaken.stderr.includes(': untrusted: ')]).toEqual([2, true]);
  });

  it.each<[string, unknown, RegExp]>([
    ['a field that is not known', [{ id: 'a', effect: 'blocked', keyword: 'abc', untill: 5 }], /rule 1: "untill" is not known/],
    ['two rules of one id', [{ id: 'a', effect: 'blocked', keyword: 'abc' }, { id: 'a', effect: 'blocked', keyword: 'abd' }], /another rule of this id/],
    ['a URL that is none', [{ id: 'a', effect: 'blocked', url: 'http://' }], /: a: /],
    ['an expression that cannot be read', [{ id: 'a', effect: 'blocked', regex: '(' }], /: a: /],
    ['no list', { rules: [] }, /expected a list of rules/],
    ['what is no rule', [null, 7], /rule 1: expected an object; rule 2/],
  ])('is told of %s in its rules', async (_, rules, expected) => {
    const file = join(newData(), 'rules.json');
    writeFileSync(file, JSON.stringify(rules));
    const ended = await vedette(['site', '--lists', file, '--out', newData()]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(expected);
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each<[string, unknown, RegExp]>([
    ['without the row for everything else', { trojan: { access: 'warn', remedy: 'none' } }, /expected a row "other"/],
    ['with a remedy that is none', { other: { access: 'warn', remedy: 'burn' } }, /remedy/],
  ])('is told of an action table %s', async (_, table, expected) => {
    const file = join(newData(), 'table.json');
    writeFileSync(file, JSON.stringify(table));
    expect((await vedette(['site', '--actions', file, '--out', newData()])).stderr).toMatch(expected);
  });
});

describe('update --serve', () => {
  it('passes on what the directory has, deltas too, until it is stopped; others get it without the origin', async () => {
    const data = newData();
    await update(data, '--keep-files');
    const relay = await started(['update', '--serve', '--data', data, '--root', publisher.root]);
    const other = newData();
    const viaRelay = (): Promise<Ended> => vedette(['update', '--data', other, '--relay', relay.url, '--root', publisher.root, '--trust', `${publisher.key}.pub`]);
    publisher.web.asked.length = 0;
    expect((await viaRelay()).stdout.match(/\(full\)/g)).toHaveLength(2);
    await publishNext();
    await update(data, '--keep-files');
    publisher.web.asked.length = 0;
    expect((await viaRelay()).stdout.match(/\(deltas\)/g)).toHaveLength(2);
    expect(publisher.web.asked).toEqual([]);
    expect(await relay.stop()).toBe(0);
    expect((await viaRelay()).code).toBe(2);
  });

  it('has the components themselves where nothing was kept for others', async () => {
    const data = newData();
    await update(data);
    const relay = await started(['update', '--serve', '--data', data, '--root', publisher.root, '--max-speed', '10000']);
    publisher.web.asked.length = 0;
    const ended = await vedette(['update', '--data', newData(), '--relay', relay.url, '--root', publisher.root, '--trust', `${publisher.key}.pub`]);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect([ended.stdout.match(/\(full\)/g)?.length, publisher.web.asked]).toEqual([2, []]);
    await relay.stop();
  });
});

/** A command that runs until it is stopped; resolves with its first line. */
async function started(args: readonly string[]): Promise<{ readonly url: string; stop(): Promise<number> }> {
  const stopping = new AbortController();
  let ended: Promise<number> = Promise.resolve(0);
  const url = await new Promise<string>((resolve, reject) => {
    ended = runProgram(args, {
      line: async (text) => resolve((JSON.parse(text) as { listening: string }).listening),
      stdin: async function* () {
        yield* [];
      },
      note: (text) => reject(new Error(text)),
      colours: coloursFor(false, {}),
      width: 100,
      terminal: undefined,
      signal: stopping.signal,
      stopped: () => (stopping.signal.aborted ? 'interrupted' : 'no'),
    });
  });
  return {
    url,
    stop: () => {
      stopping.abort();
      return ended;
    },
  };
}
