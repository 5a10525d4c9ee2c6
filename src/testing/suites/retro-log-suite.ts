/** What every `RetroLog` promises: what was let through, by content and place, bounded; and findings that are kept to their end. */
import type { Verdict } from '../../base/verdict.js';
import type { Allowed, RetroFinding, RetroLog } from '../../retro/retro-log.js';
import { assertEqual, assertTrue, present } from '../assertions.js';
import { FakeClock } from '../doubles/fake-clock.js';
import { createPartMaker, registerSuite } from '../runner.js';
import type { SuiteOptions, SuiteTests, TestRunner } from '../runner.js';

/** What `create` is told: the clock that the log has to live by, and the bounds that the test counts on. */
export interface RetroLogContext {
  readonly clock: FakeClock;
  readonly days?: number;
  readonly maxEntries?: number;
}

/** Options of `describeRetroLog`. */
export interface RetroLogSuiteOptions extends SuiteOptions<RetroLog, RetroLogContext> {
  /** Ends the log and opens another over the same durable place. Absent for logs of durability `process`. */
  reopen?(log: RetroLog, context: RetroLogContext): RetroLog | Promise<RetroLog>;
}

interface Fixture {
  readonly clock: FakeClock;
  readonly make: (bounds?: Omit<RetroLogContext, 'clock'>) => Promise<RetroLog>;
  readonly reopen: (log: RetroLog) => Promise<RetroLog>;
  readonly disposeAll: () => Promise<void>;
}

/** Registers the conformance suite of the retro log; with `reopen`, the promises of durability `disk` as well. */
export function describeRetroLog(runner: TestRunner, options: RetroLogSuiteOptions): void {
  registerSuite<Fixture>(runner, {
    title: `RetroLog: ${options.name}`,
    tests: options.reopen === undefined ? tests : { ...tests, ...durableTests },
    skip: options.skip,
    open: () => openFixture(options),
    close: (fixture) => fixture.disposeAll(),
  });
}

function openFixture(options: RetroLogSuiteOptions): Fixture {
  const clock = new FakeClock();
  const maker = createPartMaker(options);
  const contexts = new Map<RetroLog, RetroLogContext>();
  return {
    clock,
    disposeAll: () => maker.disposeAll(),
    async make(bounds = {}) {
      const context = { clock, ...bounds };
      const log = await maker.make(context);
      contexts.set(log, context);
      return log;
    },
    async reopen(log) {
      const context = contexts.get(log) ?? { clock };
      const again = (await options.reopen?.(log, context)) ?? log;
      maker.replace(log, again);
      contexts.set(again, context);
      return again;
    },
  };
}

const dayMs = 86_400_000;
const malicious: Verdict = { disposition: 'malicious', threats: [{ name: 'Late', type: 'trojan' }], source: 'query', generations: { filter: 2 } };

function keyOf(mark: number): string {
  return mark.toString(16).padStart(64, '0');
}

function allowed(mark: number, place: string, owner = 'default'): Allowed {
  const hash = Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? mark & 0xff : i === 30 ? mark >>> 8 : 0));
  const fingerprints = [{ kind: 'file', algorithm: 'sha256', hash, size: 7 } as const];
  return { kind: 'file', key: keyOf(mark), fingerprints, owner, subject: { label: place, locator: { scheme: 'file', ref: place } } };
}

/** Nobody waits for a sighting: the clock moves on until it is as durable as the log makes it. */
async function see({ clock }: Fixture, log: RetroLog, ...sightings: readonly Allowed[]): Promise<void> {
  for (const sighting of sightings) {
    await clock.run(log.remember(sighting));
  }
}

async function findingsOf(log: RetroLog): Promise<RetroFinding[]> {
  const all: RetroFinding[] = [];
  for await (const finding of log.findings()) {
    all.push(finding);
  }
  return all;
}

async function labelsOf(log: RetroLog, mark: number): Promise<(string | undefined)[]> {
  const [entry] = await log.find([keyOf(mark)]);
  return entry?.places.map((place) => place.subject.label) ?? [];
}

