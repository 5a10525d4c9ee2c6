/** When which component is looked for: the schedule as a value, by tables and by chance. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { backOffMs, dueNow, nextDueAt, nextSchedule, startedSchedule, type UpdateEvent, type UpdateSchedule } from '../../src/update/schedule.js';
import { componentsOf, updateComponents } from '../../src/update/subscription.js';

const minute = 60_000;
const hour = 60 * minute;
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 100);
const half = { nowMs: 0, random: () => 0.5 };
const started = startedSchedule(['agent-pattern', 'filter'], half);

function after(schedule: UpdateSchedule, events: readonly UpdateEvent[], nowMs = 0, chance = 0.5): UpdateSchedule {
  return events.reduce((before, event) => nextSchedule(before, event, { nowMs, random: () => chance }), schedule);
}

function row(schedule: UpdateSchedule, component: 'agent-pattern' | 'filter' | 'server-pattern'): UpdateSchedule[number] {
  return schedule.find((due) => due.component === component)!;
}

describe('the subscriptions', () => {
  it('have nothing in common and are everything together', () => {
    expect(componentsOf('agent').filter((one) => componentsOf('server').includes(one))).toEqual([]);
    expect([...updateComponents].sort()).toEqual(['action-table', 'agent-pattern', 'filter', 'lists', 'server-pattern']);
  });
});

describe('a schedule', () => {
  const both = ['agent-pattern', 'filter'] as const;
  const ok: UpdateEvent = { kind: 'succeeded', components: both };
  const fail: UpdateEvent = { kind: 'failed', components: both };

  it.each<[string, readonly UpdateEvent[], number, { readonly agent: number; readonly filter: number }]>([
    ['begins within a minute', [], 0, { agent: 0.5 * minute, filter: 0.5 * minute }],
    ['comes daily and hourly, a twentieth early on average', [ok], 0, { agent: 24 * hour * 0.95, filter: hour * 0.95 }],
    ['waits a quarter to half of an hour after a failure', [fail], 0, { agent: 22.5 * minute, filter: 22.5 * minute }],
    ['waits twice as long after the second', [fail, fail], 0, { agent: 45 * minute, filter: 45 * minute }],
    ['starts anew after a success', [fail, fail, ok, fail], 0, { agent: 22.5 * minute, filter: 22.5 * minute }],
    ['looks soon after a sleep over the instant', [ok, { kind: 'woke', sleptMs: 2 * hour }], 0, { agent: 24 * hour * 0.95, filter: 0.5 * minute }],
    ['does not look for having slept a moment', [ok, { kind: 'woke', sleptMs: 2 * minute }], 0, { agent: 24 * hour * 0.95, filter: hour * 0.95 }],
    ['looks soon at another place, where it had failed', [fail, { kind: 'moved' }], 0, { agent: 0.5 * minute, filter: 0.5 * minute }],
    ['does not look for having moved, where it had not', [ok, { kind: 'moved' }], 0, { agent: 24 * hour * 0.95, filter: hour * 0.95 }],
    ['looks soon for a newer generation', [ok, { kind: 'heard', component: 'filter', generation: 9 }], 0, { agent: 24 * hour * 0.95, filter: 0.5 * minute }],
    ['keeps its pause when it hears of one after a failure', [fail, { kind: 'heard', component: 'filter', generation: 9 }], 0, { agent: 22.5 * minute, filter: 22.5 * minute }],
    ['looks soon again for what was held back', [{ kind: 'held-back', components: ['filter'] }, { kind: 'failed', components: ['agent-pattern'] }], 0, { agent: 22.5 * minute, filter: 0.5 * minute }],
  ])('%s', (_, events, nowMs, expected) => {
    const schedule = after(started, events, nowMs);
    expect({ agent: row(schedule, 'agent-pattern').dueAt, filter: row(schedule, 'filter').dueAt }).toEqual(expected);
  });

  it('looks at once only once for each generation that it hears of', () => {
    const heard = after(started, [ok, { kind: 'heard', component: 'filter', generation: 9 }]);
    const again = after(heard, [ok, { kind: 'heard', component: 'filter', generation: 9 }], minute);
    expect(row(again, 'filter').dueAt).toBe(minute + hour * 0.95);
    expect(row(after(again, [{ kind: 'heard', component: 'filter', generation: 10 }], minute), 'filter').dueAt).toBe(1.5 * minute);
  });

  it('obeys a source that asks to be left alone, a day at most', () => {
    const waiting = after(started, [{ kind: 'failed', components: both, waitMs: 5 * hour }]);
    expect(nextDueAt(waiting)).toBe(5 * hour);
    expect(dueNow(waiting, 5 * hour - 1)).toEqual([]);
    expect(nextDueAt(after(started, [{ kind: 'failed', components: both, waitMs: 1e12 }]))).toBe(24 * hour);
  });

  it('takes the filter along with the agent pattern, and not the other way round', () => {
    const schedule = after(started, [ok]);
    expect(dueNow(schedule, hour)).toEqual(['filter']);
    const later = after(schedule, [{ kind: 'succeeded', components: ['filter'] }], 22.5 * hour);
    expect(dueNow(later, 22.9 * hour)).toEqual(['agent-pattern', 'filter']);
  });

  it('waits between 15·2^(n−1) and 15·2^n minutes after the n-th failure, spread over that range, and a day at most', () => {
    const random = createSeededRandom(1);
    for (let n = 1; n <= 12; n++) {
      const waits = Array.from({ length: 500 }, () => backOffMs(n, random()));
      const [from, to] = [15 * minute * 2 ** (n - 1), 15 * minute * 2 ** n];
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(Math.min(from, 24 * hour));
      expect(Math.max(...waits)).toBeLessThanOrEqual(Math.min(to, 24 * hour));
      if (to <= 24 * hour) {
        expect((Math.max(...waits) - Math.min(...waits)) / (to - from)).toBeGreaterThan(0.9);
      }
    }
  });

  it('spreads a thousand hosts that start together evenly over the first minute', () => {
    const random = createSeededRandom(2);
    const buckets = new Array<number>(12).fill(0);
    for (let host = 0; host < 1000; host++) {
      buckets[Math.floor(nextDueAt(startedSchedule(componentsOf('agent'), { nowMs: 0, random })) / 5000)]!++;
    }
    expect(Math.max(...buckets)).toBeLessThanOrEqual((2 * 1000) / 12);
  });

  it('never puts a look off for more than a day, nor calls for one in the past, whatever happens', () => {
    const event = fc.oneof(
      fc.constantFrom<UpdateEvent>(ok, fail, { kind: 'moved' }, { kind: 'held-back', components: both }),
      fc.nat(1e9).map((sleptMs): UpdateEvent => ({ kind: 'woke', sleptMs })),
      fc.nat(100).map((generation): UpdateEvent => ({ kind: 'heard', component: 'filter', generation })),
      fc.nat(1e10).map((waitMs): UpdateEvent => ({ kind: 'failed', components: ['filter'], waitMs })),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.nat(24 * hour), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }))), (steps) => {
        let schedule = started;
        let nowMs = 0;
        for (const [one, passedMs, chance] of steps) {
          nowMs += passedMs;
          schedule = nextSchedule(schedule, one, { nowMs, random: () => chance });
          expect(schedule.every((due) => due.dueAt <= nowMs + 24 * hour && due.notBeforeAt <= nowMs + 24 * hour)).toBe(true);
        }
      }),
      { numRuns },
    );
  });
});
