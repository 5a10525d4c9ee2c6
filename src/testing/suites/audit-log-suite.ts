/** What every `AuditLog` promises: each temporary allow with its end, open ones whatever the bounds. */
import type { AuditLog, AuditFilter, AuditRecord, AuditResolution, TemporaryAllow } from '../../audit/audit-log.js';
import { assertEqual, assertTrue } from '../assertions.js';
import { FakeClock } from '../doubles/fake-clock.js';
import { createPartMaker, registerSuite } from '../runner.js';
import type { SuiteOptions, SuiteTests, TestRunner } from '../runner.js';

/** What `create` is told: the clock that the log has to live by, and the bounds that the test counts on. */
export interface AuditLogContext {
  readonly clock: FakeClock;
  readonly days?: number;
  readonly maxBytes?: number;
}

/** Options of `describeAuditLog`. */
export interface AuditLogSuiteOptions extends SuiteOptions<AuditLog, AuditLogContext> {
  /** Ends the log and opens another over the same durable place. Absent for logs of durability `process`. */
  reopen?(log: AuditLog, context: AuditLogContext): AuditLog | Promise<AuditLog>;
}

interface Fixture {
  readonly clock: FakeClock;
  readonly make: (bounds?: Omit<AuditLogContext, 'clock'>) => Promise<AuditLog>;
  readonly reopen: (log: AuditLog) => Promise<AuditLog>;
  readonly disposeAll: () => Promise<void>;
}

/** Registers the conformance suite of the audit log; with `reopen`, the promises of durability `disk` as well. */
export function describeAuditLog(runner: TestRunner, options: AuditLogSuiteOptions): void {
  registerSuite<Fixture>(runner, {
    title: `AuditLog: ${options.name}`,
    tests: options.reopen === undefined ? tests : { ...tests, ...durableTests },
    skip: options.skip,
    open: () => openFixture(options),
    close: (fixture) => fixture.disposeAll(),
  });
}

function openFixture(options: AuditLogSuiteOptions): Fixture {
  const clock = new FakeClock();
  const maker = createPartMaker(options);
  const contexts = new Map<AuditLog, AuditLogContext>();
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

function allow(pendingId: string, at: number, place: string | undefined = `/${pendingId}`): TemporaryAllow {
  const subject = place === '' ? {} : { label: place, locator: { scheme: 'file', ref: place } };
  return { pendingId, at, owner: 'default', kind: 'file', subject, sha256: 'ab'.repeat(32), reason: 'unreachable', access: 'allow', policy: 'endpoint' };
}

function end(of: TemporaryAllow, at: number): AuditResolution {
  const { pendingId, subject } = of;
  return { pendingId, at, subject, disposition: 'malicious', threats: ['Late'], access: 'block', remedy: 'quarantine', outcome: 'done' };
}

async function read(log: AuditLog, filter?: AuditFilter): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const record of log.read(filter)) {
    records.push(record);
  }
  return records;
}

/** Records that come to an end at once, until the bounds must have been reached several times over. */
async function fill({ clock }: Fixture, log: AuditLog, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const one = allow(`fill-${i}`, clock.now());
    await log.allowed(one);
    await log.resolved(end(one, clock.now()));
  }
}

