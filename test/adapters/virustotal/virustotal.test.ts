import { describe, expect, it } from 'vitest';
import { createVirusTotalSource, type VirusTotalOptions } from '../../../src/adapters/virustotal.js';
import { digestSubject } from '../../../src/base/subject.js';
import type { Question } from '../../../src/base/fingerprint.js';
import { createMemoryState } from '../../../src/preset/memory-state.js';
import { createEngine } from '../../../src/preset/portable.js';
import type { ReputationSource, SourceAnswers } from '../../../src/query/reputation-source.js';
import type { Reply } from '../../../src/query/transport.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import { jsonResponse } from '../foreign/responses.js';
import { apiKey, error, FakeVirusTotal, type FakeStats } from './fake-virustotal.js';

const hashOf = (mark: number, length = 32): Uint8Array => new Uint8Array(length).fill(mark);
const never = new AbortController().signal;
const ask = (source: ReputationSource, hash: Uint8Array, algorithm: Question['algorithm'] = 'sha256'): Promise<Reply<SourceAnswers>> => source.lookup({ kind: 'file', algorithm, hashes: [hash] }, { signal: never });

function bench(options: Partial<VirusTotalOptions> = {}): { clock: FakeClock; service: FakeVirusTotal; source: ReputationSource } {
  const clock = new FakeClock(19_700 * 86_400_000 + 1_000);
  const service = new FakeVirusTotal(clock);
  return { clock, service, source: createVirusTotalSource({ apiKey, clock, fetch: service.fetch, ...options }) };
}

describe('VirusTotal', () => {
  it.each<[string, FakeStats, string | undefined]>([
    ['4 engines find something', { malicious: 4 }, 'malicious'],
    ['3 engines find something', { malicious: 3 }, 'suspicious'],
    ['1 engine suspects', { suspicious: 1 }, 'suspicious'],
    ['nobody finds anything', {}, undefined],
    ['9 engines have looked and found nothing', { undetected: 9 }, 'unknown'],
    ['10 engines have looked and found nothing', { undetected: 7, harmless: 3 }, undefined],
    ['nobody has looked', { undetected: 0 }, 'unknown'],
  ])('%s', async (_, stats, expected) => {
    const { service, source } = bench();
    service.file({ sha256: hashOf(1) }, { malicious: 0, ...stats });
    expect(await ask(source, hashOf(1))).toMatchObject({ kind: 'answer', body: { answers: [{ records: expected === undefined ? [] : [{ disposition: expected }] }] } });
  });

  it('thresholds are options, and so is the rule', async () => {
    for (const more of [{ thresholds: { malicious: 1, suspicious: 1 } }, { rule: ({ malicious }: { readonly malicious: number }) => (malicious > 0 ? ('malicious' as const) : ('unlisted' as const)) }]) {
      const { service, source } = bench(more);
      service.file({ sha256: hashOf(1) }, { malicious: 1 });
      expect(await ask(source, hashOf(1))).toMatchObject({ body: { answers: [{ records: [{ disposition: 'malicious' }] }] } });
    }
    expect(() => bench({ thresholds: { malicious: 2, suspicious: 3 } })).toThrow(RangeError);
  });

  it('asks by each of the three algorithms, and by the key in its header only', async () => {
    const { service, source } = bench();
    service.file({ sha256: hashOf(1), sha1: hashOf(1, 20), md5: hashOf(1, 16) }, { malicious: 9 });
    for (const [algorithm, length] of [['sha256', 32], ['sha1', 20], ['md5', 16]] as const) {
      expect(await ask(source, hashOf(1, length), algorithm)).toMatchObject({ body: { answers: [{ records: [{ disposition: 'malicious', threats: [{ name: 'VirusTotal.Malicious' }] }] }] } });
    }
    expect(service.seen.map(({ url }) => url.href)).toEqual([32, 20, 16].map((length) => `https://www.virustotal.com/api/v3/files/${'01'.repeat(length)}`));
    expect(service.seen.every(({ url, headers }) => url.search === '' && headers.get('x-apikey') === apiKey)).toBe(true);
  });

  it.each<[string, () => Response | Promise<Response>, object]>([
    ['a wrong key', () => error(401, 'WrongCredentialsError'), { kind: 'failed', retry: false, reason: 'unreachable' }],
    ['a forbidden question', () => error(403, 'ForbiddenError'), { kind: 'failed', retry: false, reason: 'unreachable' }],
    ['a quota that is used up', () => error(429, 'QuotaExceededError'), { kind: 'wait', waitMs: 60_000 }],
    ['a quota with a time', () => new Response('', { status: 429, headers: { 'retry-after': '7' } }), { kind: 'wait', waitMs: 7_000 }],
    ['a passing fault', () => error(503, 'TransientError'), { kind: 'wait' }],
    ['a fault', () => error(500, 'InternalError'), { kind: 'failed', retry: true }],
    ['a bad request', () => error(400, 'BadRequestError'), { kind: 'failed', retry: false }],
    ['a 404 of somebody else', () => new Response('<h1>404</h1>', { status: 404, headers: { 'content-type': 'text/html' } }), { kind: 'failed', reason: 'bad-answer' }],
    ['a 404 with another code', () => error(404, 'UserNotFoundError'), { kind: 'failed', reason: 'bad-answer' }],
    ['a 204', () => new Response(null, { status: 204 }), { kind: 'failed', reason: 'bad-answer' }],
    ['a redirect', () => new Response(null, { status: 302, headers: { location: 'https://elsewhere.example/' } }), { kind: 'failed', retry: false }],
    ['a page that is no JSON', () => new Response('{', { headers: { 'content-type': 'application/json' } }), { kind: 'failed', reason: 'bad-answer' }],
    ['an empty report', () => jsonResponse(200, { data: { attributes: {} } }), { kind: 'failed', reason: 'bad-answer' }],
    ['no network', () => Promise.reject(new TypeError('fetch failed')), { kind: 'failed', retry: true, reason: 'unreachable' }],
  ])('%s is no answer', async (_, fault, expected) => {
    const { service, source } = bench();
    service.faults.push(fault);
    const reply = await ask(source, hashOf(1));
    expect(reply).toMatchObject(expected);
    expect(JSON.stringify(reply)).not.toContain(apiKey);
  });

  it('a report about another file is no answer', async () => {
    const { service, source } = bench();
    service.file({ sha256: hashOf(2) }, { malicious: 9 });
    const other = await service.fetch('https://www.virustotal.com/api/v3/files/' + '02'.repeat(32), { headers: { 'x-apikey': apiKey } });
    service.faults.push(() => other);
    expect(await ask(source, hashOf(1))).toMatchObject({ kind: 'failed', reason: 'bad-answer' });
  });

  it('knows files only: a question about a URL fails, it is not answered by "not listed"', async () => {
    const { service, source } = bench();
    expect(await source.lookup({ kind: 'url', algorithm: 'sha256', hashes: [hashOf(1)] }, { signal: never })).toMatchObject({ kind: 'failed', retry: false });
    expect(service.seen.length).toBe(0);
  });

  it.each(['', 'with space', 'line\nbreak', 'é'])('takes no key like %j', (bad) => {
    expect(() => bench({ apiKey: bad })).toThrow(/apiKey/);
  });

  it('takes no address but HTTPS', () => {
    expect(() => bench({ address: 'http://www.virustotal.com/api/v3' })).toThrow(/not HTTPS/);
  });
});

