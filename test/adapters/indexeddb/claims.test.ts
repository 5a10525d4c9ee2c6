/** What a claim takes from long queues of many lanes: the same as the queue in memory, however little of it is read. */
import './requests.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takeFromStarts, type LaneStart } from '../../../src/adapters/indexeddb/pending/choose.js';
import type { Head } from '../../../src/adapters/indexeddb/pending/records.js';
import { takeInTurn } from '../../../src/adapters/indexeddb/pending/turns.js';
import { openIndexedDbQueue } from '../../../src/adapters/indexeddb.js';
import { createMemoryQueue } from '../../../src/pending/memory-queue.js';
import type { NewPending, PendingQueue } from '../../../src/pending/pending-queue.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';
import { fileAt, owner } from '../../pending/subjects.js';
import { freshName } from './database.js';
import { withHook } from './requests.js';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 100);

function urlAt(site: number, page: number): NewPending {
  const url = `http://site${site}.example/${page}`;
  return { ...fileAt(`${site}/${page}`, url), kind: 'url', url };
}

describe('a claim', () => {
  it('takes what the queue in memory takes', { timeout: 60_000 }, async () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ limit: fc.integer({ min: 1, max: 12 }), leaseMs: fc.constantFrom(10, 1000), include: fc.constantFrom('due' as const, 'waiting' as const) }) },
      { weight: 1, arbitrary: fc.record({ ms: fc.nat({ max: 600 }) }) },
      { weight: 1, arbitrary: fc.record({ release: fc.nat({ max: 20 }) }) },
    );
    const subjects = fc.array(fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 40 })), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(subjects, fc.array(step, { maxLength: 12 }), async (flagged, steps) => {
        const clock = new FakeClock();
        const queues: readonly PendingQueue[] = [ids(createMemoryQueue, clock), await ids((making) => openIndexedDbQueue({ name: freshName(), ...making }), clock)];
        const both = async (ask: (queue: PendingQueue) => Promise<unknown>): Promise<unknown> => {
          const [memory, stored] = await Promise.all(queues.map(ask));
          expect(stored).toEqual(memory);
          return stored;
        };
        await Promise.all(queues.map((queue) => queue.enqueue(flagged.map(([site, page]) => urlAt(site, page)))));
        for (const one of steps) {
          if ('ms' in one) {
            await clock.advance(one.ms);
          } else if ('release' in one) {
            await both((queue) => queue.release(`id${one.release}`, { notBeforeAt: clock.now() + 300 }));
          } else {
            await both((queue) => queue.claim(owner, one));
          }
        }
        await queues[1]?.close?.();
      }),
      { numRuns: Math.ceil(numRuns / 4) },
    );
  });

  it('takes from the beginnings of lanes what it would take from all of them, or says that they do not tell', () => {
    const lane = fc.record({ entries: fc.array(fc.boolean(), { maxLength: 8 }), read: fc.integer({ min: 1, max: 8 }) });
    fc.assert(
      fc.property(fc.array(lane, { maxLength: 6 }), fc.nat({ max: 6 }), fc.integer({ min: 1, max: 8 }), (lanes, left, limit) => {
        const starts = lanes.map(({ entries, read }, at): LaneStart & { all: Head[] } => {
          const heads = entries.map((_, i) => ({ seq: i * 10 + at, lane: `${at}` }) as Head);
          const may = (head: Head): boolean => entries[(head.seq - at) / 10] === true;
          return { lane: `${at}`, claimable: heads.slice(0, read).filter(may), goesOn: heads.length >= read, all: heads.filter(may) };
        });
        const seen = starts.slice(0, Math.max(1, starts.length - left));
        const told = takeFromStarts(seen, limit, seen.length === starts.length);
        const all = takeInTurn(starts.map((one) => one.lane), starts.flatMap((one) => one.all), limit);
        expect(told ?? all).toEqual(all);
      }),
      { numRuns: numRuns * 10 },
    );
  });

  it('reads little of a long queue as long as enough is due', async () => {
    const clock = new FakeClock();
    const queue = await openIndexedDbQueue({ name: freshName(), clock });
    await queue.enqueue(Array.from({ length: 600 }, (_, i) => urlAt(i % 300, i)));
    const methods: string[] = [];
    const watching = { before: (_: IDBTransaction, method: string) => void methods.push(method) };
    for (let round = 0; round < 3; round++) {
      expect(await withHook(watching, () => queue.claim(owner, { limit: 8, leaseMs: 1000 }))).toHaveLength(8);
    }
    expect(methods.length).toBeLessThan(3 * 70);
    await queue.close();
  });
});

/** A queue whose ids count upward. */
function ids<T>(make: (making: { readonly clock: FakeClock; readonly ids: () => string }) => T, clock: FakeClock): T {
  let count = 0;
  return make({ clock, ids: () => `id${count++}` });
}
