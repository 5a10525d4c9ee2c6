/** Filter engines: which of many fingerprints may be listed. */
import type { Fingerprint } from '../../src/base/fingerprint.js';
import { createFilter } from '../../src/filter/create-filter.js';
import { createPrefixSet } from '../../src/filter/prefix-set.js';
import { decodeFilter } from '../../src/pattern/filter-pattern.js';
import { prefixNumber } from '../../src/pattern/hashes/hash-groups.js';
import type { Engine, Running } from '../definition.js';
import { running } from '../definition.js';
import type { Probes } from '../inputs/hashes.js';
import { entriesOf } from '../inputs/hashes.js';
import { filterContainer } from '../inputs/pattern.js';

/** What is listed, and what is looked up. */
export interface FilterInput {
  readonly listed: readonly Uint8Array[];
  readonly probes: Probes;
}

/** The filter as the engine uses it, from the component to `judge`. */
export const vedetteFilter: Engine<FilterInput> = {
  name: 'vedette filter',
  async start({ listed, probes }) {
    const container = await filterContainer(entriesOf(listed));
    const filter = createFilter(decodeFilter(container), container.generation);
    return overProbes(probes, (fingerprint) => filter.judge(fingerprint) === 'maybe');
  },
};

/** The table inside of it, by number. */
export const vedettePrefixSet: Engine<FilterInput> = {
  name: 'vedette prefix set',
  start({ listed, probes }) {
    const set = createPrefixSet(Uint32Array.from(listed, (hash) => prefixNumber(hash)).sort());
    return overProbes(probes, ({ hash }) => set.has(prefixNumber(hash)));
  },
};

/** Full hashes in hex. */
export const setOfHex: Engine<FilterInput> = setEngine('Set of hex strings', hexOf);

/** Only the first four bytes in hex, as the filter has them. */
export const setOfHexPrefixes: Engine<FilterInput> = setEngine('Set of hex prefixes', (hash) => hexOf(hash.subarray(0, 4)));

/** How look-ups answer. */
export function lookupAnswer(isListed: (index: number) => boolean, amount: number): string {
  let [listed, sum] = [0, 0];
  for (let i = 0; i < amount; i++) {
    if (isListed(i)) {
      listed++;
      sum += i;
    }
  }
  return `${listed} of ${amount} listed (sum of indices ${sum})`;
}

function setEngine(name: string, keyOf: (hash: Uint8Array) => string): Engine<FilterInput> {
  return {
    name,
    start({ listed, probes }) {
      const set = new Set(listed.map(keyOf));
      return overProbes(probes, ({ hash }) => set.has(keyOf(hash)));
    },
  };
}

function overProbes({ fingerprints }: Probes, isListed: (fingerprint: Fingerprint) => boolean): Running {
  const found = new Uint8Array(fingerprints.length);
  return running({
    run(amount) {
      for (let i = 0; i < amount; i++) {
        found[i] = isListed(fingerprints[i]!) ? 1 : 0;
      }
      return amount;
    },
    answer: (amount) => lookupAnswer((i) => found[i] === 1, amount),
  });
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
