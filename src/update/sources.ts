/**
 * Where updates come from, in which order: the customer's own sources, then other agents that pass on what they have,
 * then the origin; each perhaps only at some places or in some IP ranges. Nothing is believed for where it came from:
 * the order saves traffic, trust comes from signatures.
 */
import { inNetwork, isNetwork } from './networks.js';

/** Whose source it is; also the order in which sources are asked. */
export type SourceScope = 'customer' | 'relay' | 'origin';

/** One source: a static directory, or another agent, that has `metadata/` and `targets/` below its address. */
export interface UpdateSource {
  /** `https://…`; plain `http://…` not for an origin, unless it is a literal loopback address. */
  readonly url: string;
  /** Default: `origin`. */
  readonly scope?: SourceScope | undefined;
  /** Only at these places. Default: everywhere. */
  readonly locations?: readonly string[] | undefined;
  /** Only while the host has an address in one of these ranges (CIDR). Default: everywhere. */
  readonly networks?: readonly string[] | undefined;
}

/** Where the host is. */
export interface Whereabouts {
  readonly location: string;
  /** Its own addresses, as far as they are known. */
  readonly addresses: readonly string[];
}

const order: readonly SourceScope[] = ['customer', 'relay', 'origin'];

/** The sources to ask now, in order: by scope, and as listed within one. Pure. */
export function orderedSources(sources: readonly UpdateSource[], at: Whereabouts): readonly UpdateSource[] {
  const here = sources.filter((source) => holdsHere(source, at));
  return order.flatMap((scope) => here.filter((source) => (source.scope ?? 'origin') === scope));
}

/** What is wrong with a list of sources, as sentences; empty for one that can be used. */
export function sourceFaults(sources: readonly UpdateSource[]): readonly string[] {
  return sources.flatMap(({ url, scope = 'origin', networks = [] }) => [
    ...(isAddress(url) ? [] : [`${url}: expected an http or https address without user, query or fragment`]),
    ...(scope === 'origin' && /^http:/i.test(url) && !isLoopback(url) ? [`${url}: an origin must be asked over HTTPS`] : []),
    ...networks.filter((range) => !isNetwork(range)).map((range) => `${range}: expected an IP range such as 10.0.0.0/8`),
  ]);
}

/** The address of a file below a source. */
export function sourceFile(source: Pick<UpdateSource, 'url'>, folder: 'metadata' | 'targets', path: string): string {
  return `${source.url.replace(/\/+$/, '')}/${folder}/${path}`;
}

function holdsHere({ locations, networks }: UpdateSource, at: Whereabouts): boolean {
  const place = locations === undefined || locations.includes(at.location);
  const range = networks === undefined || networks.some((one) => at.addresses.some((address) => inNetwork(address, one)));
  return place && range;
}

function isAddress(url: string): boolean {
  return /^https?:\/\/[^?#@\\\s]+$/i.test(url) && URL.canParse(url);
}

function isLoopback(url: string): boolean {
  return URL.canParse(url) && /^(127(\.\d{1,3}){3}|\[::1\])$/.test(new URL(url).hostname);
}
