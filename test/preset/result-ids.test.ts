/** Ids of results are keys of remedies: a host that was told one of them does nothing for it a second time. */
import { expect, it } from 'vitest';
import '../support/loaded.js';
import { bytesSubject } from '../../src/base/subject.js';
import type { Engine } from '../../src/engine/checker.js';
import { createEngine } from '../../src/preset/portable.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';

async function idsOf(engine: Engine, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < count; at++) {
    ids.push((await engine.check(bytesSubject(Uint8Array.of(at)))).id);
  }
  await engine.close();
  return ids;
}

it('no two engines give the same id, though they begin at the same instant', async () => {
  const clock = new FakeClock();
  const engineOf = (seed: number): Engine => createEngine({ trust: [], background: 'manual', parts: { clock, random: createSeededRandom(seed) } });
  const ids = [...(await idsOf(engineOf(1), 200)), ...(await idsOf(engineOf(2), 200))];
  expect(new Set(ids).size).toBe(ids.length);
  const alike = [...(await idsOf(engineOf(1), 1)), ...(await idsOf(engineOf(1), 1))];
  expect(alike[0], 'sabotage: engines without a chance of their own').toBe(alike[1]);
});
