/** The cache as the engine knows it, over our store in memory. */
import { createAnswerCache } from '../../../src/cache/create-answer-cache.js';
import { createMemoryCache } from '../../../src/cache/memory-cache.js';
import { createSystemClock } from '../../../src/preset/system-seams.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import { running } from '../../definition.js';
import type { CacheItem } from '../../inputs/cache-input.js';
import { cacheAnswer } from '../../inputs/cache-input.js';
import type { CacheEngines } from './cache-engines.js';
import { maxEntries } from './cache-engines.js';

/** What the engine talks to: keys are made, lives and strengths judged and merged. */
export const answerCache: CacheEngines = {
  get: {
    name: 'vedette answer cache',
    async start({ kept, probes: { fingerprints } }) {
      const cache = newAnswerCache();
      for (const item of kept) {
        await store(cache, item);
      }
      return running({
        async run(amount) {
          let [hits, sum] = [0, 0];
          for (let i = 0; i < amount; i++) {
            const found = cache.lookup([fingerprints[i]!], {});
            const first = (found instanceof Promise ? await found : found)[0];
            if (first?.kind === 'hit') {
              hits++;
              sum += first.answer.generation ?? 0;
            }
          }
          return { hits, sum };
        },
        answer: cacheAnswer,
      });
    },
  },
  set: {
    name: 'vedette answer cache',
    start({ kept }) {
      let cache = newAnswerCache();
      return running({
        ready: () => void (cache = newAnswerCache()),
        async run(amount) {
          for (let i = 0; i < amount; i++) {
            const done = store(cache, kept[i]!);
            if (done instanceof Promise) {
              await done;
            }
          }
        },
        async answer() {
          const found = await cache.lookup(kept.map(({ fingerprint }) => fingerprint), {});
          const answers = found.flatMap((one) => (one.kind === 'hit' ? [one.answer] : []));
          return cacheAnswer({ hits: answers.length, sum: answers.reduce((sum, { generation = 0 }) => sum + generation, 0) });
        },
      });
    },
  },
};

function newAnswerCache() {
  const storeOfSlots = createMemoryCache({ maxEntries });
  return createAnswerCache({ store: storeOfSlots, clock: createSystemClock(), random: createSeededRandom(1), process: 'bench' });
}

function store(cache: ReturnType<typeof newAnswerCache>, { answer }: CacheItem): void | Promise<void> {
  return cache.store({ kind: 'file', algorithm: 'sha256', hashes: [answer.asked] }, [answer], { id: 'bench', strength: 4 });
}
