/** The batches of a walk against the walk one by one, which is the clear version. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comesInBatches, extendTextHash, inBatches, placeHash, textHashSeed, type BatchOptions, type FoundFile } from '../../src/base/found-files.js';
import { identityText } from '../../src/base/subject.js';
import { walk, type WalkOptions } from '../../src/node/walk/walk.js';
import { toArray } from '../../src/testing/assertions.js';
import { tempDir } from '../support/temp-dir.js';

const root = tempDir('walk-batches');
let trees = 0;

/** Letters, blanks, characters beyond ASCII, and bytes that are no text. */
const name = fc.constantFrom('a', 'b', 'B', 'ä', '日', 'z z', '-', '\xff', 'file.txt', '.hidden');
const paths = fc.uniqueArray(fc.array(name, { minLength: 1, maxLength: 4 }), { maxLength: 25, selector: (parts) => parts.join('/') });

function makeTree(files: readonly (readonly string[])[]): string {
  const base = join(root, `tree ${trees++}`);
  mkdirSync(base);
  for (const parts of files) {
    const bytes = parts.map((part) => (part === '\xff' ? Buffer.from([0xff]) : Buffer.from(part)));
    const at = (count: number): Buffer => Buffer.concat([Buffer.from(base), ...bytes.slice(0, count).flatMap((one) => [Buffer.from('/'), one])]);
    try {
      mkdirSync(at(parts.length - 1), { recursive: true });
      writeFileSync(at(parts.length), parts.join('/'));
    } catch {
      // A directory where the file was to be, or the other way round.
    }
  }
  return base;
}

async function batches(roots: string | readonly string[], options: WalkOptions = {}, how: BatchOptions = {}): Promise<FoundFile[]> {
  const files = walk(roots, options);
  return comesInBatches(files) ? (await toArray(files[inBatches](how), 100_000)).flat() : [];
}

describe('the batches of a walk', () => {
  it('are the same files in the same order, with what was passed over', async () => {
    await fc.assert(
      fc.asyncProperty(paths, fc.constantFrom(undefined, 'a', 'ä'), async (files, excluded) => {
        const base = makeTree(files);
        const skipped: [string[], string[]] = [[], []];
        const options = (which: 0 | 1): WalkOptions => ({
          onSkip: (path, reason) => skipped[which].push(`${reason} ${path}`),
          ...(excluded === undefined ? {} : { exclude: (path: string) => path.endsWith(`/${excluded}`) }),
        });
        const expected = await toArray(walk([base, join(base, 'a'), join(base, 'none')], options(0)), 10_000);
        const found = await batches([base, join(base, 'a'), join(base, 'none')], options(1));
        expect(found.map((one) => one.info())).toEqual(expected.map(({ label, locator }) => ({ label, locator, kind: 'file' })));
        expect(found.map((one) => one.subject().locator)).toEqual(expected.map(({ locator }) => locator));
        expect(skipped[1]).toEqual(skipped[0]);
      }),
      { numRuns: Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 100) / 4) },
    );
  });

  it('bring the look that an opened file confirms, and the number of its place', async () => {
    const base = makeTree([['a', 'x'], ['b'], ['ä', 'y']]);
    for (const one of await batches(base)) {
      const source = await one.subject().open({});
      expect(await source.identity?.()).toBe(identityText(one.glance!.identity));
      await source.close?.();
      const { label = '', locator } = one.info();
      const whole = placeHash(extendTextHash(textHashSeed, locator?.ref ?? ''), extendTextHash(textHashSeed, label));
      expect([whole, undefined]).toContain(one.placeHash);
    }
  });

  it('bring the contents of small files, with and without a look', async () => {
    const base = makeTree([['a', 'x'], ['b'], ['ä', '\xff']]);
    writeFileSync(join(base, 'large'), new Uint8Array(300_000));
    for (const glances of [true, false]) {
      const found = await batches(base, {}, { glances });
      const contents = found.map((one) => {
        const bytes = one.content?.();
        return bytes === undefined ? undefined : Buffer.from(bytes).toString();
      });
      expect(contents).toEqual(['a/x', 'b', undefined, 'ä/\xff']);
      expect(found.map((one) => one.glance !== undefined)).toEqual(found.map(() => glances));
    }
  });

  it('know a relative root by both of its names', async () => {
    const base = makeTree([['a', 'x']]);
    const cwd = process.cwd();
    process.chdir(base);
    try {
      const [one] = await batches('a');
      const { label = '', locator } = one!.info();
      expect([label, locator?.ref]).toEqual(['a/x', `${base}/a/x`]);
      expect(one!.placeHash).toBe(placeHash(extendTextHash(textHashSeed, `${base}/a/x`), extendTextHash(textHashSeed, 'a/x')));
    } finally {
      process.chdir(cwd);
    }
  });

  it('have no look at what is no regular file any more, and do not follow links', async () => {
    const base = makeTree([['a']]);
    symlinkSync(join(base, 'a'), join(base, 'link'));
    expect((await batches(base)).map((one) => one.info().label)).toEqual([`${base}/a`]);
  });

  it('end when they are returned, and with `aborted` by the signal', async () => {
    const base = makeTree(Array.from({ length: 20 }, (_, i) => [`d${i}`, 'x']));
    const files = walk(base);
    const over = new AbortController();
    const stream = comesInBatches(files) ? files[inBatches]({ signal: over.signal }) : undefined;
    await stream!.next();
    over.abort();
    await expect(stream!.next()).rejects.toMatchObject({ code: 'aborted' });
  });

  it('are not to be had where nothing may wait for the disk on this thread', () => {
    expect(comesInBatches(walk(root, { blocking: false }))).toBe(false);
  });
});
