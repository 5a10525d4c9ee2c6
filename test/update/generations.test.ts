/** What is kept of a component, and what is to be downloaded: by tables. */
import { describe, expect, it } from 'vitest';
import { changesOf } from '../../src/node/update/follow.js';
import { nameRefusal } from '../../src/update/attacks.js';
import { offersOf, type Offer, type Target } from '../../src/update/catalogue.js';
import {
  digestsOf, formatGenerations, keptGenerations, noGenerations, parseGenerations, withInstalled, withRollback, type GenerationsKept, type KeptGeneration,
} from '../../src/update/generations.js';
import { planUpdate } from '../../src/update/plan.js';

function entry(generation: number): KeptGeneration {
  return { generation, sha256: generation.toString(16).padStart(64, '0'), size: 10, createdAt: 1, expiresAt: 2, periodMs: 3, installedAt: 4 };
}

function upTo(generation: number): GenerationsKept {
  return Array.from({ length: generation }, (_, n) => entry(n + 1)).reduce((kept, one) => withInstalled(kept, 'filter', one), noGenerations);
}

describe('kept generations', () => {
  it('are the one in use and the seven before it', () => {
    const { current, previous, newest } = upTo(12).components.filter!;
    expect([current.generation, ...previous.map((one) => one.generation), newest]).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 12]);
    expect(digestsOf(upTo(12)).size).toBe(keptGenerations + 1);
  });

  it('never take an older one, nor another of the same number; the same one again changes nothing', () => {
    expect(() => withInstalled(upTo(3), 'filter', entry(2))).toThrow(/not newer than 3/);
    expect(() => withInstalled(upTo(3), 'filter', { ...entry(3), sha256: 'f'.repeat(64) })).toThrow(/not newer than 3/);
    expect(withInstalled(upTo(3), 'filter', entry(3))).toEqual(upTo(3));
  });

  it('go back as far as they are kept, say so, and do not take again what was gone back from', () => {
    const back = withRollback(withRollback(upTo(4), 'filter', { at: 9 }), 'filter', { at: 10 });
    expect(back.components.filter).toMatchObject({ current: { generation: 2 }, newest: 4, rolledBack: { from: 4, at: 10 } });
    expect(() => withInstalled(back, 'filter', entry(4))).toThrow(/not newer than 4/);
    expect(withInstalled(back, 'filter', entry(5)).components.filter).toMatchObject({ current: { generation: 5 }, previous: [{ generation: 2 }, { generation: 1 }] });
    expect(withInstalled(back, 'filter', entry(5)).components.filter?.rolledBack).toBeUndefined();
    expect(withRollback(upTo(4), 'filter', { at: 1, generation: 1 }).components.filter).toMatchObject({ current: { generation: 1 }, previous: [] });
    expect(() => withRollback(upTo(1), 'filter', { at: 1 })).toThrow(/nothing to go back to/);
    expect(() => withRollback(upTo(4), 'filter', { at: 1, generation: 7 })).toThrow(/generation 7/);
  });

  it('are read back as they were written, and refused where they are not', () => {
    const kept = withRollback(upTo(4), 'filter', { at: 9 });
    expect(parseGenerations(formatGenerations(kept))).toEqual(kept);
    expect(() => parseGenerations('{"format":2}')).toThrow(/format 2/);
    expect(() => parseGenerations('[]')).toThrow(/object/);
    expect(() => parseGenerations(formatGenerations(kept).replace('"generation":4', '"generation":-4').replace('"generation":3', '"generation":1.5'))).toThrow(/whole number/);
  });

  it.each([
    ['nothing in use', undefined, [{ kinds: ['filter'], rollback: false }]],
    ['an older one in use', 2, [{ kinds: ['filter'], rollback: false }]],
    ['the same in use', 3, []],
    ['a newer one in use, which the host brought', 9, []],
  ])('are followed: %s', (_, generation, expected) => {
    const used = generation === undefined ? undefined : { generation, digest: entry(generation).sha256 };
    expect(changesOf(upTo(3), ['filter'], () => used)).toEqual(expected);
  });

  it('are followed back after a rollback', () => {
    expect(changesOf(withRollback(upTo(3), 'filter', { at: 1 }), ['filter'], () => ({ generation: 3, digest: 'x' }))).toEqual([{ kinds: ['filter'], rollback: true }]);
  });
});

const full: Offer = { component: 'filter', generation: 5, path: 'filter/full.vdt', length: 1000, sha256: entry(5).sha256 };
const delta = (from: number, generation: number, length: number): Offer => ({ ...full, from, generation, path: `filter/${from}.vdd`, length, sha256: 'd'.repeat(64) });

