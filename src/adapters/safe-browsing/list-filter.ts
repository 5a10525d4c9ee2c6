/**
 * The filter of the service's lists: which expressions of a URL the service may know. One prefix set for all lists of
 * 4-byte hashes; longer ones are searched as they are.
 */
import type { Fingerprint, HostRule } from '../../base/fingerprint.js';
import { createPrefixSet, type PrefixSet } from '../../filter/prefix-set.js';
import type { Filter } from '../../filter/filter.js';
import { prefixNumber } from '../../pattern/hashes/hash-groups.js';
import { listHas, type HashList } from './hash-list.js';

/** What a filter is made from. */
export interface ListFilterOptions {
  readonly threatLists: readonly HashList[];
  /** Full hashes of likely-safe sites; with them, what is not in it is asked in real time. */
  readonly globalCache: HashList | undefined;
  readonly hostRule: HostRule;
  /** Counts the updates. */
  readonly generation: number;
  /** A positive answer that still holds counts although no list names its prefix any more. */
  isKnownPositive(prefix: Uint8Array): boolean;
}

/**
 * A filter over the lists as they are now. Without a global cache it decides by the threat lists ("local list mode");
 * with one, a URL of which no expression is in the global cache is asked as a whole ("real-time mode").
 */
export function createListFilter(options: ListFilterOptions): Filter {
  const { globalCache } = options;
  const short = prefixesOf(options.threatLists.filter((one) => one.hashBytes === 4));
  const long = options.threatLists.filter((one) => one.hashBytes !== 4);

  function judge(fingerprint: Fingerprint): 'not-listed' | 'maybe' {
    if (fingerprint.kind !== 'url' || fingerprint.algorithm !== 'sha256') {
      return 'maybe';
    }
    const { hash } = fingerprint;
    const isListed = short.has(prefixNumber(hash)) || long.some((list) => listHas(list, hash)) || options.isKnownPositive(hash.subarray(0, 4));
    return isListed ? 'maybe' : 'not-listed';
  }

  return {
    generation: options.generation,
    covers: 0,
    hostRule: options.hostRule,
    wants: {},
    judge,
    judgeAll(fingerprints) {
      const isLikelySafe = globalCache === undefined || fingerprints.some(({ hash }) => listHas(globalCache, hash));
      return fingerprints.map((one) => (isLikelySafe ? judge(one) : 'maybe'));
    },
  };
}

function prefixesOf(lists: readonly HashList[]): PrefixSet {
  const count = lists.reduce((sum, list) => sum + list.hashes.length / 4, 0);
  const all = new Uint32Array(count);
  let at = 0;
  for (const { hashes } of lists) {
    const view = new DataView(hashes.buffer, hashes.byteOffset, hashes.byteLength);
    for (let i = 0; i < hashes.length; i += 4) {
      all[at++] = view.getUint32(i);
    }
  }
  all.sort();
  return createPrefixSet(all.filter((prefix, i) => i === 0 || prefix !== all[i - 1]));
}