const tests: SuiteTests<Fixture> = {
  'a content that was seen comes back with its digests and places, each place once': async (fixture) => {
    const log = await fixture.make();
    await see(fixture, log, allowed(1, '/a'), allowed(1, '/b'), allowed(1, '/a'));
    const [entry, missing] = await log.find([keyOf(1), keyOf(2)]);
    assertEqual('places', await labelsOf(log, 1), ['/a', '/b']);
    assertEqual('fingerprints', present('entry', entry).fingerprints, allowed(1, '/a').fingerprints);
    assertEqual('what was never seen', missing, undefined);
  },
  'of many places of one content the latest are kept, a bounded number': async (fixture) => {
    const log = await fixture.make();
    for (let i = 0; i < 100; i++) {
      await see(fixture, log, allowed(1, `/${i}`));
    }
    const labels = await labelsOf(log, 1);
    assertTrue('a bounded number of places, at least four', labels.length >= 4 && labels.length < 100);
    assertEqual('the last one', labels.at(-1), '/99');
  },
  'the entries are as many as the bound says, and of more the longest not seen go': async (fixture) => {
    const log = await fixture.make({ maxEntries: 10 });
    for (let i = 0; i < 10; i++) {
      await see(fixture, log, allowed(i, `/${i}`));
      await fixture.clock.advance(dayMs / 4);
    }
    assertEqual('entries at the bound', (await log.counts()).entries, 10);
    await see(fixture, log, allowed(0, '/0'), allowed(10, '/10'));
    assertEqual('keys, oldest first', await log.keys(), [2, 3, 4, 5, 6, 7, 8, 9, 0, 10].map(keyOf));
  },
  'what was not seen for the days of the window is forgotten, and nothing sooner': async (fixture) => {
    const log = await fixture.make({ days: 2 });
    await see(fixture, log, allowed(1, '/a'));
    await fixture.clock.advance(2 * dayMs - 1000);
    assertEqual('within the window', await log.keys(), [keyOf(1)]);
    await fixture.clock.advance(dayMs / 2);
    assertEqual('after it', await log.keys(), []);
    assertEqual('not found either', await log.find([keyOf(1)]), [undefined]);
  },
  'a wall clock that jumps forward or back loses nothing and keeps nothing longer': async (fixture) => {
    for (const [mark, jumpMs] of [[1, 4000 * dayMs], [2, -4000 * dayMs], [3, 3 * dayMs], [4, -3 * dayMs]] as const) {
      const log = await fixture.make({ days: 2 });
      await see(fixture, log, allowed(mark, '/a'));
      fixture.clock.jumpWall(jumpMs);
      assertEqual(`after a jump of ${jumpMs} ms`, await log.keys(), [keyOf(mark)]);
      const [entry] = await log.find([keyOf(mark)]);
      assertTrue('kept until an instant of the clock as it is now', Math.abs(present('entry', entry).untilAt - fixture.clock.now() - 2 * dayMs) <= dayMs);
      await fixture.clock.advance(2 * dayMs - 1000);
      assertEqual('within the window', (await log.keys()).length, 1);
      await fixture.clock.advance(dayMs / 2);
      assertEqual('after it', await log.keys(), []);
    }
  },
  'a place is forgotten alone, and an entry without places with it': async (fixture) => {
    const log = await fixture.make();
    await see(fixture, log, allowed(1, '/a'), allowed(1, '/b'));
    await fixture.clock.run(log.forget(keyOf(1), allowed(1, '/a')));
    assertEqual('places', await labelsOf(log, 1), ['/b']);
    await fixture.clock.run(log.forget(keyOf(1), allowed(1, '/b')));
    assertEqual('keys', await log.keys(), []);
  },
  'an entry that is raised becomes one finding for each place, and is no entry any more': async (fixture) => {
    const log = await fixture.make();
    await see(fixture, log, allowed(1, '/a'), allowed(1, '/b'));
    const raised = await log.raise(keyOf(1), malicious);
    assertEqual('labels', raised.map((finding) => finding.subject.label), ['/a', '/b']);
    assertEqual('verdicts', raised.map((finding) => finding.verdict), [malicious, malicious]);
    assertTrue('ids differ', new Set(raised.map((finding) => finding.id)).size === 2);
    assertEqual('raised again', await log.raise(keyOf(1), malicious), []);
    assertEqual('keys', await log.keys(), []);
    assertEqual('open', (await log.counts()).open, 2);
  },
  'places of other owners stay where one owner is meant': async (fixture) => {
    const log = await fixture.make();
    await see(fixture, log, allowed(1, '/a', 'one'), allowed(1, '/b', 'two'));
    const raised = await log.raise(keyOf(1), malicious, 'one');
    assertEqual('raised', raised.map((finding) => finding.subject.label), ['/a']);
    assertEqual('left', await labelsOf(log, 1), ['/b']);
  },
  'intent and outcome of a finding are kept; the first outcome ends it': async (fixture) => {
    const log = await fixture.make();
    await see(fixture, log, allowed(1, '/a'));
    const id = present('finding', (await log.raise(keyOf(1), malicious))[0]).id;
    await log.intend(id, { key: id });
    assertEqual('settled by this call', await log.settle(id, { outcome: 'done' }), true);
    assertEqual('settled before', await log.settle(id, { outcome: 'other' }), false);
    await log.intend(id, { key: 'late' });
    assertEqual('finding', (await findingsOf(log)).map(({ intent, outcome }) => [intent, outcome]), [[{ key: id }, { outcome: 'done' }]]);
    assertEqual('open', (await log.counts()).open, 0);
    assertEqual('an unknown one', await log.settle('nobody', null), false);
  },
  'the mark of the last hunt is the one that was given last': async (fixture) => {
    const log = await fixture.make();
    assertEqual('before any', await log.mark(), undefined);
    await log.hunted('one');
    await log.hunted('two');
    assertEqual('mark', await log.mark(), 'two');
  },
};

const durableTests: SuiteTests<Fixture> = {
  'entries, findings and the mark are there after a restart': async (fixture) => {
    const log = await fixture.make();
    await see(fixture, log, allowed(1, '/a'), allowed(2, '/b'), allowed(3, '/c'));
    const id = present('finding', (await log.raise(keyOf(2), malicious))[0]).id;
    await log.intend(id, { key: id });
    await log.hunted('mark');
    const again = await fixture.reopen(log);
    assertEqual('keys', await again.keys(), [keyOf(1), keyOf(3)]);
    assertEqual('mark', await again.mark(), 'mark');
    assertEqual('findings', (await findingsOf(again)).map((one) => [one.id, one.subject.label, one.intent]), [[id, '/b', { key: id }]]);
    assertTrue('still open', await again.settle(id, null));
  },
  'ids of findings are never given out again': async (fixture) => {
    let log = await fixture.make();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) {
      await see(fixture, log, allowed(i, '/a'));
      ids.push(...(await log.raise(keyOf(i), malicious)).map((finding) => finding.id));
      log = await fixture.reopen(log);
    }
    assertEqual('different ids', new Set(ids).size, 5);
  },
};
