/** Connections that are kept, waited for, given back and closed. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createUndiciTransport, type UndiciTransportOptions } from '../../src/node/undici/create-undici-transport.js';
import { contentType } from '../../src/protocol/messages.js';
import type { Reply, Transport } from '../../src/query/transport.js';
import { serve } from '../../src/server/node/serve.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { startForwardProxy } from '../support/forward-proxy.js';
import { okResponse, startHeldServer, type HeldServer } from '../support/held-server.js';
import { selfSigned } from '../support/self-signed.js';

const ends: (() => unknown)[] = [];
const failedAs = (detail: string, retry = true): Reply<Uint8Array> => ({ kind: 'failed', retry, reason: 'unreachable', detail });

afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

async function startFar(): Promise<HeldServer> {
  const far = await startHeldServer();
  ends.push(() => far.close());
  return far;
}

async function transportWith(options: UndiciTransportOptions = {}): Promise<Transport & { close(): Promise<void> }> {
  const transport = await createUndiciTransport({ env: {}, ...options });
  ends.push(() => transport.close());
  return transport;
}

function send(transport: Transport, address: string, signal: AbortSignal = new AbortController().signal): Promise<Reply<Uint8Array>> {
  return transport.send(Uint8Array.of(1), { server: { id: 'far', address, scope: 'local' }, signal, maxBytes: 100 });
}

async function eventually(condition: () => boolean): Promise<void> {
  await vi.waitFor(() => expect(condition()).toBe(true), { timeout: 5_000, interval: 2 });
}

const answered: Reply<Uint8Array> = { kind: 'answer', body: new TextEncoder().encode('ok') };

describe('the connections to a server', () => {
  it('are used again', async () => {
    const far = await startFar();
    const transport = await transportWith();
    for (let i = 0; i < 5; i++) {
      const reply = send(transport, far.address);
      await far.answer();
      expect(await reply).toEqual(answered);
    }
    expect(far.connected()).toBe(1);
  });

  it('are used again after an error page that came whole, and closed over a longer one', async () => {
    const far = await startFar();
    const transport = await transportWith();
    for (let i = 0; i < 3; i++) {
      const reply = send(transport, far.address);
      await far.answer('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\nretry-after: 2\r\n\r\nbusy');
      expect(await reply).toEqual({ kind: 'wait', waitMs: 2_000 });
    }
    expect(far.connected()).toBe(1);
    const reply = send(transport, far.address);
    await far.answer('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4000\r\n\r\nbusy');
    expect(await reply).toEqual({ kind: 'wait' });
    await eventually(() => far.sockets.size === 0);
  });

  it('are as many as allowed; further questions wait for one', async () => {
    const far = await startFar();
    const transport = await transportWith({ connections: 2 });
    const replies = Array.from({ length: 7 }, () => send(transport, far.address));
    for (let i = 0; i < 7; i++) {
      await far.answer();
    }
    expect(await Promise.all(replies)).toEqual(Array.from({ length: 7 }, () => answered));
    expect(far.connected()).toBe(2);
  });

  it('are not held by an abort: whoever waits gets one, and nobody is asked for him who left', async () => {
    const far = await startFar();
    const transport = await transportWith({ connections: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const replies = [send(transport, far.address, first.signal), send(transport, far.address, second.signal), send(transport, far.address)];
    await eventually(() => far.sockets.size === 1);
    second.abort();
    expect(await replies[1]).toEqual(failedAs('aborted'));
    first.abort();
    expect(await replies[0]).toEqual(failedAs('aborted'));
    await eventually(() => far.connected() === 2);
    // The request of the first may have arrived before its end; its socket is gone.
    for (let i = 0; i < 2; i++) {
      void far.answer();
    }
    expect(await replies[2]).toEqual(answered);
    expect(far.connected()).toBe(2);
  });

  it('survive a server that closes them while they are idle', async () => {
    const far = await startFar();
    const transport = await transportWith();
    for (let i = 0; i < 3; i++) {
      const reply = send(transport, far.address);
      await far.answer();
      expect(await reply).toEqual(answered);
      far.sockets.forEach((socket) => socket.destroy());
      await eventually(() => far.sockets.size === 0);
      // What the server has closed is seen here within a turn of the event loop or two.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    }
    expect(far.connected()).toBe(3);
  });

  it('all end with the transport, and with them whoever waits', async () => {
    const far = await startFar();
    const transport = await transportWith({ connections: 1 });
    const replies = [send(transport, far.address), send(transport, far.address)];
    await eventually(() => far.sockets.size === 1);
    await transport.close();
    expect((await Promise.all(replies)).map((reply) => reply.kind)).toEqual(['failed', 'failed']);
    await eventually(() => far.sockets.size === 0);
    expect(await send(transport, far.address)).toEqual(failedAs('the transport is closed'));
  });

  it('cannot be told from one another by what a server adds to an answer', async () => {
    const far = await startFar();
    const transport = await transportWith();
    const first = send(transport, far.address);
    await far.answer(`${okResponse}${okResponse.replace(/ok$/, 'no')}`);
    expect(await first).toEqual(answered);
    const second = send(transport, far.address);
    await far.answer();
    expect(await second).toEqual(answered);
    expect(far.connected()).toBe(2);
  });
});

describe('an address', () => {
  const wrong = ['http://me@127.0.0.1:1', 'http://me:secret@127.0.0.1:1', 'http://127.0.0.1:1?a', 'http://127.0.0.1:1#a', 'ftp://127.0.0.1:1', 'none'];

  it.each(wrong)('like %s is not asked', async (address) => {
    expect(await send(await transportWith(), address)).toEqual(failedAs('no plain http: or https: address', false));
  });

  it('where nobody listens fails at once, with the reason', async () => {
    const far = await startFar();
    await Promise.all(ends.splice(0).map((end) => end()));
    expect(await send(await transportWith(), far.address)).toEqual(failedAs(`connect ECONNREFUSED 127.0.0.1:${far.port}`));
  });
});

describe('an abort', () => {
  it('ends what is in the middle of TLS or of a tunnel, and frees its connection', async () => {
    const far = await startFar();
    const ways: readonly (readonly [string, UndiciTransportOptions])[] = [
      [far.address.replace('http', 'https'), {}],
      ['https://reputation.invalid', { proxy: far.address }],
      ['https://reputation.invalid', { proxy: far.address.replace('http', 'https') }],
    ];
    for (const [address, options] of ways) {
      const transport = await transportWith(options);
      const controller = new AbortController();
      const reply = send(transport, address, controller.signal);
      await eventually(() => far.sockets.size === 1);
      controller.abort();
      expect(await reply).toEqual(failedAs('aborted'));
      await eventually(() => far.sockets.size === 0);
    }
  });

  it('may come at any moment', async () => {
    const tls = selfSigned({ names: ['reputation.invalid'] });
    const server = await serve({ handler: async (request) => new Response(await request.arrayBuffer(), { headers: { 'content-type': contentType } }), tls });
    ends.push(() => server.close());
    const proxy = await startForwardProxy(Number(new URL(server.url).port), tls);
    ends.push(() => proxy.close());
    const transport = await transportWith({ ca: tls.cert, proxyCa: tls.cert, proxy: proxy.url, connections: 4 });
    const direct = await transportWith({ ca: tls.cert, connections: 4 });
    const random = createSeededRandom(7);
    const turns = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let i = 0; i < 40; i++) {
          const controller = new AbortController();
          const [by, address] = random() < 0.5 ? [transport, 'https://reputation.invalid'] : [direct, server.url];
          const reply = send(by, address, controller.signal);
          await turns(Math.floor(random() * 25));
          controller.abort();
          expect(['answer', 'failed']).toContain((await reply).kind);
        }
      }),
    );
    expect((await send(direct, server.url)).kind).toBe('answer');
    expect((await send(transport, 'https://reputation.invalid')).kind).toBe('answer');
  });
});
