/** `vedette quarantine` as a contract: what is shown, given back, approved and purged. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { records } from './support/ended.js';
import { compileFeed, localName, marker, type Feed } from './support/feed.js';
import { temporaryFolder } from './support/folders.js';
import { vedette } from './support/in-process.js';

let feed: Feed;

beforeAll(async () => {
  feed = await compileFeed(vedette);
});

interface Scene {
  readonly tree: string;
  readonly data: string;
  readonly bad: string;
}

/** A tree with a malicious file that a scan has put into quarantine. */
async function caught(name = 'bad.exe'): Promise<Scene> {
  const tree = temporaryFolder('tree');
  const data = join(temporaryFolder('data'), 'data');
  const bad = join(tree, name);
  mkdirSync(data);
  writeFileSync(bad, `some ${marker} text`);
  await scanned({ tree, data, bad });
  expect(existsSync(bad)).toBe(false);
  return { tree, data, bad };
}

const scanned = (on: Scene): ReturnType<typeof vedette> =>
  vedette(['scan', on.tree, '--pattern', feed.out, '--server-pattern', feed.serverPattern, '--data', on.data, '--remedy', 'quarantine', '--json']);
const quarantine = (on: Pick<Scene, 'data'>, command: string, ...args: string[]): ReturnType<typeof vedette> => vedette(['quarantine', command, ...args, '--data', on.data]);

async function listed(on: Scene): Promise<Record<string, unknown>[]> {
  const ended = await quarantine(on, 'list', '--json');
  expect(ended.code).toBe(0);
  return records(ended);
}

describe('quarantine list', () => {
  it('is shown to people', async () => {
    const on = await caught();
    const ended = await quarantine(on, 'list');
    expect(ended.stderr).toBe('');
    expect(ended.stdout.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, 'WHEN').replaceAll(/id [0-9a-f]{12}/g, 'id ID').replace(/Test\.Local\.\w+/, localName)).toBe(
      `WHEN  ${localName} · 27 bytes\n  ${on.bad}\n  id ID\n1 file (27 bytes)\n`.replaceAll('27', String(`some ${marker} text`.length)),
    );
  });

  it('is shown to programs', async () => {
    const on = await caught();
    const [item, summary] = await listed(on);
    expect(item).toEqual({
      kind: 'quarantined', state: 'held', id: expect.stringMatching(/^[0-9a-f]{32}$/) as string, path: on.bad, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      size: `some ${marker} text`.length, threats: [expect.stringMatching(/^Test\.Local\./) as string], mode: 0o644, uid: process.getuid?.(), gid: process.getgid?.(), mtimeMs: expect.any(Number) as number, links: 1,
      at: expect.any(Number) as number,
    });
    expect(summary).toEqual({ kind: 'summary', items: 1, bytes: item?.['size'], damaged: 0 });
  });

  it('shows hostile names harmless, and what cannot be opened', async () => {
    const on = await caught('evil\u001b[2J\u202egpj.exe\n');
    const { stdout } = await quarantine(on, 'list');
    expect(stdout).toContain('evil\\x1b[2J\\u{202e}gpj.exe\\x0a');
    const [name = ''] = readdirSync(join(on.data, 'vault')).filter((one) => one.endsWith('.item'));
    writeFileSync(join(on.data, 'vault', name), 'damaged');
    expect((await quarantine(on, 'list')).stdout).toMatch(/cannot be opened · 7 bytes\n {2}vault item [0-9a-f]{32}: is no item of a vault/);
    expect((await listed(on)).at(-1)).toMatchObject({ items: 1, damaged: 1 });
  });

  it('of a directory without a vault is empty and makes none; of no directory is refused', async () => {
    const data = temporaryFolder('empty');
    expect((await quarantine({ data }, 'list')).stdout).toBe('nothing is in quarantine\n');
    expect(readdirSync(data)).toEqual([]);
    const ended = await quarantine({ data: join(data, 'typo') }, 'list');
    expect([ended.code, ended.stderr]).toEqual([2, `vedette: ${join(data, 'typo')}: no such file or directory\n`]);
  });
});

