/**
 * kill -9 at random moments of a process that flags, drains and treats: nothing acknowledged is lost, nothing comes
 * from nowhere, no remedy is carried out twice. The full figure: `KILLS=1000`.
 *
 * A kill leaves the page cache alone, so a sync that is left out shows in no journal here: it shows in the order of the
 * system calls, which the hook watches, and in the crash images of `test/node/journal-crash.test.ts`.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { Killing } from '../durability/kill/killing.js';
import { startFlakyServer, type FlakyServer } from '../durability/kill/flaky-server.js';
import { contentNumber, contents, isMalicious, type ChildOrders, type Death, type Sabotage } from '../durability/kill/phases.js';
import { bundleForChild, type Bundle } from '../support/bundle.js';
import { contentEntry } from '../support/feed.js';
import { tempDir } from '../support/temp-dir.js';

const kills = Number(process.env['KILLS'] ?? 20);
const seed = Number(process.env['FUZZ_SEED'] ?? 20_260_101);
const root = tempDir('kill-nine');
let server: FlakyServer;
let bundles: { readonly child: Bundle; readonly hook: Bundle };

beforeAll(async () => {
  const at = (name: string): string => fileURLToPath(new URL(`../durability/kill/${name}.ts`, import.meta.url));
  bundles = { child: await bundleForChild(at('child')), hook: await bundleForChild(at('hook')) };
  const numbers = Array.from({ length: contents }, (_, n) => n).filter(isMalicious);
  server = await startFlakyServer({ hashes: numbers.map((n) => contentEntry(`Test.${n}`, contentNumber(n))) }, createSeededRandom(seed));
});

afterAll(async () => {
  await server.close();
  await Promise.all([bundles.child.remove(), bundles.hook.remove()]);
});

function killing(name: string, handler: ChildOrders['handler'], sabotage: Sabotage = 'none'): Killing {
  const { child, hook } = bundles;
  const random = createSeededRandom(seed + name.length);
  return new Killing({ dir: join(root, name), handler, sabotage, server, random, child: child.path, hook: hook.path });
}

describe('a process that is killed at any moment', () => {
  it.each(['idempotent', 'careful'] as const)(
    `loses nothing, invents nothing and treats nothing twice, with a handler that is %s (${kills / 2} kills, seed ${seed})`,
    async (handler) => {
      const lives = killing(handler, handler);
      expect(await lives.calibrate()).toEqual([]);
      for (let kill = 0; kill < kills / 2; kill++) {
        expect(await lives.kill(), `kill ${kill}`).toEqual([]);
      }
      expect(await lives.finish()).toEqual([]);
      const { tally, ledger } = lives;
      const byMode = [...tally.deaths].map(([mode, count]) => `${mode} ${count}`).sort().join(', ');
      console.info(
        `${handler}: ${tally.kills} kills (${byMode}), ${tally.insideWrite} inside a write; ${ledger.tried.size} tried, ` +
          `${ledger.acknowledged.size} acknowledged, ${ledger.settling.size} settled, ${ledger.uncertain.size} uncertain, ${lives.recognised} applied again by key`,
      );
      // Kills between a write and the end of its sync are the ones that prove something.
      expect(tally.insideWrite).toBeGreaterThanOrEqual(tally.kills / 10);
      expect(ledger.acknowledged.size).toBeGreaterThan(tally.kills);
      if (kills >= 200) {
        expect(handler === 'careful' ? ledger.uncertain.size : lives.recognised).toBeGreaterThan(0);
      }
    },
    3_600_000,
  );
});

describe('the same kills find out', () => {
  it.each<[string, ChildOrders['handler'], Sabotage, RegExp, Death?]>([
    ['a sync that is left out, by the order of calls', 'careful', 'no-sync', /before a sync/],
    ['an acknowledgement before the commit', 'careful', 'early-acknowledgement', /before a sync|^lost/],
    ['a remedy without an intent', 'careful', 'no-intent', /^treated \d+ times/, 'applied'],
    ['a handler that does not look at the key', 'idempotent', 'no-key', /^treated \d+ times/, 'applied'],
  ])('%s', async (name, handler, sabotage, expected, death) => {
    const lives = killing(`sabotaged-${name.length}`, handler, sabotage);
    const faults = await lives.calibrate();
    for (let kill = 0; kill < 60 && !faults.some((fault) => expected.test(fault)); kill++) {
      faults.push(...(await lives.kill(death)));
    }
    expect(faults.find((fault) => expected.test(fault))).toBeDefined();
  }, 300_000);
});
