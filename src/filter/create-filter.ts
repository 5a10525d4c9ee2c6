/** A filter over the tables of a filter component: one prefix set for each kind and algorithm. */
import type { Fingerprint } from '../base/fingerprint.js';
import { hashBytes, isWanted } from '../base/fingerprint.js';
import type { FilterTables } from '../pattern/filter-pattern.js';
import { groupCode, prefixNumber } from '../pattern/hashes/hash-groups.js';
import type { Filter } from './filter.js';
import type { PrefixSet } from './prefix-set.js';
import { createPrefixSet } from './prefix-set.js';

/** The tables are not kept. `generation` is that of the container they came from. */
export function createFilter(tables: FilterTables, generation: number): Filter {
  const { covers, hostRule, wants } = tables;
  const sets: (PrefixSet | undefined)[] = [];
  for (const { kind, algorithm, sorted } of tables.prefixes) {
    sets[groupCode(kind, algorithm)] = createPrefixSet(sorted);
  }
  return { generation, covers, hostRule, wants, judge };

  function judge(fingerprint: Fingerprint): 'not-listed' | 'maybe' {
    const { kind, algorithm, hash, size } = fingerprint;
    if (hash.length !== hashBytes[algorithm]) {
      return 'maybe';
    }
    // A weak entry with a size means files of that size only: another size is as good as another prefix.
    if (algorithm !== 'sha256' && !isWanted(wants[algorithm], size)) {
      return 'not-listed';
    }
    return sets[groupCode(kind, algorithm)]?.has(prefixNumber(hash)) === true ? 'maybe' : 'not-listed';
  }
}
