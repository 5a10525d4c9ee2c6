/** What every `VerdictCache` promises: it may forget at any time, but it never gives back another slot than was put. */
import type { CacheEntry, CacheSlot, VerdictCache } from '../../cache/verdict-cache.js';
import { assertEqual, assertTrue, show } from '../assertions.js';
import { createPartMaker, registerSuite } from '../runner.js';
import type { PartMaker, SuiteOptions, SuiteTests, TestRunner } from '../runner.js';

/** What `create` is told: the bound that the test counts on, where it counts on one. */
export interface CacheContext {
  /** Slots at most; undefined where the test does not care. */
  readonly maxEntries?: number;
}

/** Options of `describeVerdictCache`. */
export type CacheSuiteOptions = SuiteOptions<VerdictCache, CacheContext>;

type Fixture = PartMaker<VerdictCache, CacheContext>;

/** Registers the conformance suite of the cache. */
export function describeVerdictCache(runner: TestRunner, options: CacheSuiteOptions): void {
  registerSuite<Fixture>(runner, {
    title: `VerdictCache: ${options.name}`,
    tests,
    skip: options.skip,
    open: () => createPartMaker(options),
    close: (fixture) => fixture.disposeAll(),
  });
}

const tests: SuiteTests<Fixture> = {
  'a key that was never put is a miss': async ({ make }) => {
    const cache = await make({});
    assertEqual('two misses', await cache.get(['one', 'two']), [undefined, undefined]);
  },
  'no keys give no elements': async ({ make }) => {
    const cache = await make({});
    await cache.put([]);
    assertEqual('answer to no keys', await cache.get([]), []);
  },
  'what was put comes back whole': async ({ make }) => {
    const cache = await make({});
    await cache.put([['key', richSlot]]);
    assertEqual('the slot', await cache.get(['key']), [richSlot]);
  },
  'a slot without answers records comes back as such': async ({ make }) => {
    const cache = await make({});
    await cache.put([['empty', [negativeEntry]]]);
    assertEqual('the slot', await cache.get(['empty']), [[negativeEntry]]);
  },
  'elements come in the order of the keys, misses and repeated keys included': async ({ make }) => {
    const cache = await make({});
    await cache.put([['a', slotOf(1)], ['b', slotOf(2)]]);
    const found = await cache.get(['b', 'none', 'a', 'b']);
    assertEqual('the elements', found, [slotOf(2), undefined, slotOf(1), slotOf(2)]);
  },
  'a slot that is put again is replaced': async ({ make }) => {
    const cache = await make({});
    await cache.put([['key', slotOf(1)]]);
    await cache.put([['key', slotOf(2)]]);
    assertEqual('the slot', await cache.get(['key']), [slotOf(2)]);
  },
  'of two slots for one key in one call the later stays': async ({ make }) => {
    const cache = await make({});
    await cache.put([['key', slotOf(1)], ['other', slotOf(3)], ['key', slotOf(2)]]);
    assertEqual('the slot', await cache.get(['key', 'other']), [slotOf(2), slotOf(3)]);
  },
  'keys are told apart whatever characters they are made of': async ({ make }) => {
    const cache = await make({});
    await cache.put(awkwardKeys.map((key, index) => [key, slotOf(index)] as const));
    const found = await cache.get(awkwardKeys);
    for (const [index, key] of awkwardKeys.entries()) {
      assertEqual(`slot under ${show(key)}`, found[index], slotOf(index));
    }
  },
  'names of the language are no keys of their own': async ({ make }) => {
    const cache = await make({});
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    assertEqual('misses', await cache.get(names), [undefined, undefined, undefined, undefined]);
  },
  'the list of slots is not kept': async ({ make }) => {
    const cache = await make({});
    const slots: [string, CacheSlot][] = [['a', slotOf(1)], ['b', slotOf(2)]];
    const done = cache.put(slots);
    await done;
    slots[0] = ['a', slotOf(9)];
    slots.length = 1;
    assertEqual('the slots', await cache.get(['a', 'b']), [slotOf(1), slotOf(2)]);
  },
  'forgetting keys leaves the others': async ({ make }) => {
    const cache = await make({});
    await cache.put([['a', slotOf(1)], ['b', slotOf(2)], ['c', slotOf(3)]]);
    await cache.forget(['a', 'c', 'never put']);
    assertEqual('the slots', await cache.get(['a', 'b', 'c']), [undefined, slotOf(2), undefined]);
  },
  'forgetting all leaves nothing, and the cache goes on': async ({ make }) => {
    const cache = await make({});
    await cache.put([['a', slotOf(1)], ['b', slotOf(2)]]);
    await cache.forget('all');
    assertEqual('the slots', await cache.get(['a', 'b']), [undefined, undefined]);
    await cache.put([['a', slotOf(3)]]);
    assertEqual('the new slot', await cache.get(['a']), [slotOf(3)]);
  },
  'under pressure a key gives its own slot or none': async ({ make }) => {
    const cache = await make({ maxEntries: 100 });
    const keys = Array.from({ length: 1_000 }, (_, index) => `key ${index}`);
    await putOneByOne(cache, keys);
    const found = await cache.get(keys);
    for (const [index, slot] of found.entries()) {
      if (slot !== undefined) {
        assertEqual(`slot ${index}`, slot, slotOf(index));
      }
    }
  },
  'it holds no more slots than its bound': async ({ make }) => {
    const cache = await make({ maxEntries: 50 });
    const keys = Array.from({ length: 500 }, (_, index) => `key ${index}`);
    await putOneByOne(cache, keys);
    const kept = (await cache.get(keys)).filter((slot) => slot !== undefined).length;
    assertTrue(`kept slots: expected at most 50, got ${kept}`, kept <= 50);
    assertTrue('kept slots: expected some, got none', kept > 0);
  },
  'two caches know nothing of each other': async ({ make }) => {
    const [one, other] = [await make({}), await make({})];
    await one.put([['key', slotOf(1)]]);
    assertEqual('the other', await other.get(['key']), [undefined]);
  },
};

