/**
 * CIRCL hashlookup as a reputation source: known files of operating systems, distributions and NIST's NSRL. A known-good
 * file is a record `clean`; one that somebody considers malicious is `malicious`. The full hash of every file that is
 * asked about goes to CIRCL, over DNS to the resolver as well.
 *
 * "Not known" is no record, and says nothing about the file: nobody lists all good files. The source says so
 * (`silence: 'abstains'`): others are asked, and without any the file is unknown, never clean. In a quorum give it a part as
 * one that abstains.
 *
 * Free, best effort, no documented limits. HTTP: single by all three algorithms, bulk by MD5 and SHA-1. DNS: MD5, SHA-1.
 * Follows circl.lu/services/hashlookup, the service's OpenAPI description (version 1.2) and
 * draft-dulaunoy-hashlookup-format-03 (June 2022), as stored copies of them said in November 2026.
 */
import { assertInteger } from '../../base/assert.js';
import type { ReputationSource } from '../../query/reputation-source.js';
import { strengthOfDns, type DnsResolver } from '../foreign/dns.js';
import { createHashSource, type AskedHash, type Found } from '../foreign/hash-source.js';
import { checkedTtl, createService, type AnswerTtl, type ServiceOptions } from '../foreign/options.js';
import { askBulk, askSingle } from './by-http.js';
import { askTxt } from './by-dns.js';
import { recordsOf, ruleOf, type EntryRule, type KnownFile } from './known-file.js';

/** Options of both forms. */
export interface HashlookupCommonOptions {
  /** Trust from which a known file is clean. Default 50: the service has no doubt. */
  readonly minTrust?: number;
  /** Takes the place of the rule with its trust. */
  readonly rule?: EntryRule;
  /** What "not known" becomes: no record (default), or a record `unknown` that keeps an engine from calling it clean. */
  readonly unlisted?: 'no-record' | 'unknown';
  /** Hashes in one question. Default 8. */
  readonly maxBatch?: number;
}

/** Options of `createHashlookupSource`. */
export type HashlookupOptions = ServiceOptions & HashlookupCommonOptions;

/** Options of `createHashlookupDnsSource`. */
export interface HashlookupDnsOptions extends HashlookupCommonOptions {
  readonly resolver: DnsResolver;
  /** What to do with a resolver that is not secure. Default `refuse`; `accept` lets its answers count, weakest of all. */
  readonly plainDns?: 'refuse' | 'accept';
  /** Unique among the sources of an engine. Default: the zone. */
  readonly id?: string;
  /** Default `dns.hashlookup.circl.lu`. */
  readonly zone?: string;
  /** How long answers may be used; never longer than their records live. */
  readonly ttlMs?: Partial<AnswerTtl>;
}

/** From an entry, or its absence, to what is answered. */
export type Judge = (asked: AskedHash, file: KnownFile | undefined) => Found;

/**
 * A source for files over HTTPS. Nothing is asked before the first lookup.
 * @throws VedetteError `config-invalid` for an address that is not HTTPS.
 * @throws RangeError for a trust, limits or times out of range.
 */
export function createHashlookupSource(options: HashlookupOptions = {}): ReputationSource {
  const service = createService(options, { name: 'hashlookup', address: 'https://hashlookup.circl.lu', maxBytes: 4 * 1024 * 1024, limits: {} });
  const judge = judgeOf(options, service.ttl);
  return createHashSource({
    id: service.id,
    strength: 2,
    maxBatch: checkedBatch(options.maxBatch),
    silence: 'abstains',
    algorithms: ['sha256', 'sha1', 'md5'],
    askOne: (asked, signal) => askSingle(asked, { service, judge, signal }),
    askAll: (asked, signal) => (asked[0]?.algorithm === 'sha256' ? undefined : askBulk(asked, { service, judge, signal })),
  });
}

/**
 * A source for files over DNS, by SHA-1 and MD5: a SHA-256 does not fit into a label. It is of use only beside others,
 * for files whose MD5 or SHA-1 an engine computes.
 * @throws VedetteError `config-invalid` for a resolver that is not secure, unless `plainDns` accepts it.
 * @throws RangeError for a trust or a time out of range.
 */
export function createHashlookupDnsSource(options: HashlookupDnsOptions): ReputationSource {
  const { resolver, zone = 'dns.hashlookup.circl.lu' } = options;
  const judge = judgeOf(options, checkedTtl(options.ttlMs));
  return createHashSource({
    id: options.id ?? zone,
    strength: strengthOfDns('hashlookup', resolver, options.plainDns ?? 'refuse'),
    maxBatch: checkedBatch(options.maxBatch),
    silence: 'abstains',
    algorithms: ['sha1', 'md5'],
    askOne: (asked, signal) => askTxt(asked, { resolver, zone, judge, signal }),
  });
}

function checkedBatch(maxBatch = 8): number {
  assertInteger('maxBatch', maxBatch, { min: 1, max: 1000 });
  return maxBatch;
}

function judgeOf({ minTrust = 50, rule = ruleOf(minTrust), unlisted = 'no-record' }: HashlookupCommonOptions, ttl: AnswerTtl): Judge {
  assertInteger('minTrust', minTrust, { min: 0, max: 100 });
  return (asked, file) => {
    const records = file === undefined ? [] : recordsOf(file, asked, rule);
    if (records.length > 0) {
      return { records, ttlMs: ttl.found };
    }
    return { records: unlisted === 'unknown' ? [{ hash: asked.hash.slice(), disposition: 'unknown', threats: [] }] : [], ttlMs: ttl.notFound };
  };
}
