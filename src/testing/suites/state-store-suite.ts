/** What every `StateStore` promises: the bytes last set under a key, whole, and its own. */
import type { StateStore } from '../../base/seams.js';
import { assertEqual, assertTrue, show } from '../assertions.js';
import { createPartMaker, registerSuite } from '../runner.js';
import type { PartMaker, SuiteOptions, SuiteTests, TestRunner } from '../runner.js';

/** Options of `describeStateStore`. */
export interface StateStoreSuiteOptions extends SuiteOptions<StateStore> {
  /** Ends the store and opens another over the same durable place, as a restart does; absent for stores in the process. */
  reopen?(store: StateStore): StateStore | Promise<StateStore>;
}

interface Fixture extends PartMaker<StateStore, void> {
  readonly reopen: (store: StateStore) => Promise<StateStore>;
}

/** Registers the conformance suite of the state store. */
export function describeStateStore(runner: TestRunner, options: StateStoreSuiteOptions): void {
  registerSuite<Fixture>(runner, {
    title: `StateStore: ${options.name}`,
    tests: options.reopen === undefined ? tests : { ...tests, ...durableTests },
    skip: options.skip,
    open: () => openFixture(options),
    close: (fixture) => fixture.disposeAll(),
  });
}

function openFixture(options: StateStoreSuiteOptions): Fixture {
  const maker = createPartMaker(options);
  return {
    ...maker,
    async reopen(store) {
      const again = (await options.reopen?.(store)) ?? store;
      maker.replace(store, again);
      return again;
    },
  };
}

const tests: SuiteTests<Fixture> = {
  'a key that was never set has no value': async ({ make }) => {
    const store = await make();
    assertEqual('value', await store.get('pattern.agent'), undefined);
  },
  'what was set comes back byte for byte': async ({ make }) => {
    const store = await make();
    await store.set('key', everyByte);
    assertEqual('value', await store.get('key'), everyByte);
  },
  'an empty value is a value': async ({ make }) => {
    const store = await make();
    await store.set('key', new Uint8Array(0));
    assertEqual('value', await store.get('key'), new Uint8Array(0));
  },
  'a value of a mebibyte comes back whole': async ({ make }) => {
    const store = await make();
    const large = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 31 + (i >>> 8)) & 0xff);
    await store.set('key', large);
    const found = await store.get('key');
    assertTrue('the large value comes back as it was', found?.length === large.length && found.every((byte, i) => byte === large[i]));
  },
  'a later value replaces an earlier one, longer or shorter': async ({ make }) => {
    const store = await make();
    await store.set('key', everyByte);
    await store.set('key', Uint8Array.of(1));
    assertEqual('the shorter value', await store.get('key'), Uint8Array.of(1));
    await store.set('key', everyByte);
    assertEqual('the longer value', await store.get('key'), everyByte);
  },
  'keys are told apart whatever characters they are made of': async ({ make }) => {
    const store = await make();
    for (const [index, key] of awkwardKeys.entries()) {
      await store.set(key, Uint8Array.of(index));
    }
    for (const [index, key] of awkwardKeys.entries()) {
      assertEqual(`value under ${show(key)}`, await store.get(key), Uint8Array.of(index));
    }
  },
  'names of the language are no keys of their own': async ({ make }) => {
    const store = await make();
    for (const name of ['__proto__', 'constructor', 'toString']) {
      assertEqual(name, await store.get(name), undefined);
    }
  },
  'the bytes given are copied': async ({ make }) => {
    const store = await make();
    const bytes = Uint8Array.of(1, 2, 3);
    await store.set('key', bytes);
    bytes.fill(9);
    assertEqual('value', await store.get('key'), Uint8Array.of(1, 2, 3));
  },
  'the bytes given back are the caller’s': async ({ make }) => {
    const store = await make();
    await store.set('key', Uint8Array.of(1, 2, 3));
    (await store.get('key'))?.fill(9);
    assertEqual('value', await store.get('key'), Uint8Array.of(1, 2, 3));
  },
  'a view sets only its own bytes': async ({ make }) => {
    const store = await make();
    await store.set('key', everyByte.subarray(10, 13));
    assertEqual('value', await store.get('key'), Uint8Array.of(10, 11, 12));
  },
  'of sets that overlap in time one stays, whole': async ({ make }) => {
    const store = await make();
    const values = Array.from({ length: 8 }, (_, i) => new Uint8Array(10_000 + i).fill(i + 1));
    await Promise.all(values.map((value) => store.set('key', value)));
    const found = await store.get('key');
    assertTrue('one of the values, whole', values.some((value) => value.length === found?.length && found.every((byte) => byte === value[0])));
  },
  'sets of different keys that overlap in time all stay': async ({ make }) => {
    const store = await make();
    const numbers = Array.from({ length: 20 }, (_, i) => i);
    await Promise.all(numbers.map((i) => store.set(`key-${i}`, Uint8Array.of(i))));
    for (const i of numbers) {
      assertEqual(`key-${i}`, await store.get(`key-${i}`), Uint8Array.of(i));
    }
  },
};

const durableTests: SuiteTests<Fixture> = {
  'what was set is there after reopening': async ({ make, reopen }) => {
    const store = await make();
    await store.set('one', everyByte);
    await store.set('two', Uint8Array.of(1));
    await store.set('two', Uint8Array.of(2));
    const again = await reopen(store);
    assertEqual('one', await again.get('one'), everyByte);
    assertEqual('two', await again.get('two'), Uint8Array.of(2));
    assertEqual('three', await again.get('three'), undefined);
  },
};

const everyByte: Uint8Array = Uint8Array.from({ length: 256 }, (_, i) => i);

const awkwardKeys: readonly string[] = [
  'pattern.agent',
  'pattern.Agent',
  'pattern/agent',
  'pattern\\agent',
  'pattern:agent',
  'pattern agent',
  '../pattern.agent',
  '..',
  '.',
  'server wait https://one.example:8443/v1?x=%2e',
  'größe',
  '__proto__',
  'con',
  'k'.repeat(120),
  `${'k'.repeat(120)}1`,
];
