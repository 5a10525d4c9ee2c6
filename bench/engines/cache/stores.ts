/** Stores of slots: ours in memory, and a host's. */
import { createMemoryCache } from '../../../src/cache/memory-cache.js';
import type { VerdictCache } from '../../../src/cache/verdict-cache.js';
import type { Engine } from '../../definition.js';
import { running } from '../../definition.js';
import { assertMethods } from '../../host-engine.js';
import type { CacheInput } from '../../inputs/cache-input.js';
import { cacheAnswer, generationOf, sumOf } from '../../inputs/cache-input.js';
import type { CacheEngines } from './cache-engines.js';
import { maxEntries } from './cache-engines.js';

/** The store of the portable preset. */
export const memoryCache: CacheEngines = storeEngines('vedette memory cache', createMemoryCache);

/** Any store. It is asked synchronously as long as it answers so. */
export function storeEngines(
  name: string,
  create: (options: { readonly maxEntries: number }) => VerdictCache | Promise<VerdictCache>,
): CacheEngines {
  const open = async (): Promise<VerdictCache> => {
    const cache = await create({ maxEntries });
    assertMethods(cache, ['get', 'put', 'forget']);
    return cache;
  };
  return { get: storeGets(name, open), set: storeSets(name, open) };
}

function storeGets(name: string, open: () => Promise<VerdictCache>): Engine<CacheInput> {
  return {
    name,
    async start({ kept, probeKeys }) {
      const cache = await open();
      await cache.put(kept.map(({ key, slot }) => [key, slot]));
      return running({
        async run(amount) {
          let [hits, sum] = [0, 0];
          for (let i = 0; i < amount; i++) {
            const found = cache.get([probeKeys[i]!]);
            const slot = (found instanceof Promise ? await found : found)[0];
            if (slot !== undefined) {
              hits++;
              sum += generationOf(slot);
            }
          }
          return { hits, sum };
        },
        answer: cacheAnswer,
        close: () => cache.close?.(),
      });
    },
  };
}

function storeSets(name: string, open: () => Promise<VerdictCache>): Engine<CacheInput> {
  return {
    name,
    async start({ kept }) {
      const keys = kept.map(({ key }) => key);
      let cache = await open();
      return running({
        async ready() {
          await cache.close?.();
          cache = await open();
        },
        async run(amount) {
          for (let i = 0; i < amount; i++) {
            const done = cache.put([[kept[i]!.key, kept[i]!.slot]]);
            if (done instanceof Promise) {
              await done;
            }
          }
        },
        answer: async () => cacheAnswer(sumOf(await cache.get(keys))),
        close: () => cache.close?.(),
      });
    },
  };
}
