/** Calls of the disk that fail under the state store: a value is set, or it is not and that is said. */
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/base/bytes.js';
import { VedetteError } from '../../src/base/errors.js';
import { createFileStateStore } from '../../src/node/files/file-state-store.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { crashes, SimDisk, type Fault, type Image } from '../support/sim-disk.js';

const isFull = Number(process.env['FUZZ_RUNS'] ?? 100) > 100;
const faults: readonly Fault[] = (['ENOSPC', 'EIO'] as const).flatMap((code) => (['not', 'half', 'wholly'] as const).map((done) => ({ code, done })));
const calls = Array.from({ length: 500 }, (_, call) => call).filter((call) => isFull || call < 15 || call % 23 === 0);

/** Values of one key: what was asked for, and which of them was acknowledged, in order. */
interface Deed {
  readonly value: string;
  readonly askedAt: number;
  readonly doneAt?: number;
}

/** Sets one key again and again until so many calls were made; every refusal is typed. */
async function life(disk: SimDisk, deeds: Deed[], isOver: () => boolean): Promise<void> {
  const store = createFileStateStore({ dir: '/data/state', files: disk.files });
  for (let round = 0; !isOver(); round++) {
    const value = `value ${round} of ${disk.moment}`;
    const askedAt = disk.moment;
    try {
      await store.set('key', toUtf8(value));
      deeds.push({ value, askedAt, doneAt: disk.moment });
    } catch (error) {
      expect(VedetteError.is(error) && error.code).toBe('store-damaged');
      deeds.push({ value, askedAt });
    }
  }
}

type Values = readonly (string | undefined)[];

/** What may be found: the last value acknowledged, or one that was asked for later. */
function allowed(deeds: readonly Deed[], moment: number, before: Values = [undefined]): Values {
  const least = deeds.findLastIndex((deed) => (deed.doneAt ?? Number.POSITIVE_INFINITY) <= moment);
  const values = deeds.slice(Math.max(0, least)).filter((deed) => deed.askedAt <= moment).map((deed) => deed.value);
  return least < 0 ? [...before, ...values] : values;
}

async function valueIn(image: Image): Promise<string | undefined> {
  const bytes = await createFileStateStore({ dir: '/data/state', files: new SimDisk(image).files }).get('key');
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

async function brokenIn(disk: SimDisk, deeds: readonly Deed[], before?: Values): Promise<string[]> {
  const random = createSeededRandom(3);
  const broken: string[] = [];
  for (const moment of [disk.moment, disk.moment >> 1]) {
    for (const crash of crashes) {
      const found = await valueIn(disk.imageAfter(moment, crash, random));
      if (!allowed(deeds, moment, before).includes(found)) {
        broken.push(`${String(found)} after ${moment} of ${disk.moment} operations, ${crash.data} data, ${crash.names} names`);
      }
    }
  }
  return broken;
}

describe('the state store on a disk that fails', () => {
  it.each(faults)('has the last value acknowledged or a later one when any one of 500 calls fails with $code, $done done', async (fault) => {
    for (const call of calls) {
      const disk = new SimDisk();
      const deeds: Deed[] = [];
      let count = 0;
      disk.interfere = () => (count++ === call ? fault : undefined);
      await life(disk, deeds, () => count > call + 10);
      expect(await brokenIn(disk, deeds), `call ${call}`).toEqual([]);
      expect(await valueIn(disk.image())).toBe(deeds.at(-1)?.value);
    }
  });

  it('is opened after a power failure, goes on, and keeps its word when the power fails again', async () => {
    const random = createSeededRandom(4);
    for (const [number, crash] of crashes.entries()) {
      const first = new SimDisk();
      const deeds: Deed[] = [];
      await life(first, deeds, () => deeds.length > 3);
      const moment = Math.floor((first.moment * (number + 1)) / (crashes.length + 1));
      const disk = new SimDisk(first.imageAfter(moment, crash, random));
      const after: Deed[] = [];
      await life(disk, after, () => after.length > 3);
      expect(await brokenIn(disk, after, allowed(deeds, moment))).toEqual([]);
    }
  });
});
