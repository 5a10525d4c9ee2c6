import { describe, expect, it } from 'vitest';
import { createHashlookupDnsSource, createHashlookupSource, type DnsResolver, type HashlookupOptions } from '../../../src/adapters/hashlookup.js';
import type { Question } from '../../../src/base/fingerprint.js';
import { digestSubject } from '../../../src/base/subject.js';
import { createMemoryState } from '../../../src/preset/memory-state.js';
import { createEngine } from '../../../src/preset/portable.js';
import type { ReputationSource, SourceAnswers } from '../../../src/query/reputation-source.js';
import type { Reply } from '../../../src/query/transport.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';
import { jsonResponse } from '../foreign/responses.js';
import { FakeHashlookup } from './fake-hashlookup.js';

const lengths = { sha256: 32, sha1: 20, md5: 16 } as const;
const hashOf = (mark: number, algorithm: Question['algorithm'] = 'sha256'): Uint8Array => new Uint8Array(lengths[algorithm]).fill(mark);
const never = new AbortController().signal;
const ask = (source: ReputationSource, marks: readonly number[], algorithm: Question['algorithm'] = 'sha256'): Promise<Reply<SourceAnswers>> =>
  source.lookup({ kind: 'file', algorithm, hashes: marks.map((mark) => hashOf(mark, algorithm)) }, { signal: never });

function bench(options: HashlookupOptions = {}): { service: FakeHashlookup; clock: FakeClock; source: ReputationSource; dns: ReputationSource } {
  const service = new FakeHashlookup();
  const clock = new FakeClock();
  return { service, clock, source: createHashlookupSource({ clock, fetch: service.fetch, ...options }), dns: createHashlookupDnsSource({ resolver: service.resolver }) };
}

describe('hashlookup', () => {
  it.each<[string, object, object[]]>([
    ['a known file', {}, [{ disposition: 'clean', threats: [] }]],
    ['a file with trust', { 'hashlookup:trust': 75 }, [{ disposition: 'clean' }]],
    ['a file without an opinion on it', { 'hashlookup:trust': 50 }, [{ disposition: 'clean' }]],
    ['a file with less trust', { 'hashlookup:trust': 49 }, []],
    ['a file that somebody considers malicious', { KnownMalicious: 'malshare', 'hashlookup:trust': 100 }, [{ disposition: 'malicious', threats: [{ name: 'KnownMalicious.malshare', type: 'unclassified', detail: { by: ['malshare'] } }] }]],
    ['a file that several do', { KnownMalicious: ['a', 'b'] }, [{ disposition: 'malicious', threats: [{ detail: { by: ['a', 'b'] } }] }]],
    ['a file that nobody with a name does', { KnownMalicious: { deep: 1 } }, [{ disposition: 'malicious', threats: [{ name: 'KnownMalicious.Unnamed' }] }]],
  ])('%s', async (_, more, records) => {
    const { service, source } = bench();
    service.file('sha256', hashOf(1), more);
    expect(await ask(source, [1])).toMatchObject({ kind: 'answer', body: { answers: [{ records }] } });
  });

  it('"not known" is no record; with `unlisted: unknown` it is one that says so', async () => {
    expect(await ask(bench().source, [1])).toMatchObject({ body: { answers: [{ records: [] }] } });
    expect(await ask(bench({ unlisted: 'unknown' }).source, [1])).toMatchObject({ body: { answers: [{ records: [{ disposition: 'unknown' }] }] } });
  });

  it('alone behind an engine, `unlisted: unknown` keeps "not known" from ending as clean', async () => {
    const { service, clock, source } = bench({ unlisted: 'unknown' });
    service.file('sha256', hashOf(1));
    const engine = createEngine({ background: 'manual', parts: { clock, random: () => 0.5, source: [source] } });
    const check = async (mark: number): Promise<object> => (await clock.run(engine.check(digestSubject(hashOf(mark)), { layers: 'remote' }))).verdict;
    expect(await check(1)).toMatchObject({ disposition: 'clean', by: 'hashlookup.circl.lu' });
    expect(await check(2)).toMatchObject({ disposition: 'unknown', reason: 'untested' });
    await clock.advance(3_700_000);
    await Promise.all([check(1), check(2)]);
    expect(service.seen.length).toBe(3);
    await engine.close();
  });

  it('approves by MD5 and SHA-1 only together with the size', async () => {
    const { service, source } = bench();
    service.file('md5', hashOf(1, 'md5'));
    service.file('sha1', hashOf(1, 'sha1'), { FileSize: undefined });
    expect(await ask(source, [1], 'md5')).toMatchObject({ body: { answers: [{ records: [{ disposition: 'clean', size: 2520 }] }] } });
    expect(await ask(source, [1], 'sha1')).toMatchObject({ body: { answers: [{ records: [] }] } });
  });

  it('several MD5 or SHA-1 are one request, several SHA-256 are one each', async () => {
    const { service, source } = bench();
    for (const algorithm of ['md5', 'sha1', 'sha256'] as const) {
      service.file(algorithm, hashOf(2, algorithm));
      const reply = await ask(source, [1, 2, 3], algorithm);
      expect(reply.kind === 'answer' && reply.body.answers.map((one) => one.records.length).sort()).toEqual([0, 0, 1]);
    }
    expect(service.seen.map(({ method, url }) => `${method} ${url.pathname.slice(0, 12)}`).sort()).toEqual(['GET /lookup/sha2', 'GET /lookup/sha2', 'GET /lookup/sha2', 'POST /bulk/md5', 'POST /bulk/sha1']);
  });

  it('a list with an entry that was not asked for, or one twice, answers nothing', async () => {
    const entry = { MD5: '09'.repeat(16) };
    for (const body of [[entry], [{ MD5: '01'.repeat(16) }, { MD5: '01'.repeat(16) }], { entry }, [null]]) {
      const { service, source } = bench();
      service.faults.push(() => jsonResponse(200, body));
      expect(await ask(source, [1, 2], 'md5')).toMatchObject({ kind: 'failed', reason: 'bad-answer' });
    }
  });

  it('of several, those that were answered count, and no more are asked once one was not', async () => {
    const { service, source } = bench({ maxBatch: 8 });
    service.faults.push(() => jsonResponse(404, { message: 'Non existing hash' }), () => new Response('', { status: 429, headers: { 'retry-after': '30' } }));
    const reply = await ask(source, [1, 2, 3, 4, 5, 6, 7, 8]);
    expect(reply.kind === 'answer' && reply.body.answers.length).toBeLessThan(8);
    expect(await ask(source, [9])).toEqual({ kind: 'wait', waitMs: 30_000 });
  });

  it.each([
    ['a page that says 404', () => new Response('<h1>', { status: 404, headers: { 'content-type': 'text/html' } })],
    ['an entry of another file', () => jsonResponse(200, { 'SHA-256': '02'.repeat(32) })],
    ['an entry without its hash', () => jsonResponse(200, { FileName: 'ls' })],
    ['a trust that is none', () => jsonResponse(200, { 'SHA-256': '01'.repeat(32), 'hashlookup:trust': 101 })],
    ['a hash that it cannot read', () => jsonResponse(400, { message: 'format' })],
  ])('%s is no answer', async (_, fault) => {
    const { service, source } = bench();
    service.faults.push(fault);
    expect(await ask(source, [1])).toMatchObject({ kind: 'failed', retry: false });
  });
});

