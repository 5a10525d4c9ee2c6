import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { identify, type Condemned } from '../../src/node/remedy/condemned.js';
import { pinDirectory } from '../../src/node/remedy/pinned-directory.js';
import { renameAway } from '../../src/node/remedy/rename-away.js';
import { deleteCondemned, placehold, setAside, type Moved } from '../../src/node/remedy/verified-move.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { tempDir } from '../support/temp-dir.js';

const root = tempDir('races');
const bad = 'inert marker of a bad file';
const sha256 = createHash('sha256').update(bad).digest('hex');
let count = 0;

interface Scene {
  readonly dir: string;
  readonly path: string;
  readonly condemned: Condemned;
}

/** A condemned file, identified; what happens next happens between the look and the act. */
async function scene(): Promise<Scene> {
  const dir = join(root, `scene-${count++}`);
  mkdirSync(dir);
  const path = join(dir, 'file');
  writeFileSync(path, bad);
  const identified = await identify(path, sha256);
  if (identified.kind !== 'condemned') {
    throw new Error(identified.kind);
  }
  return { dir, path, condemned: identified.condemned };
}

/** Every act that takes a condemned file out of its place. */
const acts: readonly (readonly [string, (condemned: Condemned) => Promise<Moved>])[] = [
  ['delete', (condemned) => deleteCondemned(condemned, '.hidden')],
  ['rename', (condemned) => renameAway(condemned, '.hidden')],
  ['move', (condemned) => setAside(condemned, '.hidden')],
];

describe.each(acts)('between the look and the %s', (_, act) => {
  it('another file that took the place stays where it is', async () => {
    const { dir, path, condemned } = await scene();
    unlinkSync(path);
    writeFileSync(path, 'innocent');
    expect(await act(condemned)).toEqual({ kind: 'changed' });
    expect(readdirSync(dir)).toEqual(['file']);
    expect(readFileSync(path, 'utf8')).toBe('innocent');
    await condemned.close();
  });

  it('a link that took the place leads nobody to its target', async () => {
    const { dir, path, condemned } = await scene();
    const target = join(root, `target-${count++}`);
    writeFileSync(target, 'innocent');
    unlinkSync(path);
    symlinkSync(target, path);
    expect(await act(condemned)).toEqual({ kind: 'changed' });
    expect(readdirSync(dir)).toEqual(['file']);
    expect(readFileSync(target, 'utf8')).toBe('innocent');
    await condemned.close();
  });

  it('the file was written to, and stays', async () => {
    const { path, condemned } = await scene();
    writeFileSync(path, 'somebody has cleaned it');
    expect(await act(condemned)).toEqual({ kind: 'changed' });
    expect(readFileSync(path, 'utf8')).toBe('somebody has cleaned it');
    await condemned.close();
  });

  it('the file went away, and nothing is left behind', async () => {
    const { dir, path, condemned } = await scene();
    unlinkSync(path);
    expect(await act(condemned)).toEqual({ kind: 'gone' });
    expect(readdirSync(dir)).toEqual([]);
    await condemned.close();
  });

  it.skipIf(process.platform !== 'linux')('a directory that was swapped for a link leads nobody elsewhere', async () => {
    const { dir, condemned } = await scene();
    const elsewhere = join(root, `elsewhere-${count++}`);
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'file'), bad);
    renameSync(dir, `${dir}-away`);
    symlinkSync(elsewhere, dir);
    expect(await act(condemned)).toEqual({ kind: 'moved' });
    expect(readdirSync(elsewhere)).toEqual(['file']);
    expect(existsSync(join(`${dir}-away`, 'file'))).toBe(false);
    await condemned.close();
  });
});

