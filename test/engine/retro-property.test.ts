/**
 * Whatever happens in whatever order (checks, days, new generations, restarts, a process killed at any operation of its
 * disk): what was let through in the window and became malicious is reported exactly once, and nothing else is.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openJournalRetro } from '../../src/node/retro/open-journal-retro.js';
import type { RetroFinding, RetroLog } from '../../src/retro/retro-log.js';
import { stretchMs } from '../../src/retro/retro-core.js';
import { contentEntry, type Feed } from '../support/feed.js';
import { RetroLife } from './retro-life.js';

const contents = ['one', 'two', 'three', 'four'] as const;
const paths = ['/a', '/b', '/c'] as const;
const days = 3;
const hourMs = 3_600_000;
const runs = Number(process.env['FUZZ_RUNS'] ?? 100);
const timeoutMs = 60_000 + runs * 300;

/** What becomes malicious, one content after the other. */
const feeds: readonly Feed[] = contents.map((_, count) => ({ hashes: contents.slice(0, count).map((name) => contentEntry(`Bad.${name}`, name)) }));

type Deed =
  | { readonly kind: 'check'; readonly path: string; readonly content: string }
  | { readonly kind: 'wait'; readonly hours: number }
  | { readonly kind: 'publish' }
  | { readonly kind: 'maintain' }
  | { readonly kind: 'restart' }
  /** Killed in the background work, at this operation of the disk. */
  | { readonly kind: 'kill'; readonly after: number };

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('check' as const), path: fc.constantFrom(...paths), content: fc.constantFrom(...contents) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'publish' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'maintain' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('kill' as const), after: fc.integer({ min: 0, max: 30 }) }) },
);

/** What was let through at one place. */
interface Spot {
  readonly content: string;
  /** Stretch of the last look. */
  readonly seen: number;
  /** A check elsewhere has found its content since: the hunt may have been here before the next maintenance. */
  readonly isSuspect: boolean;
}

/** The hunt in a few lines: everything that was let through, by content and place, and what is to be reported. */
class NaiveHunt {
  readonly #allowed = new Map<string, Spot>();
  readonly reported: string[] = [];
  /** What may be reported and need not be. */
  readonly possible: string[] = [];

  check(content: string, path: string, how: { readonly isBad: boolean; readonly now: number }): void {
    const spot = `${content}@${path}`;
    if (!how.isBad) {
      this.#allowed.set(spot, { content, seen: Math.floor(how.now / stretchMs), isSuspect: false });
      return;
    }
    // Told by the check itself; other places of the same content are left to the hunt.
    if (this.#allowed.get(spot)?.isSuspect === true) {
      this.possible.push(spot);
    }
    this.#allowed.delete(spot);
    this.#of(content).forEach(([other, one]) => this.#allowed.set(other, { ...one, isSuspect: true }));
  }

