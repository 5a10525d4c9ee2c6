/** What a client can do to a port: each ends with a refusal, an answer or a cut connection, and the next client is served. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { contentType } from '../../src/protocol/messages.js';
import { encodeQuery } from '../../src/protocol/query-message.js';
import { createHandler, type Handler } from '../../src/server/handler.js';
import { tooMuch } from '../../src/server/node/outflow.js';
import { serve, type RunningServer, type ServeLimits, type ServeOptions } from '../../src/server/node/serve.js';
import { selfSigned } from '../support/self-signed.js';
import { storeOf } from '../support/server-fixtures.js';
import { crypto, trusted } from '../support/wire-fixtures.js';

const running: RunningServer[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  sockets.splice(0).forEach((socket) => socket.destroy());
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function start(options: Partial<ServeOptions> = {}): Promise<RunningServer> {
  const handler = createHandler({ store: await storeOf([]), crypto, clock: createSystemClock(), signer: trusted });
  const limits: ServeLimits = { closeGraceMs: 200, headersTimeoutMs: 500, requestTimeoutMs: 1000, keepAliveMs: 500, ...options.limits };
  const server = await serve({ handler, ...options, limits });
  running.push(server);
  return server;
}

async function open(server: RunningServer): Promise<Socket> {
  const socket = connect({ port: Number(new URL(server.url).port), host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** Everything that comes back until the server closes. */
async function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (part: Buffer) => (text += part.toString('latin1')));
  await once(socket, 'end').catch(() => undefined);
  socket.destroy();
  return text;
}

/** Resolves when the server has let go of a connection, one way or the other. */
function gone(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once('end', resolve).once('error', () => resolve()).once('close', () => resolve()));
}

async function raw(server: RunningServer, request: string | Uint8Array): Promise<string> {
  const socket = await open(server);
  const answer = readAll(socket);
  socket.write(typeof request === 'string' ? Buffer.from(request, 'latin1') : request);
  return answer;
}

async function isServing(server: RunningServer): Promise<boolean> {
  return /^HTTP\/1\.1 200 /.test(await raw(server, 'GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'));
}

