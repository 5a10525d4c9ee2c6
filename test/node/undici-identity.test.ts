/** Who a server has to be: authorities, names, dates and pins, against certificates that are made here. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { generateKeyPair } from '../../src/node/node-keys.js';
import { createUndiciTransport, type UndiciTransportOptions } from '../../src/node/undici/create-undici-transport.js';
import { parsePins, pinOf } from '../../src/node/undici/pins.js';
import { contentType } from '../../src/protocol/messages.js';
import type { Reply } from '../../src/query/transport.js';
import { startForwardProxy } from '../support/forward-proxy.js';
import { selfSigned, type SelfSignedOptions } from '../support/self-signed.js';

interface Far {
  readonly cert: string;
  readonly pin: string;
  readonly port: number;
  /** Requests that reached it. */
  readonly requests: () => number;
}

const ends: (() => unknown)[] = [];

afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

async function farWith(options: SelfSignedOptions = {}): Promise<Far> {
  const tls = selfSigned(options);
  let requests = 0;
  const server: Server = createServer(tls, (incoming, outgoing) => {
    requests++;
    incoming.resume();
    outgoing.writeHead(200, { 'content-type': contentType });
    outgoing.end('answer');
  });
  server.on('tlsClientError', () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ends.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { cert: tls.cert, pin: pinOf(tls.cert), port: (server.address() as AddressInfo).port, requests: () => requests };
}

async function ask(host: string, options: UndiciTransportOptions): Promise<Reply<Uint8Array>> {
  const transport = await createUndiciTransport({ env: {}, ...options });
  ends.push(() => transport.close());
  const server = { id: 'far', address: `https://${host}`, scope: 'local' } as const;
  return transport.send(Uint8Array.of(1), { server, signal: new AbortController().signal, maxBytes: 100 });
}

const refused = (detail: RegExp): unknown =>
  expect.objectContaining({ kind: 'failed', retry: false, reason: 'unreachable', detail: expect.stringMatching(detail) as string });

describe('a server over HTTPS', () => {
  const stranger = selfSigned({ subject: 'stranger' });
  const cases: readonly (readonly [string, SelfSignedOptions, (far: Far) => UndiciTransportOptions, RegExp | undefined])[] = [
    ['of our own authority is asked', {}, ({ cert }) => ({ ca: cert }), undefined],
    ['of one of several authorities is asked', {}, ({ cert }) => ({ ca: `${stranger.cert}\n${cert}` }), undefined],
    ['of an authority that is not ours is not', {}, () => ({ ca: stranger.cert }), /^TLS: self-signed certificate/],
    ['that vouches for itself is not', {}, () => ({}), /^TLS: self-signed certificate/],
    ['whose certificate has expired is not', { notAfter: '20200201000000Z' }, ({ cert }) => ({ ca: cert }), /^TLS: certificate has expired/],
    ['whose certificate is of tomorrow is not', { notBefore: '20980101000000Z' }, ({ cert }) => ({ ca: cert }), /^TLS: certificate is not yet valid/],
    ['with the certificate of another address is not', { addresses: ['127.0.0.2'] }, ({ cert }) => ({ ca: cert }), /ERR_TLS_CERT_ALTNAME_INVALID|127\.0\.0\.1/],
    ['with the pinned key is asked', {}, ({ cert, pin }) => ({ ca: cert, pin: [pin] }), undefined],
    ['with one of two pinned keys is asked', {}, ({ cert, pin }) => ({ ca: cert, pin: [pinOf(stranger.cert), pin] }), undefined],
    ['with another key than the pinned one is not', {}, ({ cert }) => ({ ca: cert, pin: [pinOf(stranger.cert)] }), /^TLS: the server's key is not pinned \(sha256\//],
    ['with another key than its host is pinned to is not', {}, ({ cert }) => ({ ca: cert, pin: { '127.0.0.1': [pinOf(stranger.cert)] } }), /not pinned/],
    ['is asked where another host is pinned', {}, ({ cert }) => ({ ca: cert, pin: { 'b.example': [pinOf(stranger.cert)] } }), undefined],
    ['with the pinned key and no authority is not', {}, ({ pin }) => ({ pin: [pin] }), /^TLS: self-signed certificate/],
  ];

  it.each(cases)('%s', async (_name, certificate, options, detail) => {
    const far = await farWith(certificate);
    const reply = await ask(`127.0.0.1:${far.port}`, options(far));
    expect(reply).toEqual(detail === undefined ? { kind: 'answer', body: new TextEncoder().encode('answer') } : refused(detail));
    // Of those that are not asked nobody has seen a request.
    expect(far.requests()).toBe(detail === undefined ? 1 : 0);
  });

  it('keeps its pin when its certificate is renewed under the same key', async () => {
    const keys = generateKeyPair();
    const before = selfSigned({ keys, notAfter: '20200201000000Z' });
    const far = await farWith({ keys });
    expect((await ask(`127.0.0.1:${far.port}`, { ca: far.cert, pin: [pinOf(before.cert)] })).kind).toBe('answer');
    expect(pinOf(keys.publicKeyPem)).toBe(far.pin);
  });

  it('is not asked by another way when its pin does not fit', async () => {
    const far = await farWith({ names: ['reputation.invalid'] });
    const proxy = await startForwardProxy(far.port);
    ends.push(() => proxy.close());
    const env = { HTTPS_PROXY: proxy.url };
    expect(await ask('reputation.invalid', { ca: far.cert, pin: [pinOf(stranger.cert)], env })).toEqual(refused(/not pinned/));
    expect([proxy.asked, far.requests()]).toEqual([['CONNECT reputation.invalid:443'], 0]);
    expect((await ask('reputation.invalid', { ca: far.cert, pin: [far.pin], env })).kind).toBe('answer');
  });

  it('is not believed because an environment variable says so', async () => {
    const far = await farWith();
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    ends.push(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
    expect(await ask(`127.0.0.1:${far.port}`, {})).toEqual(refused(/self-signed/));
  });

  it('would be taken for another one if only the authority counted (sabotage)', async () => {
    const far = await farWith();
    const wrong = { ca: far.cert, pin: [pinOf(stranger.cert)] };
    expect((await ask(`127.0.0.1:${far.port}`, wrong)).kind).toBe('failed');
    expect((await ask(`127.0.0.1:${far.port}`, { ...wrong, pin: undefined })).kind).toBe('answer');
  });
});

describe('a proxy', () => {
  it('over HTTPS is believed by its own authority, and told who asks', async () => {
    const far = await farWith({ names: ['reputation.invalid'] });
    const tls = selfSigned();
    const proxy = await startForwardProxy(far.port, tls);
    ends.push(() => proxy.close());
    const address = proxy.url.replace('https://', 'https://me:se%20cret@');
    expect((await ask('reputation.invalid', { proxy: address, proxyCa: tls.cert, ca: far.cert, pin: [far.pin] })).kind).toBe('answer');
    expect(proxy.authorized).toEqual([`Basic ${Buffer.from('me:se cret').toString('base64')}`]);
    expect(await ask('reputation.invalid', { proxy: address, ca: far.cert })).toEqual(refused(/^TLS: self-signed/));
  });

  const refusals: readonly (readonly [string, boolean, RegExp])[] = [
    ['HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', false, /^the proxy answers with status 407$/],
    ['HTTP/1.1 403 Forbidden\r\n\r\n', false, /status 403/],
    ['HTTP/1.1 502 Bad Gateway\r\n\r\n', true, /status 502/],
    ['SSH-2.0-OpenSSH\r\n\r\n', false, /^the proxy speaks no HTTP$/],
    ['HTTP/1.1 200 OK\r\n\r\nand more', false, /^the proxy says more than it may$/],
    ['x'.repeat(20_000), false, /^the proxy answers without end$/],
  ];

  it.each(refusals)('that says %j opens no tunnel', async (refusal, retry, detail) => {
    const far = await farWith({ names: ['reputation.invalid'] });
    const proxy = await startForwardProxy(far.port);
    ends.push(() => proxy.close());
    proxy.refusal = refusal;
    const reply = await ask('reputation.invalid', { proxy: proxy.url, ca: far.cert });
    expect(reply).toMatchObject({ kind: 'failed', retry, detail: expect.stringMatching(detail) as string });
    expect(far.requests()).toBe(0);
  });
});

describe('options that are none', () => {
  const wrong: readonly (readonly [string, UndiciTransportOptions, RegExp])[] = [
    ['no certificate', { ca: 'certificate' }, /^ca: expected certificates as PEM text$/],
    ['an empty list of authorities', { ca: [] }, /^ca: expected at least one certificate$/],
    ['a damaged certificate', { ca: selfSigned().cert.replace(/M[A-Z]/, '??') }, /^ca: expected/],
    ['no pin at all', { pin: [] }, /^pin: expected one or more/],
    ['a pin of another length', { pin: ['sha256/AAAA'] }, /^pin: expected .* got sha256\/AAAA$/],
    ['no pin of a host', { pin: { 'a.example': [] } }, /^pin of a\.example: expected/],
    ['no connections', { connections: 0 }, /^connections: expected/],
    ['no time', { keepAliveMs: 0 }, /^keepAliveMs: expected/],
  ];

  it.each(wrong)('%s is said at once', async (_name, options, message) => {
    await expect(createUndiciTransport(options)).rejects.toThrowError(message);
  });

  it('name hosts however they are written', () => {
    const pinsOf = parsePins({ 'A.Example.': [pinOf(selfSigned().cert)], '[::1]': [pinOf(selfSigned().cert)] });
    expect(['a.example', '::1', 'b.example'].map((host) => pinsOf(host)?.size)).toEqual([1, 1, undefined]);
    expect(() => pinOf('key')).toThrowError(/^pin: expected a certificate or a public key as PEM text$/);
  });
});
