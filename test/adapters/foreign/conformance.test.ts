/** Every foreign source behind a fake of its service, in the suite of the reputation source. */
import { describe, it } from 'vitest';
import { createDohResolver } from '../../../src/adapters/malware-hash-registry.js';
import { createHashlookupDnsSource, createHashlookupSource, type DnsResolver } from '../../../src/adapters/hashlookup.js';
import { createMalwareBazaarSource } from '../../../src/adapters/malware-bazaar.js';
import { createMalwareHashRegistrySource } from '../../../src/adapters/malware-hash-registry.js';
import { createQuorumSource } from '../../../src/adapters/quorum.js';
import { createSafeBrowsing } from '../../../src/adapters/safe-browsing.js';
import { createVirusTotalSource } from '../../../src/adapters/virustotal.js';
import { toHex } from '../../../src/base/bytes.js';
import type { HashEntry } from '../../../src/pattern/hash-entry.js';
import type { ReputationSource } from '../../../src/query/reputation-source.js';
import { createScriptedSource, describeReputationSource, FakeClock } from '../../../src/testing.js';
import { FakeHashlookup } from '../hashlookup/fake-hashlookup.js';
import { authKey, FakeBazaar } from '../malware-bazaar/fake-bazaar.js';
import { FakeService, sha256 } from '../safe-browsing/fake-service.js';
import { apiKey, FakeVirusTotal } from '../virustotal/fake-virustotal.js';
import { fakeDoh } from './fake-doh.js';
import { noNetwork } from './responses.js';

type Entries = readonly HashEntry[];

const knows = { file: ['sha256', 'sha1', 'md5'] } as const;
/** What stands in records is tested for each adapter in files of its own. */
const skip = {
  'a size of an entry comes with its record': 'a find counts for its hash, whatever size the service has noted',
  'a score of an entry comes with its record': 'it rates no URLs',
};

const virusTotal = (entries: Entries, fetchLike?: typeof fetch): ReputationSource => {
  const clock = new FakeClock();
  const service = new FakeVirusTotal(clock);
  entries.forEach((entry) => service.entry(entry));
  // Of a plan with more: the suite asks faster than the public one allows.
  service.perMinute = 100;
  return createVirusTotalSource({ apiKey, clock, fetch: fetchLike ?? service.fetch, limits: { perMinute: 100 } });
};
const bazaar = (entries: Entries, fetchLike?: typeof fetch): ReputationSource => {
  const service = new FakeBazaar();
  entries.forEach((entry) => service.entry(entry));
  return createMalwareBazaarSource({ apiKey: authKey, clock: new FakeClock(), fetch: fetchLike ?? service.fetch });
};
const rule = ({ maliciousBy: [name = ''] }: { readonly maliciousBy: readonly string[] }) => ({ disposition: 'malicious' as const, threats: [{ name, type: 'trojan' }] });
const hashlookup = (entries: Entries, fetchLike?: typeof fetch): ReputationSource => {
  const service = new FakeHashlookup();
  entries.forEach((entry) => service.entry(entry));
  return createHashlookupSource({ clock: new FakeClock(), fetch: fetchLike ?? service.fetch, rule });
};
const noDns: DnsResolver = { secure: true, resolve: () => Promise.resolve({ kind: 'failed', retry: true }) };
const hashlookupByDns = (entries: Entries, resolver?: DnsResolver): ReputationSource => {
  const service = new FakeHashlookup();
  entries.forEach((entry) => service.entry(entry));
  return createHashlookupDnsSource({ resolver: resolver ?? service.resolver, rule });
};
const safeBrowsing = (entries: Entries, fetchLike?: typeof fetch): ReputationSource => {
  const service = new FakeService();
  entries.forEach(({ hash }) => service.threat(hash, [{ threatType: 1 }]));
  return createSafeBrowsing({ apiKey: 'k', mode: 'no-storage', clock: new FakeClock(), crypto: { sha256 }, fetch: fetchLike ?? service.fetch }).source;
};
const registry = (entries: Entries, fetchLike?: typeof fetch): ReputationSource => {
  const listed = (name: string): HashEntry | undefined => entries.find((entry) => name.replace('.hash.cymru.com', '').replaceAll('.', '') === toHex(entry.hash));
  const doh = fakeDoh(({ name }) => (listed(name) === undefined ? { rcode: 3 } : { values: ['1611956489 28'] }));
  const resolver = createDohResolver({ address: 'https://dns.example/dns-query', fetch: fetchLike ?? doh.fetch, clock: new FakeClock() });
  const byHash = ({ hash }: { readonly hash: string }) => ({ disposition: 'malicious' as const, threat: { name: listed(hash)?.threat?.name ?? '', type: 'trojan' } });
  return createMalwareHashRegistrySource({ resolver, rule: byHash });
};
const threeOf = (entries: Entries): { readonly source: ReputationSource; readonly weight: number }[] =>
  (['prefix', 'full-hash', 'prefix'] as const).map((asks, i) => ({ source: createScriptedSource({ id: `member ${i}`, asks, entries, maxBatch: 10 * (i + 1) }), weight: 1 }));

describeReputationSource({ describe, it }, { name: 'VirusTotal', create: ({ entries }) => virusTotal(entries), unreachable: () => virusTotal([], noNetwork), knows, skip });
describeReputationSource({ describe, it }, { name: 'MalwareBazaar', create: ({ entries }) => bazaar(entries), unreachable: () => bazaar([], noNetwork), knows, skip });
describeReputationSource({ describe, it }, { name: 'hashlookup over HTTPS', create: ({ entries }) => hashlookup(entries), unreachable: () => hashlookup([], noNetwork), knows, skip });
describeReputationSource({ describe, it }, {
  name: 'hashlookup over DNS',
  create: ({ entries }) => hashlookupByDns(entries),
  unreachable: () => hashlookupByDns([], noDns),
  knows: { file: ['sha1', 'md5'] },
  skip,
});
describeReputationSource({ describe, it }, {
  name: 'Safe Browsing',
  create: ({ entries }) => safeBrowsing(entries),
  unreachable: () => safeBrowsing([], noNetwork),
  knows: { url: ['sha256'] },
  ownNames: true,
  skip,
});
describeReputationSource({ describe, it }, { name: 'Malware Hash Registry over DNS', create: ({ entries }) => registry(entries), unreachable: () => registry([], noNetwork), knows, skip });
describeReputationSource({ describe, it }, {
  name: 'quorum of three, by prefix and by full hash',
  create: ({ entries }) => createQuorumSource({ sources: threeOf(entries), need: 2, clock: new FakeClock() }),
  unreachable: () => createQuorumSource({ sources: threeOf([]).map((one) => ({ ...one, source: Object.assign(one.source, { mode: { kind: 'down' } }) })), need: 2, clock: new FakeClock() }),
});
describeReputationSource({ describe, it }, {
  name: 'quorum of foreign services',
  create: ({ entries }) => {
    const others = [virusTotal(entries), bazaar(entries), registry(entries)].map((source) => ({ source, weight: 1 }));
    return createQuorumSource({ sources: [...others, { source: hashlookup(entries), weight: 0.5, silence: 'abstains' }], need: 2, clock: new FakeClock() });
  },
  knows, skip,
});