describe('quarantine restore', () => {
  it('puts a file back by the first digits of its id, which a scan then catches again', async () => {
    const on = await caught();
    const [item] = await listed(on);
    const ended = await quarantine(on, 'restore', String(item?.['id']).slice(0, 12));
    expect([ended.code, ended.stdout, ended.stderr]).toEqual([0, `restored ${on.bad}\n`, '']);
    expect(readFileSync(on.bad, 'utf8')).toBe(`some ${marker} text`);
    await scanned(on);
    expect(existsSync(on.bad)).toBe(false);
  });

  it('with --approve is not caught again, in another process either', async () => {
    const on = await caught();
    const [item] = await listed(on);
    const ended = await quarantine(on, 'restore', String(item?.['id']), '--approve', '--json');
    expect(records(ended)).toEqual([{ kind: 'restored', id: item?.['id'], path: on.bad, approved: true }]);
    const again = records(await scanned(on));
    expect(again.find((one) => one['path'] === on.bad)).toMatchObject({ disposition: 'clean', source: 'list' });
    expect(existsSync(on.bad)).toBe(true);
  });

  it('overwrites nothing and names the way out', async () => {
    const on = await caught();
    const [item] = await listed(on);
    writeFileSync(on.bad, 'new');
    const refused = await quarantine(on, 'restore', String(item?.['id']));
    expect([refused.code, refused.stderr]).toEqual([2, `vedette: a file has the place ${on.bad}: say where to restore to (--to PATH)\n`]);
    const to = join(on.tree, 'elsewhere');
    expect((await quarantine(on, 'restore', String(item?.['id']), '--to', to)).stdout).toBe(`restored ${to}\n`);
    expect([readFileSync(on.bad, 'utf8'), readFileSync(to, 'utf8')]).toEqual(['new', `some ${marker} text`]);
  });

  it.each([['abcd'], ['0'.repeat(32)], ['../../etc/passwd'], ['x']])('knows nothing as %s', async (id) => {
    const ended = await quarantine(await caught(), 'restore', id);
    expect([ended.code, ended.stdout, ended.stderr.split('\n').length]).toEqual([2, '', 2]);
  });
});

describe('quarantine purge', () => {
  it('takes out what is older, or everything', async () => {
    const on = await caught();
    expect((await quarantine(on, 'purge', '--older-than', '1')).stdout).toBe('purged 0 files\n');
    expect((await quarantine(on, 'purge', '--max-bytes', '1000')).stdout).toBe('purged 0 files\n');
    expect(records(await quarantine(on, 'purge', '--json'))).toEqual([{ kind: 'purged', items: 1 }]);
    expect((await listed(on)).at(-1)).toMatchObject({ items: 0 });
  });

  it('takes out what it is told by ids or their first digits, and nothing where one of them is none', async () => {
    const on = await caught();
    const [item] = await listed(on);
    const id = String(item?.['id']);
    expect((await quarantine(on, 'purge', id.slice(0, 8), '0'.repeat(8))).code).toBe(2);
    expect((await quarantine(on, 'purge', id, '--older-than', '1')).code).toBe(2);
    expect((await listed(on)).at(-1)).toMatchObject({ items: 1 });
    expect((await quarantine(on, 'purge', id.slice(0, 8))).stdout).toBe('purged 1 file\n');
    expect((await listed(on)).at(-1)).toMatchObject({ items: 0 });
    expect((await quarantine(on, 'purge', id)).code).toBe(2);
  });

  it('keeps its help within 100 columns', async () => {
    for (const command of ['list', 'restore', 'purge']) {
      const { stdout } = await vedette(['quarantine', command, '--help']);
      expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
    }
  });
});