describe('the quota of VirusTotal', () => {
  it('the fifth question of a minute waits, without having been asked', async () => {
    const { clock, service, source } = bench();
    for (let i = 0; i < 4; i++) {
      expect((await ask(source, hashOf(i))).kind).toBe('answer');
      await clock.advance(5_000);
    }
    expect(await ask(source, hashOf(5))).toEqual({ kind: 'wait', waitMs: 40_000 });
    expect(service.seen.length).toBe(4);
    await clock.advance(40_000);
    expect((await ask(source, hashOf(5))).kind).toBe('answer');
    expect(service.overQuota).toBe(0);
  });

  it('the 501st of a day waits until 00:00 UTC, over a restart as well', async () => {
    const state = createMemoryState();
    const { clock, service, source } = bench({ state });
    for (let i = 0; i < 500; i++) {
      await ask(source, hashOf(i % 251));
      await clock.advance(15_000);
    }
    const toMidnight = 86_400_000 - (clock.now() % 86_400_000);
    expect(await ask(source, hashOf(1))).toEqual({ kind: 'wait', waitMs: toMidnight });
    const again = createVirusTotalSource({ apiKey, clock, state, fetch: service.fetch });
    expect(await ask(again, hashOf(1))).toEqual({ kind: 'wait', waitMs: toMidnight });
    await clock.advance(toMidnight);
    expect((await ask(again, hashOf(1))).kind).toBe('answer');
    expect([service.seen.length, service.overQuota]).toEqual([501, 0]);
  });

  it('another plan has other limits', async () => {
    const { service, source } = bench({ limits: { perMinute: 1 } });
    await ask(source, hashOf(1));
    expect((await ask(source, hashOf(2))).kind).toBe('wait');
    expect(service.seen.length).toBe(1);
  });

  it('behind an engine, 40 files at once cost no question over the quota, and none ends as clean unanswered', async () => {
    const { clock, service, source } = bench();
    const engine = createEngine({ background: 'manual', query: { holdMs: 2_000 }, parts: { clock, random: createSeededRandom(5), source: [source] } });
    const results = await clock.run(engine.checkMany(Array.from({ length: 40 }, (_, i) => digestSubject(hashOf(i))), { layers: 'remote' }));
    expect(service.overQuota).toBe(0);
    expect(results.filter(({ verdict }) => verdict.disposition === 'clean').length).toBe(service.seen.length);
    expect(results.filter(({ verdict }) => verdict.reason === 'throttled').length).toBe(40 - service.seen.length);
    await engine.close();
  });

  it('an engine asks once for as long as the answer lives', async () => {
    const { clock, service, source } = bench({ ttlMs: { found: 7_200_000, notFound: 600_000 } });
    service.file({ sha256: hashOf(1) }, { malicious: 9 });
    const engine = createEngine({ background: 'manual', parts: { clock, random: () => 0.5, source: [source] } });
    const check = async (mark: number): Promise<string> => (await clock.run(engine.check(digestSubject(hashOf(mark)), { layers: 'remote' }))).verdict.disposition;
    expect([await check(1), await check(2), await check(1), await check(2)]).toEqual(['malicious', 'clean', 'malicious', 'clean']);
    expect(service.seen.length).toBe(2);
    await clock.advance(700_000);
    expect([await check(1), await check(2)]).toEqual(['malicious', 'clean']);
    expect(service.seen.length).toBe(3);
    await clock.advance(7_200_000);
    await check(1);
    expect(service.seen.length).toBe(4);
    await engine.close();
  });
});
