/** Faults that come before any exchange: names, connections, TLS. Each starts what it needs and says where to ask. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { pinOf } from '../../src/node/undici/pins.js';
import { startFaultServer, type Honest } from './fault-server.js';
import type { Way } from './fault-world.js';
import { selfSigned } from './self-signed.js';
import { startStalledListener } from './stalled-listener.js';

/** Where to ask, and what is to be closed afterwards. */
export interface OpenWay {
  readonly address: string;
  readonly undici?: { readonly ca?: string; readonly pin?: readonly string[] };
  close(): unknown;
}

/** Such a fault. */
export interface WayFault {
  readonly name: string;
  /** Only this transport can be told what to believe. */
  readonly only?: Way;
  readonly open: (honest: Honest) => Promise<OpenWay>;
}

/** A TCP server that does one thing to every connection. */
async function listener(scheme: 'http' | 'https', onConnection: (socket: Socket) => unknown): Promise<OpenWay> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    onConnection(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    address: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}

/** The honest server behind a certificate. */
function behind(certificate: Parameters<typeof selfSigned>[0], trust: (cert: string) => OpenWay['undici']): WayFault['open'] {
  return async (honest) => {
    const tls = selfSigned(certificate);
    const server = await startFaultServer(honest, tls);
    const undici = trust(tls.cert);
    return { address: server.address, ...(undici === undefined ? {} : { undici }), close: () => server.close() };
  };
}

const other = selfSigned({ subject: 'other' });

/** Every one of them. */
export const ways: readonly WayFault[] = [
  {
    name: 'refused',
    open: async () => {
      const gone = await listener('http', (socket) => socket.destroy());
      gone.close();
      return { ...gone, close: () => undefined };
    },
  },
  // A label over 63 bytes: no resolver asks anybody about it.
  { name: 'a name that cannot be resolved', open: async () => ({ address: `http://${'a'.repeat(64)}.invalid`, close: () => undefined }) },
  { name: 'a stall in connecting', open: startStalledListener },
  { name: 'TLS: a stall in the handshake', open: () => listener('https', (socket) => socket.resume()) },
  { name: 'TLS: reset in the handshake', open: () => listener('https', (socket) => socket.once('data', () => socket.resetAndDestroy())) },
  { name: 'TLS: closed in the handshake', open: () => listener('https', (socket) => socket.once('data', () => socket.end())) },
  { name: 'TLS: garbage in the handshake', open: () => listener('https', (socket) => socket.once('data', () => socket.write('\x16\x03\x03garbage, and more of it\r\n'))) },
  { name: 'TLS: plain HTTP in the handshake', open: () => listener('https', (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))) },
  {
    name: 'TLS where HTTP is asked for',
    open: async () => {
      const server = createTlsServer(selfSigned());
      server.on('tlsClientError', () => undefined);
      await once(server.listen(0, '127.0.0.1'), 'listening');
      return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
    },
  },
  { name: 'TLS: a certificate that nobody vouches for', open: behind({}, () => undefined) },
  { name: 'TLS: a certificate that has expired', only: 'undici', open: behind({ notAfter: '20200201000000Z' }, (ca) => ({ ca })) },
  { name: 'TLS: a certificate of another host', only: 'undici', open: behind({ addresses: ['127.0.0.9'] }, (ca) => ({ ca })) },
  { name: 'TLS: another authority', only: 'undici', open: behind({}, () => ({ ca: other.cert })) },
  { name: 'TLS: another key than the pinned one', only: 'undici', open: behind({}, (ca) => ({ ca, pin: [pinOf(other.cert)] })) },
];
