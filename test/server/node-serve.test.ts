import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { get as getTls } from 'node:https';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { createFetchTransport } from '../../src/preset/http/fetch-transport.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { contentType } from '../../src/protocol/messages.js';
import { createWireSource } from '../../src/query/wire/wire-source.js';
import { createHandler, type Handler } from '../../src/server/handler.js';
import { serve, type RunningServer, type ServeLimits, type ServeOptions } from '../../src/server/node/serve.js';
import { selfSigned } from '../support/self-signed.js';
import { storeOf } from '../support/server-fixtures.js';
import { crypto, question, serverAt, trusted } from '../support/wire-fixtures.js';

const running: RunningServer[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  sockets.splice(0).forEach((socket) => socket.destroy());
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function start(options: Partial<ServeOptions> = {}): Promise<RunningServer> {
  const handler = createHandler({ store: await storeOf([]), crypto, clock: createSystemClock(), signer: trusted });
  const server = await serve({ handler, ...options, limits: { closeGraceMs: 200, ...options.limits } });
  running.push(server);
  return server;
}

async function open(server: RunningServer): Promise<Socket> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** Everything that comes back until the server closes. */
async function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (part: Buffer) => (text += part.toString('latin1')));
  await once(socket, 'close');
  return text;
}

async function raw(request: string, limits: ServeLimits = {}): Promise<string> {
  const socket = await open(await start({ limits }));
  socket.write(request, 'latin1');
  return readAll(socket);
}

const post = (headers: string): string => `POST /v1/query HTTP/1.1\r\nhost: x\r\ncontent-type: ${contentType}\r\n${headers}\r\n\r\n`;

