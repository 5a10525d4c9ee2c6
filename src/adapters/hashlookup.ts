/** The entry './adapters/hashlookup': CIRCL hashlookup, a list of known files, as a reputation source. */
export { createHashlookupDnsSource, createHashlookupSource } from './hashlookup/source.js';
export type { HashlookupCommonOptions, HashlookupDnsOptions, HashlookupOptions } from './hashlookup/source.js';
export type { EntryRule, KnownFile } from './hashlookup/known-file.js';
export { createDohResolver } from './foreign/doh-resolver.js';
export type { DohResolverOptions } from './foreign/doh-resolver.js';
export type { DnsRecord, DnsReply, DnsResolver } from './foreign/dns.js';
export type { AnswerTtl, ServiceOptions } from './foreign/options.js';
export type { QuotaLimits } from './foreign/quota.js';
