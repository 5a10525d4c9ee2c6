/** The time by which logs forget: it goes on with clocks that cannot be set, and believes little of the one that can. */
import { describe, expect, it } from 'vitest';
import { createLogTime, parseTimeMark, resumedAt, timeMarkRow, type TimeMark } from '../../src/base/log-time.js';
import type { SteadyClock } from '../../src/base/seams.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';

const dayMs = 86_400_000;
const maxGapMs = 3 * dayMs;
const mark: TimeMark = { log: 1000 * dayMs, wall: 1000 * dayMs, steady: 5 * dayMs, steadyId: 'boot-1' };

describe('a log that is opened again', () => {
  it.each([
    ['in the same boot: by the clock of the machine', { wall: 1001 * dayMs, steady: 6 * dayMs, steadyId: 'boot-1' }, 1001],
    ['in the same boot, the wall clock put forward', { wall: 9000 * dayMs, steady: 6 * dayMs, steadyId: 'boot-1' }, 1001],
    ['in the same boot, the wall clock put back', { wall: 0, steady: 6 * dayMs, steadyId: 'boot-1' }, 1001],
    ['after a restart: by the wall clock', { wall: 1002 * dayMs, steady: 0, steadyId: 'boot-2' }, 1002],
    ['after a long time off: a part of it', { wall: 1100 * dayMs, steady: 0, steadyId: 'boot-2' }, 1003],
    ['after a restart, the wall clock put back', { wall: 0, steady: 0, steadyId: 'boot-2' }, 1000],
    ['by a clock of the same name that began anew', { wall: 1001 * dayMs, steady: 0, steadyId: 'boot-1' }, 1001],
  ])('goes on %s', (_, present, days) => {
    expect(resumedAt(mark, present, maxGapMs) / dayMs).toBe(days);
  });
});

describe('the time of a log', () => {
  it('goes on with the process, whatever is done to the wall clock', async () => {
    const clock = new FakeClock();
    const time = createLogTime({ clock, maxGapMs });
    const begin = time.now();
    expect(begin).toBe(clock.now());
    for (const jumpMs of [400 * dayMs, -4000 * dayMs, 30_000]) {
      clock.jumpWall(jumpMs);
      await clock.advance(45_000);
    }
    expect(time.now() - begin).toBe(135_000);
  });

  it('counts the sleep of the machine where its clock does', async () => {
    const clock = new FakeClock();
    let sleptMs = 0;
    const steady: SteadyClock = { id: 'boot', nowMs: () => clock.monotonicMs() + sleptMs };
    const time = createLogTime({ clock, steady, maxGapMs });
    const begin = time.now();
    sleptMs = 5 * dayMs;
    await clock.advance(60_000);
    expect(time.now() - begin).toBe(5 * dayMs + 60_000);
    await clock.advance(1_000);
    expect(time.now() - begin).toBe(5 * dayMs + 61_000);
  });

  it('goes on from a mark, and is never before what is in the log', async () => {
    const clock = new FakeClock();
    const steady: SteadyClock = { id: 'boot', nowMs: () => clock.monotonicMs() };
    const first = createLogTime({ clock, steady, maxGapMs });
    const begin = first.now();
    const left = first.mark();
    await clock.advance(2 * dayMs);
    clock.jumpWall(500 * dayMs);
    const second = createLogTime({ clock, steady, maxGapMs });
    second.resume(left);
    expect(second.now() - begin).toBe(2 * dayMs);
    second.atLeast(begin + dayMs);
    expect(second.now() - begin).toBe(2 * dayMs);
    second.atLeast(begin + 3 * dayMs);
    expect(second.now() - begin).toBe(3 * dayMs);
  });

  it('is written as a row, and read back from nothing else', () => {
    expect(parseTimeMark(timeMarkRow(mark))).toEqual(mark);
    const hostile: readonly unknown[] = [undefined, null, 7, [], [1, 2, 3], [1, 2, 3, 4], [-1, 2, 3, 'x'], [Number.NaN, 2, 3, 'x'], [1e300, 2, 3, 'x'], ['1', 2, 3, 'x'], [1, 2, 3, 'x'.repeat(201)], [1, 2, 3, 'x', 5]];
    expect(hostile.map((value) => parseTimeMark(value))).toEqual(hostile.map(() => undefined));
  });
});
