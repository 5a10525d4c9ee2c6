import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../src/base/bytes.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { decodeAnswer } from '../../src/protocol/answer-message.js';
import { encodeValue } from '../../src/protocol/codec/codec.js';
import { maxAnswerBytes, maxRecords } from '../../src/protocol/limits.js';
import { contentType } from '../../src/protocol/messages.js';
import { encodeQuery } from '../../src/protocol/query-message.js';
import { decodeStatement } from '../../src/protocol/statement.js';
import { createHandler, type HandlerOptions } from '../../src/server/handler.js';
import type { ReputationStore } from '../../src/server/reputation-store.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { storeOf } from '../support/server-fixtures.js';
import { crypto, trusted } from '../support/wire-fixtures.js';

const origin = 'http://server.example';
const nonce = new Uint8Array(16).fill(3);
const listed: HashEntry = {
  kind: 'file', algorithm: 'sha256', hash: new Uint8Array(32).fill(0xaa), disposition: 'malicious', threat: { name: 'Test.A', type: 'trojan' },
};
const prefix = (seed: number): Uint8Array => Uint8Array.of(seed >> 8, seed & 0xff, 0xaa, 0xaa);
const prefixes = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => prefix(i));
const query = (count = 1): Uint8Array => encodeQuery({ nonce, groups: [{ kind: 'file', algorithm: 'sha256', prefixes: prefixes(count) }] });

function handlerOver(store: ReputationStore, options: Partial<HandlerOptions> = {}): (request: Request) => Promise<Response> {
  return createHandler({ store, crypto, clock: new FakeClock(), ...options });
}

function post(body: BodyInit, headers: Record<string, string> = {}, path = '/v1/query'): Request {
  const init = { method: 'POST', body, headers: { 'content-type': contentType, ...headers }, ...(body instanceof ReadableStream ? { duplex: 'half' } : {}) };
  return new Request(origin + path, init);
}

const bytes = (body: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(body);

describe('the routes', () => {
  const table: [name: string, request: () => Request, status: number][] = [
    ['a question', () => post(bytes(query())), 200],
    ['a question with parameters of the type', () => post(bytes(query()), { 'content-type': `${contentType}; x=y` }), 200],
    ['the state of health', () => new Request(`${origin}/healthz`), 200],
    ['the state of health, head only', () => new Request(`${origin}/healthz`, { method: 'HEAD' }), 200],
    ['health by POST', () => post('x', {}, '/healthz'), 405],
    ['a question by GET', () => new Request(`${origin}/v1/query`), 405],
    ['a question by HEAD', () => new Request(`${origin}/v1/query`, { method: 'HEAD' }), 405],
    ['a question by OPTIONS', () => new Request(`${origin}/v1/query`, { method: 'OPTIONS' }), 405],
    ['another path', () => post(bytes(query()), {}, '/v2/query'), 404],
    ['the root', () => new Request(origin), 404],
    ['a path below', () => post(bytes(query()), {}, '/v1/query/x'), 404],
    ['another type', () => post(bytes(query()), { 'content-type': 'application/json' }), 415],
    ['a content encoding', () => post(bytes(query()), { 'content-encoding': 'gzip' }), 415],
    ['no body', () => post(''), 400],
    ['text', () => post('{"hash":"aa"}'), 400],
    ['half a question', () => post(bytes(query(9).subarray(0, 40))), 400],
    ['a question with a byte too many', () => post(bytes(concatBytes([query(), Uint8Array.of(0)]))), 400],
    ['another version', () => post(bytes(encodeValue([2, nonce, [[1, 1, prefix(1)]]]))), 400],
    ['1000 prefixes', () => post(bytes(query(1000))), 200],
    ['1001 prefixes', () => post(bytes(encodeValue([1, nonce, [[1, 1, concatBytes(prefixes(1001))]]]))), 400],
    ['8192 bytes', () => post(new Uint8Array(8192)), 400],
    ['8193 bytes', () => post(new Uint8Array(8193)), 413],
    ['a declared length over the limit', () => post(bytes(query()), { 'content-length': '8193' }), 413],
    ['a stream over the limit', () => post(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(5000)) })), 413],
    ['a stream that breaks', () => post(new ReadableStream({ pull: (c) => c.error(new Error('gone')) })), 400],
  ];
  it.each(table)('%s gets its status', async (_, request, status) => {
    const response = await handlerOver(await storeOf([listed]))(request());
    expect(response.status).toBe(status);
    const body = new Uint8Array(await response.arrayBuffer());
    if (request().method !== 'HEAD') {
      expect(Number(response.headers.get('content-length'))).toBe(body.length);
    }
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('hold limits that are set lower', async () => {
    const handler = handlerOver(await storeOf([]), { limits: { maxPrefixes: 3, maxRequestBytes: 100 } });
    expect([(await handler(post(bytes(query(3))))).status, (await handler(post(bytes(query(4))))).status]).toEqual([200, 400]);
    expect([(await handler(post(new Uint8Array(100)))).status, (await handler(post(new Uint8Array(101)))).status]).toEqual([400, 413]);
    const store = await storeOf([]);
    expect(() => handlerOver(store, { limits: { maxPrefixes: 1001 } })).toThrow(RangeError);
    expect(() => handlerOver(store, { ttlMs: 86_400_001 })).toThrow(RangeError);
  });

  it('repeat nothing of a request', async () => {
    const handler = handlerOver(await storeOf([]), { onFault: (error) => expect.fail(String(error)) });
    const marker = 'SeCrEtMaRkEr';
    for (const request of [
      post(marker), post(marker, {}, `/${marker}?${marker}#${marker}`), post(marker, { 'content-type': marker, 'x-marker': marker }),
      new Request(`${origin}/v1/query?${marker}`, { method: marker }),
    ]) {
      const response = await handler(request);
      expect(JSON.stringify([...response.headers]) + (await response.text())).not.toContain(marker);
    }
  });
});

