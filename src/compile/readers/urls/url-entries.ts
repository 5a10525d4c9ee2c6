/**
 * From a listed URL or name to its hash entry. The stored hash is that of the exact expression (host, path and query
 * of the canonical URL): every URL is looked up by its exact expression under either host rule, so a listed URL finds
 * its own entry however deep its host is. An entry for `host/` or a directory holds for what lies under it as far as
 * the expressions of the host rule reach.
 */
import { toUtf8 } from '../../../base/bytes.js';
import type { Disposition, Threat } from '../../../base/verdict.js';
import { canonicalizeUrl } from '../../../fingerprint/url-canonical.js';
import type { CanonicalUrl, NotAUrl } from '../../../fingerprint/url-canonical.js';
import { exactExpression } from '../../../fingerprint/url-expressions.js';
import type { HashEntry } from '../../../pattern/hash-entry.js';
import type { LineResult } from '../../lines.js';
import { stemOf } from '../hashes/hash-text.js';
import type { ReaderContext } from '../reader.js';

/** What a list says about everything on it. */
export interface Listing {
  readonly disposition: Disposition;
  readonly threat: Threat;
}

/** A canonical URL, or why a text cannot be listed. */
export type Listed = CanonicalUrl | { readonly kind: 'unusable'; readonly reason: string };

const reasons: Readonly<Record<NotAUrl['reason'], string>> = {
  empty: 'not a URL: it is empty',
  'too-long': 'not a URL: it is longer than 65,536 bytes',
  'too-many-escapes': 'not a URL: it is percent-escaped more than 1,024 times over',
  'no-host': 'not a URL: it names no host',
  'bad-host': 'not a URL: its host is neither a name nor an address',
  'bad-port': 'not a URL: its port is no number',
};

/**
 * Malicious, named after the source and the kind of list: `kadhosts.domain` for a line of `kadhosts.txt`. The type is
 * `malicious-url`.
 */
export function maliciousListing(source: string, kind: 'url' | 'domain' | 'host' | 'zone' | 'rule'): Listing {
  return { disposition: 'malicious', threat: { name: `${stemOf(source)}.${kind}`, type: 'malicious-url' } };
}

/** Approved, for the allow list: the name tells the source. */
export function approvedListing(source: string): Listing {
  return { disposition: 'clean', threat: { name: `${stemOf(source)}.approved`, type: 'approved' } };
}

/** The entry of a canonical URL. */
export function urlEntry(url: CanonicalUrl, listing: Listing, context: ReaderContext): HashEntry {
  const expression = exactExpression(url);
  return { kind: 'url', algorithm: 'sha256', hash: context.sha256(toUtf8(expression)), expression, ...listing };
}

/**
 * What a line with this URL comes to. An entry that a warning list has is left out and told beside the line: one wrong
 * line must not block what everybody uses.
 */
export function loadedUrl(listed: Listed, listing: Listing, context: ReaderContext): LineResult<HashEntry> {
  if (listed.kind === 'unusable') {
    return { kind: 'skipped', reason: listed.reason };
  }
  const guarded = listing.disposition === 'clean' ? undefined : context.guard?.url(listed);
  return guarded === undefined
    ? { kind: 'loaded', items: [urlEntry(listed, listing, context)] }
    : { kind: 'loaded', items: [], leftOut: [{ signature: exactExpression(listed), reason: guarded }] };
}

/** A line that should be a URL. Without scheme it has to look like one: canonicalization alone takes any prose. */
export function listedUrl(text: string): Listed {
  const url = canonicalizeUrl(text);
  if (url.kind === 'not-a-url') {
    return { kind: 'unusable', reason: reasons[url.reason] };
  }
  if (!/^[a-z][a-z0-9+.-]*:[/\\]{2}/i.test(text) && !isFullHost(url)) {
    return { kind: 'unusable', reason: 'not a URL: neither a scheme nor a domain' };
  }
  return url;
}

/** A word that should be the name of a host (or an IPv4 address): the URL of everything on it. */
export function listedHost(name: string): Listed {
  const url = /[/\\?#@:]/.test(name) ? undefined : canonicalizeUrl(`http://${name}/`);
  if (url?.kind !== 'url' || !isFullHost(url)) {
    return { kind: 'unusable', reason: 'not a domain name' };
  }
  return url;
}

function isFullHost(url: CanonicalUrl): boolean {
  return url.hostKind === 'ip' || /^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/.test(url.host);
}
