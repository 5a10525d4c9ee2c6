/**
 * Damaged cache files: nothing wrong is believed, and no host dies of them. The full figure: `CACHE_FLIPS=1000`.
 * How many of the files end a process that opens them unprepared is printed, and stands in docs/stores.md.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tempDir } from '../../support/temp-dir.js';

const flips = Number(process.env['CACHE_FLIPS'] ?? 12);
const root = fileURLToPath(new URL('../../..', import.meta.url));
// Beside the packages: the child loads lmdb by its name.
const bundles = mkdtempSync(join(root, 'node_modules', '.damage-'));
const work = tempDir('cache-damage');

interface Sums {
  readonly files: number;
  readonly setAside: number;
  readonly crashes: number;
  readonly errors: number;
  readonly intact: number;
  readonly lost: number;
  readonly wrong: number;
  readonly failed: number;
}

/** Runs a host over damaged files of a store that it made itself. Undefined when it died on the way. */
function host(script: string, count: number, { seed = 1, where = 'both' } = {}): Sums | undefined {
  const child = spawnSync(process.execPath, [join(bundles, script), join(work, script), String(seed), String(count), where], { encoding: 'utf8' });
  const last = child.stdout.trim().split('\n').at(-1) ?? '';
  spawnSync('sh', ['-c', `rm -rf '${join(work, script)}'/flip-*`]);
  return child.status === 0 && last.startsWith('{') ? (JSON.parse(last) as Sums) : undefined;
}

/** Puts other code in the place of a file. */
function instead(of: RegExp, contents: string): Plugin {
  return { name: String(of), setup: (it) => it.onLoad({ filter: of }, () => ({ contents, loader: 'ts' })) };
}

const unchecked = instead(
  /caches\/sound\.ts$/,
  "export const soundnessOf = async () => ({ kind: 'sound' }); export const noteSum = async () => {}; export const dropSum = async () => {};",
);
const unsummed = instead(/journal\/crc32c\.ts$/, 'export const crc32c = () => 0;');

beforeAll(async () => {
  for (const [name, plugins] of Object.entries({ host: [], unchecked: [unchecked], unsummed: [unchecked, unsummed] })) {
    await build({
      entryPoints: [fileURLToPath(new URL('damage-child.ts', import.meta.url))],
      outfile: join(bundles, `${name}.mjs`),
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['lmdb'],
      logLevel: 'silent',
      plugins,
    });
  }
});

afterAll(() => rmSync(bundles, { recursive: true, force: true }));

describe('a cache file with one flipped bit', () => {
  it('ends no host and gives back nothing that was not put', () => {
    const sums = host('host.mjs', flips);
    expect(sums, 'the host died').toBeDefined();
    console.log(`${flips} flips: ${JSON.stringify(sums)}`);
    expect(sums).toMatchObject({ files: flips, wrong: 0, failed: 0 });
    expect(sums!.intact).toBeGreaterThan(0);
  });
});

describe('a check of the test', () => {
  it('without a look before opening, hosts die', () => {
    const seeds = Array.from({ length: 40 }, (_, i) => 12 + i);
    expect(seeds.some((seed) => host('unchecked.mjs', 15, { seed, where: 'heads' }) === undefined)).toBe(true);
  });

  it('without checksums, what was never put is believed', () => {
    const sums = host('unsummed.mjs', 15, { where: 'anywhere' });
    expect(sums?.wrong).toBeGreaterThan(0);
  });
});
