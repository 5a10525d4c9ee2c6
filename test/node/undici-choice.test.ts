/** What a Node engine asks by when nobody chose, and what there is without undici. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { VedetteError } from '../../src/base/errors.js';
import { createUndiciTransport } from '../../src/node/undici/create-undici-transport.js';
import { createNodeTransport } from '../../src/node/undici/node-transport.js';
import type { Reply, Transport } from '../../src/query/transport.js';
import { startHeldServer, type HeldServer } from '../support/held-server.js';

const ends: (() => unknown)[] = [];
const answered: Reply<Uint8Array> = { kind: 'answer', body: new TextEncoder().encode('ok') };

afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

async function startFar(): Promise<HeldServer> {
  const far = await startHeldServer();
  ends.push(() => far.close());
  return far;
}

function send(transport: Transport, address: string): Promise<Reply<Uint8Array>> {
  return transport.send(Uint8Array.of(1), { server: { id: 'far', address, scope: 'local' }, signal: new AbortController().signal, maxBytes: 100 });
}

describe('without undici', () => {
  afterEach(() => {
    vi.doUnmock('undici');
    vi.resetModules();
  });

  async function creator(module: () => object): Promise<typeof createUndiciTransport> {
    vi.resetModules();
    vi.doMock('undici', module);
    return (await import('../../src/node/undici/create-undici-transport.js')).createUndiciTransport;
  }

  const absent = (): object => {
    throw new Error("Cannot find package 'undici'");
  };

  it('there is no such transport, and no other in its place', async () => {
    const create = await creator(absent);
    await expect(create({ pin: [`sha256/${'A'.repeat(43)}=`] })).rejects.toMatchObject({ code: 'peer-missing', detail: { package: 'undici' } });
  });

  it('of the right version there is none either', async () => {
    const create = await creator(() => ({ Client: class {}, cacheStores: undefined }));
    await expect(create()).rejects.toMatchObject({ code: 'peer-missing' });
  });

  it('an engine that asked for nothing special asks by fetch', async () => {
    const far = await startFar();
    const transport = createNodeTransport({ pooled: () => Promise.reject(new VedetteError('peer-missing', 'no undici')) });
    const reply = send(transport, far.address);
    await far.answer();
    expect(await reply).toEqual(answered);
    await transport.close();
  });
});

describe('the transport of a Node engine', () => {
  it('loads nothing when it is never asked', async () => {
    const pooled = vi.fn(createUndiciTransport);
    const transport = createNodeTransport({ pooled });
    await transport.close();
    expect(pooled).not.toHaveBeenCalled();
  });

  it('is undici’s, closes it, and does not pass by a proxy that it cannot understand', async () => {
    const far = await startFar();
    const transport = createNodeTransport();
    const reply = send(transport, far.address);
    await far.answer();
    expect(await reply).toEqual(answered);
    expect(far.sockets.size).toBe(1);
    await transport.close();
    await vi.waitFor(() => expect(far.sockets.size).toBe(0), { timeout: 5_000, interval: 2 });
    const puzzled = createNodeTransport({ pooled: () => createUndiciTransport({ env: { HTTP_PROXY: 'socks5://x' } }) });
    expect(await send(puzzled, far.address)).toMatchObject({ kind: 'failed', retry: false, detail: 'HTTP_PROXY: expected the http: or https: URL of a proxy' });
    expect(far.connected()).toBe(1);
  });
});

