import { describe, expect, it } from 'vitest';
import { VedetteError } from '../../src/base/errors.js';
import { offersOf, type Target } from '../../src/update/catalogue.js';

const target = (generation: number, length: number, from?: number): Target => ({
  length,
  hashes: { sha256: String(generation).padStart(64, '0') },
  custom: { component: 'filter', generation, ...(from === undefined ? {} : { from }) },
});

/** Four generations: the whole file of the last one, and a step from each of the others. */
const targets = new Map<string, Target>([
  ['filter/full.vdt', target(4, 1000)],
  ['filter/1.vdd', target(2, 10, 1)],
  ['filter/2.vdd', target(3, 10, 2)],
  ['filter/3.vdd', target(4, 10, 3)],
]);

/** Looking up this step fails as if its metadata could not be had, or not be believed. */
const failingAt = (path: string, error: VedetteError) => async (asked: string): Promise<Target | undefined> => {
  if (asked === path) {
    throw error;
  }
  return targets.get(asked);
};

const missing = new VedetteError('transport-failed', 'not there', { detail: { cause: 'http-status', status: 404 } });
const refused = new VedetteError('pattern-refused', 'not believed', { detail: { cause: 'too-few-signatures' } });
const generations = (offers: readonly { readonly generation: number; readonly from?: number }[]): (number | string)[] =>
  offers.map(({ generation, from }) => (from === undefined ? generation : `${from}-${generation}`));

describe('what a repository offers', () => {
  it('is the whole file, and the steps from what is held', async () => {
    const find = async (path: string): Promise<Target | undefined> => targets.get(path);
    expect(generations(await offersOf('filter', 1, find))).toEqual([4, '1-2', '2-3', '3-4']);
    expect(generations(await offersOf('filter', 3, find))).toEqual([4, '3-4']);
    expect(generations(await offersOf('filter', undefined, find))).toEqual([4]);
    expect(await offersOf('lists', 1, find)).toEqual([]);
  });

  it('is the whole file alone where a source does not have the older steps', async () => {
    expect(generations(await offersOf('filter', 1, failingAt('filter/1.vdd', missing)))).toEqual([4]);
    expect(generations(await offersOf('filter', 1, failingAt('filter/2.vdd', missing)))).toEqual([4]);
  });

  it('is nothing where they are not to be believed, or the whole file cannot be had', async () => {
    await expect(offersOf('filter', 1, failingAt('filter/1.vdd', refused))).rejects.toBe(refused);
    await expect(offersOf('filter', 1, failingAt('filter/full.vdt', missing))).rejects.toBe(missing);
  });
});
