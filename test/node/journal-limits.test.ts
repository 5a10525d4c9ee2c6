/** Ten times as many files as the queue may hold: the bound, the memory, and the next start. The full run is 10^6 and 100,000. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleForChild, type Bundle } from '../support/bundle.js';

const isFull = Number(process.env['FUZZ_RUNS'] ?? 100) > 100;
const entries = isFull ? 100_000 : 5_000;

let bundle: Bundle;
let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'vedette-limits-'));
  bundle = await bundleForChild(fileURLToPath(new URL('limits-child.ts', import.meta.url)));
});

afterAll(async () => {
  await bundle.remove();
  rmSync(folder, { recursive: true, force: true });
});

it(`holds ${entries} of ${10 * entries} files exactly, in less than 64 MiB, and finds all of them at the next start`, () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', bundle.path, folder, String(10 * entries), String(entries)], { encoding: 'utf8' });
  const found = JSON.parse(stdout || JSON.stringify({ stderr })) as Record<string, number>;
  if (isFull) {
    process.stdout.write(`limits: ${stdout}`);
  }
  // The set of ids that the child keeps for the comparison is some 6 MiB of it.
  expect(found).toMatchObject({ accepted: entries, kept: entries });
  expect(found['retainedMib']).toBeLessThan(Math.max(8, (48 * entries) / 100_000));
  expect(found['residentMib']).toBeLessThan(64);
}, 600_000);
