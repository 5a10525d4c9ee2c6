/**
 * A handler on a port: node:http or node:https with the time and size limits that keep slow and large requests from
 * holding the server, and a close that lets answers in flight finish.
 */
import { constants } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { withDefaults, type Filled } from '../../base/defaults.js';
import { VedetteError } from '../../base/errors.js';
import { maxRequestBytes } from '../../protocol/limits.js';
import type { Handler } from '../handler.js';
import { answerNodeRequest, refuse } from './exchange.js';
import type { Gate } from './gate.js';
import { limitOutflow } from './outflow.js';
import { createPace } from './pace.js';
import { refuseUnread } from './unread.js';
import { createTurns } from './turns.js';

/** Where and how to serve. */
export interface ServeOptions {
  readonly handler: Handler;
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default 0: a free port. */
  readonly port?: number | undefined;
  /** PEM texts: HTTPS (TLS 1.2 or newer) instead of HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  readonly limits?: ServeLimits | undefined;
  /** Who may ask how often, and what is counted (`createGate`). */
  readonly gate?: Gate | undefined;
}

/** Limits of the listener. */
export interface ServeLimits {
  /** Body of a request; default 8192, the protocol's. */
  readonly maxBodyBytes?: number | undefined;
  /** Header of a request; default 8192. */
  readonly maxHeaderBytes?: number | undefined;
  /** Open connections; further ones are dropped. Default 4096. */
  readonly maxConnections?: number | undefined;
  /** From the first byte of a request to the end of its header; default 5 s. */
  readonly headersTimeoutMs?: number | undefined;
  /** From the first byte of a request to its end; default 10 s. */
  readonly requestTimeoutMs?: number | undefined;
  /** An idle connection is kept this long; default 5 s. */
  readonly keepAliveMs?: number | undefined;
  /** Bytes of all answers that wait for their clients to take them; beyond, the slowest are cut. Default 64 MiB. */
  readonly maxUnsentBytes?: number | undefined;
  /** A client has this long to take an answer that waits for it; default 10 s. */
  readonly answerTimeoutMs?: number | undefined;
  /** Requests that are refused (4xx) in a second; further refusals wait. Default 500. */
  readonly refusalsPerSecond?: number | undefined;
  /** Refusals at once after a quiet time; default 100. */
  readonly refusalBurst?: number | undefined;
  /** How long `close` waits for answers in flight before it cuts them; default 5 s. */
  readonly closeGraceMs?: number | undefined;
}

/** A server that listens. */
export interface RunningServer {
  /** Scheme, host and port as they can be printed and asked. */
  readonly url: string;
  /** Takes no further connection, finishes the answers in flight and resolves when every connection is closed. */
  close(): Promise<void>;
}

const defaults: Filled<ServeLimits> = {
  maxBodyBytes: maxRequestBytes,
  maxHeaderBytes: 8192,
  maxConnections: 4096,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  keepAliveMs: 5_000,
  maxUnsentBytes: 64 * 1024 * 1024,
  answerTimeoutMs: 10_000,
  refusalsPerSecond: 500,
  refusalBurst: 100,
  closeGraceMs: 5_000,
};

/**
 * Listens and answers until it is closed.
 * @throws VedetteError `config-invalid` when certificate and key are unusable or address and port cannot be had.
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const limits = withDefaults(defaults, options.limits);
  const host = options.host ?? '127.0.0.1';
  let closing = false;
  const server = createListener(options, limits);
  options.gate?.watch(server);
  const connections = openConnections(server);
  answerRequests(server, options, { limits, isClosing: () => closing });
  loadWebClasses();
  await listen(server, host, options.port ?? 0);
  let closed: Promise<void> | undefined;
  return {
    url: printableUrl(options.tls === undefined ? 'http' : 'https', host, (server.address() as AddressInfo).port),
    close: () => {
      closing = true;
      closed ??= closeGracefully(server, connections, limits.closeGraceMs);
      return closed;
    },
  };
}

/** Node loads them when the first is made, for some 30 ms: before anybody asks, not while others wait. */
function loadWebClasses(): void {
  void [new Request('http://server.invalid/'), new Response()];
}

function answerRequests(server: Server, options: ServeOptions, how: { readonly limits: Filled<ServeLimits>; readonly isClosing: () => boolean }): void {
  const { limits, isClosing } = how;
  const { maxBodyBytes } = limits;
  const watchOutflow = limitOutflow(server, limits);
  const turns = createTurns();
  const pace = createPace({ ...limits, maxWaiting: Math.ceil(limits.maxConnections / 4) });
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    watchOutflow(outgoing);
    // An answer that was on its way when `close` was called leaves an idle connection behind.
    outgoing.once('close', () => {
      if (isClosing()) {
        server.closeIdleConnections();
      }
    });
    if (options.gate?.answers(incoming, outgoing) === true) {
      return;
    }
    if (lacksHost(incoming)) {
      pace(incoming.socket, () => refuse(outgoing, 400));
      return;
    }
    void answerNodeRequest(incoming, outgoing, { handler: options.handler, maxBodyBytes, pace, isClosing });
  };
  server.on('request', (incoming, outgoing) => turns.take(outgoing, () => answer(incoming, outgoing)));
  server.on('checkContinue', (incoming, outgoing) => {
    // A body that is too large is not asked for.
    if (!(Number(incoming.headers['content-length']) > maxBodyBytes)) {
      outgoing.writeContinue();
    }
    server.emit('request', incoming, outgoing);
  });
  server.on('checkExpectation', (incoming, outgoing) => turns.take(outgoing, () => pace(incoming.socket, () => refuse(outgoing, 417))));
  refuseUnread(server, { pace, turns });
}

/** RFC 9112, section 3.2. Node would refuse it at once, and at no pace. */
function lacksHost({ headers, httpVersion }: IncomingMessage): boolean {
  return headers.host === undefined && httpVersion === '1.1';
}

function createListener(options: ServeOptions, limits: Filled<ServeLimits>): Server {
  const settings: ServerOptions = {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    requireHostHeader: false,
    // How often Node looks for connections that are over their time: its own 30 s would let them live six times as long.
    connectionsCheckingInterval: Math.max(50, Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs) / 4),
  };
  const server = options.tls === undefined ? createServer(settings) : createTls({ ...settings, ...options.tls });
  server.maxConnections = limits.maxConnections;
  // Also ends connections on which an answer is read so slowly that nothing moves.
  server.timeout = limits.requestTimeoutMs + limits.keepAliveMs;
  return server;
}

function createTls(settings: ServerOptions & { readonly cert: string; readonly key: string }): Server {
  try {
    return createTlsServer({ ...settings, minVersion: 'TLSv1.2', handshakeTimeout: 10_000, secureOptions: constants.SSL_OP_NO_RENEGOTIATION });
  } catch (cause) {
    throw new VedetteError('config-invalid', 'tls: certificate and key cannot be used', { cause, detail: { what: 'tls' } });
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', (cause: NodeJS.ErrnoException) => {
      const detail = { what: 'listen', host, port, cause: cause.code ?? null };
      reject(new VedetteError('config-invalid', `cannot listen on ${host} port ${port}`, { cause, detail }));
    });
    server.listen(port, host, resolve);
  });
}

/** All sockets, also those of TLS handshakes under way, of which the HTTP server knows nothing yet. */
function openConnections(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

function closeGracefully(server: Server, connections: ReadonlySet<Socket>, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      server.closeAllConnections();
      connections.forEach((socket) => socket.destroy());
    }, graceMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function printableUrl(scheme: string, host: string, port: number): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
