/** The stores of a browser against the conformance suites, on an IndexedDB in the process. */
import { describe, expect, it } from 'vitest';
import {
  openIndexedDbCache,
  openIndexedDbLists,
  openIndexedDbQueue,
  openIndexedDbState,
  openIndexedDbStores,
} from '../../../src/adapters/indexeddb.js';
import { describeHostLists, describePendingQueue, describeStateStore, describeVerdictCache, FakeClock, type QueueContext } from '../../../src/testing.js';
import { expectLikeModel } from '../../pending/queue-property.js';
import { fileAt } from '../../pending/subjects.js';
import { freshName } from './database.js';

const runner = { describe, it };

type Closing = { close(): Promise<void> };

/** Opens something of a fresh database, and the same again of the same. */
function reopening<Part extends object, Context>(open: (name: string, context: Context) => Promise<Part & Closing>) {
  const opened = new WeakMap<Part, { readonly name: string; readonly close: () => Promise<void> }>();
  const openNamed = async (name: string, context: Context): Promise<Part> => {
    const part = await open(name, context);
    opened.set(part, { name, close: () => part.close() });
    return part;
  };
  return {
    create: (context: Context) => openNamed(freshName(), context),
    async reopen(part: Part, context: Context) {
      const { name, close } = opened.get(part)!;
      await close();
      return openNamed(name, context);
    },
    dispose: (part: Part) => opened.get(part)!.close(),
  };
}

describePendingQueue(runner, {
  name: 'IndexedDB queue',
  ...reopening((name, context: QueueContext) => openIndexedDbQueue({ name, ...context })),
});

describeVerdictCache(runner, {
  name: 'IndexedDB cache',
  ...reopening((name, { maxEntries }: { readonly maxEntries?: number }) => openIndexedDbCache({ name, maxAnswers: maxEntries })),
});

describeStateStore(runner, { name: 'IndexedDB state', ...reopening((name, _: void) => openIndexedDbState({ name })) });

describeHostLists(runner, {
  name: 'IndexedDB lists',
  ...reopening((name, { clock }: { readonly clock: FakeClock }) => openIndexedDbLists({ name, clock })),
});

describe('the stores together', () => {
  it('are parts over one database, and end together', async () => {
    const name = freshName();
    const clock = new FakeClock();
    const stores = await openIndexedDbStores({ name, clock });
    expect(stores.created).toBe(true);
    await stores.queue.enqueue([fileAt('c1', '/p1')]);
    await stores.state.set('key', Uint8Array.of(1));
    await stores.lists.add({ id: 'mine', effect: 'blocked', url: 'example.com/' });
    await stores.cache.put([['key', []]]);
    await stores.close();
    await expect(stores.queue.enqueue([fileAt('c1', '/p1')])).rejects.toMatchObject({ code: 'closed' });
    const again = await openIndexedDbStores({ name, clock });
    expect(again.created).toBe(false);
    expect(await again.queue.counts('main')).toMatchObject({ due: 1 });
    expect(await again.state.get('key')).toEqual(Uint8Array.of(1));
    expect(again.lists.judge({ expressions: ['example.com/'] })).toEqual({ effect: 'blocked', rule: 'mine' });
    expect(await again.cache.get(['key'])).toEqual([[]]);
    await again.close();
  });
});

describe('the queue in IndexedDB', () => {
  it('does what the model does, whichever instance is asked and however often it is abandoned', { timeout: 120_000 }, async () => {
    await expectLikeModel(async ({ clock, ...making }) => {
      const name = freshName();
      const open = () => openIndexedDbQueue({ name, clock, process: 'one clock', ...making });
      const instances = [await open(), await open()];
      let turn = 0;
      const next = () => instances[turn++ % instances.length]!;
      return {
        queue: {
          durability: 'disk',
          enqueue: (subjects) => next().enqueue(subjects),
          claim: (owner, options) => next().claim(owner, options),
          intend: (...call) => next().intend(...call),
          settle: (...call) => next().settle(...call),
          renew: (...call) => next().renew!(...call),
          release: (id, options) => next().release(id, options),
          find: (id) => next().find(id),
          list: () => next().list(),
          counts: (owner) => next().counts(owner),
          adopt: (from, to) => next().adopt!(from, to),
        },
        end: async () => void (await Promise.all(instances.map((one) => one.close()))),
      };
    }, Number(process.env['FUZZ_RUNS'] ?? 100));
  });
});
