import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listHas } from '../../../src/adapters/safe-browsing/hash-list.js';
import { createApi } from '../../../src/adapters/safe-browsing/api.js';
import { createLists, type Lists } from '../../../src/adapters/safe-browsing/lists.js';
import { toHex } from '../../../src/base/bytes.js';
import type { StateStore } from '../../../src/base/seams.js';
import { createMemoryState } from '../../../src/preset/memory-state.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';
import { FakeService, hashOf, sha256 } from './fake-service.js';

const numRuns = Number(process.env.FUZZ_RUNS ?? 100);
const signal = new AbortController().signal;
const hourMs = 3_600_000;

function listsOf(service: FakeService, more: { names?: readonly string[]; clock?: FakeClock; state?: StateStore; random?: () => number; maxEntries?: number; sha256?: typeof sha256 } = {}): Lists {
  const clock = more.clock ?? new FakeClock();
  const api = createApi({ apiKey: 'k', address: 'https://sb.example', fetch: service.fetch, clock });
  return createLists({
    names: more.names ?? ['mw-4b'],
    api,
    state: more.state ?? createMemoryState(),
    clock,
    random: more.random ?? (() => 0),
    maxEntries: more.maxEntries ?? 10_000,
    maxAgeMs: 24 * hourMs,
    sha256: more.sha256 ?? sha256,
  });
}

const widths = [4, 8, 16, 32] as const;

