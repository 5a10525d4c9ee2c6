/**
 * The retro log and the audit log on a disk that fails, is cut off or has bits turned over: what was acknowledged is
 * there, what was not has a typed error, and nothing is there that nobody wrote.
 */
import { describe, expect, it } from 'vitest';
import { VedetteError } from '../../src/base/errors.js';
import type { Verdict } from '../../src/base/verdict.js';
import { openJournalAudit } from '../../src/node/audit/open-journal-audit.js';
import { openJournalRetro } from '../../src/node/retro/open-journal-retro.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { SimDisk, type Fault, type Image } from '../support/sim-disk.js';

const runs = Number(process.env['FUZZ_RUNS'] ?? 100);
const seed = Number(process.env['FUZZ_SEED'] ?? 11);
const clock = new FakeClock();
const faults: readonly Fault[] = (['ENOSPC', 'EIO'] as const).flatMap((code) => (['not', 'half', 'wholly'] as const).map((done) => ({ code, done })));
const calls = Array.from({ length: 120 }, (_, call) => call).filter((call) => runs > 100 || call % 5 === 0);
const verdict: Verdict = { disposition: 'malicious', threats: [{ name: 'Late', type: 'test' }], source: 'query', generations: {} };

/** What a log said it had taken: places by what became of them. */
interface History {
  readonly tried: Set<string>;
  readonly acknowledged: Set<string>;
}

interface Log {
  readonly path: string;
  live(disk: SimDisk, history: History): Promise<void>;
  /** Places that are there. */
  placesIn(disk: SimDisk): Promise<string[]>;
}

async function deed(history: History, place: string, act: () => Promise<unknown>): Promise<void> {
  history.tried.add(place);
  try {
    await clock.run(act());
    history.acknowledged.add(place);
  } catch (error) {
    expect(VedetteError.is(error) && error.code).toBe('store-damaged');
    await clock.advance(1500);
  }
}

const subjectAt = (ref: string) => ({ label: ref, locator: { scheme: 'file', ref } });

const retro: Log = {
  path: '/data/retro.journal',
  async live(disk, history) {
    const log = await openJournalRetro({ dir: '/data', clock, files: disk.files, lagMs: 10, slackBytes: 2000 });
    for (let step = 0; step < 30; step++) {
      const key = step.toString(16).padStart(64, '0');
      await clock.run(log.remember({ owner: 'default', kind: 'file', key, fingerprints: [], subject: subjectAt(`/${step}`) })).catch(() => undefined);
      await deed(history, `/${step}`, async () => {
        const found = await log.raise(key, verdict);
        await log.intend(found[0]?.id ?? '', { key: 'k' });
        if (found.length === 0) {
          throw new VedetteError('store-damaged', 'the sighting could not be written');
        }
      });
    }
  },
  async placesIn(disk) {
    const log = await openJournalRetro({ dir: '/data', clock, files: disk.files });
    const places: string[] = [];
    for await (const { subject } of log.findings()) {
      places.push(subject.locator?.ref ?? '');
    }
    return places;
  },
};

const audit: Log = {
  path: '/data/audit-000001.journal',
  async live(disk, history) {
    const log = await openJournalAudit({ dir: '/data', clock, files: disk.files });
    for (let step = 0; step < 30; step++) {
      const subject = subjectAt(`/${step}`);
      await deed(history, `/${step}`, () =>
        log.allowed({ pendingId: `p${step}`, at: clock.now(), owner: 'default', kind: 'file', subject, reason: 'unreachable', access: 'allow', policy: 'endpoint' }),
      );
    }
  },
  async placesIn(disk) {
    const log = await openJournalAudit({ dir: '/data', clock, files: disk.files });
    const places: string[] = [];
    for await (const { subject } of log.read()) {
      places.push(subject.locator?.ref ?? '');
    }
    return places;
  },
};

function restarted(image: Image): SimDisk {
  return new SimDisk(new Map([...image].filter(([path]) => !path.includes('.lock-'))));
}

/** What is wrong after a power failure that keeps only what was synced. */
async function brokenBy(log: Log, disk: SimDisk, history: History): Promise<string[]> {
  const image = disk.imageAfter(disk.moment, { data: 'lost', names: 'synced', sector: 512 }, createSeededRandom(seed));
  const there = await log.placesIn(restarted(image));
  return [
    ...[...history.acknowledged].filter((place) => !there.includes(place)).map((place) => `lost: ${place}`),
    ...there.filter((place) => !history.tried.has(place)).map((place) => `never written: ${place}`),
    ...there.filter((place, index) => there.indexOf(place) !== index).map((place) => `twice: ${place}`),
  ];
}

describe.each([['retro', retro], ['audit', audit]] as const)('the %s log', (_, log) => {
  it.each(faults)('keeps what it acknowledged when any one call fails with $code, $done done', async (fault) => {
    for (const call of calls) {
      const disk = new SimDisk();
      const history: History = { tried: new Set(), acknowledged: new Set() };
      let count = 0;
      disk.interfere = () => (count++ === call ? fault : undefined);
      await log.live(disk, history).catch((error: unknown) => expect(VedetteError.is(error), `call ${call}: ${String(error)}`).toBe(true));
      expect(await brokenBy(log, disk, history), `call ${call}`).toEqual([]);
    }
  });

  it('would be found out if what it acknowledges were not synced', async () => {
    const disk = new SimDisk();
    const history: History = { tried: new Set(), acknowledged: new Set() };
    const { files } = disk;
    const idle = async (): Promise<void> => undefined;
    const unsynced = { ...files, open: async (path: string) => files.open(path).then((file) => file && { ...file, sync: idle }), create: async (path: string) => files.create(path).then((file) => ({ ...file, sync: idle })) };
    await log.live(Object.assign(Object.create(disk) as SimDisk, { files: unsynced }), history);
    expect(history.acknowledged.size).toBe(30);
    expect(await brokenBy(log, disk, history)).not.toEqual([]);
  });

  it('delivers nothing that was never written, and most of the rest, whatever bit is turned over', async () => {
    const disk = new SimDisk();
    const history: History = { tried: new Set(), acknowledged: new Set() };
    await log.live(disk, history);
    const random = createSeededRandom(seed);
    const whole = disk.image().get(log.path)!;
    for (let round = 0; round < (runs > 100 ? 10_000 : 100); round++) {
      const bytes = whole.slice();
      const at = Math.floor(random() * bytes.length);
      bytes[at] = bytes[at]! ^ (1 << Math.floor(random() * 8));
      const there = await log.placesIn(new SimDisk(new Map([[log.path, round % 4 === 3 ? bytes.slice(0, at) : bytes]]))).catch((error: unknown) => {
        expect(VedetteError.is(error) && error.code, `bit at ${at}`).toBe('unsupported');
        return undefined;
      });
      expect(there?.filter((place) => !history.tried.has(place)) ?? [], `bit at ${at}`).toEqual([]);
      expect(new Set(there).size, `bit at ${at}`).toBe(there?.length ?? 0);
      if (round % 4 !== 3 && there !== undefined) {
        expect(there.length, `bit at ${at}`).toBeGreaterThanOrEqual(29);
      }
    }
  });
});
