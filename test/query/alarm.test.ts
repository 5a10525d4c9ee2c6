/** One sleep for many waits: each rings at its instant, in order, and nothing is left behind. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Alarm, type AlarmWait } from '../../src/query/client/alarm.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('set' as const), inMs: fc.nat(50) }),
    fc.record({ kind: fc.constant('clear' as const), which: fc.nat(30) }),
    fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(20) }),
  ),
  { maxLength: 60 },
);

describe('an alarm', () => {
  it('rings what was not called off, each at its instant and in order, and sleeps only while something waits', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const clock = new FakeClock();
        const alarm = new Alarm(clock, { background: true });
        const waits: AlarmWait[] = [];
        const rung: string[] = [];
        const due: { readonly name: string; readonly atMs: number }[] = [];
        for (const step of all) {
          if (step.kind === 'set') {
            const atMs = clock.monotonicMs() + step.inMs;
            const name = `${waits.length}`;
            waits.push(alarm.set(atMs, () => rung.push(`${name} at ${clock.monotonicMs()}`)));
            due.push({ name, atMs });
          } else if (step.kind === 'clear' && waits.length > 0) {
            const at = step.which % waits.length;
            alarm.clear(waits[at]!);
            const left = due.findIndex(({ name, atMs }) => name === `${at}` && !rung.includes(`${name} at ${atMs}`));
            due.splice(left < 0 ? due.length : left, 1);
          } else if (step.kind === 'advance') {
            await clock.advance(step.ms);
          }
          expect(clock.sleeping <= 1).toBe(true);
        }
        await clock.advance(100);
        expect(rung).toEqual([...due].sort((a, b) => a.atMs - b.atMs).map(({ name, atMs }) => `${name} at ${atMs}`));
        expect(clock.sleeping).toBe(0);
      }),
      runs,
    );
  });

  it('rings for what is set while it rings, and not for what is called off then', async () => {
    const clock = new FakeClock();
    const alarm = new Alarm(clock, { background: false });
    const rung: string[] = [];
    alarm.set(5, () => {
      rung.push('first');
      alarm.clear(second);
      alarm.set(5, () => rung.push('third'));
      alarm.set(7, () => rung.push('fourth'));
    });
    const second = alarm.set(5, () => rung.push('second'));
    await clock.advance(6);
    expect(rung).toEqual(['first', 'third']);
    await clock.advance(1);
    expect(rung).toEqual(['first', 'third', 'fourth']);
    expect(clock.sleeping).toBe(0);
  });

  it('never rings within the call that sets it, for the past neither', async () => {
    const clock = new FakeClock();
    const alarm = new Alarm(clock, { background: true });
    const rung: number[] = [];
    alarm.set(-1, () => rung.push(-1));
    expect(rung).toEqual([]);
    await clock.advance(0);
    expect(rung).toEqual([-1]);
  });

  it('waits on when the clock wakes it too early', async () => {
    const clock = new FakeClock();
    const hasty = { monotonicMs: () => clock.monotonicMs(), now: () => clock.now(), sleep: (ms: number, signal: AbortSignal) => clock.sleep(ms / 2, signal) };
    const alarm = new Alarm(hasty, { background: true });
    let rungAtMs = -1;
    alarm.set(64, () => {
      rungAtMs = clock.monotonicMs();
    });
    await clock.advance(63);
    expect(rungAtMs).toBe(-1);
    await clock.advance(2);
    expect(rungAtMs).toBeGreaterThanOrEqual(64);
  });
});
