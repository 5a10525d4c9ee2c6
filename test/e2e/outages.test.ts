/**
 * Everything flagged while a server was away is verified, and treated once, though the server is killed again and
 * again and three of ten answers are lost on their way. The full figure: `ENTRIES=10000 RESTARTS=100`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/base/bytes.js';
import { bytesSubject, type Subject } from '../../src/base/subject.js';
import { createNodeEngine } from '../../src/node/preset.js';
import { toArray } from '../../src/testing/assertions.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { contentNumber } from '../durability/kill/phases.js';
import { LossyLine } from '../durability/outages/lossy-line.js';
import { overspent } from '../durability/outages/overspent.js';
import { bundleForChild, type Bundle } from '../support/bundle.js';
import { contentEntry, serverPattern } from '../support/feed.js';
import { tempDir } from '../support/temp-dir.js';

const entries = Number(process.env['ENTRIES'] ?? 200);
const restarts = Number(process.env['RESTARTS'] ?? 3);
const seed = Number(process.env['FUZZ_SEED'] ?? 9);
/** Half of what the drain would do by itself here: a pace that nobody kept would show. */
const [perSecond, burst] = [60, 20];
const root = tempDir('outages');
const pattern = join(root, 'server.pattern');
let bundle: Bundle;

beforeAll(async () => {
  bundle = await bundleForChild(fileURLToPath(new URL('../durability/outages/server.ts', import.meta.url)));
  const hashes = Array.from({ length: entries }, (_, n) => contentEntry(`Test.${n}`, contentNumber(n)));
  writeFileSync(pattern, await serverPattern({ hashes }, { generation: 1, createdAt: Date.now(), expiresAt: Date.now() + 86_400_000 }));
});

afterAll(() => bundle.remove());

function subjectNumber(n: number): Subject {
  return bytesSubject(toUtf8(contentNumber(n)), { label: String(n), locator: { scheme: 'test', ref: String(n) } });
}

/** One of a hundred always fails: its handler throws. */
function isPoison(ref: string | undefined): boolean {
  return Number(ref) % 100 === 7;
}

describe('a server that is killed and loses answers', () => {
  it(`verifies ${entries} entries over ${restarts} restarts, treats each once, and keeps to its pace (seed ${seed})`, async () => {
    const line = new LossyLine({ program: bundle.path, pattern, random: createSeededRandom(seed), lossShare: 0.3, killEvery: Math.max(2, Math.floor((2 * entries) / restarts)), kills: restarts });
    const address = await line.open();
    const applied = new Map<string, string[]>();
    const begun: number[] = [];
    const engine = createNodeEngine(
      {
        dataDir: join(root, 'data'),
        servers: [{ address, scope: 'local' }],
        query: { holdMs: 400, perServerMs: 150 },
        pending: { drainPerSecond: perSecond, drainBurst: burst, maxAttempts: 2 },
        background: 'manual',
      },
      {
        openers: {
          test: async ({ ref }) => {
            begun.push(performance.now());
            return subjectNumber(Number(ref));
          },
        },
        actions: {
          idempotent: true,
          apply: async ({ subject }, { key }) => {
            const place = subject.locator?.ref ?? '';
            if (isPoison(place)) {
              throw new Error('always');
            }
            applied.set(place, [...(applied.get(place) ?? []), key]);
            return { kind: 'done' };
          },
        },
      },
    );
    const flagged = await engine.checkMany(Array.from({ length: entries }, (_, n) => subjectNumber(n)));
    expect(flagged.filter((result) => result.pending.kind === 'queued')).toHaveLength(entries);

    await line.startServer();
    const verified = new Map<string, number>();
    const poison = Array.from({ length: entries }, (_, n) => String(n)).filter(isPoison).length;
    let passes = 0;
    for (let left = entries; left > 0; ) {
      passes++;
      await line.back();
      for await (const { subject, verdict, occasion } of engine.pending.drain()) {
        const place = subject.locator?.ref ?? '';
        expect([verdict.disposition, verdict.threats[0]?.name, occasion]).toEqual(['malicious', `Test.${place}`, 'late']);
        verified.set(place, (verified.get(place) ?? 0) + 1);
      }
      const { due, claimed, waiting = 0 } = await engine.pending.counts();
      left = due + claimed + waiting;
    }
    console.info(`${entries} entries, ${line.kills} kills, ${line.lost} of ${line.requests} answers lost, ${passes} passes, ${begun.length} checks in ${Math.round((begun.at(-1)! - begun[0]!) / 1000)} s`);

    // What always fails is set aside, with its count, and is there still.
    const rest = await toArray(engine.pending.list());
    expect(rest.map((entry) => [isPoison(entry.items[0]?.subject.locator?.ref), entry.dead, entry.failures])).toEqual(Array.from({ length: poison }, () => [true, true, 2]));
    expect(line.kills).toBe(restarts);
    expect(line.lost).toBeGreaterThan(line.requests / 10);
    expect([...verified.values()].filter((times) => times !== 1)).toEqual([]);
    expect(verified.size).toBe(entries - poison);
    expect([...applied.values()].filter((keys) => keys.length !== 1)).toEqual([]);
    expect(applied.size).toBe(entries - poison);
    expect(overspent(begun, { perSecond, burst })).toBeLessThanOrEqual(1);
    await engine.close();
    await line.close();
  }, 3_600_000);
});

describe('the check of the pace', () => {
  const pace = { perSecond: 400, burst: 100 };
  const every = (ms: number, count: number): number[] => Array.from({ length: count }, (_, n) => n * ms);

  it.each<[string, readonly number[], number]>([
    ['what keeps to it', every(2.5, 1000), 0],
    ['a burst at once', every(0, 100), 0],
    ['a burst that is one too large', every(0, 101), 1],
    ['a burst and another before it was earned', [...every(0, 100), ...every(0, 100).map(() => 125)], 50],
    ['what is too fast all the time (sabotage: no bucket)', every(1, 1000), 501],
  ])('counts %s', (_, times, expected) => {
    expect(overspent(times, pace)).toBe(expected);
  });
});
