/** Cache: answers kept and found by prefix, one key at a time. */
import type { Definition, Engine } from '../definition.js';
import { answerCache } from '../engines/cache/answer-cache.js';
import type { CacheEngines } from '../engines/cache/cache-engines.js';
import { plainMap } from '../engines/cache/plain-map.js';
import { memoryCache, storeEngines } from '../engines/cache/stores.js';
import type { CacheInput } from '../inputs/cache-input.js';
import { cacheAnswer, cacheInput, keyOf } from '../inputs/cache-input.js';

const engines: readonly CacheEngines[] = [plainMap, memoryCache, answerCache];

/** Look-ups, half of them hits. */
export const cacheGet: Definition<CacheInput> = {
  ...common((one) => one.get),
  name: 'cache-get',
  title: ({ kept, probes }) =>
    `${probes.fingerprints.length.toLocaleString('en')} look-ups among ${kept.length.toLocaleString('en')} answers, half of them hits`,
  unit: { name: 'look-ups', per: 1 },
  analysis:
    'One key at a time. A Map has no bound and knows no time. The memory cache drops the longest unused slots over its ' +
    'bound, takes a list of keys and gives back a list: that is the interface of a store, so that a host can put ' +
    'another one behind it. The answer cache is what the engine asks: it makes two keys (prefix and full hash) of ' +
    'a fingerprint, and judges life time, generation and strength of what it finds; its keys are made anew each ' +
    'time, those of the Map and of the store were made beforehand.',
  amounts: ({ probes: { fingerprints } }) => ({ probe: 200, steps: [Math.ceil(fingerprints.length / 10), fingerprints.length] }),
  expected: ({ kept, probes }, amount) => {
    const generations = new Map(kept.map(({ key, answer }) => [key, answer.generation ?? 0]));
    const hits = probes.fingerprints.slice(0, amount).filter((_, i) => probes.isListed[i]);
    return cacheAnswer({ hits: hits.length, sum: hits.reduce((sum, one) => sum + (generations.get(keyOf(one)) ?? 0), 0) });
  },
};

/** Answers put into an empty cache. */
export const cacheSet: Definition<CacheInput> = {
  ...common((one) => one.set),
  name: 'cache-set',
  title: ({ kept }) => `${kept.length.toLocaleString('en')} answers put into an empty cache`,
  unit: { name: 'answers', per: 1 },
  analysis:
    'One answer at a time into a cache that was empty. Before the answer cache keeps an answer it copies its bytes, ' +
    'draws the part of its life that is cut off, reads what is there and decides what may stand beside it; ' +
    'Map and memory cache are given slots that are ready to be kept.',
  amounts: ({ kept }) => ({ probe: 200, steps: [Math.ceil(kept.length / 10), kept.length] }),
  expected: ({ kept }, amount) =>
    cacheAnswer({ hits: amount, sum: kept.slice(0, amount).reduce((sum, { answer }) => sum + (answer.generation ?? 0), 0) }),
};

function common(pick: (from: CacheEngines) => Engine<CacheInput>): Pick<Definition<CacheInput>, 'clock' | 'baseline' | 'engines' | 'prepare' | 'host'> {
  return {
    clock: 'cpu',
    baseline: 'Map',
    engines: engines.map(pick),
    prepare: ({ size }) => cacheInput(size === 'full' ? 50_000 : 400),
    host: ({ name, createCache }) => (createCache === undefined ? undefined : pick(storeEngines(name, createCache))),
  };
}