describe('a plan', () => {
  const chain = [delta(2, 3, 100), delta(3, 4, 100), delta(4, 5, 100)];
  it.each<[string, readonly Offer[], number | undefined, number | undefined, string]>([
    ['nothing is offered', [], 1, undefined, 'absent'],
    ['nothing is held', [full, ...chain], undefined, undefined, 'full'],
    ['a chain leads there', [full, ...chain], 2, undefined, 'chain'],
    ['a step is missing', [full, ...chain.slice(1)], 2, undefined, 'full'],
    ['the chain is 60 % of the file', [full, delta(4, 5, 600)], 4, undefined, 'full'],
    ['the chain is just below', [full, delta(4, 5, 599)], 4, undefined, 'chain'],
    ['it is held', [full], 5, undefined, 'current'],
    ['it is older than what is held', [full], 6, undefined, 'older'],
    ['it is older than what ever was', [full], 4, 6, 'older'],
    ['it is what was rolled back', [full], 4, 5, 'current'],
    ['it is newer than what was rolled back', [full], 3, 4, 'full'],
  ])('when %s', (_, offers, held, newestEver, kind) => {
    const known = { held: held === undefined ? undefined : { generation: held, sha256: entry(held).sha256 }, newestEver };
    expect(planUpdate(offers, 'filter', known).kind).toBe(kind);
  });

  it('takes the cheapest way', () => {
    const plan = planUpdate([full, ...chain, delta(2, 5, 250)], 'filter', { held: { generation: 2, sha256: '' }, newestEver: 2 });
    expect(plan).toMatchObject({ kind: 'chain', deltas: [{ from: 2, generation: 5 }] });
  });
});

describe('what a repository offers', () => {
  const target = (custom: Record<string, unknown>, length = 10): Target => ({ length, hashes: { sha256: 'a'.repeat(64) }, custom: { component: 'filter', ...custom } });
  const from = (targets: Record<string, Target>) => (path: string) => Promise.resolve(targets[path]);

  it('is the full file and the chain that leads to it', async () => {
    const targets = { 'filter/full.vdt': target({ generation: 3 }, 1000), 'filter/1.vdd': target({ generation: 2, from: 1 }), 'filter/2.vdd': target({ generation: 3, from: 2, gzip: true }), 'filter/2.vdd.gz': target({}, 5) };
    const offers = await offersOf('filter', 1, from(targets));
    expect(offers.map((offer) => [offer.from, offer.generation, offer.gzip?.length])).toEqual([[undefined, 3, undefined], [1, 2, undefined], [2, 3, 5]]);
    expect(await offersOf('filter', 0, from(targets))).toHaveLength(1);
    expect(await offersOf('lists', 0, from(targets))).toEqual([]);
  });

  it.each([
    ['a generation that is none', target({ generation: 1.5 })],
    ['another component', target({ generation: 3, component: 'lists' })],
    ['a delta in the place of the file', target({ generation: 3, from: 2 })],
    ['a length beyond all limits', target({ generation: 3 }, 2 ** 31)],
    ['no digest', { ...target({ generation: 3 }), hashes: { md5: 'x' } }],
    ['custom metadata of a prototype', { ...target({}), custom: JSON.parse('{"__proto__":{"component":"filter","generation":3}}') as unknown }],
  ])('is refused with %s', async (_, wrong) => {
    await expect(offersOf('filter', undefined, from({ 'filter/full.vdt': wrong }))).rejects.toMatchObject({ code: 'pattern-refused', detail: { cause: 'malformed-metadata' } });
  });

  it('is not followed in circles', async () => {
    const circle = (path: string): Promise<Target | undefined> => {
      const [, at] = /^filter\/(\d+)\.vdd$/.exec(path) ?? [];
      return Promise.resolve(at === undefined ? target({ generation: 1_000_000 }, 2 ** 30) : target({ from: Number(at), generation: Number(at) + 1 }, 0));
    };
    expect(await offersOf('filter', 1, circle)).toHaveLength(1);
  });
});

describe('the name of a refusal', () => {
  it.each([
    ['New timestamp version 1 is less than current version 2', 'rollback'],
    ['Unable to load snapshot metadata error Error: New version 1 of targets.json is less than current version 2', 'rollback'],
    ['timestamp was signed by 0/1 keys', 'too-few-signatures'],
    ['Final timestamp.json is expired', 'expired-metadata'],
    ["expected 'timestamp', got snapshot", 'wrong-type'],
    ['something new', 'metadata-refused'],
  ])('%s', (text, cause) => {
    expect(nameRefusal(text).cause).toBe(cause);
  });
});
