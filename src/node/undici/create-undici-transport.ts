/**
 * The transport over undici: for each server a few connections that are kept, TLS by authorities and pins of our own,
 * and the proxies of the environment. Redirects and compressed bodies are refused, nothing is retried, and no other
 * clock runs than the caller's signal.
 */
import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { assertInteger } from '../../base/assert.js';
import { withDefaults, type Filled } from '../../base/defaults.js';
import { VedetteError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';
import { requestHeaders } from '../../preset/http/http-reply.js';
import { queryUrl } from '../../preset/http/query-url.js';
import { noAddress, unreachable } from '../../preset/http/reply-to.js';
import { createSystemClock } from '../../preset/system-seams.js';
import type { Transport } from '../../query/transport.js';
import { Connections } from './connections.js';
import type { Identity, Route } from './dial.js';
import { exchange } from './exchange.js';
import { loadUndici } from './load-undici.js';
import { parsePins, type Pins } from './pins.js';
import { chooseProxy, type ProxySetting } from './proxy-choice.js';
import { proxyAuthorization } from './tunnel.js';

/** Options of `createUndiciTransport`. */
export interface UndiciTransportOptions {
  /** Certificates (PEM) of the only authorities that are believed for servers; without it Node's own list. */
  readonly ca?: string | readonly string[] | undefined;
  /** Keys that HTTPS servers must have besides; see `pinOf`. */
  readonly pin?: Pins | undefined;
  /** A Unix socket or named pipe to which every server's connection is made; proxies are then not asked. */
  readonly socketPath?: string | undefined;
  /** `environment`: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` as they are now (default); `none`; or a proxy's URL. */
  readonly proxy?: ProxySetting | undefined;
  /** Certificates (PEM) of the authorities of an HTTPS proxy; without it Node's own list. */
  readonly proxyCa?: string | readonly string[] | undefined;
  /** Connections to one server at most (16); further questions wait for a free one. */
  readonly connections?: number | undefined;
  /** Time that an idle connection is kept, where the server allows it (4,000). */
  readonly keepAliveMs?: number | undefined;
  /** Variables in place of the process's own. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** For `Retry-After` with a date. */
  readonly clock?: Pick<Clock, 'now'> | undefined;
}

const defaults: Filled<Pick<UndiciTransportOptions, 'proxy' | 'connections' | 'keepAliveMs'>> = {
  proxy: 'environment',
  connections: 16,
  keepAliveMs: 4_000,
};

/** Servers whose addresses are not taken apart again for each question. */
const maxWays = 256;

/** How a server is asked. */
interface Way {
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: Connections;
}

/**
 * Speaks `http:` (plain) and `https:` (secure) addresses; needs the package `undici`. A host that hands it to an engine
 * closes it.
 * @throws VedetteError `peer-missing` without undici 7; `config-invalid` for certificates, pins or proxies that are none.
 * @throws RangeError for numbers out of range.
 */
export async function createUndiciTransport(options: UndiciTransportOptions = {}): Promise<Transport & { close(): Promise<void> }> {
  const { proxy, connections, keepAliveMs } = withDefaults(defaults, options);
  assertInteger('connections', connections, { min: 1, max: 10_000 });
  assertInteger('keepAliveMs', keepAliveMs, { min: 1, max: 600_000 });
  const identity = identityFrom(options);
  const proxyFor = chooseProxy(proxy, options.env ?? process.env);
  const clock = options.clock ?? createSystemClock();
  const createClient = await loadUndici();
  const servers = new Map<string, Connections>();
  let isClosed = false;

  const connectionsOf = (route: Route): Connections => {
    const { origin } = route.url;
    const found = servers.get(origin) ?? new Connections({ route, identity, createClient, maxConnections: connections, keepAliveMs });
    servers.set(origin, found);
    return found;
  };

  const findWay = (address: string, path: string | undefined): Way | undefined => {
    const url = queryUrl(address, path);
    const { socketPath } = options;
    const route = url === undefined ? undefined : { url, socketPath, proxy: socketPath === undefined ? proxyFor(url) : undefined };
    return route === undefined ? undefined : { ...targetOf(route), connections: connectionsOf(route) };
  };
  const ways = new Map<string, Way>();
  const wayTo = (address: string, path: string | undefined): Way | undefined => {
    const name = path === undefined ? address : `${address} ${path}`;
    const way = ways.get(name) ?? findWay(address, path);
    if (way !== undefined && ways.size < maxWays) {
      ways.set(name, way);
    }
    return way;
  };

  return {
    schemes: { http: 'plain', https: 'secure' },
    async send(body, { server, signal, maxBytes, path }) {
      if (signal.aborted || isClosed) {
        return unreachable(isClosed ? 'the transport is closed' : 'aborted');
      }
      const way = wayTo(server.address, path);
      if (way === undefined) {
        return noAddress;
      }
      const { target, headers, connections: to } = way;
      return exchange({ target, headers, body: new Uint8Array(body) }, { connections: to, signal, maxBytes, clock });
    },
    async close() {
      isClosed = true;
      ways.clear();
      servers.forEach((one) => one.destroy(new Error('the transport is closed')));
      servers.clear();
    },
  };
}

/** A proxy is handed plain HTTP with the whole URL (RFC 9112 § 3.2.2); of HTTPS it sees nothing but the tunnel. */
function targetOf({ url, proxy }: Route): { readonly target: string; readonly headers: Readonly<Record<string, string>> } {
  if (proxy === undefined || url.protocol === 'https:') {
    return { target: url.pathname, headers: requestHeaders };
  }
  return { target: url.href, headers: { ...requestHeaders, ...proxyAuthorization(proxy) } };
}

function identityFrom({ ca, proxyCa, pin }: UndiciTransportOptions): Identity {
  return { authorities: authorities('ca', ca), proxyAuthorities: authorities('proxyCa', proxyCa), pins: parsePins(pin) };
}

/** Node takes texts without a certificate for none, and an empty list for nobody's: both are mistakes, so they are said. */
function authorities(what: string, ca: string | readonly string[] | undefined): SecureContext {
  if (ca === undefined) {
    return createSecureContext({ minVersion: 'TLSv1.2' });
  }
  const texts = typeof ca === 'string' ? [ca] : ca;
  const certificates = texts.flatMap((text) => text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [text]);
  try {
    certificates.forEach((text) => new X509Certificate(text));
  } catch (cause) {
    throw new VedetteError('config-invalid', `${what}: expected certificates as PEM text`, { cause, detail: { what } });
  }
  if (certificates.length === 0) {
    throw new VedetteError('config-invalid', `${what}: expected at least one certificate`, { detail: { what } });
  }
  return createSecureContext({ ca: certificates, minVersion: 'TLSv1.2' });
}