async function putOneByOne(cache: VerdictCache, keys: readonly string[]): Promise<void> {
  for (const [index, key] of keys.entries()) {
    await cache.put([[key, slotOf(index)]]);
  }
}

/** Keys as `fingerprintKey` makes them are latin1 text of any byte. */
const awkwardKeys: readonly string[] = [
  'f2\u0000\u0000\u0000\u0000',
  'f2\u0000\u0000\u0000',
  'f2\u00ff\u00fe\u0000\u0001',
  'f2\u00FF\u00FE\u0000\u0002',
  'F2\u00ff\u00fe\u0000\u0001',
  'u2abcd',
  'U2abcd',
  'u2abcD',
  'f1a:b/',
  'f1a:b\\',
  'f5\n\r\t ',
  'f5\n\r\t',
  'f5..//',
  'f5%2e%',
  '__proto__',
  'constructor',
];

function slotOf(mark: number): CacheSlot {
  return [{ ...negativeEntry, from: `source-${mark}`, answer: { ...negativeEntry.answer, generation: mark } }];
}

const negativeEntry: CacheEntry = {
  answer: { asked: Uint8Array.of(0, 1, 254, 255), records: [], ttlMs: 60_000, generation: 7 },
  from: 'server',
  strength: 4,
  receivedAt: 1_700_000_000_000,
  receivedMonotonicMs: 12.5,
  process: 'p1',
  ttlMs: 59_000,
};

const richSlot: CacheSlot = [
  {
    ...negativeEntry,
    answer: {
      asked: Uint8Array.of(9, 8, 7, 6),
      records: [
        {
          hash: Uint8Array.from({ length: 32 }, (_, i) => (i * 37) % 256),
          disposition: 'malicious',
          threats: [{ name: 'Test.Größe-1', type: 'trojan', detail: { nested: [1, null, 'x', true] } }],
          size: 4_294_967_296,
        },
        { hash: new Uint8Array(32), disposition: 'suspicious', threats: [], score: 0 },
      ],
      ttlMs: 300_000,
    },
  },
  { ...negativeEntry, strength: 2, from: 'foreign' },
];
