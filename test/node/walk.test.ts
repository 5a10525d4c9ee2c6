import { spawnSync } from 'node:child_process';
import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileLocator } from '../../src/node/files/file-path.js';
import { walk, type WalkOptions } from '../../src/node/walk/walk.js';
import { toArray } from '../../src/testing/assertions.js';
import { tempDir } from '../support/temp-dir.js';

const root = tempDir('walk');

/** Makes files (and the directories they need) under a directory of their own. */
function tree(name: string, files: readonly string[]): string {
  const base = join(root, name);
  mkdirSync(base, { recursive: true });
  for (const file of files) {
    mkdirSync(join(base, file, '..'), { recursive: true });
    writeFileSync(join(base, file), file);
  }
  return base;
}

async function labels(roots: string | readonly string[], options: WalkOptions = {}): Promise<string[]> {
  return (await toArray(walk(roots, options), 500_000)).map((subject) => subject.label ?? '');
}

/** Walks, and says what was passed over. */
async function skips(roots: string | readonly string[]): Promise<[string, string, string?][]> {
  const passed: [string, string, string?][] = [];
  await toArray(walk(roots, { onSkip: (path, reason, errno) => passed.push(errno === undefined ? [path, reason] : [path, reason, errno]) }));
  return passed;
}

describe('walk', () => {
  it('gives all files depth first, names in the order of their bytes', async () => {
    const base = tree('order', ['b/z', 'b/a/x', 'b.txt', 'a', 'B', 'ä', 'b/a.txt', '.hidden', 'c/d/e/f']);
    const expected = ['.hidden', 'B', 'a', 'b/a/x', 'b/a.txt', 'b/z', 'b.txt', 'c/d/e/f', 'ä'];
    expect(await labels(base)).toEqual(expected.map((path) => `${base}/${path}`));
  });

  it('locates what it finds by a path without links, also where a link stands on the way to the root', async () => {
    const base = tree('through', ['real/in/file', 'real/one']);
    symlinkSync(join(base, 'real'), join(base, 'link'));
    const found = await toArray(walk([join(base, 'link', 'in'), join(base, 'link', 'one')]));
    expect(found.map(({ label }) => label)).toEqual([join(base, 'link', 'in', 'file'), join(base, 'link', 'one')]);
    expect(found.map(({ locator }) => locator)).toEqual([join(realpathSync(base), 'real', 'in', 'file'), join(realpathSync(base), 'real', 'one')].map(fileLocator));
  });

  it('labels what it finds under the root as it was given, and locates it by its absolute path', async () => {
    const base = tree('given', ['d/f']);
    const given = relative(process.cwd(), base);
    for (const [start, label] of [[given, `${given}/d/f`], [`${given}/`, `${given}/d/f`], [`${base}/./d/..//d`, `${base}/./d/..//d/f`]] as const) {
      const [subject] = await toArray(walk(start));
      expect(subject?.label).toBe(label);
      expect(realpathSync(subject?.locator?.ref ?? '')).toBe(`${base}/d/f`);
    }
    expect((await toArray(walk(given)))[0]?.locator).toEqual({ scheme: 'file', ref: `${base}/d/f` });
  });

  it('gives subjects that open', async () => {
    const base = tree('opens', ['deep/er/file']);
    const [subject] = await toArray(walk(base));
    const source = await subject!.open({});
    const into = new Uint8Array(100);
    expect(Buffer.from(into.subarray(0, await source.read(0, into, {}))).toString()).toBe('deep/er/file');
    await source.close?.();
  });

  it('takes several roots in their order, files among them', async () => {
    const base = tree('roots', ['one/a', 'two/b', 'c']);
    expect(await labels([`${base}/two`, `${base}/c`, `${base}/one`])).toEqual([`${base}/two/b`, `${base}/c`, `${base}/one/a`]);
  });

  it('does not follow links, nor loops, but a root that is one', async () => {
    const base = tree('links', ['real/file']);
    symlinkSync(`${base}/real`, `${base}/to-dir`);
    symlinkSync(`${base}/real/file`, `${base}/to-file`);
    symlinkSync('..', `${base}/real/loop`);
    expect(await labels(base)).toEqual([`${base}/real/file`]);
    expect(await skips(base)).toEqual([[`${base}/real/loop`, 'symlink'], [`${base}/to-dir`, 'symlink'], [`${base}/to-file`, 'symlink']]);
    const [inDir] = await toArray(walk(`${base}/to-dir`));
    expect([inDir?.label, inDir?.locator?.ref]).toEqual([`${base}/to-dir/file`, `${base}/real/file`]);
    const [file] = await toArray(walk(`${base}/to-file`));
    expect([file?.label, file?.locator?.ref]).toEqual([`${base}/to-file`, `${base}/real/file`]);
    await (await file!.open({})).close?.();
  });

  it('passes over what is no regular file, and says what it is', async () => {
    const base = tree('special', ['file']);
    spawnSync('mkfifo', [`${base}/fifo`]);
    symlinkSync('nowhere', `${base}/dangling`);
    expect(await labels(base)).toEqual([`${base}/file`]);
    expect(await skips(base)).toEqual([[`${base}/dangling`, 'symlink'], [`${base}/fifo`, 'fifo']]);
    expect(await skips([`${base}/fifo`, '/dev/null', `${base}/dangling`, `${base}/none`, `${base}/file/below`])).toEqual([
      [`${base}/fifo`, 'fifo'],
      ['/dev/null', 'device'],
      [`${base}/dangling`, 'gone', 'ENOENT'],
      [`${base}/none`, 'gone', 'ENOENT'],
      [`${base}/file/below`, 'gone', 'ENOTDIR'],
    ]);
  });

  it('leaves out what the host excludes, directories with all in them', async () => {
    const base = tree('excluded', ['keep/a', 'node_modules/b', 'keep/node_modules/c', 'keep/d.log']);
    const asked: string[] = [];
    const exclude = (path: string): boolean => {
      asked.push(path);
      return path.endsWith('node_modules') || path.endsWith('.log');
    };
    expect(await labels(base, { exclude })).toEqual([`${base}/keep/a`]);
    expect(asked).not.toContain(`${base}/node_modules/b`);
  });

  it('finds files whose names are no text, and tells a directory of that kind', async () => {
    const base = tree('bytes', ['plain']);
    const odd = Buffer.concat([Buffer.from(`${base}/d`), Buffer.from([0xff])]);
    mkdirSync(odd);
    writeFileSync(Buffer.concat([odd, Buffer.from('/\xfc', 'latin1')]), 'inside');
    const found = await toArray(walk(base));
    expect(found.map((subject) => subject.label)).toEqual([`${base}/d\\xff/\\xfc`, `${base}/plain`]);
    const source = await found[0]!.open({});
    const into = new Uint8Array(6);
    expect(await source.read(0, into, {})).toBe(6);
    expect(Buffer.from(into).toString()).toBe('inside');
    await source.close?.();
  });

  it('reports a directory that cannot be named for its depth, and goes on', async () => {
    const base = tree('deep', ['z']);
    spawnSync('sh', ['-c', `cd ${base}; for i in $(seq 60); do mkdir ${'d'.repeat(100)}; cd ${'d'.repeat(100)}; done`]);
    expect(await labels(base)).toEqual([`${base}/z`]);
    expect((await skips(base)).map(([, ...rest]) => rest)).toEqual([['unreadable', 'ENAMETOOLONG']]);
  });

  it('goes on when a directory vanishes before its turn', async () => {
    const base = tree('vanishing', ['a', 'b/c', 'd']);
    const seen: string[] = [];
    const passed: string[] = [];
    for await (const subject of walk(base, { onSkip: (path, reason) => passed.push(`${path} ${reason}`) })) {
      seen.push(subject.label ?? '');
      rmSync(`${base}/b`, { recursive: true, force: true });
    }
    expect(seen).toEqual([`${base}/a`, `${base}/d`]);
    expect(passed).toEqual([`${base}/b gone`]);
  });

  it('stops when the caller stops or aborts, and leaves no directory open', async () => {
    const base = tree('stopped', Array.from({ length: 50 }, (_, i) => `d${i}/f`));
    for await (const subject of walk(base)) {
      expect(subject.label).toBe(`${base}/d0/f`);
      break;
    }
    const controller = new AbortController();
    const seen: string[] = [];
    const all = (async () => {
      for await (const subject of walk(base, { signal: controller.signal })) {
        seen.push(subject.label ?? '');
        controller.abort();
      }
    })();
    await expect(all).rejects.toMatchObject({ code: 'aborted' });
    expect(seen).toHaveLength(1);
  });

  it('walks a directory of thousands in order', async () => {
    const base = tree('many', Array.from({ length: 4_000 }, (_, i) => `f${i}`));
    const found = await labels(base);
    expect(found).toHaveLength(4_000);
    expect(found).toEqual([...found].sort());
  });
});
