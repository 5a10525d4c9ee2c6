/** The conformance suite over every way that the undici transport knows. */
import { createServer as createHttpServer } from 'node:http';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { createUndiciTransport, type UndiciTransportOptions } from '../../src/node/undici/create-undici-transport.js';
import { answerNodeRequest } from '../../src/server/node/exchange.js';
import { serve } from '../../src/server/node/serve.js';
import { describeTransport, type ConnectedTransport, type TransportContext } from '../../src/testing/suites/transport-suite.js';
import { startForwardProxy } from '../support/forward-proxy.js';
import { selfSigned } from '../support/self-signed.js';
import { tempDir } from '../support/temp-dir.js';

const dir = tempDir('undici');
let sockets = 0;

type Far = TransportContext['far'];
const closing = new WeakMap<ConnectedTransport, () => Promise<void>>();
const limits = { maxBodyBytes: 1_000_000, closeGraceMs: 0 };
const portOf = (url: string): number => Number(new URL(url).port);

async function connected(address: string, options: UndiciTransportOptions, ends: readonly (() => unknown)[]): Promise<ConnectedTransport> {
  const transport = await createUndiciTransport({ env: {}, ...options });
  const made: ConnectedTransport = { transport, server: { id: 'far', address, scope: 'local' } };
  closing.set(made, async () => {
    await transport.close();
    await Promise.all(ends.map((end) => end()));
  });
  return made;
}

const ways: Readonly<Record<string, (far: Far) => Promise<ConnectedTransport>>> = {
  'undici over HTTP': async (far) => {
    const server = await serve({ handler: far.handle, limits });
    return connected(server.url, {}, [() => server.close()]);
  },
  'undici over HTTPS, with our own authority': async (far) => {
    const tls = selfSigned();
    const server = await serve({ handler: far.handle, limits, tls });
    return connected(server.url, { ca: tls.cert }, [() => server.close()]);
  },
  'undici over a Unix socket': async (far) => {
    const socketPath = join(dir, `${++sockets}.sock`);
    const server = createHttpServer((incoming, outgoing) => void answerNodeRequest(incoming, outgoing, { handler: far.handle, maxBodyBytes: 1_000_000, isClosing: () => false }));
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    const end = (): void => {
      server.close();
      server.closeAllConnections();
    };
    return connected('http://reputation.invalid', { socketPath }, [end]);
  },
  'undici through a proxy over HTTP': async (far) => {
    const server = await serve({ handler: far.handle, limits });
    const proxy = await startForwardProxy(portOf(server.url));
    return connected('http://reputation.invalid', { env: { HTTP_PROXY: proxy.url } }, [() => proxy.close(), () => server.close()]);
  },
  'undici through a tunnel over HTTPS': async (far) => {
    const tls = selfSigned({ names: ['reputation.invalid'] });
    const server = await serve({ handler: far.handle, limits, tls });
    const proxy = await startForwardProxy(portOf(server.url));
    return connected('https://reputation.invalid', { proxy: proxy.url, ca: tls.cert }, [() => proxy.close(), () => server.close()]);
  },
};

for (const [name, create] of Object.entries(ways)) {
  describeTransport({ describe, it }, { name, speaks: 'http', create: ({ far }) => create(far), dispose: (one) => closing.get(one)?.() });
}