const tests: SuiteTests<Fixture> = {
  'an allow comes back as it was given, in the order of the allows': async ({ clock, make }) => {
    const log = await make();
    const all = [allow('b', clock.now()), allow('a', clock.now() + 1), { ...allow('c', clock.now() + 2), subject: { tag: { mail: 7 } } }];
    for (const one of all) {
      await log.allowed(one);
    }
    assertEqual('records', await read(log), all);
  },
  'its end is joined to it by entry and place': async ({ clock, make }) => {
    const log = await make();
    const [one, other] = [allow('a', clock.now(), '/one'), allow('a', clock.now(), '/other')];
    await log.allowed(one);
    await log.allowed(other);
    const ending = end(other, clock.now() + 5);
    await log.resolved(ending);
    assertEqual('records', await read(log), [one, { ...other, resolution: ending }]);
  },
  'an end stands for every allow before it and for none after it': async ({ clock, make }) => {
    const log = await make();
    const [first, second, third] = [allow('a', clock.now()), allow('a', clock.now() + 1), allow('a', clock.now() + 3)];
    await log.allowed(first);
    await log.allowed(second);
    await log.resolved(end(first, clock.now() + 2));
    await log.allowed(third);
    assertEqual('open or not', (await read(log)).map((record) => record.resolution === undefined), [false, false, true]);
  },
  'allows without a place end one by one': async ({ clock, make }) => {
    const log = await make();
    const [first, second] = [allow('a', clock.now(), ''), allow('a', clock.now(), '')];
    await log.allowed(first);
    await log.allowed(second);
    await log.resolved(end(first, clock.now()));
    assertEqual('open or not', (await read(log)).map((record) => record.resolution === undefined), [false, true]);
  },
  'readers get what they ask for: by time, open or ended': async ({ clock, make }) => {
    const log = await make();
    const at = clock.now();
    const all = [allow('a', at), allow('b', at + 10), allow('c', at + 20)];
    for (const one of all) {
      await log.allowed(one);
    }
    await log.resolved(end(all[1]!, at + 30));
    const idsOf = async (filter: AuditFilter): Promise<string[]> => (await read(log, filter)).map((record) => record.pendingId);
    assertEqual('open', await idsOf({ open: true }), ['a', 'c']);
    assertEqual('ended', await idsOf({ open: false }), ['b']);
    assertEqual('from', await idsOf({ fromAt: at + 10 }), ['b', 'c']);
    assertEqual('to', await idsOf({ toAt: at + 10 }), ['a']);
  },
  'an end without an allow is no record and no error': async ({ clock, make }) => {
    const log = await make();
    await log.resolved(end(allow('nobody', clock.now()), clock.now()));
    assertEqual('records', await read(log), []);
  },
  'the oldest records leave when there are more bytes than the bound, but none that is open': async (fixture) => {
    const log = await fixture.make({ maxBytes: 64 * 1024 });
    const open = allow('open', fixture.clock.now());
    await log.allowed(open);
    await fill(fixture, log, 600);
    const records = await read(log);
    assertTrue(`fewer than all of them, got ${records.length}`, records.length < 300);
    assertTrue(`still a good part of the bound, got ${records.length}`, records.length > 30);
    assertEqual('the open one', records.filter((record) => record.pendingId === 'open'), [open]);
    assertTrue('the latest is there', records.some((record) => record.pendingId === 'fill-599'));
  },
  'records older than the days leave, but none that is open': async (fixture) => {
    const { clock } = fixture;
    const log = await fixture.make({ days: 4 });
    const open = allow('open', clock.now());
    await log.allowed(open);
    for (let day = 0; day < 12; day++) {
      await fill(fixture, log, 3);
      await clock.advance(dayMs / 2);
    }
    const records = await read(log);
    assertEqual('the open one', records.filter((record) => record.pendingId === 'open'), [open]);
    assertTrue('nothing older than five days', records.every((one) => one.pendingId === 'open' || one.at > clock.now() - 5 * dayMs));
    assertTrue('everything of the last four', records.filter((one) => one.at >= clock.now() - 4 * dayMs).length >= 24);
  },
  'a wall clock that jumps forward or back makes no record leave sooner or later': async (fixture) => {
    const { clock } = fixture;
    for (const jumpMs of [4000 * dayMs, -4000 * dayMs]) {
      const log = await fixture.make({ days: 4 });
      await fill(fixture, log, 3);
      await clock.advance(dayMs);
      clock.jumpWall(jumpMs);
      await fill(fixture, log, 3);
      await clock.advance(dayMs);
      await fill(fixture, log, 3);
      assertEqual('all of two days', (await read(log)).length, 9);
      for (let day = 0; day < 6; day++) {
        await clock.advance(dayMs);
        await log.allowed(allow(`day-${day}`, clock.now()));
      }
      assertEqual('those of the first two days are gone', (await read(log)).filter((one) => one.pendingId.startsWith('fill')), []);
    }
  },
  'repeats at one place become one record when room is made, and none is forgotten': async (fixture) => {
    const log = await fixture.make({ maxBytes: 64 * 1024 });
    for (let i = 0; i < 1000; i++) {
      await log.allowed(allow('open', fixture.clock.now() + i));
    }
    await fill(fixture, log, 300);
    const records = (await read(log)).filter((record) => record.pendingId === 'open');
    const times = records.reduce((sum, record) => sum + 1 + (record.repeats?.times ?? 0), 0);
    assertEqual('allows in all', times, 1000);
    assertEqual('the first of them', Math.min(...records.map((record) => record.at)), fixture.clock.now());
  },
};

const durableTests: SuiteTests<Fixture> = {
  'records and their ends are there after a restart, and go on being joined': async (fixture) => {
    const log = await fixture.make({ maxBytes: 64 * 1024 });
    const [one, other] = [allow('one', fixture.clock.now()), allow('other', fixture.clock.now())];
    await log.allowed(one);
    await log.allowed(other);
    await fill(fixture, log, 200);
    await log.resolved(end(one, fixture.clock.now()));
    const again = await fixture.reopen(log);
    await again.resolved(end(other, fixture.clock.now() + 1));
    await fill(fixture, again, 200);
    const ended = await read(await fixture.reopen(again));
    assertEqual('nothing is open', ended.filter((record) => record.resolution === undefined), []);
  },
};
