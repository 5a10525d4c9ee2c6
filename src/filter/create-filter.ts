/** A filter over the tables of a filter component: one prefix set for each kind and algorithm, and the listed hosts. */
import type { Fingerprint } from '../base/fingerprint.js';
import { hashBytes, isWanted } from '../base/fingerprint.js';
import { classOfHost, hostClass } from '../base/host-hash.js';
import type { ListedHosts } from '../base/host-hash.js';
import type { FilterTables } from '../pattern/filter-pattern.js';
import { groupCode, prefixNumber } from '../pattern/hashes/hash-groups.js';
import type { Filter } from './filter.js';
import type { PrefixSet } from './prefix-set.js';
import { createPrefixSet } from './prefix-set.js';

const noHosts: ListedHosts = { classOf: () => 0 };

/** The tables are not kept, but for the hosts. `generation` is that of the container they came from. */
export function createFilter(tables: FilterTables, generation: number): Filter {
  const { covers, hostRule, wants } = tables;
  const sets: (PrefixSet | undefined)[] = [];
  for (const { kind, algorithm, sorted } of tables.prefixes) {
    sets[groupCode(kind, algorithm)] = createPrefixSet(sorted);
  }
  // Where no URL is listed at all, it is known of every host.
  const hosts = tables.hosts ?? (sets[groupCode('url', 'sha256')] === undefined ? noHosts : undefined);
  return { generation, covers, hostRule, wants, hosts, judge };

  function judge(fingerprint: Fingerprint): 'not-listed' | 'maybe' {
    const { kind, algorithm, size } = fingerprint;
    // A weak entry with a size means files of that size only: another size is as good as another prefix.
    if (algorithm !== 'sha256' && !isWanted(wants[algorithm], size)) {
      return fingerprint.hash.length === hashBytes[algorithm] ? 'not-listed' : 'maybe';
    }
    if (kind === 'url' && hosts !== undefined) {
      return judgeUrl(hosts, fingerprint);
    }
    return judgeHash(fingerprint);
  }

  function judgeHash({ kind, algorithm, hash }: Fingerprint): 'not-listed' | 'maybe' {
    if (hash.length !== hashBytes[algorithm]) {
      return 'maybe';
    }
    return sets[groupCode(kind, algorithm)]?.has(prefixNumber(hash)) === true ? 'maybe' : 'not-listed';
  }

  /** By the host first: the hash, which may not even be computed yet, is looked at only where parts of it are listed. */
  function judgeUrl(listed: ListedHosts, fingerprint: Fingerprint): 'not-listed' | 'maybe' {
    const slash = fingerprint.expression?.indexOf('/') ?? -1;
    if (fingerprint.expression === undefined || slash < 1) {
      // A bare hash may be that of a whole host.
      return tables.hosts === undefined ? judgeHash(fingerprint) : 'maybe';
    }
    const classes = classOfHost(listed, fingerprint.expression, slash);
    if (slash === fingerprint.expression.length - 1) {
      return (classes & hostClass.whole) === 0 ? 'not-listed' : 'maybe';
    }
    return (classes & hostClass.parts) === 0 ? 'not-listed' : judgeHash(fingerprint);
  }
}
