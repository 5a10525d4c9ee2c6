/**
 * One connection to a server: TCP or a Unix socket, perhaps a proxy's tunnel, TLS with our own authorities, the pin.
 * Nothing of a request is sent before all of it holds. No time limits: whoever waits for it cancels it.
 */
import type { X509Certificate } from 'node:crypto';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import { describeError } from '../../base/errors.js';
import { pinOfKey, type PinsOf } from './pins.js';
import { bareHost, portOf } from './proxy-choice.js';
import { openTunnel } from './tunnel.js';

/** Where a connection leads and how. */
export interface Route {
  /** The server. */
  readonly url: URL;
  /** HTTPS is tunnelled through it, HTTP is handed to it. */
  readonly proxy: URL | undefined;
  /** Connected to in place of host and port. */
  readonly socketPath: string | undefined;
}

/** By what the other side is believed to be who it should be. */
export interface Identity {
  readonly authorities: SecureContext;
  /** Those of an HTTPS proxy. */
  readonly proxyAuthorities: SecureContext;
  readonly pins: PinsOf;
}

/** A connection that could not be had. `retry`: another attempt may fare better. */
export class DialError extends Error {
  override readonly name: string = 'DialError';
  readonly retry: boolean;

  constructor(message: string, options: { readonly retry: boolean }) {
    super(message);
    this.retry = options.retry;
  }
}

/** A connection that is being made. */
export interface Dialling {
  /** Rejects with DialError. */
  readonly socket: Promise<Socket>;
  /** Ends it at once and gives every socket back. */
  cancel(): void;
}

/** Begins to connect. */
export function dial(route: Route, identity: Identity): Dialling {
  const opened: Socket[] = [];
  let isCancelled = false;
  const open = (socket: Socket): Socket => {
    // Whatever becomes of it later is told to whoever uses it then.
    opened.push(socket.on('error', () => undefined));
    if (isCancelled) {
      socket.destroy();
    }
    return socket;
  };
  const cancel = (): void => {
    isCancelled = true;
    // TLS before what it runs on: the other way round ends Node 20 with a segmentation fault.
    [...opened].reverse().forEach((socket) => socket.destroy());
  };
  const socket = connect(route, identity, open).catch((error: unknown) => {
    cancel();
    throw error;
  });
  return { socket, cancel };
}

async function connect(route: Route, identity: Identity, open: (socket: Socket) => Socket): Promise<Socket> {
  const { url, proxy, socketPath } = route;
  const first = proxy ?? url;
  const address = socketPath === undefined ? { host: bareHost(first), port: portOf(first) } : { path: socketPath };
  let socket = open(connectTcp({ ...address, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }));
  await ready(socket, 'connect').catch((error: unknown) => {
    throw new DialError(faultText(error), { retry: true });
  });
  if (proxy?.protocol === 'https:') {
    socket = open(secured(socket, proxy, identity.proxyAuthorities));
    await handshake(socket);
  }
  if (url.protocol !== 'https:') {
    return socket;
  }
  if (proxy !== undefined) {
    const refusal = await openTunnel(socket, url, proxy);
    if (refusal !== undefined) {
      throw new DialError(refusal.why, refusal);
    }
  }
  const end = secured(socket, url, identity.authorities);
  socket = open(end);
  await handshake(socket);
  checkPin(end.getPeerX509Certificate(), identity.pins(bareHost(url)));
  return socket;
}

/** Node's switch that turns all checks off (`NODE_TLS_REJECT_UNAUTHORIZED`) is not heard here. */
function secured(socket: Socket, url: URL, secureContext: SecureContext): TLSSocket {
  const host = bareHost(url);
  const name = isIP(host) === 0 ? { servername: host } : {};
  return connectTls({ socket, host, ...name, secureContext, rejectUnauthorized: true, ALPNProtocols: ['http/1.1'] });
}

async function handshake(socket: Socket): Promise<void> {
  await ready(socket, 'secureConnect').catch((error: unknown) => {
    // What a certificate says does not change while a caller waits; that a line breaks does.
    throw new DialError(`TLS: ${faultText(error)}`, { retry: /^E(?!PROTO)[A-Z]+$/.test(codeOf(error)) });
  });
}

function checkPin(certificate: X509Certificate | undefined, pins: ReadonlySet<string> | undefined): void {
  if (pins === undefined) {
    return;
  }
  const pin = certificate === undefined ? 'none' : pinOfKey(certificate.publicKey);
  if (!pins.has(pin)) {
    throw new DialError(`TLS: the server's key is not pinned (${pin})`, { retry: false });
  }
}

/** Resolves with the event, rejects with the socket's error or its end. */
function ready(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      socket.off(event, onReady).off('error', onError).off('close', onClose);
    };
    const onReady = (): void => {
      stop();
      resolve();
    };
    const onError = (error: Error): void => {
      stop();
      reject(error);
    };
    const onClose = (): void => onError(new Error('the connection was closed'));
    socket.on(event, onReady).on('error', onError).on('close', onClose);
  });
}

function faultText(error: unknown): string {
  const text = describeError(error);
  const code = codeOf(error);
  return code === '' || text.includes(code) ? text : `${text} (${code})`;
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
