import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPacer, type Pacer } from '../../../src/adapters/foreign/pacer.js';
import { admit, afterRefusal, restoredQuota, storedQuota, unusedQuota, type Instant, type QuotaState } from '../../../src/adapters/foreign/quota.js';
import { toUtf8 } from '../../../src/base/bytes.js';
import type { StateStore } from '../../../src/base/seams.js';
import { createMemoryState } from '../../../src/preset/memory-state.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';

const dayMs = 86_400_000;
const limits = { perMinute: 4, perDay: 20 };
const midnight = 19_700 * dayMs;
const at = (ms: number, wallMs = midnight + ms): Instant => ({ monotonicMs: ms, wallMs });

/** The clear way: every question there ever was is counted anew. */
function mayAsk(asked: readonly number[], wallMs: number): boolean {
  const inMinute = asked.filter((one) => one > wallMs - 60_000).length;
  const inDay = asked.filter((one) => Math.floor(one / dayMs) === Math.floor(wallMs / dayMs)).length;
  return inMinute < limits.perMinute && inDay < limits.perDay;
}

describe('the quota', () => {
  it('lets a question go exactly when the count of all earlier ones allows it, restarts included', () => {
    const step = fc.record({ afterMs: fc.oneof(fc.integer({ min: 0, max: 30_000 }), fc.constantFrom(0, 1, 59_999, 60_000, 3_600_000, dayMs / 4)), restart: fc.boolean() });
    fc.assert(
      fc.property(fc.nat(dayMs), fc.array(step, { maxLength: 80 }), (begin, steps) => {
        const asked: number[] = [];
        let state: QuotaState = unusedQuota;
        let monotonicMs = 0;
        let wallMs = midnight + begin;
        for (const { afterMs, restart } of steps) {
          monotonicMs += afterMs;
          wallMs += afterMs;
          if (restart) {
            const stored: unknown = JSON.parse(JSON.stringify(storedQuota(state, { monotonicMs, wallMs })));
            monotonicMs = 17;
            state = restoredQuota(stored, { monotonicMs, wallMs })!;
          }
          const admission = admit(state, limits, { monotonicMs, wallMs });
          expect(admission.kind === 'go').toBe(mayAsk(asked, wallMs));
          if (admission.kind === 'go') {
            asked.push(wallMs);
          } else {
            expect(mayAsk(asked, wallMs + admission.waitMs - 1)).toBe(false);
            expect(mayAsk(asked, wallMs + admission.waitMs)).toBe(true);
          }
          state = admission.state;
          expect(state.recentMs.length).toBeLessThanOrEqual(limits.perMinute);
        }
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 100) },
    );
  });

  it.each([
    ['a record of nothing', null],
    ['another version', { version: 2, day: 1, used: 1, refusals: 0, recentAt: [] }],
    ['a count that is none', { version: 1, day: 1, used: -1, refusals: 0, recentAt: [] }],
    ['instants that are none', { version: 1, day: 1, used: 1, refusals: 0, recentAt: ['x'] }],
  ])('%s restores nothing', (_, stored) => {
    expect(restoredQuota(stored, at(0))).toBeUndefined();
  });

  it('whatever was stored, the next question is at most a day away', () => {
    const number = fc.oneof(fc.nat(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER, midnight, midnight + 1e12));
    const stored = fc.record({ version: fc.constant(1), day: number, used: number, refusals: number, recentAt: fc.array(number, { maxLength: 8 }), waitUntilAt: number });
    fc.assert(
      fc.property(stored, (record) => {
        const state = restoredQuota(record, at(5))!;
        const admission = admit(state, limits, at(5));
        expect(admission.kind === 'go' || admission.waitMs <= dayMs).toBe(true);
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 100) },
    );
  });

  it('a wall clock that is set back gives no second day, and one that was ahead locks nobody out', () => {
    let state: QuotaState = { ...unusedQuota, day: 19_700, used: 20 };
    expect(admit(state, limits, at(0, midnight - 1))).toMatchObject({ kind: 'wait', waitMs: 1 });
    state = { ...unusedQuota, day: 30_000, used: 20 };
    const admission = admit(state, limits, at(0));
    expect(admission).toMatchObject({ kind: 'wait', waitMs: dayMs });
    expect(admit(admission.state, limits, at(dayMs)).kind).toBe('go');
  });

  it('waits as long as the service says, a minute and doubling where it does not, a day at most', () => {
    let state = afterRefusal(unusedQuota, 5_000, at(0));
    expect(state.waitUntilMs).toBe(5_000);
    const own = Array.from({ length: 9 }, (_, i) => afterRefusal({ ...unusedQuota, refusals: i }, undefined, at(0)).waitUntilMs / 60_000);
    expect(own).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    state = afterRefusal(unusedQuota, 10 * dayMs, at(0));
    expect(state.waitUntilMs).toBe(dayMs);
    expect(afterRefusal(state, 1, at(0)).waitUntilMs).toBe(dayMs);
  });
});

describe('the pacer', () => {
  const make = (clock: FakeClock, state: StateStore): Pacer => createPacer({ limits, clock, state, key: 'k' });

  it('keeps count and waits over a restart', async () => {
    const clock = new FakeClock();
    const state = createMemoryState();
    const first = make(clock, state);
    for (let i = 0; i < 4; i++) {
      expect((await first.admit()).kind).toBe('go');
    }
    await clock.advance(10_000);
    expect(await make(clock, state).admit()).toEqual({ kind: 'wait', waitMs: 50_000 });
    expect(await make(clock, state).refused(120_000)).toBe(120_000);
    expect(await make(clock, state).admit()).toEqual({ kind: 'wait', waitMs: 120_000 });
  });

  it('has stored the question before it lets it go: a crash gives none back', async () => {
    const clock = new FakeClock();
    const kept = createMemoryState();
    const order: string[] = [];
    const state: StateStore = { get: (key) => kept.get(key), set: async (key, value) => kept.set(key, value).then(() => void order.push('stored')) };
    await make(clock, state).admit();
    order.push('asked');
    expect(order).toEqual(['stored', 'asked']);
    // The sabotage of this test: a store that forgets gives every start a new minute.
    const forgetful: StateStore = { get: async () => undefined, set: async () => undefined };
    const counts = await Promise.all([forgetful, forgetful].map(async (store) => (await make(clock, store).admit()).kind));
    expect(counts).toEqual(['go', 'go']);
  });

  it('questions at the same time are counted one by one', async () => {
    const pacer = make(new FakeClock(), createMemoryState());
    const kinds = (await Promise.all(Array.from({ length: 6 }, () => pacer.admit()))).map((one) => one.kind);
    expect(kinds.filter((kind) => kind === 'go').length).toBe(4);
  });

  it.each<[string, StateStore]>([
    ['fails', { get: () => Promise.reject(new Error('no disk')), set: () => Promise.reject(new Error('no disk')) }],
    ['has other bytes under the key', { get: async () => toUtf8('{"version":1'), set: async () => undefined }],
  ])('a store that %s costs its memory only', async (_, state) => {
    const pacer = make(new FakeClock(), state);
    expect((await pacer.admit()).kind).toBe('go');
    expect(await pacer.refused(1_000)).toBe(1_000);
  });

  it('takes no limit below 1', () => {
    expect(() => createPacer({ limits: { perMinute: 0 }, clock: new FakeClock(), state: createMemoryState(), key: 'k' })).toThrow(RangeError);
  });
});
