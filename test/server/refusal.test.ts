import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeValue } from '../../src/protocol/codec/codec.js';
import { contentType } from '../../src/protocol/messages.js';
import { encodeQuery } from '../../src/protocol/query-message.js';
import { refusalParts } from '../../src/server/exchange.js';
import { createHandler, type Handler, type HandlerOptions } from '../../src/server/handler.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { storeOf } from '../support/server-fixtures.js';
import { crypto, trusted } from '../support/wire-fixtures.js';

const prefixes = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => Uint8Array.of(i >>> 8, i, 0, 0));
const question = (count: number): Uint8Array => encodeQuery({ nonce: new Uint8Array(16), groups: [{ kind: 'file', algorithm: 'sha256', prefixes: prefixes(count) }] });

const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS');
const path = fc.oneof(fc.constantFrom('/v1/query', '/v1/query/', '/healthz', '/v1/challenge', '/v1/keys', '/', '/metrics'), fc.stringMatching(/^\/[\w/-]{0,12}$/));
const type = fc.constantFrom(undefined, contentType, `${contentType}; q=1`, contentType.toUpperCase(), 'text/html', '');
const encoding = fc.constantFrom(undefined, 'identity', 'gzip', 'gzip, identity');
const body = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.constantFrom(question(1), question(20), question(21), question(900), new Uint8Array(9000), encodeValue([1, new Uint8Array(16), []])),
);

async function handlerOf(change: Partial<HandlerOptions>): Promise<Handler> {
  return createHandler({ store: await storeOf([]), crypto, clock: new FakeClock(), signer: trusted, limits: { maxPrefixes: 20 }, ...change });
}

describe('what is refused without a Request', () => {
  it('is what the Response would have said, and nothing that is answered', async () => {
    const handlers = [await handlerOf({}), await handlerOf({ reference: true, keyList: () => Uint8Array.of(1) }), await handlerOf({ limits: { maxRequestBytes: 40 } })];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...handlers), fc.record({ method, path, type, encoding, body }), async (handler, of) => {
        const headers = { ...(of.type === undefined ? {} : { 'content-type': of.type }), ...(of.encoding === undefined ? {} : { 'content-encoding': of.encoding }) };
        const hasBody = of.method !== 'GET' && of.method !== 'HEAD';
        const response = await handler(new Request(`http://server.invalid${of.path}`, { method: of.method, headers, ...(hasBody ? { body: new Uint8Array(of.body) } : {}) }));
        const head = { method: of.method, path: of.path, type: of.type?.split(';')[0]?.trim().toLowerCase(), encoding: of.encoding };
        const refusal = handler.refusal?.(head, of.body);
        if (refusal === undefined) {
          expect(response.status === 200 || of.path === '/v1/challenge').toBe(true);
          return;
        }
        const fast = refusalParts(refusal);
        const said = new Uint8Array(await response.arrayBuffer());
        expect([refusal.status, Object.fromEntries(new Headers(fast.headers)), fast.body]).toEqual([response.status, Object.fromEntries(response.headers), said]);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 300) },
    );
  });
});
