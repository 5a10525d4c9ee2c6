/** Services that answer anything: the reply is typed, no file is cleared by what is no answer, and nothing is read without end. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHashlookupSource } from '../../../src/adapters/hashlookup.js';
import { createMalwareBazaarSource } from '../../../src/adapters/malware-bazaar.js';
import { createVirusTotalSource } from '../../../src/adapters/virustotal.js';
import { toHex } from '../../../src/base/bytes.js';
import type { Question } from '../../../src/base/fingerprint.js';
import { parseReply } from '../../../src/query/decide/answers.js';
import type { ReputationSource, SourceAnswers } from '../../../src/query/reputation-source.js';
import type { Reply } from '../../../src/query/transport.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';

const hash = new Uint8Array(32).fill(0xa5);
const hex = toHex(hash);
const never = new AbortController().signal;
const question: Question = { kind: 'file', algorithm: 'sha256', hashes: [hash] };
const numRuns = 3 * Number(process.env.FUZZ_RUNS ?? 100);

type Make = (options: { readonly fetch: typeof fetch; readonly clock: FakeClock; readonly maxBytes?: number }) => ReputationSource;
const services: readonly (readonly [string, Make])[] = [
  ['VirusTotal', (options) => createVirusTotalSource({ apiKey: 'k', ...options })],
  ['MalwareBazaar', (options) => createMalwareBazaarSource({ apiKey: 'k', ...options })],
  ['hashlookup', (options) => createHashlookupSource(options)],
];

const answering = (make: Make, respond: () => Response, maxBytes?: number): Promise<Reply<SourceAnswers>> =>
  make({ fetch: () => Promise.resolve().then(respond), clock: new FakeClock(), ...(maxBytes === undefined ? {} : { maxBytes }) }).lookup(question, { signal: never });
const jsonBody = (body: BodyInit, status = 200): Response => new Response(body, { status, headers: { 'content-type': 'application/json' } });

/** JSON that is close to what the services say. */
const near = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.constantFrom(null, true, 0, -1, 1e308, '', hex, hex.toUpperCase(), 'ok', 'hash_not_found', 'NotFoundError', 'x'.repeat(3000), '\u0000\u202e', '12'), fc.integer(), tie('object'), fc.array(tie('value'), { maxLength: 3 })),
  object: fc.dictionary(
    fc.constantFrom('data', 'attributes', 'sha256', 'sha256_hash', 'SHA-256', 'last_analysis_stats', 'malicious', 'suspicious', 'undetected', 'harmless', 'query_status', 'error', 'code', 'signature', 'tags', 'KnownMalicious', 'hashlookup:trust', 'FileSize', 'popular_threat_classification', 'suggested_threat_label', '__proto__', 'constructor'),
    tie('value'),
    { maxKeys: 8 },
  ),
})).value;

/** What a reply may not be, whatever the body was. */
function offences(name: string, body: unknown, reply: Reply<SourceAnswers>): string[] {
  const text = JSON.stringify(body) ?? 'null';
  const found = reply.kind === 'answer' ? reply.body.answers : [];
  return found.flatMap(({ asked, records, ttlMs }) => [
    ...(toHex(asked) === hex && records.every((record) => toHex(record.hash) === hex) ? [] : ['another hash']),
    ...(ttlMs > 0 ? [] : ['no life']),
    ...(records.flatMap((record) => record.threats).every((threat) => threat.name.length <= 200 && !/\p{C}/u.test(threat.name + threat.type)) ? [] : ['a name that is none']),
    // Nothing found is said only in the service's own words.
    ...(records.length > 0 || name === 'hashlookup' || /NotFoundError|hash_not_found|last_analysis_stats/.test(text) ? [] : ['not listed by nobody’s word']),
    ...(records.every((record) => record.disposition !== 'clean') || (name === 'hashlookup' && text.toLowerCase().includes(hex)) ? [] : ['clean by nobody’s word']),
  ]);
}

it('replies that clear a file by nothing would be noticed (sabotage of these tests)', () => {
  const lie = (records: SourceAnswers['answers'][number]['records']): Reply<SourceAnswers> => ({ kind: 'answer', body: { answers: [{ asked: hash, records, ttlMs: 1 }] } });
  expect(offences('VirusTotal', {}, lie([]))).toEqual(['not listed by nobody’s word']);
  expect(offences('hashlookup', {}, lie([{ hash, disposition: 'clean', threats: [] }]))).toEqual(['clean by nobody’s word']);
});

describe.each(services)('%s, answering anything', (name, make) => {
  it('any JSON under any status is a typed reply about the hash that was asked', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(near, fc.jsonValue()), fc.constantFrom(200, 404, 400, 500), async (body, status) => {
        const reply = await answering(make, () => jsonBody(JSON.stringify(body) ?? 'null', status));
        expect(parseReply(reply)).toMatchObject({ kind: reply.kind });
        expect(offences(name, body, reply)).toEqual([]);
      }),
      { numRuns },
    );
  });

  it('any bytes are a typed reply', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const reply = await answering(make, () => jsonBody(new Uint8Array(bytes)));
        expect(['answer', 'failed']).toContain(reply.kind);
      }),
      { numRuns },
    );
  });

  it('a body of more bytes than it may have is read no further', async () => {
    const padded = (length: number): string => JSON.stringify({ query_status: 'hash_not_found', error: { code: 'NotFoundError' } }).padEnd(length, ' ');
    const status = name === 'MalwareBazaar' ? 200 : 404;
    expect((await answering(make, () => jsonBody(padded(1000), status), 1000)).kind).toBe('answer');
    expect(await answering(make, () => jsonBody(padded(1001), status), 1000)).toMatchObject({ kind: 'failed', reason: 'bad-answer' });
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({ pull: (controller) => { pulled++; controller.enqueue(new Uint8Array(1024).fill(0x20)); } });
    expect(await answering(make, () => jsonBody(endless), 10_000)).toMatchObject({ kind: 'failed', reason: 'bad-answer' });
    expect(pulled).toBeLessThan(20);
  });

  it('brackets without end are no answer, and no stack is lost over them', async () => {
    expect((await answering(make, () => jsonBody('['.repeat(1_000_000)))).kind).toBe('failed');
    expect((await answering(make, () => jsonBody(`${'{"data":'.repeat(100_000)}0${'}'.repeat(100_000)}`))).kind).toBe('failed');
  });

  it('ends at once on abort, while the service has not answered', async () => {
    const ending = new AbortController();
    const source = make({ fetch: (_, init) => new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('aborted')))), clock: new FakeClock() });
    const reply = source.lookup(question, { signal: ending.signal });
    await Promise.resolve();
    ending.abort();
    expect(await reply).toMatchObject({ kind: 'failed', retry: true });
    expect((await source.lookup(question, { signal: AbortSignal.abort() })).kind).toBe('failed');
  });
});