  hunt(bad: readonly string[], now: number): void {
    this.expire(now);
    for (const [spot] of bad.flatMap((content) => this.#of(content))) {
      this.reported.push(spot);
      this.#allowed.delete(spot);
    }
  }

  /** Forgets what is older than the window, as a log does that is written to. */
  expire(now: number): void {
    const oldest = Math.floor((now - days * 24 * hourMs) / stretchMs);
    for (const content of contents) {
      const spots = this.#of(content);
      // What is seen again anywhere is young again everywhere: the window is that of the content.
      const youngest = Math.max(...spots.map(([, { seen }]) => seen));
      if (youngest < oldest) {
        spots.forEach(([spot]) => this.#allowed.delete(spot));
      }
    }
  }

  #of(content: string): [string, Spot][] {
    return [...this.#allowed].filter(([, one]) => one.content === content);
  }
}

/** What is reported and must not be, what is not and must be, what is reported twice. */
function wrongIn(reports: readonly string[], model: NaiveHunt): unknown {
  return {
    invented: reports.filter((one) => !model.reported.includes(one) && !model.possible.includes(one)),
    lost: model.reported.filter((one) => !reports.includes(one)),
    twice: reports.filter((one, i) => reports.indexOf(one) !== i),
  };
}

async function live(deeds: readonly Deed[], idempotent: boolean): Promise<{ readonly life: RetroLife; readonly model: NaiveHunt }> {
  const life = new RetroLife({ config: { retro: { days } }, idempotent }).start();
  const model = new NaiveHunt();
  let known = 0;
  const bad = (): readonly string[] => contents.slice(0, known);
  await life.publish(feeds[0]!);
  const end: readonly Deed[] = [{ kind: 'maintain' }];
  for (const one of [...deeds, ...end]) {
    switch (one.kind) {
      case 'check': {
        model.expire(life.clock.now());
        const isBad = bad().includes(one.content);
        const { verdict } = await life.check(one.path, one.content);
        model.check(one.content, one.path, { isBad, now: life.clock.now() });
        expect(verdict.disposition).toBe(isBad ? 'malicious' : 'clean');
        break;
      }
      case 'wait':
        await life.clock.advance(one.hours * hourMs);
        break;
      case 'publish':
        known = Math.min(known + 1, contents.length - 1);
        await life.publish(feeds[known]!, ['filter', 'server']);
        break;
      case 'maintain':
        model.hunt(bad(), life.clock.now());
        await life.maintain();
        break;
      case 'restart':
        await life.clock.run(life.engine.close());
        life.start();
        break;
      case 'kill': {
        // What a killed hunt has begun counts by the instant at which it began.
        model.hunt(bad(), life.clock.now());
        let left = one.after;
        life.disk.interfere = () => (left-- > 0 ? undefined : new Promise(() => undefined));
        life.engine.maintain().catch(() => undefined);
        await life.clock.advance(200);
        life.kill();
        life.start();
        await life.maintain();
        break;
      }
    }
  }
  return { life, model };
}

async function reportsOf(life: RetroLife): Promise<string[]> {
  const byKey = new Map(life.applied.filter(({ result }) => result.occasion === 'retro').map(({ key, result }) => [key, result]));
  return [...byKey.values()].map((result) => `${result.verdict.threats[0]?.name.slice(4)}@${result.subject.label}`).sort();
}

interface KilledEnd {
  readonly keys: readonly string[];
  readonly told: readonly string[];
  /** Findings on record with an outcome. */
  readonly settled: number;
  /** The process was killed with a finding under way. */
  readonly wasInside: boolean;
}

type Sabotage = 'no intent' | 'raise not journalled';

function sabotaged(log: RetroLog, how: Sabotage | undefined): RetroLog {
  switch (how) {
    case 'no intent':
      return { ...log, intend: async () => undefined };
    case 'raise not journalled': {
      // What is raised is known to this process alone.
      const raised: RetroFinding[] = [];
      return {
        ...log,
        raise: async (key, verdict) => {
          const [entry] = await log.find([key]);
          const found = (entry?.places ?? []).map((place, i) => ({ ...place, id: `${key}-${i}`, kind: 'file' as const, key, verdict, foundAt: 0 }));
          raised.push(...found);
          await log.forget(key);
          return found;
        },
        async *findings() {
          yield* raised.splice(0);
        },
      };
    }
    case undefined:
      return log;
  }
}

/** Two places of one content, and a hunt that is killed at its first operation of the disk, at its second, and so on. */
async function killedEverywhere(how: { readonly idempotent: boolean; readonly sabotage?: Sabotage }): Promise<KilledEnd[]> {
  const ends: KilledEnd[] = [];
  for (let after = 0; after < 16; after++) {
    const life = new RetroLife({ idempotent: how.idempotent });
    const open = async (): Promise<RetroLog> => {
      const log = await openJournalRetro({ dir: '/data/retro', clock: life.clock, files: life.disk.files });
      return sabotaged(log, how.sabotage);
    };
    const options = { idempotent: how.idempotent, parts: { retro: open } };
    life.start(options);
    await life.publish(feeds[0]!);
    await life.check('/a', 'one');
    await life.check('/b', 'one');
    await life.clock.advance(2000);
    await life.publish(feeds[1]!, ['filter', 'server']);
    let left = after;
    life.disk.interfere = () => (left-- > 0 ? undefined : new Promise(() => undefined));
    life.engine.maintain().catch(() => undefined);
    await life.clock.advance(200);
    const before = life.applied.length;
    life.kill();
    life.start(options);
    await life.maintain();
    const told = life.applied.map(({ key }) => key);
    await life.clock.run(life.engine.close());
    const log = await openJournalRetro({ dir: '/data/retro', clock: life.clock, files: life.disk.files });
    let settled = 0;
    for await (const finding of log.findings()) {
      settled += finding.outcome === undefined ? 0 : 1;
    }
    await log.close();
    ends.push({ keys: [...new Set(told)], told, settled, wasInside: before > 0 && before < 2 });
  }
  return ends;
}

describe('the retro-hunt', () => {
  it('reports exactly once what became malicious, through restarts and kills, to a handler that may be told again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 14 }), async (deeds) => {
        const { life, model } = await live(deeds, true);
        expect(wrongIn(await reportsOf(life), model)).toEqual({ invented: [], lost: [], twice: [] });
      }),
      { numRuns: Math.ceil(runs / 2) },
    );
  }, timeoutMs);

  it('never tells a handler twice that must not be: what was begun before a kill is uncertain, and on record', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 14 }), async (deeds) => {
        const { life, model } = await live(deeds, false);
        const told = life.applied.map(({ key }) => key);
        expect(new Set(told).size).toBe(told.length);
        const reports = await reportsOf(life);
        const settled = life.events.filter((event) => event.kind === 'retro' && event.change === 'found').length;
        expect(wrongIn(reports, model)).toMatchObject({ invented: [], twice: [] });
        expect(settled).toBeLessThanOrEqual(model.reported.length + model.possible.length);
      }),
      { numRuns: Math.ceil(runs / 4) },
    );
  }, timeoutMs);

  it('neither loses nor doubles a find wherever its process is killed', async () => {
    const ends = await killedEverywhere({ idempotent: true });
    expect(ends.filter(({ keys }) => keys.length !== 2)).toEqual([]);
    expect(ends.filter(({ wasInside }) => wasInside).length).toBeGreaterThan(5);
    const once = await killedEverywhere({ idempotent: false });
    expect(once.filter(({ told }) => new Set(told).size !== told.length)).toEqual([]);
    expect(once.filter(({ settled }) => settled !== 2)).toEqual([]);
  }, timeoutMs);

  it('is caught telling twice where no intent is journalled (sabotage of this test)', async () => {
    const ends = await killedEverywhere({ idempotent: false, sabotage: 'no intent' });
    expect(ends.some(({ told }) => new Set(told).size !== told.length)).toBe(true);
  });

  it('is caught losing a find where what is raised is not journalled (sabotage of this test)', async () => {
    const ends = await killedEverywhere({ idempotent: true, sabotage: 'raise not journalled' });
    expect(ends.some(({ keys }) => keys.length < 2)).toBe(true);
  });

  it('is caught losing what was let through where the log is not on a disk (sabotage of this test)', async () => {
    const life = new RetroLife({ parts: { retro: undefined } }).start();
    await life.publish(feeds[0]!);
    await life.check('/a', 'one');
    life.kill();
    life.start();
    await life.publish(feeds[1]!, ['filter', 'server']);
    await life.maintain();
    expect(await reportsOf(life)).toEqual([]);
  });
});