describe('an act in the moment of the swap', () => {
  it.each(acts)('a %s puts back what it moved by mistake', async (_, act) => {
    const { dir, path, condemned } = await scene();
    expect(await act(swappedAfterLook(condemned, [1], path))).toEqual({ kind: 'changed' });
    expect(readdirSync(dir)).toEqual(['file']);
    expect(readFileSync(path, 'utf8')).toBe('innocent 1');
    await condemned.close();
  });

  it.each(acts)('a %s that cannot put it back says where it is', async (_, act) => {
    const { path, condemned } = await scene();
    const outcome = await act(swappedAfterLook(condemned, [1, 2], path));
    expect(outcome).toMatchObject({ kind: 'astray', detail: expect.stringContaining(`moved by mistake is ${root}`) as string });
    expect(readFileSync(path, 'utf8')).toBe('innocent 2');
    await condemned.close();
  });

  it('would be noticed if nobody looked at what was moved', async () => {
    const { dir, path, condemned } = await scene();
    const swapped = swappedAfterLook(condemned, [1], path);
    void swapped.stats;
    unlinkSync(path);
    expect(readdirSync(dir)).toEqual([]);
    await condemned.close();
  });

  it('never loses a byte of an innocent file, whoever swaps as fast as they can', async () => {
    const random = createSeededRandom(11);
    const dir = join(root, 'swapping');
    mkdirSync(dir);
    const path = join(dir, 'file');
    let innocents = 0;
    for (let round = 0; round < 150; round++) {
      writeFileSync(path, bad);
      const acting = act(path, round);
      for (let turn = Math.floor(random() * 25); turn > 0; turn--) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      // One step, as an attacker would do it: the name leads to another file from one moment to the next.
      writeFileSync(join(dir, 'next'), `innocent ${round}`);
      renameSync(join(dir, 'next'), path);
      await acting;
      const there = readdirSync(dir).map((name) => readFileSync(join(dir, name), 'utf8'));
      expect(there.filter((content) => content === `innocent ${round}`)).toHaveLength(1);
      innocents += readFileSync(path, 'utf8') === `innocent ${round}` ? 1 : 0;
      readdirSync(dir).forEach((name) => unlinkSync(join(dir, name)));
    }
    expect(innocents).toBeGreaterThan(100);
  });

  async function act(path: string, round: number): Promise<void> {
    const identified = await identify(path, sha256);
    if (identified.kind === 'condemned') {
      await (round % 2 === 0 ? deleteCondemned(identified.condemned, `.hidden-${round}`) : renameAway(identified.condemned, `.hidden-${round}`));
      await identified.condemned.close();
    }
  }
});

/** Another file takes the place right after these looks at it: every look is compared with `stats`. */
function swappedAfterLook(condemned: Condemned, swaps: readonly number[], path: string): Condemned {
  const { dir, name, handle } = condemned;
  let looks = 0;
  return {
    dir,
    name,
    handle,
    sha256,
    size: condemned.size,
    close: () => condemned.close(),
    get stats() {
      if (swaps.includes(++looks)) {
        writeFileSync(`${path}.next`, `innocent ${looks}`);
        renameSync(`${path}.next`, path);
      }
      return condemned.stats;
    },
  };
}

describe('placehold', () => {
  it('gives back only what is its own', async () => {
    const dir = await pinDirectory(root);
    const target = { dir, name: 'place' };
    const first = await placehold(target);
    expect(await placehold(target)).toBeUndefined();
    writeFileSync(join(root, 'arrived'), 'arrived');
    renameSync(join(root, 'arrived'), join(root, 'place'));
    await first?.release();
    expect(readFileSync(join(root, 'place'), 'utf8')).toBe('arrived');
    unlinkSync(join(root, 'place'));
    const second = await placehold(target);
    await second?.release();
    expect(existsSync(join(root, 'place'))).toBe(false);
    await dir.close();
  });
});

describe.skipIf(process.platform !== 'linux')('the way to a directory', () => {
  it('leads through the links that the system keeps in the root, and through no others', async () => {
    const links = readdirSync('/').filter((name) => lstatSync(`/${name}`).isSymbolicLink() && statSync(`/${name}`).isDirectory());
    for (const name of links) {
      const [direct, linked] = [await pinDirectory(realpathSync(`/${name}`)), await pinDirectory(`/${name}`)];
      expect(linked.identity, name).toBe(direct.identity);
      await direct.close();
      await linked.close();
    }
    const dir = join(root, `way-${count++}`);
    mkdirSync(join(dir, 'inner'), { recursive: true });
    symlinkSync(dir, `${dir}-link`);
    for (const path of [`${dir}-link`, `${dir}-link/inner`, `${dir}/inner/../../way-${count - 1}-link/inner`]) {
      await expect(pinDirectory(path), path).rejects.toMatchObject({ code: 'ELOOP' });
    }
    const up = await pinDirectory(`${dir}/inner/..`);
    const { dev, ino } = statSync(dir);
    expect(up.identity).toBe(`${dev}:${ino}`);
    await up.close();
    await expect(pinDirectory(`/${'a/'.repeat(5000)}`)).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
    await expect(pinDirectory(join(dir, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
