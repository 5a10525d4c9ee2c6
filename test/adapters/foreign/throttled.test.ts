/** Services that ask to be left alone, by 429 and 503: each foreign source passes it on, and an engine keeps to it. */
import { describe, expect, it } from 'vitest';
import { createHashlookupDnsSource, createHashlookupSource } from '../../../src/adapters/hashlookup.js';
import { createMalwareBazaarSource } from '../../../src/adapters/malware-bazaar.js';
import { createDohResolver, createMalwareHashRegistrySource } from '../../../src/adapters/malware-hash-registry.js';
import { createSafeBrowsing } from '../../../src/adapters/safe-browsing.js';
import { createVirusTotalSource } from '../../../src/adapters/virustotal.js';
import { toHex } from '../../../src/base/bytes.js';
import type { Question } from '../../../src/base/fingerprint.js';
import { digestSubject, urlSubject, type Subject } from '../../../src/base/subject.js';
import type { Engine } from '../../../src/engine/checker.js';
import { createMemoryState } from '../../../src/preset/memory-state.js';
import { createEngine } from '../../../src/preset/portable.js';
import type { ReputationSource } from '../../../src/query/reputation-source.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';
import { FakeHashlookup } from '../hashlookup/fake-hashlookup.js';
import { authKey, FakeBazaar } from '../malware-bazaar/fake-bazaar.js';
import { FakeService, hashOf, sha256 } from '../safe-browsing/fake-service.js';
import { apiKey, FakeVirusTotal } from '../virustotal/fake-virustotal.js';
import { fakeDoh } from './fake-doh.js';

const hash = new Uint8Array(32).fill(0xa5);
const md5 = new Uint8Array(16).fill(0xa5);
const entry = { kind: 'file', algorithm: 'sha256', hash, disposition: 'malicious', threat: { name: 'Test.Bad', type: 'trojan' } } as const;
const never = new AbortController().signal;
const aboutFile: Question = { kind: 'file', algorithm: 'sha256', hashes: [hash] };
const file = digestSubject(hash);

interface Service {
  readonly name: string;
  readonly question: Question;
  /** What an engine is asked about; where it cannot ask this service by a digest, nothing. */
  readonly subject?: Subject;
  /** What the source names where the service names no time. */
  readonly ownWaitMs?: number;
  /** The service that knows the subject as malicious. */
  readonly honest: (clock: FakeClock) => typeof fetch;
  readonly source: (by: { readonly fetch: typeof fetch; readonly clock: FakeClock }) => ReputationSource;
}

const services: readonly Service[] = [
  {
    name: 'VirusTotal', question: aboutFile, subject: file, ownWaitMs: 60_000,
    honest: (clock) => {
      const service = new FakeVirusTotal(clock);
      service.entry(entry);
      return service.fetch;
    },
    source: (by) => createVirusTotalSource({ apiKey, ...by }),
  },
  {
    name: 'MalwareBazaar', question: aboutFile, subject: file, ownWaitMs: 60_000,
    honest: () => {
      const service = new FakeBazaar();
      service.entry(entry);
      return service.fetch;
    },
    source: (by) => createMalwareBazaarSource({ apiKey: authKey, ...by }),
  },
  {
    name: 'hashlookup over HTTPS', question: aboutFile, subject: file, ownWaitMs: 60_000,
    honest: () => {
      const service = new FakeHashlookup();
      service.entry(entry);
      return service.fetch;
    },
    source: (by) => createHashlookupSource(by),
  },
  {
    name: 'hashlookup over DNS', question: { ...aboutFile, algorithm: 'md5', hashes: [md5] },
    honest: () => fakeDoh(() => ({ values: [JSON.stringify({ MD5: toHex(md5), KnownMalicious: 'Test.Bad' })] })).fetch,
    source: (by) => createHashlookupDnsSource({ resolver: createDohResolver({ address: 'https://dns.example/dns-query', ...by }) }),
  },
  {
    name: 'Malware Hash Registry', question: aboutFile, subject: file,
    honest: () => fakeDoh(() => ({ values: ['1611956489 80'] })).fetch,
    source: (by) => createMalwareHashRegistrySource({ resolver: createDohResolver({ address: 'https://dns.example/dns-query', ...by }) }),
  },
  {
    name: 'Safe Browsing', question: { kind: 'url', algorithm: 'sha256', hashes: [hashOf('evil.example/').subarray(0, 4)] }, subject: urlSubject('http://evil.example/'),
    honest: () => {
      const service = new FakeService();
      service.threat(hashOf('evil.example/'), [{ threatType: 1 }]);
      return service.fetch;
    },
    source: (by) => createSafeBrowsing({ apiKey: 'k', mode: 'no-storage', crypto: { sha256 }, ...by }).source,
  },
];

interface Far {
  readonly fetch: typeof fetch;
  requests: number;
}