describe('the lists of Safe Browsing', () => {
  it('after any chain of updates are the lists that the service has', async () => {
    const word = fc.string({ minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...widths), fc.array(fc.uniqueArray(word, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 5 }), async (width, versions) => {
        const service = new FakeService();
        const lists = listsOf(service, { names: ['x'] });
        for (const words of versions) {
          service.publish('x', width, words.map(hashOf));
          const [outcome] = await lists.update({ signal, force: true });
          expect(outcome?.kind).not.toBe('failed');
          const [list] = lists.fresh()!;
          const expected = [...new Set(words.map((one) => toHex(hashOf(one).subarray(0, width))))].sort();
          expect(toHex(list!.hashes)).toBe(expected.join(''));
          expect(words.every((one) => listHas(list!, hashOf(one)))).toBe(true);
          expect(listHas(list!, hashOf('none of these words'))).toBe(false);
        }
      }),
      { numRuns },
    );
  });

  it('what was changed on the way is not believed, and the whole list is fetched next', async () => {
    const service = new FakeService();
    const clock = new FakeClock();
    const lists = listsOf(service, { clock });
    service.publish('mw-4b', 4, ['a', 'b'].map(hashOf));
    await lists.update({ signal });
    service.publish('mw-4b', 4, ['a', 'c'].map(hashOf));
    service.tamper((bytes) => bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte)));
    expect(await lists.update({ signal, force: true })).toEqual([expect.objectContaining({ kind: 'failed' })]);
    expect(lists.fresh()).toBeUndefined();
    service.tamper(undefined);
    await lists.update({ signal, force: true });
    expect(service.requests.at(-1)!.searchParams.getAll('version')).toEqual([]);
    expect(lists.entries()).toBe(2);
  });

  /** How many of the lists that come out of updates with one flipped bit are refused, true, or false. */
  async function flipEveryBit(digest: (bytes: Uint8Array) => Uint8Array): Promise<{ refused: number; other: number }> {
    const service = new FakeService();
    service.digest = digest;
    service.publish('mw-4b', 4, ['a', 'b', 'c', 'd'].map(hashOf));
    const clean = listsOf(service, { sha256: digest });
    await clean.update({ signal });
    const truth = toHex(clean.fresh()![0]!.hashes);
    const count = { refused: 0, other: 0 };
    for (let bit = 0; bit < 8 * 90; bit++) {
      service.tamper((bytes) => bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)));
      const lists = listsOf(service, { sha256: digest });
      await lists.update({ signal });
      const list = lists.fresh()?.[0];
      count.refused += list === undefined ? 1 : 0;
      count.other += list !== undefined && toHex(list.hashes) !== truth ? 1 : 0;
    }
    return count;
  }

  it('flipping any one bit of an update gives the true list or a failure, never another list', async () => {
    const { refused, other } = await flipEveryBit(sha256);
    expect(refused).toBeGreaterThan(300);
    expect(other).toBe(0);
  });

  it('a client that does not check the digest would believe other lists (sabotage of this test)', async () => {
    expect((await flipEveryBit(() => new Uint8Array(32))).other).toBeGreaterThan(0);
  });

  it('waits as long as the service wants, and comes back at once when it has more to send', async () => {
    const service = new FakeService();
    const clock = new FakeClock();
    const lists = listsOf(service, { clock });
    service.publish('mw-4b', 4, [hashOf('a')]);
    await lists.update({ signal });
    expect(lists.msUntilDue()).toBe(1_800_000);
    expect(await lists.update({ signal })).toEqual([{ list: 'mw-4b', kind: 'not-due', entries: 1 }]);
    expect(service.requests.length).toBe(1);
    await clock.advance(1_800_000);
    service.minimumWaitSeconds = 0;
    expect(await lists.update({ signal })).toEqual([{ list: 'mw-4b', kind: 'unchanged', entries: 1 }]);
    expect(lists.msUntilDue()).toBe(0);
  });

  it.each([
    [1, 15], [2, 30], [3, 60], [4, 120], [5, 240], [6, 480], [7, 960], [8, 1440], [20, 1440],
  ])('after %i failures in a row waits %i minutes at least', async (failures, minutes) => {
    for (const [random, factor] of [[0, 1], [0.999999, 2]] as const) {
      const service = new FakeService();
      const lists = listsOf(service, { random: () => random });
      for (let i = 0; i < failures; i++) {
        service.faults.push(() => new Response('', { status: 500 }));
        await lists.update({ signal, force: true });
      }
      expect(Math.round(lists.msUntilDue() / 60_000)).toBe(Math.min(1440, minutes * factor));
    }
  });

  it.each<[string, string | undefined, number]>([
    ['no time', undefined, 15],
    ['less than the back-off', '60', 15],
    ['two hours', '7200', 120],
    ['two hours, by a date', new Date(1_700_000_000_000 + 2 * hourMs).toUTCString(), 120],
    ['ten days', '864000', 1440],
  ])('a service that refuses and names %s is left alone as long as both it and the back-off want, a day at most', async (_, after, minutes) => {
    for (const status of [429, 503]) {
      const service = new FakeService();
      const clock = new FakeClock(1_700_000_000_000);
      const state = createMemoryState();
      service.faults.push(() => new Response('', { status, headers: after === undefined ? {} : { 'retry-after': after } }));
      expect(await listsOf(service, { clock, state }).update({ signal })).toMatchObject([{ kind: 'failed' }]);
      const again = listsOf(service, { clock, state });
      await again.load();
      expect([again.msUntilDue() / 60_000, await again.update({ signal }), service.requests.length]).toMatchObject([minutes, [{ kind: 'not-due' }], 1]);
    }
  });

  it('a list that could not be updated for a day is not believed any more', async () => {
    const service = new FakeService();
    const clock = new FakeClock();
    const lists = listsOf(service, { clock });
    service.publish('mw-4b', 4, [hashOf('a')]);
    await lists.update({ signal });
    await clock.advance(24 * hourMs);
    expect(lists.fresh()).toBeDefined();
    await clock.advance(1);
    expect(lists.fresh()).toBeUndefined();
  });

  it('keeps lists and waits over a restart; a damaged record is fetched anew', async () => {
    const service = new FakeService();
    const clock = new FakeClock();
    const state = createMemoryState();
    service.publish('mw-4b', 4, [hashOf('a')]);
    await listsOf(service, { clock, state }).update({ signal });
    const again = listsOf(service, { clock, state });
    await again.load();
    expect(again.fresh()?.length).toBe(1);
    expect(again.msUntilDue()).toBe(1_800_000);
    const key = 'safe-browsing/mw-4b';
    const record = (await state.get(key))!;
    for (let i = 0; i < record.length; i++) {
      await state.set(key, record.map((byte, at) => (at === i ? byte ^ 0x10 : byte)));
      const damaged = listsOf(service, { clock, state });
      await damaged.load();
      expect(damaged.fresh()).toBeUndefined();
      expect(damaged.msUntilDue()).toBe(0);
    }
  });

  it('obeys the limit on entries exactly', async () => {
    const service = new FakeService();
    service.publish('mw-4b', 4, ['a', 'b', 'c'].map(hashOf));
    const [fits] = await listsOf(service, { maxEntries: 3 }).update({ signal });
    const [tooMany] = await listsOf(service, { maxEntries: 2 }).update({ signal });
    expect([fits?.kind, tooMany?.kind]).toEqual(['updated', 'failed']);
  });
});
