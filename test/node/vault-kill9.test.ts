/** A vault whose processes are killed: `KILLS` in the environment says how many. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVault } from '../../src/node/vault/create-vault.js';
import type { Vault } from '../../src/node/vault/vault.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { bundleForChild, type Bundle } from '../support/bundle.js';
import { tempDir } from '../support/temp-dir.js';
import { contentOf, itemsOf, putAway, sha256 } from './vault-scene.js';

const root = tempDir('vault-kill9');
const kills = Number(process.env['KILLS'] ?? 4);
const seed = Number(process.env['FUZZ_SEED'] ?? 7);
const count = 12;
let bundle: Bundle;

beforeAll(async () => {
  bundle = await bundleForChild(fileURLToPath(new URL('vault-child.ts', import.meta.url)));
});
afterAll(() => bundle.remove());

const contentFor = (name: string): string => `inert content of file ${name}`.repeat(1000);

/** Numbers of the files that are whole: in their place, under a hidden name beside it, or in the vault. */
async function whole(files: string, vault: Vault): Promise<Set<string>> {
  const digests = new Map(Array.from({ length: count }, (_, n) => [sha256(contentFor(String(n))), String(n)]));
  const found = new Set<string>();
  const note = (content: Uint8Array): void => void found.add(digests.get(sha256(content)) ?? '?');
  readdirSync(files).forEach((name) => note(readFileSync(join(files, name))));
  for (const item of await itemsOf(vault)) {
    note(await contentOf(vault, item.id));
  }
  found.delete('?');
  return found;
}

/** Kills a child after a time, or lets it end; true when it was killed in the middle of its work. */
async function run(files: string, dir: string, afterMs: number): Promise<boolean> {
  const child = spawn(process.execPath, [bundle.path, files, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(child.stdout, 'data');
  const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
  await exited;
  clearTimeout(timer);
  return !said.includes('over');
}

describe('a vault whose processes are killed', () => {
  it(`loses no file over ${kills} kills, and the next process completes what was begun (seed ${seed})`, async () => {
    const random = createSeededRandom(seed);
    let inTheMiddle = 0;
    for (let round = 0; round < kills; round++) {
      const base = join(root, `round-${round}`);
      const [files, dir] = [join(base, 'files'), join(base, 'vault')];
      mkdirSync(files, { recursive: true });
      Array.from({ length: count }, (_, n) => writeFileSync(join(files, String(n)), contentFor(String(n))));
      inTheMiddle += (await run(files, dir, random() * 60)) ? 1 : 0;
      const vault = createVault({ dir });
      expect((await whole(files, vault)).size, `round ${round}`).toBe(count);
      for (let n = 0; n < count; n++) {
        const { outcome } = await putAway(vault, join(files, String(n)), { key: String(n), content: contentFor(String(n)) });
        expect(['done', 'not-needed'], `round ${round}, file ${n}`).toContain(outcome.kind);
      }
      expect((await whole(files, vault)).size, `round ${round}, completed`).toBe(count);
      expect((await itemsOf(vault)).filter((item) => item.state !== 'held'), `round ${round}`).toEqual([]);
    }
    // Kills in the middle of the work are the ones that prove something.
    expect(inTheMiddle).toBeGreaterThan(kills / 2);
  }, 1_800_000);
});
