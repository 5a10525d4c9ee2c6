import { createHash } from 'node:crypto';
import { chmodSync, existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CheckResult } from '../../src/base/check-result.js';
import type { Remedy } from '../../src/base/verdict.js';
import { createFileActions } from '../../src/node/file-actions.js';
import { fileLocator, pathFromBytes, type FilePath } from '../../src/node/file-path.js';
import { hiddenName, quarantineId } from '../../src/node/remedy/quarantine.js';
import { listQuarantine, removeQuarantined, restoreQuarantined } from '../../src/node/remedy/restore.js';
import { withSuffix } from '../../src/node/remedy/rename-away.js';
import { toArray } from '../../src/testing/assertions.js';
import { tempDir } from '../support/temp-dir.js';

const root = tempDir('actions');
const quarantineDir = join(root, 'quarantine');
const actions = createFileActions({ quarantineDir, now: () => 1_700_000_000_000 });
const signal = new AbortController().signal;
const bad = 'inert marker of a bad file';
const unmovable = '/sys/devices/system/cpu/possible';
const shm = '/dev/shm';
const hasOtherDevice = existsSync(shm) && statSync(shm).dev !== statSync(root).dev;
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
    expect(outcome).toEqual({ kind: 'done', detail: '1 other hard links to the content remain' });
    expect(readFileSync(join(dir, 'other-name'), 'utf8')).toBe(bad);
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
    // The size of such a file is not the truth: quarantine, which copies, finds other content than it was told.
    expect(outcome.kind).toBe(remedy === 'quarantine' ? 'not-needed' : 'unable');
    expect(readFileSync(unmovable, 'utf8')).toBe(content);
  });

  it('leaves no descriptor open', async () => {
    const open = (): number => readdirSync('/proc/self/fd').length;
    const before = open();
    for (let round = 0; round < 10; round++) {
      const { path } = condemn();
      await actions.apply(resultOf(path, remedy), { key: `fd-${round}-${remedy}`, signal });
      await actions.apply(resultOf(path, remedy), { key: `again-${round}-${remedy}`, signal });
    }
    expect(open()).toBeLessThan(before + 5);
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

describe('quarantine', () => {
  it('keeps content, place and properties in files that are private', async () => {
    const { path, dir } = condemn();
    chmodSync(path, 0o754);
    utimesSync(path, 1000, 2000.5);
    await actions.apply(resultOf(path, 'quarantine'), { key: 'kept', signal });
    const record = (await toArray(listQuarantine(quarantineDir))).find((one) => one.key === 'kept');
    const parent = statSync(dir);
    expect(record).toMatchObject({
      state: 'held', ref: path, label: path, sha256: sha256(bad), size: bad.length, mode: 0o754, mtimeMs: 2000_500, links: 1,
      parent: `${parent.dev}:${parent.ino}`, threats: [{ name: 'Test.Marker', type: 'test' }], quarantinedAt: 1_700_000_000_000,
    });
    expect(statSync(quarantineDir).mode & 0o777).toBe(0o700);
    for (const name of [`${record!.id}.bin`, `${record!.id}.json`]) {
      expect(statSync(join(quarantineDir, name)).mode & 0o777).toBe(0o600);
    }
    expect(readFileSync(join(quarantineDir, `${record!.id}.bin`), 'utf8')).toBe(bad);
  });

  it('gives a file back as it was, to where it was', async () => {
    const { path } = condemn();
    chmodSync(path, 0o4711);
    utimesSync(path, 1000, 2000);
    const before = lstatSync(path);
    await actions.apply(resultOf(path, 'quarantine'), { key: 'back', signal });
    const id = quarantineId('back', sha256(bad), fileLocator(path));
    expect(await restoreQuarantined(quarantineDir, id)).toBe(path);
    const after = lstatSync(path);
    expect([after.mode, after.uid, after.gid, after.mtimeMs]).toEqual([before.mode, before.uid, before.gid, before.mtimeMs]);
    expect(readFileSync(path, 'utf8')).toBe(bad);
    expect(readdirSync(quarantineDir).filter((name) => name.startsWith(id))).toEqual([]);
    await expect(restoreQuarantined(quarantineDir, id)).rejects.toMatchObject({ code: 'unsupported', detail: { why: 'unknown' } });
  });

  it('gives nothing back over another file, nor through a directory that is another by now, but to where it is told', async () => {
    const { path, dir } = condemn();
    await actions.apply(resultOf(path, 'quarantine'), { key: 'guarded', signal });
    const id = quarantineId('guarded', sha256(bad), fileLocator(path));
    writeFileSync(path, 'a new file');
    await expect(restoreQuarantined(quarantineDir, id)).rejects.toMatchObject({ detail: { why: 'taken' } });
    expect(readFileSync(path, 'utf8')).toBe('a new file');
    expect(readdirSync(dir)).toEqual(['bad.exe']);
    const elsewhere = condemn('unrelated').dir;
    renameSync(dir, `${dir}-away`);
    symlinkSync(elsewhere, dir);
    await expect(restoreQuarantined(quarantineDir, id)).rejects.toMatchObject({ detail: { why: 'moved' } });
    expect(readdirSync(elsewhere)).toEqual(['unrelated']);
    expect(await restoreQuarantined(quarantineDir, id, { to: join(elsewhere, 'told') })).toBe(join(elsewhere, 'told'));
    expect(readFileSync(join(elsewhere, 'told'), 'utf8')).toBe(bad);
  });

  it('gives nothing back that is not what was put away, and keeps it', async () => {
    const { path } = condemn();
    await actions.apply(resultOf(path, 'quarantine'), { key: 'altered', signal });
    const id = quarantineId('altered', sha256(bad), fileLocator(path));
    for (const content of ['altered', `${bad}!`, '']) {
      writeFileSync(join(quarantineDir, `${id}.bin`), content);
      await expect(restoreQuarantined(quarantineDir, id)).rejects.toMatchObject({ code: 'store-damaged' });
    }
    expect(existsSync(path)).toBe(false);
    expect(existsSync(join(quarantineDir, `${id}.bin`))).toBe(true);
    expect(await removeQuarantined(quarantineDir, id)).toBe(true);
    expect(await removeQuarantined(quarantineDir, id)).toBe(false);
    expect(existsSync(join(quarantineDir, `${id}.bin`))).toBe(false);
  });

  it('does not put what lies in quarantine there a second time', async () => {
    const { path } = condemn();
    await actions.apply(resultOf(path, 'quarantine'), { key: 'inside', signal });
    const held = join(quarantineDir, `${quarantineId('inside', sha256(bad), fileLocator(path))}.bin`);
    expect(await actions.apply(resultOf(held, 'quarantine'), { key: 'again', signal })).toEqual({ kind: 'not-needed' });
    expect(existsSync(held)).toBe(true);
  });

  it.skipIf(!hasOtherDevice)('copies across devices, and deletes the original after that (needs /dev/shm on another device)', async () => {
    const dir = tempDirOnOtherDevice();
    const path = join(dir, 'bad.exe');
    writeFileSync(path, bad);
    expect(await actions.apply(resultOf(path, 'quarantine'), { key: 'devices', signal })).toEqual({ kind: 'done' });
    expect(readdirSync(dir)).toEqual([]);
    const id = quarantineId('devices', sha256(bad), fileLocator(path));
    expect(readFileSync(join(quarantineDir, `${id}.bin`), 'utf8')).toBe(bad);
    await restoreQuarantined(quarantineDir, id);
    expect(readFileSync(path, 'utf8')).toBe(bad);
  });

  it('ignores records that are none, and names that lead elsewhere', async () => {
    const before = (await toArray(listQuarantine(quarantineDir))).length;
    writeFileSync(join(quarantineDir, `${'0'.repeat(32)}.json`), '{"version":1}');
    writeFileSync(join(quarantineDir, `${'1'.repeat(32)}.json`), 'no json');
    writeFileSync(join(quarantineDir, 'notes.json'), '{}');
    expect(await toArray(listQuarantine(quarantineDir))).toHaveLength(before);
    for (const id of ['0'.repeat(32), '../../etc/passwd', '', 'x']) {
      await expect(restoreQuarantined(quarantineDir, id)).rejects.toMatchObject({ detail: { why: 'unknown' } });
    }
    expect(await toArray(listQuarantine(join(root, 'no such directory')))).toEqual([]);
  });
});

describe('a quarantine that was interrupted', () => {
  /** Quarantines, then takes the directory back to what a crash at that point leaves. */
  async function interrupted(key: string, undo: (at: { readonly path: string; readonly content: string; readonly record: string; readonly hidden: string }) => void): Promise<string> {
    const { path, dir } = condemn();
    await actions.apply(resultOf(path, 'quarantine'), { key, signal });
    const id = quarantineId(key, sha256(bad), fileLocator(path));
    const record = join(quarantineDir, `${id}.json`);
    writeFileSync(record, readFileSync(record, 'utf8').replace('"held"', '"moving"'));
    undo({ path, record, content: join(quarantineDir, `${id}.bin`), hidden: join(dir, hiddenName(id)) });
    expect(await actions.apply(resultOf(path, 'quarantine'), { key, signal })).toEqual({ kind: 'done' });
    expect(readFileSync(join(quarantineDir, `${id}.bin`), 'utf8')).toBe(bad);
    expect((await toArray(listQuarantine(quarantineDir))).find((one) => one.id === id)?.state).toBe('held');
    expect(readdirSync(dir)).toEqual([]);
    return id;
  }

  it('is completed when only the last record was missing', () => interrupted('crash-1', () => undefined));

  it('is completed when the record was all there was', () =>
    interrupted('crash-2', ({ content, path }) => renameSync(content, path)));

  it('is completed when a copy was made and the original still there', () =>
    interrupted('crash-3', ({ path }) => writeFileSync(path, bad)));

  it('is begun anew when the copy was only half made', () =>
    interrupted('crash-4', ({ content, path }) => {
      writeFileSync(path, bad);
      unlinkSync(content);
      writeFileSync(content.replace('.bin', '.part'), bad.slice(0, 5));
    }));

  it('is completed when the original was about to be deleted under its hidden name', () =>
    interrupted('crash-5', ({ hidden }) => writeFileSync(hidden, bad)));

  it('is completed when there was not even a record', () =>
    interrupted('crash-6', ({ content, record, path }) => {
      renameSync(content, path);
      unlinkSync(record);
    }));

  it('gives an innocent file its name back that was moved when the end came', async () => {
    const { dir, path } = condemn();
    const hidden = join(dir, hiddenName(quarantineId('swapped', sha256(bad), fileLocator(path))));
    unlinkSync(path);
    writeFileSync(hidden, 'innocent');
    expect(await actions.apply(resultOf(path, 'delete'), { key: 'swapped', signal })).toEqual({ kind: 'not-needed' });
    expect(readdirSync(dir)).toEqual(['bad.exe']);
    expect(readFileSync(path, 'utf8')).toBe('innocent');
  });

  it('deletes what an interrupted deletion left, once', async () => {
    const { dir, path } = condemn();
    renameSync(path, join(dir, hiddenName(quarantineId('half', sha256(bad), fileLocator(path)))));
    expect(await actions.apply(resultOf(path, 'delete'), { key: 'half', signal })).toEqual({ kind: 'done' });
    expect(readdirSync(dir)).toEqual([]);
  });
});

function tempDirOnOtherDevice(): string {
  const dir = mkdtempSync(join(shm, 'vedette-actions-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  return dir;
}
