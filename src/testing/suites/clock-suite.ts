/** What every `Clock` promises: two honest times and a wait that ends at once when it is aborted. */
import type { Clock } from '../../base/seams.js';
import { assertEqual, assertRejects, assertTrue, within } from '../assertions.js';
import { createPartMaker, registerSuite } from '../runner.js';
import type { SuiteOptions, SuiteTests, TestRunner } from '../runner.js';

/** Options of `describeClock`. */
export interface ClockSuiteOptions<C extends Clock = Clock> extends SuiteOptions<C> {
  /** Lets time pass on a clock that does not move by itself, such as `FakeClock.advance`; absent for a real clock. */
  pass?(clock: C, ms: number): Promise<void>;
}

interface Fixture {
  readonly clock: Clock;
  /** Lets that much time pass and its consequences run. */
  readonly pass: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Registers the conformance suite of the clock. With a real clock it takes about a quarter of a second of real time. */
export function describeClock<C extends Clock>(runner: TestRunner, options: ClockSuiteOptions<C>): void {
  registerSuite<Fixture>(runner, {
    title: `Clock: ${options.name}`,
    tests,
    skip: options.skip,
    async open() {
      const maker = createPartMaker(options);
      const clock = await maker.make();
      return {
        clock,
        pass: (ms) => (options.pass === undefined ? realWait(ms) : options.pass(clock, ms)),
        close: () => maker.disposeAll(),
      };
    },
    close: (fixture) => fixture.close(),
  });
}

function realWait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

const never = (): AbortSignal => new AbortController().signal;

const tests: SuiteTests<Fixture> = {
  'now is an instant in epoch milliseconds': ({ clock }) => {
    const now = clock.now();
    assertTrue(`now: expected epoch ms after 2001, got ${now}`, Number.isFinite(now) && now > 1_000_000_000_000 && now < 10_000_000_000_000);
  },
  'the monotonic time never goes back': ({ clock }) => {
    let last = clock.monotonicMs();
    for (let i = 0; i < 10_000; i++) {
      const next = clock.monotonicMs();
      assertTrue(`monotonic time: ${next} after ${last}`, next >= last);
      last = next;
    }
  },
  'both times move on by what passes': async ({ clock, pass }) => {
    const [wall, monotonic] = [clock.now(), clock.monotonicMs()];
    await pass(30);
    const [movedWall, moved] = [clock.now() - wall, clock.monotonicMs() - monotonic];
    assertTrue(`monotonic: expected about 30 ms, got ${moved}`, moved >= 28 && moved < 5_000);
    assertTrue(`wall: expected about 30 ms, got ${movedWall}`, movedWall >= 28 && movedWall < 5_000);
  },
  'a wait lasts as long as it was asked for, by the monotonic time': async ({ clock, pass }) => {
    const start = clock.monotonicMs();
    const waited = clock.sleep(20, never()).then(() => clock.monotonicMs() - start);
    await pass(60);
    const took = await within('sleep of 20 ms', 2_000, waited);
    assertTrue(`sleep of 20 ms: woke after ${took} ms`, took >= 18);
  },
  'a wait does not end early': async ({ clock, pass }) => {
    let awake = false;
    const controller = new AbortController();
    const waited = clock.sleep(5_000, controller.signal).then(() => (awake = true), () => undefined);
    await pass(20);
    assertEqual('awake after 20 of 5000 ms', awake, false);
    controller.abort();
    await within('aborted wait', 2_000, waited);
  },
  'waits end in the order of their instants': async ({ clock, pass }) => {
    const order: string[] = [];
    const waits = [
      clock.sleep(40, never()).then(() => order.push('second')),
      clock.sleep(5, never()).then(() => order.push('first')),
    ];
    await pass(100);
    await within('both waits', 2_000, Promise.all(waits));
    assertEqual('order', order, ['first', 'second']);
  },
  'a wait of no or negative length ends': async ({ clock, pass }) => {
    const waits = Promise.all([clock.sleep(0, never()), clock.sleep(-5, never())]);
    await pass(5);
    await within('waits of 0 and -5 ms', 2_000, waits);
  },
  'an abort ends a wait at once with aborted': async ({ clock }) => {
    const controller = new AbortController();
    const waited = clock.sleep(600_000, controller.signal);
    controller.abort();
    await within('aborted wait', 2_000, assertRejects('sleep', () => waited, 'aborted'));
  },
  'a signal that has already fired ends the wait before it begins': async ({ clock }) => {
    await within('wait', 2_000, assertRejects('sleep', () => clock.sleep(600_000, AbortSignal.abort()), 'aborted'));
  },
  'an abort after the wait changes nothing, and one signal serves many waits': async ({ clock, pass }) => {
    const controller = new AbortController();
    const waits = [clock.sleep(1, controller.signal), clock.sleep(2, controller.signal, { background: true })];
    await pass(30);
    await within('waits', 2_000, Promise.all(waits));
    const third = clock.sleep(600_000, controller.signal);
    controller.abort();
    await within('third wait', 2_000, assertRejects('sleep', () => third, 'aborted'));
  },
};
