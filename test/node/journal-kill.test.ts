import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openJournalQueue } from '../../src/node/journal/open-journal-queue.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { toArray } from '../../src/testing/assertions.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { bundleForChild, type Bundle } from '../support/bundle.js';
import { fileAt } from '../pending/subjects.js';

const kills = 30 * Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 100) / 100);
const seed = Number(process.env['FUZZ_SEED'] ?? 7);

let root = '';
let bundle: Bundle;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vedette-kill-'));
  bundle = await bundleForChild(fileURLToPath(new URL('journal-child.ts', import.meta.url)));
});

afterAll(async () => {
  await bundle.remove();
  await rm(root, { recursive: true, force: true });
});

/** What children said, by the letter. */
class Ledger {
  readonly #said: Record<'T' | 'A' | 'S' | 'D', Set<string>> = { T: new Set(), A: new Set(), S: new Set(), D: new Set() };

  hear(line: string): void {
    const letter = line[0];
    if (letter === 'T' || letter === 'A' || letter === 'S' || letter === 'D') {
      this.#said[letter].add(line.slice(2));
    }
  }

  get acknowledged(): number {
    return this.#said.A.size;
  }

  /** Deeds that were begun and not acknowledged. */
  get inFlight(): number {
    return this.#said.T.size - this.#said.A.size + this.#said.S.size - this.#said.D.size;
  }

  /** What is wrong with what is there; empty when nothing is. */
  brokenBy(there: ReadonlySet<string>): string[] {
    const { T, A, S, D } = this.#said;
    return [
      ...[...A].filter((place) => !S.has(place) && !there.has(place)).map((place) => `lost: ${place}`),
      ...[...there].filter((place) => !T.has(place)).map((place) => `never asked for: ${place}`),
      ...[...there].filter((place) => D.has(place)).map((place) => `came back: ${place}`),
    ];
  }
}

function startChild(dir: string, deeds?: number): ChildProcess {
  return spawn(process.execPath, [bundle.path, dir, ...(deeds === undefined ? [] : [String(deeds)])], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Runs a child to its end, or kills it as soon as it has said that many lines. */
async function runChild(child: ChildProcess, ledger: Ledger, killAfter = Number.POSITIVE_INFINITY): Promise<void> {
  const lines = createInterface({ input: child.stdout! });
  let heard = 0;
  lines.on('line', (line) => {
    ledger.hear(line);
    if (++heard === killAfter) {
      child.kill('SIGKILL');
    }
  });
  await Promise.all([once(child, 'exit'), once(lines, 'close')]);
}

async function placesIn(dir: string): Promise<Set<string>> {
  const queue = await openJournalQueue({ dir, clock: createSystemClock() });
  const entries = await toArray(queue.list());
  await queue.close();
  return new Set(entries.flatMap((entry) => entry.items.filter((item) => item.outcome === undefined).map((item) => item.subject.locator?.ref ?? '')));
}

describe('the journal of a process that is killed', () => {
  it(`keeps everything acknowledged over ${kills} kills, and leaves the directory to the next`, async () => {
    const dir = join(root, 'killed');
    const random = createSeededRandom(seed);
    const ledger = new Ledger();
    let hits = 0;
    for (let round = 0; round < kills; round++) {
      const before = ledger.inFlight;
      await runChild(startChild(dir), ledger, 2 + Math.floor(random() * 150));
      hits += ledger.inFlight > before ? 1 : 0;
    }
    const there = await placesIn(dir);
    expect(ledger.brokenBy(there)).toEqual([]);
    expect(ledger.acknowledged).toBeGreaterThan(kills);
    // Kills between a deed and its acknowledgement are the ones that prove something.
    expect(hits).toBeGreaterThan(kills / 2);
    expect((await readdir(dir)).filter((name) => name !== 'pending.journal')).toEqual([]);
  }, 120_000);

  it('would be found out if an acknowledged entry were missing or one came from nowhere', async () => {
    const dir = join(root, 'checked');
    const ledger = new Ledger();
    await runChild(startChild(dir, 20), ledger);
    const there = await placesIn(dir);
    expect(ledger.brokenBy(there)).toEqual([]);
    const [one = ''] = there;
    expect(ledger.brokenBy(new Set([...there].filter((place) => place !== one)))).toEqual([`lost: ${one}`]);
    expect(ledger.brokenBy(new Set([...there, '/nowhere']))).toEqual(['never asked for: /nowhere']);
  });
});

describe('the journal of several processes', () => {
  it('is taken by one after the other, and nothing is lost or doubled', async () => {
    const dir = join(root, 'shared');
    const ledger = new Ledger();
    await Promise.all(Array.from({ length: 4 }, () => runChild(startChild(dir, 30), ledger)));
    expect(ledger.inFlight).toBe(0);
    expect(ledger.brokenBy(await placesIn(dir))).toEqual([]);
    expect(ledger.acknowledged).toBeGreaterThanOrEqual(120);
  }, 60_000);

  it('is refused to the second as busy, and free again once the first is killed', async () => {
    const dir = join(root, 'busy');
    const child = startChild(dir);
    const ended = once(child, 'exit');
    await once(child.stdout!, 'data');
    await expect(openJournalQueue({ dir, clock: createSystemClock() })).rejects.toMatchObject({ name: 'VedetteError', code: 'store-busy' });
    child.stdout!.resume();
    child.kill('SIGKILL');
    await ended;
    const before = performance.now();
    const queue = await openJournalQueue({ dir, clock: createSystemClock() });
    expect(performance.now() - before).toBeLessThan(2000);
    expect(await queue.enqueue([fileAt('a')])).toMatchObject([{ kind: 'queued' }]);
    await queue.close();
  });
});
