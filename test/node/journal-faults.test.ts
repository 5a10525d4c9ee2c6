/** Calls of the disk that fail, one at a time or for a while: what was acknowledged is kept, what was not has a typed error. */
import { describe, expect, it } from 'vitest';
import { VedetteError } from '../../src/base/errors.js';
import { crashes, type Fault } from '../support/sim-disk.js';
import { brokenPromises, everyMoment, flag, live, open, startLife, subjectNumber, type Life, type Sabotage } from './journal-life.js';

const runs = Number(process.env['FUZZ_RUNS'] ?? 100);
const seed = Number(process.env['FUZZ_SEED'] ?? 20_250_101);
const faults: readonly Fault[] = (['ENOSPC', 'EIO'] as const).flatMap((code) => (['not', 'half', 'wholly'] as const).map((done) => ({ code, done })));
const changing: ReadonlySet<string> = new Set(['write', 'sync', 'rename', 'create', 'open', 'close', 'makeDirectory', 'syncDirectory', 'remove']);

/** The first 500 calls that change something, all of them in the full run. */
const calls = Array.from({ length: 500 }, (_, call) => call).filter((call) => runs > 100 || call < 25 || call % 16 === 0);
const some = crashes.filter((crash) => crash.sector === 512);

describe('the journal on a disk that fails', () => {
  it.each(faults)('keeps its promises when any one of 500 calls fails with $code, $done done', async (fault) => {
    for (const call of calls) {
      const life = await failing(call, { fault, of: changing });
      const end = life.disk.moment;
      expect(await brokenPromises(life, some, [Math.floor(end / 2), end]), `call ${call}`).toEqual([]);
    }
  });

  it('keeps its promises when a look at the disk fails', async () => {
    const looking = new Set(['exists', 'list', 'size', 'read']);
    for (let call = 0; call < 60; call += runs > 100 ? 1 : 6) {
      const life = await failing(call, { fault: { code: 'EIO', done: 'not' }, of: looking, steps: 100 });
      expect(await brokenPromises(life, some, [life.disk.moment]), `call ${call}`).toEqual([]);
    }
  });

  it('keeps its promises when the disk is full for a while, and takes entries again when it is not', async () => {
    for (let from = 5; from < 60; from += 5) {
      const life = startLife(seed);
      let count = 0;
      life.disk.interfere = (name) => {
        const isFull = ++count > from && count < from + 20;
        return isFull && ['write', 'create', 'sync', 'rename'].includes(name) ? { code: 'ENOSPC', done: 'half' } : undefined;
      };
      const queue = await liveThroughFaults(life, 15);
      await life.clock.advance(5000);
      await flag(life, queue, [subjectNumber(999)]);
      expect(life.history.flagged.get('/place/999')?.doneAt).toBeDefined();
      expect(await brokenPromises(life, crashes, [life.disk.moment]), `from call ${from}`).toEqual([]);
    }
  });

  it('would be found out if it took a failed write for one that was made', async () => {
    const believing: Sabotage = {
      files: (files) => ({
        ...files,
        open: async (path) => files.open(path).then((file) => file && { ...file, write: (at, bytes) => file.write(at, bytes).catch(() => undefined) }),
        create: async (path) => files.create(path).then((file) => ({ ...file, write: (at, bytes) => file.write(at, bytes).catch(() => undefined) })),
      }),
    };
    const broken: string[] = [];
    for (let call = 10; call < 60; call++) {
      const life = await failing(call, { fault: { code: 'ENOSPC', done: 'half' }, of: changing, sabotage: believing, steps: 20 });
      broken.push(...(await brokenPromises(life, some, [...everyMoment(life)].slice(-1))));
    }
    expect(broken).not.toEqual([]);
  });
});

interface Failing {
  readonly fault: Fault;
  /** Names of the operations that are counted. */
  readonly of: ReadonlySet<string>;
  readonly sabotage?: Sabotage;
  readonly steps?: number;
}

/** A life in which one call fails. Long enough that there are as many. */
async function failing(call: number, { fault, of, sabotage = {}, steps }: Failing): Promise<Life> {
  const life = startLife(seed);
  let count = 0;
  life.disk.interfere = (name) => (of.has(name) && count++ === call ? fault : undefined);
  await liveThroughFaults(life, steps ?? Math.max(12, Math.ceil(call / 2.5)), sabotage);
  expect(count).toBeGreaterThan(call);
  return life;
}

/** Opens until it succeeds: the first process after a fault may have to give up, with an error that says so. */
async function liveThroughFaults(life: Life, steps: number, sabotage: Sabotage = {}): ReturnType<typeof open> {
  for (;;) {
    try {
      const queue = await open(life, sabotage);
      await live(life, queue, { steps, mayFail: true });
      return queue;
    } catch (error) {
      expect(VedetteError.is(error) && error.code).toBe('store-damaged');
      await life.clock.advance(2000);
    }
  }
}
