import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../src/base/check-result.js';
import type { Remedy } from '../../src/base/verdict.js';
import { createFileActions } from '../../src/node/file-actions.js';
import { fileLocator, pathFromBytes, type FilePath } from '../../src/node/files/file-path.js';
import { withSuffix } from '../../src/node/remedy/rename-away.js';
import { hiddenName, vaultId } from '../../src/node/vault/quarantine.js';
import { openBelow } from '../support/open-resources.js';
import { tempDir } from '../support/temp-dir.js';

const root = tempDir('actions');
const quarantineDir = join(root, 'quarantine');
const actions = createFileActions({ quarantineDir, now: () => 1_700_000_000_000 });
const signal = new AbortController().signal;
const bad = 'inert marker of a bad file';
const unmovable = '/sys/devices/system/cpu/possible';
let count = 0;

/** A directory of its own with one condemned file. */
function condemn(name = 'bad.exe', content = bad): { readonly dir: string; readonly path: string } {
  const dir = join(root, `case-${count++}`);
  mkdirSync(dir);
  writeFileSync(join(dir, name), content);
  return { dir, path: join(dir, name) };
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

function resultOf(path: FilePath, remedy: Remedy, change: Partial<CheckResult> = {}): CheckResult {
  return {
    id: 'r1',
    subject: { kind: 'file', label: String(path), locator: fileLocator(path) },
    sha256: sha256(bad),
    verdict: { disposition: 'malicious', threats: [{ name: 'Test.Marker', type: 'test', detail: { much: 1 } }], source: 'query', generations: {} },
    decision: { access: 'block', remedy },
    occasion: 'late',
    pending: { kind: 'none' },
    members: [],
    trace: [],
    ...change,
  };
}

const remedies = ['rename', 'delete', 'quarantine'] as const;

describe.each(remedies)('the remedy %s', (remedy) => {
  it('takes the condemned file out of its place', async () => {
    const { dir, path } = condemn();
    expect(await actions.apply(resultOf(path, remedy), { key: `k${count}`, signal })).toEqual({ kind: 'done' });
    expect(readdirSync(dir)).toEqual(remedy === 'rename' ? ['bad.exe.vir'] : []);
  });

  it('is not needed, and touches nothing, where other content lies now', async () => {
    const { dir, path } = condemn();
    writeFileSync(path, 'something else');
    expect(await actions.apply(resultOf(path, remedy), { key: 'k', signal })).toEqual({ kind: 'not-needed' });
    expect(readdirSync(dir)).toEqual(['bad.exe']);
    expect(readFileSync(path, 'utf8')).toBe('something else');
  });

  it('is not needed where nothing lies any more, not even the directory', async () => {
    const { dir } = condemn();
    expect(await actions.apply(resultOf(join(dir, 'gone'), remedy), { key: 'k', signal })).toEqual({ kind: 'not-needed' });
    expect(await actions.apply(resultOf(join(dir, 'no', 'dir', 'gone'), remedy), { key: 'k', signal })).toEqual({ kind: 'not-needed' });
    expect(await actions.apply(resultOf(join(dir, 'bad.exe', 'below'), remedy), { key: 'k', signal })).toEqual({ kind: 'not-needed' });
  });

  it('does not follow a link to the condemned content', async () => {
    const { dir, path } = condemn();
    const link = join(dir, 'link');
    symlinkSync(path, link);
    expect(await actions.apply(resultOf(link, remedy), { key: 'k', signal })).toEqual({ kind: 'not-needed' });
    expect(readdirSync(dir).sort()).toEqual(['bad.exe', 'link']);
  });

  it('has the effect of once when it is applied twice with one key', async () => {
    const { dir, path } = condemn();
    const key = `twice-${remedy}`;
    await actions.apply(resultOf(path, remedy), { key, signal });
    const before = readdirSync(dir);
    expect(['done', 'not-needed']).toContain((await actions.apply(resultOf(path, remedy), { key, signal })).kind);
    expect(readdirSync(dir)).toEqual(before);
  });

  it('says that other names of the content remain', async () => {
    const { dir, path } = condemn();
    linkSync(path, join(dir, 'other-name'));
    const outcome = await actions.apply(resultOf(path, remedy), { key: `links-${count}`, signal });
    expect(outcome).toEqual({ kind: 'done', detail: '1 other hard link to the content, not treated' });
    expect(readFileSync(join(dir, 'other-name'), 'utf8')).toBe(bad);
  });

  it('is unable, and touches nothing, where a symbolic link leads to the directory', async () => {
    const { dir } = condemn();
    symlinkSync(dir, `${dir}-link`);
    const outcome = await actions.apply(resultOf(join(`${dir}-link`, 'bad.exe'), remedy), { key: 'k', signal });
    expect(outcome).toEqual({ kind: 'unable', detail: 'ELOOP: a symbolic link is on the way, and none is followed' });
    expect(readdirSync(dir)).toEqual(['bad.exe']);
  });

  it('works on a file whose name is no text', async () => {
    const { dir } = condemn();
    const path = Buffer.concat([Buffer.from(`${dir}/odd`), Buffer.from([0xff])]);
    writeFileSync(path, bad);
    expect(await actions.apply(resultOf(pathFromBytes(path), remedy), { key: `bytes-${count}`, signal })).toEqual({ kind: 'done' });
    expect(existsSync(path)).toBe(false);
  });

  it('ends at once when it is aborted, with nothing done', async () => {
    const { path } = condemn();
    await expect(actions.apply(resultOf(path, remedy), { key: 'k', signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    expect(existsSync(path)).toBe(true);
  });

  it.skipIf(!existsSync(unmovable))('is unable where the system says so for good (needs a file that nobody may move)', async () => {
    const content = readFileSync(unmovable, 'utf8');
    const outcome = await actions.apply(resultOf(unmovable, remedy, { sha256: sha256(content) }), { key: `sys-${remedy}`, signal });
    expect(outcome).toMatchObject({ kind: 'unable', detail: expect.stringMatching(/^E[A-Z]+: /) as string });
    expect(readFileSync(unmovable, 'utf8')).toBe(content);
  });

  it('leaves no descriptor open', async () => {
    const before = openBelow(root);
    for (let round = 0; round < 10; round++) {
      const { path } = condemn();
      await actions.apply(resultOf(path, remedy), { key: `fd-${round}-${remedy}`, signal });
      await actions.apply(resultOf(path, remedy), { key: `again-${round}-${remedy}`, signal });
    }
    expect(openBelow(root)).toEqual(before);
  });
});

describe('createFileActions', () => {
  it('does nothing where nothing was decided', async () => {
    const { path } = condemn();
    expect(await actions.apply(resultOf(path, 'none'), { key: 'k', signal })).toEqual({ kind: 'not-needed' });
    expect(existsSync(path)).toBe(true);
  });

  it.each<[string, Partial<CheckResult>]>([
    ['no locator', { subject: { kind: 'file', label: 'upload' } }],
    ['another locator', { subject: { kind: 'file', locator: { scheme: 'mail', ref: '7' } } }],
    ['no file', { subject: { kind: 'url', url: 'http://example.com/' } }],
  ])('is unable for a subject with %s', async (_, change) => {
    expect(await actions.apply(resultOf('/x', 'delete', change), { key: 'k', signal })).toEqual({ kind: 'unable', detail: 'the subject has no file locator' });
  });

  it('is unable without a digest, and without a quarantine directory', async () => {
    const { path } = condemn();
    const { sha256: _, ...without } = resultOf(path, 'delete');
    expect(await actions.apply(without, { key: 'k', signal })).toMatchObject({ kind: 'unable' });
    expect(await createFileActions().apply(resultOf(path, 'quarantine'), { key: 'k', signal })).toMatchObject({ kind: 'unable' });
    expect(existsSync(path)).toBe(true);
  });
});

describe('rename', () => {
  it('takes the first name that is free and overwrites nothing', async () => {
    const { dir, path } = condemn();
    writeFileSync(join(dir, 'bad.exe.vir'), 'innocent');
    symlinkSync('nowhere', join(dir, 'bad.exe.vir.1'));
    mkdirSync(join(dir, 'bad.exe.vir.2'));
    expect(await actions.apply(resultOf(path, 'rename'), { key: 'k', signal })).toEqual({ kind: 'done' });
    expect(readFileSync(join(dir, 'bad.exe.vir'), 'utf8')).toBe('innocent');
    expect(readFileSync(join(dir, 'bad.exe.vir.3'), 'utf8')).toBe(bad);
  });

  it('cuts a name that would be too long, between characters', async () => {
    const name = `${'ä'.repeat(127)}b`;
    const { dir, path } = condemn(name);
    expect(await actions.apply(resultOf(path, 'rename'), { key: 'k', signal })).toEqual({ kind: 'done' });
    expect(readdirSync(dir)).toEqual([`${'ä'.repeat(125)}.vir`]);
    expect(withSuffix(Buffer.alloc(300, 0xff), '.vir')).toHaveLength(255);
  });
});

describe('a remedy that was interrupted', () => {
  const hiddenOf = (key: string, path: string): string => hiddenName(vaultId(key, sha256(bad), fileLocator(path)));

  it('gives an innocent file its name back that was moved when the end came', async () => {
    const { dir, path } = condemn();
    const hidden = join(dir, hiddenOf('swapped', path));
    unlinkSync(path);
    writeFileSync(hidden, 'innocent');
    expect(await actions.apply(resultOf(path, 'delete'), { key: 'swapped', signal })).toEqual({ kind: 'not-needed' });
    expect(readdirSync(dir)).toEqual(['bad.exe']);
    expect(readFileSync(path, 'utf8')).toBe('innocent');
  });

  it('says where an innocent file is whose name was taken by another', async () => {
    const { dir, path } = condemn();
    const hidden = join(dir, hiddenOf('astray', path));
    writeFileSync(hidden, 'innocent');
    const outcome = await actions.apply(resultOf(path, 'delete'), { key: 'astray', signal });
    expect(outcome).toEqual({ kind: 'uncertain', detail: `another file took the place; what was moved by mistake is ${hidden}` });
    expect(readFileSync(hidden, 'utf8')).toBe('innocent');
  });

  it('deletes what an interrupted deletion left, once', async () => {
    const { dir, path } = condemn();
    renameSync(path, join(dir, hiddenOf('half', path)));
    expect(await actions.apply(resultOf(path, 'delete'), { key: 'half', signal })).toEqual({ kind: 'done' });
    expect(readdirSync(dir)).toEqual([]);
  });

  it.each([
    ['between its two steps', (hidden: string, _path: string): void => expect(existsSync(hidden)).toBe(true)],
    ['when it had both names', (hidden: string, path: string): void => linkSync(hidden, `${path}.vir`)],
  ])('renames what an interrupted renaming left %s, once', async (_, undo) => {
    const { dir, path } = condemn();
    const hidden = join(dir, hiddenOf('named', path));
    renameSync(path, hidden);
    undo(hidden, path);
    expect((await actions.apply(resultOf(path, 'rename'), { key: 'named', signal })).kind).toBe('done');
    expect(readdirSync(dir)).toEqual(['bad.exe.vir']);
  });
});
