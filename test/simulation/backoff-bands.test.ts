/** Back-off, exactly: the bands of updates (ours and Safe Browsing's) and the pauses of a question on the clock. */
import { describe, expect, it } from 'vitest';
import { afterFailure, afterSuccess, neverUpdated } from '../../src/adapters/safe-browsing/update-schedule.js';
import { nextDueAt, nextSchedule, startedSchedule } from '../../src/update/schedule.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { fails } from '../query/scripted-source.js';
import { ask, scene } from '../query/scene.js';
import type { Random } from '../../src/base/seams.js';

const minute = 60_000;
const day = 1_440 * minute;
const almostOne = 1 - 2 ** -32;

/** Ms from the k-th failure in a row to the next look for updates. */
function updateWait(failures: number, random: Random, waitMs?: number): number {
  let schedule = startedSchedule(['filter'], { nowMs: 0, random });
  for (let k = 0; k < failures; k++) {
    schedule = nextSchedule(schedule, { kind: 'failed', components: ['filter'], ...(waitMs === undefined ? {} : { waitMs }) }, { nowMs: 0, random });
  }
  return nextDueAt(schedule);
}

/** The same of the Safe Browsing source. */
function listWait(failures: number, random: Random, waitMs?: number): number {
  let schedule = neverUpdated;
  for (let k = 0; k < failures; k++) {
    schedule = afterFailure(schedule, { now: 0, random, waitMs });
  }
  return schedule.dueAt;
}

describe.each([
  ['updates', updateWait],
  ['lists of Safe Browsing', listWait],
])('%s after k failures in a row', (_, waitOf) => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 20, 1_000])('%d: wait 15·2^(k−1) to 15·2^k minutes, a day at most, over more than 0.9 of the band', (k) => {
    const [low, high] = [Math.min(15 * minute * 2 ** Math.min(k - 1, 40), day), Math.min(15 * minute * 2 ** Math.min(k, 40), day)];
    const random = createSeededRandom(k);
    const waits = Array.from({ length: 300 }, () => waitOf(k, random));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(low);
    expect(Math.max(...waits)).toBeLessThanOrEqual(high);
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThanOrEqual(0.9 * (high - low));
    expect(waitOf(k, () => 0)).toBe(low);
    expect(waitOf(k, () => almostOne)).toBeCloseTo(high, 0);
  });

  it('obey a longer wait of the source, and no shorter one', () => {
    expect(waitOf(1, () => 0, 3 * 60 * minute)).toBe(3 * 60 * minute);
    expect(waitOf(1, () => 0, minute)).toBe(15 * minute);
  });
});

describe('a success', () => {
  it('begins the back-off anew', () => {
    expect(afterFailure(afterSuccess(0, minute), { now: 0, random: () => 0 }).dueAt).toBe(15 * minute);
    const at = { nowMs: 0, random: () => 0 };
    let schedule = startedSchedule(['filter'], at);
    for (const kind of ['failed', 'failed', 'failed', 'succeeded', 'failed'] as const) {
      schedule = nextSchedule(schedule, { kind, components: ['filter'] }, at);
    }
    expect(nextDueAt(schedule)).toBe(15 * minute);
  });
});

describe('a question that fails', () => {
  it.each([
    [0, [0, 0, 0]],
    [0.5, [0, 125, 625]],
    [almostOne, [0, 250, 1_250]],
  ])('with chance %d pauses exactly as drawn', async (chance, expected) => {
    const one = scene([() => fails], { random: () => chance });
    await ask(one);
    one.servers[0]!.calls.forEach(({ atMs }, n) => expect(atMs).toBeCloseTo(expected[n]!, 3));
    expect(one.servers[0]!.calls).toHaveLength(3);
  });
});