describe('quota and life of answers of hashlookup', () => {
  const engineOver = (one: ReputationSource, clock: FakeClock): (() => Promise<string>) => {
    const engine = createEngine({ background: 'manual', parts: { clock, random: () => 0.5, source: [one] } });
    return async () => (await clock.run(engine.check(digestSubject(hashOf(1)), { layers: 'remote' }))).verdict.disposition;
  };

  it('an engine asks once for as long as the answer lives', async () => {
    const { service, source, clock } = bench({ ttlMs: { found: 60_000 } });
    service.file('sha256', hashOf(1), { KnownMalicious: 'Test.Bad', 'hashlookup:trust': 10 });
    const check = engineOver(source, clock);
    expect([await check(), await check()]).toEqual(['malicious', 'malicious']);
    expect(service.seen).toHaveLength(1);
    await clock.advance(61_000);
    expect([await check(), service.seen.length]).toEqual(['malicious', 2]);
  });

  it('asks no more than the host allows, and over a restart no more either; what waits is no "not known"', async () => {
    const state = createMemoryState();
    const { service, clock } = bench();
    const make = (): ReputationSource => createHashlookupSource({ clock, fetch: service.fetch, limits: { perMinute: 2, perDay: 3 }, state });
    const first = make();
    expect([(await ask(first, [1])).kind, (await ask(first, [2])).kind]).toEqual(['answer', 'answer']);
    expect(await ask(make(), [3])).toEqual({ kind: 'wait', waitMs: 60_000 });
    await clock.advance(60_000);
    expect((await ask(make(), [3])).kind).toBe('answer');
    expect(await ask(make(), [4])).toMatchObject({ kind: 'wait' });
    expect(service.seen).toHaveLength(3);
  });

  it('leaves the service alone for as long as it asks, whoever asks next', async () => {
    const { service, source, clock } = bench();
    service.faults.push(() => jsonResponse(429, { message: 'too many' }, { 'retry-after': '90' }));
    expect(await ask(source, [1])).toEqual({ kind: 'wait', waitMs: 90_000 });
    expect(await ask(source, [2])).toEqual({ kind: 'wait', waitMs: 90_000 });
    expect(service.seen).toHaveLength(1);
    await clock.advance(90_000);
    expect((await ask(source, [2])).kind).toBe('answer');
  });
});

describe('hashlookup over DNS', () => {
  it('asks for the TXT record of an MD5 or SHA-1, and lives no longer than the record', async () => {
    const { service, dns } = bench();
    service.file('md5', hashOf(1, 'md5'));
    expect(await ask(dns, [1], 'md5')).toMatchObject({ body: { answers: [{ ttlMs: 60_000, records: [{ disposition: 'clean', size: 2520 }] }] } });
    expect(await ask(dns, [1], 'sha1')).toMatchObject({ body: { answers: [{ records: [] }] } });
    expect(service.asked[0]).toBe(`TXT ${'01'.repeat(16)}.dns.hashlookup.circl.lu`);
  });

  it('has no way to ask for a SHA-256', async () => {
    expect(await ask(bench().dns, [1])).toMatchObject({ kind: 'failed', retry: false });
  });

  it.each([
    ['two records', ['{}', '{}']],
    ['no JSON', ['{']],
    ['an entry of another file', [JSON.stringify({ MD5: '02'.repeat(16) })]],
    ['no records', []],
  ])('%s are no answer', async (_, values) => {
    const resolver: DnsResolver = { secure: true, resolve: async () => ({ kind: 'records', records: values.map((value) => ({ value })) }) };
    expect(await ask(createHashlookupDnsSource({ resolver }), [1], 'md5')).toMatchObject({ kind: 'failed', reason: 'bad-answer' });
  });
});
