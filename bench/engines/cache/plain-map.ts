/** The baseline of the cache bench. */
import type { CacheSlot } from '../../../src/cache/verdict-cache.js';
import { running } from '../../definition.js';
import { cacheAnswer, generationOf, sumOf } from '../../inputs/cache-input.js';
import type { CacheEngines } from './cache-engines.js';

/** What cannot be beaten: no bound, no life time, no strength. */
export const plainMap: CacheEngines = {
  get: {
    name: 'Map',
    start({ kept, probeKeys }) {
      const map = new Map(kept.map(({ key, slot }) => [key, slot]));
      return running({
        run(amount) {
          let [hits, sum] = [0, 0];
          for (let i = 0; i < amount; i++) {
            const slot = map.get(probeKeys[i]!);
            if (slot !== undefined) {
              hits++;
              sum += generationOf(slot);
            }
          }
          return { hits, sum };
        },
        answer: cacheAnswer,
      });
    },
  },
  set: {
    name: 'Map',
    start({ kept }) {
      let map = new Map<string, CacheSlot>();
      return running({
        ready: () => void (map = new Map()),
        run(amount) {
          for (let i = 0; i < amount; i++) {
            map.set(kept[i]!.key, kept[i]!.slot);
          }
        },
        answer: () => cacheAnswer(sumOf([...map.values()])),
      });
    },
  },
};
