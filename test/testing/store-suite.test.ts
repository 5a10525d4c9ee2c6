/** The suite of the server's store against wrong stores. */
import { describe } from 'vitest';
import type { ReputationStore } from '../../src/server/reputation-store.js';
import type { TestRunner } from '../../src/testing/runner.js';
import { describeReputationStore, type StoreContext } from '../../src/testing/suites/store-suite.js';
import { storeOf } from '../support/server-fixtures.js';
import { itCatches } from './sabotage.js';

type Create = (context: StoreContext) => Promise<ReputationStore>;
type Lists = Awaited<ReturnType<ReputationStore['lookup']>>;

const suite = (runner: TestRunner, create: Create): void => describeReputationStore(runner, { name: 'under test', create });

/** A right store with something wrong about it. */
function wrong(change: (store: ReputationStore) => Partial<ReputationStore>): Create {
  return async ({ entries, generation }) => {
    const store = await storeOf(entries, generation);
    return { generation: store.generation, lookup: (...asked) => store.lookup(...asked), ...change(store) };
  };
}

function lists(change: (found: Lists) => Lists): Create {
  return wrong((store) => ({ lookup: async (...asked) => change(await store.lookup(...asked)) }));
}

describe('the suite of the reputation store', () => {
  itCatches<Create>(
    [
      { wrong: 'counts its own generations', part: wrong(() => ({ generation: 1 })), caughtBy: 'it names the generation that it answers from' },
      { wrong: 'counts prefixes as entries', part: wrong(() => ({ entries: 2 })), caughtBy: 'the number of entries is right where it is told' },
      { wrong: 'says nothing', part: lists((found) => found.map(() => [])), caughtBy: 'a listed hash is under its prefix, in full and with what it is listed for' },
      { wrong: 'gives prefixes for hashes', part: lists((found) => found.map((some) => some.map((one) => ({ ...one, hash: one.hash.subarray(0, 4) })))), caughtBy: 'a listed hash is under its prefix, in full and with what it is listed for' },
      { wrong: 'says one hash of a prefix', part: lists((found) => found.map((some) => some.slice(0, 1))), caughtBy: 'all hashes under one prefix are said' },
      { wrong: 'leaves out empty lists', part: lists((found) => found.filter((some) => some.length > 0)), caughtBy: 'every prefix has its list, in the order of the question, an empty one where nothing is listed' },
      { wrong: 'turns the order round', part: lists((found) => [...found].reverse()), caughtBy: 'every prefix has its list, in the order of the question, an empty one where nothing is listed' },
      { wrong: 'mixes kinds', part: wrong((store) => ({ lookup: (_kind, _algorithm, prefixes) => store.lookup('file', 'sha256', prefixes) })), caughtBy: 'kinds and algorithms are kept apart' },
      { wrong: 'forgets sizes', part: lists((found) => found.map((some) => some.map(({ size: _, ...one }) => one))), caughtBy: 'an entry for one size says so' },
      { wrong: 'answers where nothing was asked', part: lists((found) => (found.length === 0 ? [[]] : found)), caughtBy: 'no prefixes give no lists' },
      { wrong: 'has no list while it is empty', part: wrong((store) => ({ lookup: async (...asked) => ((await store.lookup(...asked)).every((some) => some.length === 0) ? [] : store.lookup(...asked)) })), caughtBy: 'a store without entries answers like any other' },
      { wrong: 'clears what it was asked', part: wrong((store) => ({ lookup: async (...asked) => { const found = await store.lookup(...asked); asked[2].forEach((prefix) => prefix.fill(0)); return found; } })), caughtBy: 'the prefixes that are asked are not written to' },
    ],
    suite,
  );
});