describe('answers', () => {
  const read = async (response: Response): Promise<ReturnType<typeof decodeAnswer>> => decodeAnswer(new Uint8Array(await response.arrayBuffer()));

  it('have a statement for every prefix, empty ones included, with generation and life', async () => {
    const clock = new FakeClock();
    const handler = handlerOver(await storeOf([listed], 12), { clock, ttlMs: 60_000 });
    const groups = [{ kind: 'file', algorithm: 'sha256', prefixes: [prefix(1), listed.hash.subarray(0, 4)] }, { kind: 'url', algorithm: 'sha256', prefixes: [prefix(1)] }] as const;
    const answer = await read(await handler(post(bytes(encodeQuery({ nonce, groups })))));
    expect(answer.proof).toEqual({ kind: 'none' });
    const statements = answer.statements.map((one) => decodeStatement(one).statement);
    const common = { generation: 12, issuedAt: clock.now(), expiresAt: clock.now() + 60_000, ttlMs: 60_000, keyId: new Uint8Array(0) };
    expect(statements).toEqual([
      { ...common, kind: 'file', algorithm: 'sha256', prefix: prefix(1), records: [] },
      { ...common, kind: 'file', algorithm: 'sha256', prefix: listed.hash.slice(0, 4), records: [{ hash: listed.hash, disposition: 'malicious', threats: [listed.threat] }] },
      { ...common, kind: 'url', algorithm: 'sha256', prefix: prefix(1), records: [] },
    ]);
  });

  it('are signed when there is a signer', async () => {
    const handler = handlerOver(await storeOf([]), { signer: trusted });
    expect((await read(await handler(post(bytes(query()))))).proof.kind).toBe('direct');
  });

  it('leave out what does not fit, a prefix as a whole', async () => {
    const crowded = (count: number, name: string): ReputationStore => ({
      generation: 1,
      lookup: (_kind, _algorithm, asked) => asked.map((one, i) => Array.from({ length: i === 0 ? count : 1 }, (_, at) => ({
        hash: concatBytes([one, new Uint8Array(28).fill(at)]), disposition: 'malicious', threats: [{ name, type: 't' }],
      }))),
    });
    const count = async (store: ReputationStore, asked: number): Promise<number> => {
      const body = new Uint8Array(await (await handlerOver(store)(post(bytes(query(asked))))).arrayBuffer());
      expect(body.length).toBeLessThanOrEqual(maxAnswerBytes);
      return decodeAnswer(body).statements.length;
    };
    expect(await count(crowded(maxRecords, 'n'), 5)).toBe(5);
    expect(await count(crowded(maxRecords + 1, 'n'), 5)).toBe(4);
    expect(await count(crowded(400, 'n'.repeat(1024)), 5)).toBe(4);
    const everywhere: ReputationStore = { generation: 1, lookup: (_kind, _algorithm, asked) => asked.map((one) => Array.from({ length: 200 }, () => ({ hash: concatBytes([one, new Uint8Array(28)]), disposition: 'malicious', threats: [{ name: 'n', type: 't' }] }))) };
    const fitting = await count(everywhere, 1000);
    expect(fitting).toBeGreaterThan(300);
    expect(fitting).toBeLessThan(1000);
  });

  it('are a plain 500 when the store fails, miscounts or lies about shapes, and the fault is told', async () => {
    const faults: unknown[] = [];
    const secret = new Error('path of the database');
    const stores: ReputationStore[] = [
      { generation: 1, lookup: () => Promise.reject(secret) },
      { generation: 1, lookup: () => [] },
      { generation: -1, lookup: (_kind, _algorithm, asked) => asked.map(() => []) },
    ];
    for (const store of stores) {
      const response = await handlerOver(store, { onFault: (error) => faults.push(error) })(post(bytes(query())));
      expect([response.status, await response.text()]).toEqual([500, 'internal fault\n']);
    }
    expect(faults.length).toBe(3);
    expect(faults[0]).toBe(secret);
  });

  it('of health name generation, entries and age', async () => {
    const clock = new FakeClock();
    const handler = handlerOver(await storeOf([listed], 12), { clock });
    await clock.advance(2500);
    const response = await handler(new Request(`${origin}/healthz`));
    expect(await response.json()).toEqual({ status: 'ok', generation: 12, entries: 1, uptimeMs: 2500 });
  });
});
