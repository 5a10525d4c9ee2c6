/** Filter: is a fingerprint surely not listed? */
import type { Definition } from '../definition.js';
import type { FilterInput } from '../engines/lookups.js';
import { lookupAnswer, setOfHex, setOfHexPrefixes, vedetteFilter, vedettePrefixSet } from '../engines/lookups.js';
import { seededHashes, seededProbes } from '../inputs/hashes.js';

/** 100,000 listed hashes. */
export const filter100k: Definition<FilterInput> = filterDefinition('filter-100k', { full: 100_000, quick: 500 });

/** 1,000,000 listed hashes. */
export const filter1m: Definition<FilterInput> = filterDefinition('filter-1m', { full: 1_000_000, quick: 70_000 });

function filterDefinition(name: string, listedCount: { readonly full: number; readonly quick: number }): Definition<FilterInput> {
  return {
    name,
    title: ({ listed, probes }) =>
      `${probes.fingerprints.length.toLocaleString('en')} SHA-256 looked up among ${listed.length.toLocaleString('en')}, one in ten listed`,
    unit: { name: 'look-ups', per: 1 },
    clock: 'cpu',
    baseline: 'Set of hex strings',
    analysis:
      'Whether a fingerprint may be listed. A Set of hex strings is what one writes first: it keeps about a hundred ' +
      'bytes a key, and every look-up makes a string of 64 characters and hashes it. The filter keeps the first 32 ' +
      'bits of each hash in sorted tables and searches there; a prefix that is in it by chance only costs a ' +
      'question. No prefix is shared in this input, so that all engines must give the same answers. The prefix set ' +
      'is the table alone, without the check of the fingerprint around it; the Set of hex prefixes shows what ' +
      'the shorter key saves by itself.',
    engines: [setOfHex, setOfHexPrefixes, vedetteFilter, vedettePrefixSet],
    prepare({ size }) {
      const listed = seededHashes(1, listedCount[size]);
      return { listed, probes: seededProbes(2, { listed, count: size === 'full' ? 500_000 : 2_000, listedShare: 0.1 }) };
    },
    amounts: ({ probes: { fingerprints } }) => ({ probe: 200, steps: [Math.ceil(fingerprints.length / 10), fingerprints.length] }),
    expected: ({ probes }, amount) => lookupAnswer((i) => probes.isListed[i] === true, amount),
    host: () => undefined,
    keys: ({ listed }) => listed.length,
  };
}