describe('a server on a port', () => {
  it('answers questions over the fetch transport, on IPv4 and, where the machine has it, on IPv6', async () => {
    const hasIpv6 = Object.values(networkInterfaces()).flat().some((one) => one?.address === '::1');
    for (const host of hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1']) {
      const server = await start({ host });
      expect(server.url).toMatch(host === '::1' ? /^http:\/\/\[::1\]:\d+$/ : /^http:\/\/127\.0\.0\.1:\d+$/);
      const source = createWireSource({ transport: createFetchTransport(), server: serverAt(server.url), trust: [trusted.publicKey], crypto, clock: createSystemClock() });
      const reply = await source.lookup(question, { signal: new AbortController().signal });
      expect(reply).toMatchObject({ kind: 'answer', body: { strength: 4, answers: [{ records: [] }, { records: [] }] } });
    }
  });

  it('answers over TLS with the certificate it is given', async () => {
    const tls = selfSigned();
    const server = await start({ tls });
    expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const status = await new Promise((resolve, reject) => {
      getTls(`${server.url}/healthz`, { ca: tls.cert, agent: false }, (response) => resolve(response.resume().statusCode)).on('error', reject);
    });
    expect(status).toBe(200);
  });

  it.each([
    ['an unknown path', 'GET /nowhere HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 404],
    ['a target that is no path', 'GET http://other.example/healthz HTTP/1.1\r\nhost: x\r\n\r\n', 400],
    ['TRACE', 'TRACE / HTTP/1.1\r\nhost: x\r\n\r\n', 400],
    ['something that is not HTTP', '\u0016\u0003\u0001 hello\r\n\r\n', 400],
    ['a header over the limit', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(9000)}\r\n\r\n`, 431],
    ['a declared length over the limit', `${post('content-length: 9000')}${'x'.repeat(9000)}`, 413],
    ['a declared length of 10 GiB', post('content-length: 10737418240\r\nconnection: close') + 'x'.repeat(300_000), 413],
    ['chunks over the limit', `${post('transfer-encoding: chunked')}3000\r\n${'x'.repeat(0x3000)}\r\n0\r\n\r\n`, 413],
    ['two lengths', `${post('content-length: 1\r\ncontent-length: 2')}xx`, 400],
    ['length and chunks', `${post('content-length: 1\r\ntransfer-encoding: chunked')}0\r\n\r\n`, 400],
  ])('answers %s with its status and closes', async (_, request, status) => {
    expect(await raw(request)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('answers 500 for a handler that throws, and goes on', async () => {
    const server = await start({ handler: () => Promise.reject(new Error('secret')) });
    for (let round = 0; round < 2; round++) {
      const response = await fetch(`${server.url}/healthz`);
      expect([response.status, await response.text()]).toEqual([500, '']);
    }
  });

  it('cuts headers and bodies that come too slowly, and connections that send nothing', async () => {
    const limits = { headersTimeoutMs: 200, requestTimeoutMs: 400 };
    expect(await raw('GET / HTTP/1.1\r\nho', limits)).toMatch(/^HTTP\/1\.1 408 |^$/);
    expect(await raw(post('content-length: 100') + 'x', limits)).toMatch(/^HTTP\/1\.1 408 |^$/);
    expect(await raw('', limits)).toMatch(/^HTTP\/1\.1 408 |^$/);
  });

  it('drops connections over the limit and serves the others', async () => {
    const server = await start({ limits: { maxConnections: 2 } });
    const [first] = [await open(server), await open(server)];
    expect(await readAll(await open(server))).toBe('');
    first.write('GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(await readAll(first)).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('tells the handler when its client goes away', async () => {
    let seen: (signal: AbortSignal) => void = () => undefined;
    const arrived = new Promise<AbortSignal>((resolve) => (seen = resolve));
    const server = await start({
      handler: (request) => {
        seen(request.signal);
        return new Promise(() => undefined);
      },
    });
    const controller = new AbortController();
    const asking = fetch(server.url, { signal: controller.signal }).catch(() => 'aborted');
    const signal = await arrived;
    controller.abort();
    expect(await asking).toBe('aborted');
    if (!signal.aborted) {
      await once(signal, 'abort');
    }
  });

  it('refuses settings that cannot work', async () => {
    const taken = await start();
    const invalid = { code: 'config-invalid' };
    const handler: Handler = () => Promise.reject(new Error());
    await expect(serve({ handler, port: Number(new URL(taken.url).port) })).rejects.toMatchObject({ ...invalid, detail: { cause: 'EADDRINUSE' } });
    await expect(serve({ handler, host: '203.0.113.1' })).rejects.toMatchObject(invalid);
    await expect(serve({ handler, tls: { cert: 'x', key: 'y' } })).rejects.toMatchObject(invalid);
    await expect(serve({ handler, tls: { cert: selfSigned().cert, key: selfSigned().key } })).rejects.toMatchObject(invalid);
  });
});

describe('closing', () => {
  /** A handler that answers when it is told to. */
  function gated(): { handler: Handler; arrived: Promise<void>; release: () => void } {
    let arrive: () => void = () => undefined;
    let release: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const gate = new Promise<void>((resolve) => (release = resolve));
    const handler: Handler = async () => {
      arrive();
      await gate;
      return new Response('done');
    };
    return { handler, arrived, release };
  }

  it('takes no further connection, finishes answers in flight and leaves no socket', async () => {
    const { handler, arrived, release } = gated();
    const server = await start({ handler, limits: { closeGraceMs: 60_000, keepAliveMs: 60_000 } });
    const answer = fetch(server.url).then((response) => response.text());
    await arrived;
    const closed = server.close();
    await expect(fetch(server.url)).rejects.toThrow();
    release();
    expect(await answer).toBe('done');
    await closed;
  });

  it('ends idle keep-alive connections at once', async () => {
    const server = await start({ limits: { closeGraceMs: 60_000, keepAliveMs: 60_000 } });
    const agent = new Agent({ keepAlive: true });
    await new Promise((resolve) => get(`${server.url}/healthz`, { agent }, (response) => response.resume().on('end', resolve)));
    await server.close();
    agent.destroy();
  });

  it('cuts answers that take longer than the grace, and may be called twice', async () => {
    const { handler, arrived } = gated();
    const server = await start({ handler, limits: { closeGraceMs: 50 } });
    const answer = fetch(server.url).catch(() => 'cut');
    await arrived;
    await Promise.all([server.close(), server.close()]);
    expect(await answer).toBe('cut');
  });

  it('sabotage: a close that cuts at once loses the answer in flight', async () => {
    const { handler, arrived, release } = gated();
    const server = await start({ handler, limits: { closeGraceMs: 0 } });
    const answer = fetch(server.url).then((response) => response.text()).catch(() => 'cut');
    await arrived;
    await server.close();
    release();
    expect(await answer).toBe('cut');
  });
});
