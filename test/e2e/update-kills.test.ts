/**
 * kill -9 at any point of an update: afterwards a directory has exactly the old generation of everything, or exactly the new
 * one, and the next update goes on from there. Half of the kills fall at the n-th call that changes the disk, half at a
 * moment drawn at random. The full figure: `UPDATE_KILLS=500`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as passing } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGenerationStore } from '../../src/node/update/generation-store.js';
import { openContainer } from '../../src/pattern/container.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { formatPublicKey } from '../../src/protocol/keys.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { bundleForChild, type Bundle } from '../support/bundle.js';
import { crypto } from '../support/feed.js';
import { tempDir } from '../support/temp-dir.js';
import { Repository } from '../support/updates/repository.js';
import { patternKey, publishGeneration } from '../support/updates/scene.js';
import { startWebServer, type WebServer } from '../support/updates/web-server.js';

const kills = Number(process.env['UPDATE_KILLS'] ?? 16);
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_122);
const root = tempDir('update-kills');
const repository = new Repository(Date.now());
let child: Bundle;
let web: WebServer;
/** Calls that change the disk in a whole update, and its time in ms. */
let whole: { readonly calls: number; readonly ms: number };

beforeAll(async () => {
  child = await bundleForChild(fileURLToPath(new URL('../support/updates/kill-child.ts', import.meta.url)));
  web = await startWebServer(repository.files);
  await publishGeneration(repository, 1);
  await run(join(root, 'old'));
  await publishGeneration(repository, 2);
  const dir = fresh('whole');
  const begun = performance.now();
  const ended = await run(dir);
  whole = { calls: ended.calls, ms: performance.now() - begun };
  expect(await stateOf(dir)).toBe('new');
});

afterAll(async () => {
  await web.close();
  await child.remove();
});

/** A directory that has generation 1. */
function fresh(name: string): string {
  const dir = join(root, name);
  cpSync(join(root, 'old'), dir, { recursive: true });
  return dir;
}

async function run(dir: string, env: Record<string, string> = {}, killAfterMs?: number): Promise<{ readonly killed: boolean; readonly calls: number }> {
  mkdirSync(dir, { recursive: true });
  const orders = { dir, url: web.url, root: repository.root, key: formatPublicKey(patternKey.publicKey) };
  const process_ = spawn(process.execPath, [child.path, JSON.stringify(orders)], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  process_.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(process_, 'close');
  if (killAfterMs !== undefined) {
    await Promise.race([once(process_.stdout, 'data'), ended]);
    await Promise.race([passing(killAfterMs), ended]);
    process_.kill('SIGKILL');
  }
  await ended;
  const last = /"calls":(\d+)/.exec(said);
  if (process_.signalCode === null && process_.exitCode !== 0) {
    throw new Error(`the update ended with ${process_.exitCode}: ${said}`);
  }
  return { killed: process_.signalCode === 'SIGKILL', calls: Number(last?.[1] ?? 0) };
}

/** What a directory has, read as a process that starts would: every file whole, and all of one generation. */
async function stateOf(dir: string): Promise<string> {
  const damage: unknown[] = [];
  const store = openGenerationStore({ dir: join(dir, 'patterns'), clock: createSystemClock(), onDamage: (error) => damage.push(error) });
  try {
    const generations = await Promise.all(
      (['agent-pattern', 'filter'] as const).map(async (kind) => {
        const bytes = await store.read(kind);
        return bytes === undefined ? 'none' : String(openContainer(bytes, { crypto }).generation);
      }),
    );
    const said = generations.join(' ');
    return damage.length > 0 ? `damaged: ${String(damage[0])}` : said === '1 1' ? 'old' : said === '2 2' ? 'new' : `mixed: ${said}`;
  } catch (error) {
    return `unreadable: ${String(error)}`;
  }
}

describe('an update that is killed', () => {
  it(`leaves exactly the old or exactly the new generation (${kills} kills, seed ${seed})`, async () => {
    const random = createSeededRandom(seed);
    const states = { old: 0, new: 0 };
    let inside = 0;
    for (let kill = 0; kill < kills; kill++) {
      const dir = fresh(`kill-${kill}`);
      const point = kill % 2 === 0 ? { KILL_AT: String(1 + Math.floor(random() * whole.calls)) } : {};
      const { killed } = await run(dir, point, kill % 2 === 0 ? undefined : random() * whole.ms);
      inside += killed ? 1 : 0;
      const state = await stateOf(dir);
      expect(['old', 'new'], `kill ${kill} ${JSON.stringify(point)}`).toContain(state);
      states[state as 'old' | 'new']++;
      if (kill % 8 === 0) {
        await run(dir);
        expect(await stateOf(dir)).toBe('new');
      }
    }
    console.info(`${inside} of ${kills} processes were killed before they ended, of ${whole.calls} calls each: ${states.old} old, ${states.new} new`);
    expect(inside).toBeGreaterThan(kills / 4);
  });

  it('is caught when the switch is not one step (sabotage of this test)', async () => {
    const states = new Set<string>();
    for (let at = whole.calls + 8; at > 0 && ![...states].some((state) => state.startsWith('unreadable')); at--) {
      const dir = fresh(`torn-${at}`);
      await run(dir, { SABOTAGE: 'torn', KILL_AT: String(at) });
      states.add(await stateOf(dir));
    }
    expect([...states].some((state) => state.startsWith('unreadable'))).toBe(true);
  });
});
