/** What `vedette serve` was told, checked as a whole before anything is opened. */
import { availableParallelism } from 'node:os';
import { VedetteError } from '../../base/errors.js';

/** The options of the command. */
export interface ServeSettings {
  readonly serverPattern: string | undefined;
  readonly data: string | undefined;
  readonly upstream: string | undefined;
  readonly externalQueries: boolean;
  readonly trust: readonly string[];
  readonly lists: string | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly role: 'global' | 'local' | undefined;
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly key: string | undefined;
  readonly keyList: string | undefined;
  readonly listKey: readonly string[];
  readonly reference: boolean;
  readonly workers: number | undefined;
  readonly maxRate: number | undefined;
  readonly maxConnections: number | undefined;
  readonly metricsFor: 'loopback' | 'any' | undefined;
}

/** How it is served. */
export type ServePlan =
  | { readonly kind: 'relay'; readonly upstream: string; readonly workers: 1 }
  | { readonly kind: 'memory'; readonly serverPattern: string; readonly workers: 1 }
  /** Imports `serverPattern` first, where it is given. */
  | { readonly kind: 'data'; readonly data: string; readonly serverPattern: string | undefined; readonly workers: number };

/** @throws VedetteError `config-invalid` for options that do not go together. */
export function planServe(settings: ServeSettings): ServePlan {
  const { serverPattern, data, upstream, tlsCert, tlsKey, role } = settings;
  assertKeys(settings);
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw invalid('--tls-cert and --tls-key go together');
  }
  if (role === 'global' && tlsCert === undefined) {
    throw invalid('--role global is for HTTPS only: it needs --tls-cert and --tls-key');
  }
  if (upstream !== undefined) {
    return planRelay(settings, upstream);
  }
  if (data !== undefined) {
    return { kind: 'data', data, serverPattern, workers: settings.workers ?? availableParallelism() };
  }
  if (serverPattern === undefined) {
    throw invalid("required option '--server-pattern <FILE>' not specified, nor '--data <DIR>' or '--upstream <URL>'");
  }
  if ((settings.workers ?? 1) > 1) {
    throw invalid('--workers needs --data: without it every process would hold the whole pattern');
  }
  return { kind: 'memory', serverPattern, workers: 1 };
}

function assertKeys({ reference, key, upstream, role, keyList, listKey }: ServeSettings): void {
  if (listKey.length > 0 && keyList === undefined) {
    throw invalid('--list-key says who signs the list of --key-list FILE, which is missing');
  }
  if (reference && (key === undefined || upstream !== undefined)) {
    throw invalid('--reference needs --key FILE, the key that clients know it by; a relay has none');
  }
  if (reference && role === 'global') {
    throw invalid('--reference is for a server that nobody outside can reach: leave out --role global');
  }
}

function planRelay(settings: ServeSettings, upstream: string): ServePlan {
  if (!settings.externalQueries && !isOwnNetwork(upstream)) {
    throw invalid('--internal-only: the server behind a relay has to be on this machine or in a private network, and be named by its address');
  }
  if (settings.serverPattern !== undefined || settings.data !== undefined || settings.key !== undefined || settings.lists !== undefined) {
    throw invalid('--upstream passes on what another server signed: leave out --server-pattern, --data, --lists and --key');
  }
  if (!/^https?:\/\/[^?#@\\\s]+$/i.test(upstream) || !URL.canParse(upstream)) {
    throw invalid('--upstream: expected an http or https address without user, query or fragment');
  }
  if (settings.trust.length === 0) {
    throw invalid('--upstream needs --trust KEY.pub, the key of that server: nothing else is passed on');
  }
  return { kind: 'relay', upstream, workers: 1 };
}

/** Loopback and the private ranges (RFC 1918, RFC 4193, link-local). A name may lead anywhere tomorrow. */
function isOwnNetwork(address: string): boolean {
  if (!URL.canParse(address)) {
    return true;
  }
  const { hostname } = new URL(address);
  return /^(127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.)[\d.]+$|^\[(::1|f[cd][0-9a-f:]+|fe[89ab][0-9a-f:]+)\]$|^localhost$/.test(hostname);
}

function invalid(message: string): VedetteError {
  return new VedetteError('config-invalid', message);
}
