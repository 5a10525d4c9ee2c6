/**
 * Several processes on one data directory, some of them killed while they hold it: one writer at a time, nothing lost,
 * nothing doubled, and the lock of a killed one is free at once. The full figure: `RUNS=50`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/base/bytes.js';
import { bytesSubject } from '../../src/base/subject.js';
import type { EngineEvent } from '../../src/engine/events.js';
import { openJournalQueue } from '../../src/node/journal/open-journal-queue.js';
import { createNodeEngine } from '../../src/node/preset.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { toArray } from '../../src/testing/assertions.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { Sharing } from '../durability/eight/sharing.js';
import { bundleForChild, type Bundle } from '../support/bundle.js';
import { tempDir } from '../support/temp-dir.js';

const runs = Number(process.env['RUNS'] ?? 2);
const seed = Number(process.env['FUZZ_SEED'] ?? 8);
const processes = 8;
const sessions = 3;
const root = tempDir('eight');
let bundle: Bundle;

beforeAll(async () => {
  bundle = await bundleForChild(fileURLToPath(new URL('../durability/eight/child.ts', import.meta.url)));
});

afterAll(() => bundle.remove());

/** Runs one child to its end, or kills it when it has said that many lines. The instant of the kill in ns, if there was one. */
async function live(dir: string, sharing: Sharing, killAfter: number): Promise<bigint | undefined> {
  const child = spawn(process.execPath, [bundle.path, dir, String(sessions)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  let heard = 0;
  let killedAt: bigint | undefined;
  lines.on('line', (line) => {
    sharing.hear(child.pid ?? 0, line);
    if (++heard === killAfter) {
      killedAt = process.hrtime.bigint();
      child.kill('SIGKILL');
    }
  });
  await Promise.all([once(child, 'exit'), once(lines, 'close')]);
  expect([child.exitCode, child.signalCode]).toEqual(killedAt === undefined ? [0, null] : [null, 'SIGKILL']);
  return killedAt;
}

async function openPlaces(dir: string): Promise<string[]> {
  const queue = await openJournalQueue({ dir, clock: createSystemClock() });
  const entries = await toArray(queue.list());
  await queue.close();
  return entries.flatMap((entry) => entry.items.filter((item) => item.outcome === undefined).map((item) => item.subject.locator?.ref ?? ''));
}

/** How long after each kill the next one had the queue, in ms: only where it was the holder that was killed. */
function waitsAfter(kills: readonly bigint[], { holdings }: Sharing): number[] {
  return kills.flatMap((at) => {
    const next = holdings.filter((one) => one.from > at).sort((a, b) => Number(a.from - b.from))[0];
    return next === undefined ? [] : [Number((next.from - at) / 1_000_000n)];
  });
}

describe(`${processes} processes on one data directory`, () => {
  it(`lose nothing and double nothing, with two of them killed, in ${runs} runs (seed ${seed})`, async () => {
    const random = createSeededRandom(seed);
    const waits: number[] = [];
    for (let run = 0; run < runs; run++) {
      const dir = join(root, `run-${run}`);
      const sharing = new Sharing();
      const killAfter = (number: number): number => (number < 2 ? 2 + Math.floor(random() * 40) : Number.POSITIVE_INFINITY);
      const ends = await Promise.all(Array.from({ length: processes }, (_, number) => live(dir, sharing, killAfter(number))));
      expect(sharing.faults(await openPlaces(dir)), `run ${run}`).toEqual([]);
      waits.push(...waitsAfter(ends.filter((end) => end !== undefined), sharing));
      expect(readdirSync(dir)).toEqual(['pending.journal']);
    }
    waits.sort((a, b) => a - b);
    console.info(`${runs} runs, ${waits.length} recoveries: median ${waits[waits.length >> 1]} ms, longest ${waits.at(-1)} ms`);
    expect(waits.length).toBeGreaterThan(0);
    expect(waits.at(-1)).toBeLessThan(2000);
  }, 3_600_000);
});

describe('the check of that', () => {
  const told = (...lines: string[]): Sharing => {
    const sharing = new Sharing();
    lines.forEach((line) => sharing.hear(line.startsWith('2') ? 2 : 1, line.slice(2)));
    return sharing;
  };
  const flagged = ['1 O 10', '1 T /p/1/11', '1 A /p/1/11'];

  it.each<[string, readonly string[], readonly string[], RegExp | undefined]>([
    ['nothing where nothing is wrong', flagged, ['/p/1/11'], undefined],
    ['an entry that is missing', flagged, [], /^lost/],
    ['one that nobody flagged', flagged, ['/p/1/11', '/p/9/9'], /^never asked for/],
    ['one that is there twice', flagged, ['/p/1/11', '/p/1/11'], /^there twice/],
    ['one that was settled and came back', [...flagged, '1 S /p/1/11', '1 D /p/1/11'], ['/p/1/11'], /^came back/],
    ['one that was settled twice', [...flagged, '1 S /p/1/11', '1 D /p/1/11', '2 D /p/1/11'], [], /^settled twice/],
    ['two writers at a time', [...flagged, '1 C 20', '2 O 15'], ['/p/1/11'], /^held by/],
  ])('finds %s (sabotage)', (_, lines, open, expected) => {
    const faults = told(...lines).faults(open);
    expect(faults.length).toBe(expected === undefined ? 0 : 1);
    expect(faults[0] ?? '').toMatch(expected ?? /^$/);
  });
});

describe('a second engine on a data directory', () => {
  it('is refused with a reason, lets nothing through as if flagged, and takes over when the first is closed', async () => {
    const dataDir = join(root, 'engines');
    const events: EngineEvent[] = [];
    const make = (): ReturnType<typeof createNodeEngine> =>
      createNodeEngine(
        { dataDir, servers: [{ address: 'http://127.0.0.1:9', scope: 'local' }], query: { holdMs: 50, perServerMs: 50 }, background: 'manual' },
        { events: (event) => events.push(event) },
      );
    const subject = bytesSubject(toUtf8('some content'), { locator: { scheme: 'file', ref: '/a' } });
    const [first, second] = [make(), make()];
    expect((await first.check(subject)).pending.kind).toBe('queued');
    const refused = await second.check(subject);
    expect(refused).toMatchObject({ verdict: { disposition: 'unknown', reason: 'pending-full' }, decision: { access: 'block' }, pending: { kind: 'refused' } });
    expect(events.filter((event) => event.kind === 'fault')).toMatchObject([{ where: 'queue', error: { code: 'store-busy' } }]);
    await expect(toArray(second.pending.list())).rejects.toMatchObject({ name: 'VedetteError', code: 'store-busy' });
    await first.close();
    expect(await toArray(second.pending.list())).toHaveLength(1);
    expect((await second.check(subject)).pending.kind).toBe('queued');
    await second.close();
  });
});
