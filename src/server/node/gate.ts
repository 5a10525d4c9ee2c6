/**
 * What stands before the handler on a port of Node: connections and requests for each address under limits, the counters of
 * `/metrics`, and `/metrics` itself. Addresses are counted by a digest under a key of this process, and kept by nobody. Under
 * the limits an IPv6 network of 64 bits is one address: whoever has one has all of its addresses.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { ServerMetrics } from '../metrics.js';
import { networkOf } from '../network-of.js';
import { createRateLimiter, type RateLimit } from '../rate-limit.js';
import { healthPath } from '../routes/route.js';

/** How a gate is set up. */
export interface GateOptions {
  readonly metrics: ServerMetrics;
  /** The text of `/metrics`; with several processes, of all of them. Absent: there is no such path. */
  readonly metricsText?: (() => string | Promise<string>) | undefined;
  /** Who may read `/metrics`; default: this machine. */
  readonly metricsFor?: 'loopback' | 'any' | undefined;
  /** Requests of one address; those of `/healthz` and `/metrics` have a budget of their own. Default: no limit. */
  readonly rate?: RateLimit | undefined;
  /** Connections of one address at a time; further ones are dropped. Default: no limit. */
  readonly maxConnectionsPerAddress?: number | undefined;
  /** Key of the digest of addresses, the same for all processes whose counters are added up. Default: random. */
  readonly agentKey?: Uint8Array | undefined;
  monotonicMs(): number;
}

/** Given to `serve`. */
export interface Gate {
  /** Counts the connections of a server, and drops those beyond the limit. */
  watch(server: Server): void;
  /** True when the request was answered here: it was `/metrics`, or one too many. */
  answers(incoming: IncomingMessage, outgoing: ServerResponse): boolean;
}

const metricsPath = '/metrics';
/** Of one address, for what watches over the server: whoever shares it may use up the limit of all else. */
const watchingRate: RateLimit = { perSecond: 10, burst: 100 };
const metricsType = 'text/plain; version=0.0.4; charset=utf-8';

/** A gate. */
export function createGate(options: GateOptions): Gate {
  const { metrics, maxConnectionsPerAddress = Infinity } = options;
  const limiter = options.rate === undefined ? undefined : createRateLimiter(options.rate);
  const watchingLimiter = options.rate === undefined ? undefined : createRateLimiter(watchingRate);
  const agentKey = options.agentKey ?? randomBytes(16);
  const open = new Map<string, number>();
  const metricsText = options.metricsText === undefined ? undefined : createShared(options.metricsText);

  function meet(socket: Socket): void {
    const address = addressOf(socket);
    const network = networkOf(address);
    const count = (open.get(network) ?? 0) + 1;
    if (count > maxConnectionsPerAddress) {
      socket.destroy();
      return;
    }
    open.set(network, count);
    metrics.connection(1);
    metrics.agent(createHmac('sha256', agentKey).update(address).digest().readUInt32BE(0));
    socket.once('close', () => {
      metrics.connection(-1);
      const left = (open.get(network) ?? 1) - 1;
      if (left > 0) {
        open.set(network, left);
      } else {
        open.delete(network);
      }
    });
  }

  return {
    watch(server) {
      server.on('connection', (socket) => {
        if (socket instanceof Socket) {
          meet(socket);
        }
      });
    },
    answers(incoming, outgoing) {
      outgoing.once('finish', () => metrics.response(outgoing.statusCode));
      const address = addressOf(incoming.socket);
      const path = pathOf(incoming);
      const isWatching = path === healthPath || path === metricsPath;
      const waitSeconds = (isWatching ? watchingLimiter : limiter)?.take(networkOf(address), options.monotonicMs()) ?? 0;
      if (waitSeconds > 0) {
        turnAway(outgoing, waitSeconds);
        return true;
      }
      if (metricsText === undefined || path !== metricsPath) {
        return false;
      }
      void sendMetrics(incoming, outgoing, { text: metricsText, isAllowed: options.metricsFor === 'any' || isLoopback(address) });
      return true;
    },
  };

  function turnAway(outgoing: ServerResponse, waitSeconds: number): void {
    metrics.limited();
    outgoing.writeHead(429, { 'retry-after': String(waitSeconds), 'content-length': 0, 'cache-control': 'no-store', connection: 'close' });
    outgoing.end();
  }
}

async function sendMetrics(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { text, isAllowed }: { readonly text: () => Promise<string>; readonly isAllowed: boolean },
): Promise<void> {
  const isRead = incoming.method === 'GET' || incoming.method === 'HEAD';
  if (!isAllowed || !isRead) {
    outgoing.writeHead(isAllowed ? 405 : 403, { ...(isAllowed ? { allow: 'GET, HEAD' } : {}), 'content-length': 0 });
    outgoing.end();
    return;
  }
  try {
    const body = Buffer.from(await text(), 'utf8');
    outgoing.writeHead(200, { 'content-type': metricsType, 'content-length': body.length, 'cache-control': 'no-store' });
    // Node leaves the body of an answer to HEAD out.
    outgoing.end(body);
  } catch {
    outgoing.writeHead(503, { 'content-length': 0 });
    outgoing.end();
  }
}

/** One question to all processes at a time, whoever wants to know meanwhile: many readers cost as much as one. */
function createShared(make: () => string | Promise<string>): () => Promise<string> {
  let underWay: Promise<string> | undefined;
  return () => {
    underWay ??= Promise.resolve()
      .then(make)
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  };
}

/** Without the query: some scrapers send one. */
function pathOf({ url = '' }: IncomingMessage): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

/** Without the prefix that an IPv4 address has on a socket of IPv6. */
function addressOf(socket: Socket): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