const question = encodeQuery({ nonce: new Uint8Array(16), groups: [{ kind: 'file', algorithm: 'sha256', prefixes: [new Uint8Array(4)] }] });
const post = (headers: string, body = ''): string => `POST /v1/query HTTP/1.1\r\nhost: x\r\ncontent-type: ${contentType}\r\n${headers}\r\n\r\n${body}`;
const chunked = (headers: string, body: string): string => post(`${headers}transfer-encoding: chunked`, body);
const statuses = (answer: string): number[] => [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

describe('a port under a hostile client', () => {
  it.each([
    ['HTTP/0.9', 'GET /healthz\r\n\r\n', [200, 400]],
    ['a version that is not known', 'GET /healthz HTTP/3.7\r\nhost: x\r\n\r\n', [400]],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
    ['no host', 'GET /healthz HTTP/1.1\r\n\r\n', [400]],
    ['a method in small letters', 'get /healthz HTTP/1.1\r\nhost: x\r\n\r\n', [400]],
    ['a NUL in a header', 'GET /healthz HTTP/1.1\r\nhost: x\r\nx: a\0b\r\n\r\n', [400]],
    ['a folded header', 'GET /healthz HTTP/1.1\r\nhost: x\r\nx: a\r\n b\r\nconnection: close\r\n\r\n', [200, 400]],
    ['a space before the colon', 'GET /healthz HTTP/1.1\r\nhost : x\r\n\r\n', [400]],
    ['a lone line feed', 'GET /healthz HTTP/1.1\nhost: x\n\n', [400]],
    ['a target of 100 kB', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, [431]],
    ['five thousand headers', `GET /healthz HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(5000)}\r\n`, [431]],
    ['one header of 1 MB', `GET /healthz HTTP/1.1\r\nhost: x\r\na: ${'b'.repeat(1_000_000)}\r\n\r\n`, [431]],
    ['OPTIONS for everything', 'OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n', [400]],
    ['OPTIONS for a question', 'OPTIONS /v1/query HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', [405]],
    ['an upgrade to another protocol', 'GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: upgrade, close\r\nupgrade: h2c\r\n\r\n', [200]],
    ['a length and chunks', chunked('content-length: 5\r\n', '0\r\n\r\n'), [400]],
    ['two lengths', post('content-length: 1\r\ncontent-length: 2', 'xx'), [400]],
    ['two encodings of the transfer', chunked('transfer-encoding: identity\r\n', '0\r\n\r\n'), [400, 501]],
    ['an encoding of the transfer that is not known', post('transfer-encoding: xchunked\r\nconnection: close', '0\r\n\r\n'), [400, 501]],
    ['chunked, and then something else', post('transfer-encoding: chunked, gzip', '0\r\n\r\n'), [400, 501]],
    ['a chunk of 2^64 bytes', chunked('', '10000000000000000\r\nx'), [400, 413]],
    ['a chunk of a negative size', chunked('', '-1\r\nx'), [400]],
    ['a chunk that is longer than it says', chunked('', '1\r\nxxxx\r\n0\r\n\r\n'), [400]],
    ['an extension of a chunk of 100 kB', chunked('', `1;${'a'.repeat(100_000)}\r\nx\r\n0\r\n\r\n`), [400, 413]],
    ['a trailer of 100 kB', chunked('', `1\r\nx\r\n0\r\na: ${'b'.repeat(100_000)}\r\n\r\n`), [400, 413, 431]],
    ['a length of 10^30', post(`content-length: 1${'0'.repeat(30)}`, 'x'), [400, 413]],
    ['a negative length', post('content-length: -1', 'x'), [400]],
    ['a length that is no number', post('content-length: 1e1', 'x'.repeat(10)), [400]],
    ['an expectation that is not known', post('expect: 200-maybe\r\ncontent-length: 1\r\nconnection: close', 'x'), [417]],
  ])('refuses %s, and goes on', async (_, request, expected) => {
    const server = await start();
    const [status] = statuses(await raw(server, request));
    expect(expected).toContain(status);
    expect(await isServing(server)).toBe(true);
  });

  it('cuts CONNECT without a word', async () => {
    const server = await start();
    expect(await raw(server, 'CONNECT example.org:443 HTTP/1.1\r\nhost: x\r\n\r\n')).not.toMatch(/ 200 /);
    expect(await isServing(server)).toBe(true);
  });

  it('survives bytes of every kind', async () => {
    const server = await start();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.constantFrom('', 'GET ', 'POST /v1/query HTTP/1.1\r\n', post('content-length: 20')), async (bytes, before) => {
        const socket = await open(server);
        const answer = readAll(socket);
        socket.end(Buffer.concat([Buffer.from(before), bytes]));
        expect(statuses(await answer).filter((status) => status >= 500 && status !== 501)).toEqual([]);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 50) },
    );
    expect(await isServing(server)).toBe(true);
  });

  it('answers what is sent all at once in its order', async () => {
    const server = await start();
    const good = Buffer.from(question).toString('latin1');
    const many = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n' : post(`content-length: ${good.length}`, good)));
    const answer = await raw(server, `${many.join('')}GET /nowhere HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    expect(statuses(answer)).toEqual([...many.map(() => 200), 404]);
  });

  it('cuts whoever sends more at once than anybody has to', async () => {
    const server = await start();
    const answer = await raw(server, 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(2000));
    expect(statuses(answer).length).toBeLessThan(100);
    expect(await isServing(server)).toBe(true);
  });

  it('hears others between the requests that one has sent at once', async () => {
    const order: string[] = [];
    const server = await start({
      handler: async (request) => {
        order.push(new URL(request.url).pathname);
        return new Response('done');
      },
    });
    const [greedy, modest] = [await open(server), await open(server)];
    const answers = Promise.all([readAll(greedy), readAll(modest)]);
    greedy.write(`${'GET /greedy HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(60)}GET /greedy HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    modest.write('GET /modest HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    await answers;
    expect(order).toHaveLength(62);
    expect(order.indexOf('/modest')).toBeLessThan(30);
  });

  it('asks for a body that it may have, and for no other one', async () => {
    const server = await start();
    const small = await open(server);
    small.write(post('expect: 100-continue\r\ncontent-length: 3\r\nconnection: close'));
    const [first] = (await once(small, 'data')) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1\.1 100 /);
    const rest = readAll(small);
    small.write('abc');
    expect(statuses(await rest)).toEqual([400]);
    const large = await open(server);
    const answer = readAll(large);
    large.write(post('expect: 100-continue\r\ncontent-length: 1000000\r\nconnection: close'));
    await once(large, 'data');
    large.end();
    expect(statuses(await answer)).toEqual([413]);
  });

  it('answers who has said everything and closed his side', async () => {
    const server = await start();
    const socket = await open(server);
    const answer = readAll(socket);
    socket.end('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(statuses(await answer)).toEqual([200]);
  });
});

describe('a client that asks for much and reads nothing', () => {
  const much: Handler = async () => new Response(new Uint8Array(32 * 1024 * 1024));
  const request = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';

  it.each([
    ['is cut when its time is over', { answerTimeoutMs: 1 }],
    ['is cut when the budget of all is used up', { maxUnsentBytes: 1 }],
  ])('%s', async (_, limits) => {
    const server = await start({ handler: much, limits: { requestTimeoutMs: 60_000, ...limits } });
    const socket = await open(server);
    socket.pause().write(request);
    // Who does not read is not told of the end either: writing is.
    const closed = gone(socket);
    const nudge = setInterval(() => socket.write('GET'), 50);
    await closed;
    clearInterval(nudge);
  });

  it('costs nobody his answer who reads', async () => {
    const server = await start({ handler: much, limits: { maxUnsentBytes: 40 * 1024 * 1024, requestTimeoutMs: 60_000 } });
    (await open(server)).pause().write(request);
    for (let i = 0; i < 3; i++) {
      expect((await (await fetch(server.url)).arrayBuffer()).byteLength).toBe(32 * 1024 * 1024);
    }
  });

  it('is cut before those that came later, and only as many as it takes', () => {
    const unsent = fc.array(fc.record({ bytes: fc.nat(1000), ageMs: fc.nat(100) }), { maxLength: 50 }).map((all) => all.sort((a, b) => b.ageMs - a.ageMs));
    fc.assert(
      fc.property(unsent, fc.nat(20_000), fc.integer({ min: 1, max: 110 }), (all, maxUnsentBytes, answerTimeoutMs) => {
        const cut = tooMuch(all, { maxUnsentBytes, answerTimeoutMs });
        const left = all.slice(cut);
        expect(left.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(maxUnsentBytes);
        expect(left.every(({ ageMs }) => ageMs < answerTimeoutMs)).toBe(true);
        const last = all[cut - 1];
        const before = all.slice(Math.max(0, cut - 1)).reduce((sum, { bytes }) => sum + bytes, 0);
        expect(last === undefined || last.ageMs >= answerTimeoutMs || before > maxUnsentBytes).toBe(true);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) },
    );
  });
});

describe('a client of TLS', () => {
  it('may not begin the handshake anew, which costs him less than the server', async () => {
    const server = await start({ tls: selfSigned() });
    const socket = connectTls({ port: Number(new URL(server.url).port), host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
    socket.on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'secureConnect');
    const refused = await new Promise((resolve) => {
      socket.once('close', () => resolve(true));
      socket.renegotiate({ rejectUnauthorized: false }, (error) => resolve(error !== null));
    });
    expect(refused).toBe(true);
  });
});

describe('closing among hostile clients', () => {
  it('does not wait for a TLS handshake that never ends', { timeout: 8000 }, async () => {
    const server = await start({ tls: selfSigned(), limits: { closeGraceMs: 50 } });
    const stalled = await open(server);
    stalled.write(Buffer.from([0x16, 3, 1, 2, 0, 1]));
    const closed = gone(stalled.resume());
    await server.close();
    await closed;
  });

  it('cuts hundreds that have sent half of a request', async () => {
    const server = await start({ limits: { closeGraceMs: 100, headersTimeoutMs: 60_000, requestTimeoutMs: 60_000 } });
    const slow = await Promise.all(Array.from({ length: 300 }, () => open(server)));
    slow.forEach((socket, i) => socket.write(i % 2 === 0 ? 'POST /v1/query HTTP/1.1\r\nho' : post('content-length: 100', 'x')));
    const closed = Promise.all(slow.map((socket) => gone(socket.resume())));
    await server.close();
    await closed;
  });
});
