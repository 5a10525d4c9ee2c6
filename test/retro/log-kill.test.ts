/** Both logs in processes that are killed in the middle of what they do: all that was acknowledged is there, and nothing that nobody asked for. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openJournalAudit } from '../../src/node/audit/open-journal-audit.js';
import { openJournalRetro } from '../../src/node/retro/open-journal-retro.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { bundleForChild, type Bundle } from '../support/bundle.js';
import { tempDir } from '../support/temp-dir.js';

const kills = Math.max(8, Math.ceil(Number(process.env['KILLS'] ?? 80) / 10));
const seed = Number(process.env['FUZZ_SEED'] ?? 7);
const clock = createSystemClock();
const root = tempDir('log-kill');
let bundle: Bundle;

beforeAll(async () => {
  bundle = await bundleForChild(fileURLToPath(new URL('log-child.ts', import.meta.url)));
});
afterAll(() => bundle.remove());

/** What children said, by deed. */
class Ledger {
  readonly #said = new Map<string, Set<string>>();

  hear(line: string): void {
    const [letter = '', what = '', place = ''] = line.split(' ');
    const key = `${letter} ${what}`;
    this.#said.set(key, (this.#said.get(key) ?? new Set()).add(place));
  }

  places(letter: 'T' | 'A', what: string): ReadonlySet<string> {
    return this.#said.get(`${letter} ${what}`) ?? new Set();
  }
}

async function lifeKilledAfter(dir: string, ledger: Ledger, lines: number): Promise<void> {
  const child = spawn(process.execPath, [bundle.path, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const heard = createInterface({ input: child.stdout });
  let count = 0;
  heard.on('line', (line) => {
    ledger.hear(line);
    if (++count === lines) {
      child.kill('SIGKILL');
    }
  });
  await Promise.all([once(child, 'exit'), once(heard, 'close')]);
}

async function faultsIn(dir: string, ledger: Ledger): Promise<string[]> {
  const damage: string[] = [];
  const retro = await openJournalRetro({ dir: join(dir, 'retro'), clock, waitMs: 10_000, onDamage: () => damage.push('retro journal damaged') });
  const audit = await openJournalAudit({ dir: join(dir, 'audit'), clock, waitMs: 10_000, onDamage: () => damage.push('audit journal damaged') });
  const seen = new Set((await retro.find(await retro.keys())).flatMap((entry) => entry?.places.map((place) => place.subject.label ?? '') ?? []));
  const found = new Map<string, string>();
  const twice: string[] = [];
  for await (const { subject, intent, outcome } of retro.findings()) {
    const place = subject.label ?? '';
    twice.push(...(found.has(place) ? [`found twice: ${place}`] : []));
    found.set(place, outcome !== undefined ? 'settled' : intent !== undefined ? 'intended' : 'found');
  }
  const allowed = new Map<string, boolean>();
  for await (const { pendingId, resolution } of audit.read()) {
    twice.push(...(allowed.has(pendingId) ? [`allowed twice: ${pendingId}`] : []));
    allowed.set(pendingId, resolution !== undefined);
  }
  await retro.close();
  await audit.close();
  const missing = (what: string, isThere: (place: string) => boolean): string[] => [...ledger.places('A', what)].filter((place) => !isThere(place)).map((place) => `lost: ${what} ${place}`);
  const settledKept = [...found.values()].filter((state) => state === 'settled').length >= 1000;
  return [
    ...damage,
    ...twice,
    ...missing('seen', (place) => seen.has(place) || found.has(place) || (settledKept && ledger.places('T', 'settled').has(place))),
    ...missing('found', (place) => found.has(place) || settledKept),
    ...missing('settled', (place) => found.get(place) === 'settled' || settledKept),
    ...[...found].filter(([place, state]) => state === 'settled' && !ledger.places('T', 'settled').has(place)).map(([place]) => `settled by nobody: ${place}`),
    ...missing('allowed', (place) => allowed.has(place) || ledger.places('T', 'resolved').has(place)),
    ...missing('resolved', (place) => allowed.get(place) !== false),
    ...[...allowed].filter(([place, isEnded]) => !ledger.places('T', 'allowed').has(place) || (isEnded && !ledger.places('T', 'resolved').has(place))).map(([place]) => `never asked for: ${place}`),
    ...[...seen].filter((place) => !ledger.places('T', 'seen').has(place)).map((place) => `never seen: ${place}`),
  ];
}

describe('the logs of a process that is killed', () => {
  it(`hold what was acknowledged, once, ${kills} times`, async () => {
    const random = createSeededRandom(seed);
    const dir = join(root, 'data');
    const ledger = new Ledger();
    for (let kill = 0; kill < kills; kill++) {
      await lifeKilledAfter(dir, ledger, 2 + Math.floor(random() * 400));
      expect(await faultsIn(dir, ledger), `kill ${kill}`).toEqual([]);
    }
    for (const what of ['seen', 'found', 'settled', 'allowed', 'resolved']) {
      expect(ledger.places('A', what).size, what).toBeGreaterThan(0);
    }
  }, 60_000 + kills * 4_000);

  it('is seen to be broken where something is missing (sabotage of this test)', async () => {
    const dir = join(root, 'sabotage');
    const ledger = new Ledger();
    await lifeKilledAfter(dir, ledger, 60);
    ledger.hear('A allowed /never');
    ledger.hear('A seen /never');
    expect(await faultsIn(dir, ledger)).toEqual(['lost: seen /never', 'lost: allowed /never']);
  }, 60_000);
});
