import { describe, expect, it } from 'vitest';
import { encodeChallenge, isChallengeMet, type Challenge } from '../../src/protocol/challenge.js';
import { contentType } from '../../src/protocol/messages.js';
import { createHandler, type Handler } from '../../src/server/handler.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { storeOf } from '../support/server-fixtures.js';
import { crypto, trusted } from '../support/wire-fixtures.js';

const challenge: Challenge = { nonce: new Uint8Array(32).fill(1), purpose: 'location' };
const bytes = new Uint8Array(encodeChallenge(challenge));

async function server(options: { readonly reference?: boolean }): Promise<Handler> {
  return createHandler({ store: await storeOf([]), crypto, clock: new FakeClock(), signer: trusted, ...options });
}

function post(body: BodyInit | null, headers: Record<string, string> = {}): Request {
  return new Request('http://server.example/v1/challenge', { method: 'POST', body, headers: { 'content-type': contentType, ...headers } });
}

describe('the challenge route', () => {
  it('proves by its key that a reference server was reached', async () => {
    const response = await (await server({ reference: true }))(post(bytes));
    expect([response.status, response.headers.get('content-type')]).toEqual([200, contentType]);
    const answer = new Uint8Array(await response.arrayBuffer());
    expect(answer.length).toBe(78);
    expect(await isChallengeMet(answer, challenge, { keys: [trusted.publicKey], crypto })).toBe(true);
  });

  it('is not there on a server that is no reference', async () => {
    expect((await (await server({}))(post(bytes))).status).toBe(404);
  });

  it('needs a key', async () => {
    const store = await storeOf([]);
    expect(() => createHandler({ store, crypto, clock: new FakeClock(), reference: true })).toThrow(TypeError);
  });

  it.each<[string, Request, number]>([
    ['another type', post(bytes, { 'content-type': 'text/plain' }), 415],
    ['a content encoding', post(bytes, { 'content-encoding': 'gzip' }), 415],
    ['129 bytes', post(new Uint8Array(129)), 413],
    ['128 bytes', post(new Uint8Array(128)), 400],
    ['no body', post(null), 400],
    ['another purpose', post(Uint8Array.of(0x93, 1, 0xc4, 32, ...challenge.nonce, 2)), 400],
    ['a GET', new Request('http://server.example/v1/challenge'), 405],
  ])('refuses %s', async (_, request, status) => {
    const response = await (await server({ reference: true }))(request);
    expect(response.status).toBe(status);
  });
});
