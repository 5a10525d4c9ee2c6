/** Ids of results are keys of remedies: a host that was told one of them does nothing for it a second time. */
import { expect, it } from 'vitest';
import '../support/loaded.js';
import { bytesSubject } from '../../src/base/subject.js';
import type { Engine } from '../../src/engine/checker.js';
import { createMemoryRetro } from '../../src/preset/memory-logs.js';
import { createMemoryQueue } from '../../src/preset/memory-queue.js';
import { createEngine } from '../../src/preset/portable.js';
import type { RetroPlace } from '../../src/retro/retro-log.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { fileAt } from '../pending/subjects.js';

async function idsOf(engine: Engine, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < count; at++) {
    ids.push((await engine.check(bytesSubject(Uint8Array.of(at)))).id);
  }
  await engine.close();
  return ids;
}

const placeAt = (n: number): RetroPlace => ({ owner: 'default', subject: { label: `${n}` } });

it('no two queues in memory give the same id, though they begin at the same instant', async () => {
  const clock = new FakeClock();
  const [one] = await createMemoryQueue({ clock }).enqueue([fileAt('a')]);
  const [other] = await createMemoryQueue({ clock }).enqueue([fileAt('a')]);
  expect(one?.kind === 'queued' && other?.kind === 'queued' && one.id !== other.id).toBe(true);
});

it('no two memories of a retro-hunt give a finding the same id, though they begin at the same instant', async () => {
  const clock = new FakeClock();
  const key = '0'.repeat(64);
  const ids = await Promise.all([1, 2].map(async (n) => {
    const log = createMemoryRetro({ clock });
    await log.remember({ ...placeAt(n), kind: 'file', key, fingerprints: [] });
    const [finding] = await log.raise(key, { disposition: 'malicious', threats: [], source: 'query', generations: {} });
    return finding?.id;
  }));
  expect(ids[0]).toMatch(/^retro-/);
  expect(ids[0]).not.toBe(ids[1]);
});

it('no two engines give the same id, though they begin at the same instant', async () => {
  const clock = new FakeClock();
  const engineOf = (seed: number): Engine => createEngine({ trust: [], background: 'manual', parts: { clock, random: createSeededRandom(seed) } });
  const ids = [...(await idsOf(engineOf(1), 200)), ...(await idsOf(engineOf(2), 200))];
  expect(new Set(ids).size).toBe(ids.length);
  const alike = [...(await idsOf(engineOf(1), 1)), ...(await idsOf(engineOf(1), 1))];
  expect(alike[0], 'sabotage: engines without a chance of their own').toBe(alike[1]);
});