/** The service, that says these things first. */
function farOf(service: Service, clock: FakeClock, first: readonly (Response | 'honest')[]): Far {
  const honest = service.honest(clock);
  const far: Far = {
    requests: 0,
    fetch: async (input, init) => {
      const said = first[far.requests++] ?? 'honest';
      return said === 'honest' ? honest(input, init) : said;
    },
  };
  return far;
}

function refusal(status: number, after?: string): Response {
  return new Response('too many', { status, headers: after === undefined ? {} : { 'retry-after': after } });
}

const until = (clock: FakeClock, ms: number): string => new Date(clock.now() + ms).toUTCString();

describe.each(services)('$name, asking to be left alone', (service) => {
  it.each<[string, number, (clock: FakeClock) => string | undefined, number | undefined]>([
    ['429 without a time', 429, () => undefined, service.ownWaitMs],
    ['429 with a time that is none', 429, () => 'tomorrow', service.ownWaitMs],
    ['429 with seconds', 429, () => '7', 7_000],
    ['429 with a date', 429, (clock) => until(clock, 30_000), 30_000],
    ['503 with seconds', 503, () => '7', 7_000],
    ['503 with a date', 503, (clock) => until(clock, 30_000), 30_000],
  ])('%s is a wait, and no word about what was asked', async (_, status, after, waitMs) => {
    const clock = new FakeClock();
    const far = farOf(service, clock, [refusal(status, after(clock))]);
    const reply = await service.source({ fetch: far.fetch, clock }).lookup(service.question, { signal: never });
    expect(reply).toEqual({ kind: 'wait', ...(waitMs === undefined ? {} : { waitMs }) });
  });

  it.runIf(service.subject !== undefined)('an engine flags what it could not ask, keeps to the time, over a restart as well, and asks then', async () => {
    const clock = new FakeClock();
    const state = createMemoryState();
    const far = farOf(service, clock, [refusal(429, '30')]);
    const start = (): Engine =>
      createEngine({ background: 'manual', parts: { clock, random: () => 0.5, state, source: [service.source({ fetch: far.fetch, clock })] } });
    const check = async (engine: Engine): Promise<unknown> => {
      const { verdict } = await clock.run(engine.check(service.subject!, { layers: 'remote' }));
      return [verdict.disposition, verdict.reason];
    };
    const first = start();
    expect(await check(first)).toEqual(['unknown', 'throttled']);
    const { due, waiting = 0 } = await first.pending.counts();
    expect(due + waiting).toBe(1);
    await clock.advance(10_000);
    expect(await check(first)).toEqual(['unknown', 'throttled']);
    await first.close();
    const second = start();
    expect(await check(second)).toEqual(['unknown', 'throttled']);
    expect(far.requests).toBe(1);
    await clock.advance(20_000);
    expect(await check(second)).toEqual(['malicious', undefined]);
    await second.close();
  });

  it.skipIf(service.name === 'Safe Browsing')('a wait is kept to though it came beside an answer to another hash of the question', async () => {
    const clock = new FakeClock();
    const far = farOf(service, clock, ['honest', refusal(429, '30')]);
    const source = service.source({ fetch: far.fetch, clock });
    const two = { ...service.question, hashes: service.question.hashes.flatMap((one) => [one, new Uint8Array(one.length)]) };
    expect(await source.lookup(two, { signal: never })).toMatchObject({ kind: 'answer', body: { answers: [{ asked: two.hashes[0] }] } });
    await clock.advance(29_000);
    expect(await source.lookup(two, { signal: never })).toEqual({ kind: 'wait', waitMs: 1_000 });
    expect(far.requests).toBe(2);
    await clock.advance(1_000);
    expect((await source.lookup(service.question, { signal: never })).kind).toBe('answer');
  });
});

it('an engine over a source that takes such a wait for a failure asks again and again (sabotage of these tests)', async () => {
  const clock = new FakeClock();
  const safeBrowsing = services.find(({ name }) => name === 'Safe Browsing')!;
  const far = farOf(safeBrowsing, clock, Array.from({ length: 20 }, () => refusal(429, '30')));
  const honest = safeBrowsing.source({ fetch: far.fetch, clock });
  const deaf: ReputationSource = {
    ...honest,
    lookup: async (question, options) => {
      const reply = await honest.lookup(question, options);
      return reply.kind === 'wait' ? { kind: 'failed', retry: true } : reply;
    },
  };
  const engine = createEngine({ background: 'manual', parts: { clock, random: () => 0.5, source: [deaf] } });
  await clock.run(engine.check(safeBrowsing.subject!, { layers: 'remote' }));
  await clock.run(engine.check(safeBrowsing.subject!, { layers: 'remote' }));
  expect(far.requests).toBeGreaterThan(1);
  await engine.close();
});
