/**
 * The expressions of a canonical URL: host suffixes with path prefixes, which are what lists contain as hashes. A list
 * that names `example.com/a/` thereby holds for everything under it. Safe Browsing "URLs and Hashing", suffix/prefix
 * expressions; the host rule is that of v4 (`labels5`) or of v5 (`psl`).
 */
import type { HostRule } from '../base/fingerprint.js';
import { canonicalizeUrl } from './url-canonical.js';
import type { CanonicalUrl } from './url-canonical.js';

/** Which hosts are looked up. */
export interface ExpressionOptions {
  readonly hostRule: HostRule;
  /** eTLD+1 of a canonical host, so of two labels at least, or undefined for a bare suffix. Needed by the rule `psl` only. */
  readonly registrableDomain?: ((host: string) => string | undefined) | undefined;
}

const maxHosts = 5;
const maxDirectories = 4;

/**
 * At most 30 expressions, unique: the exact host first, then shorter suffixes; for each of them the path with query,
 * the path, and up to four directories from the root on.
 * @throws TypeError for the rule `psl` without `registrableDomain`.
 */
export function urlExpressions(url: CanonicalUrl, options: ExpressionOptions): string[] {
  const hosts = url.hostKind === 'ip' ? [url.host] : [url.host, ...shorterHosts(url.host, options)];
  const paths = pathPrefixes(url);
  const expressions: string[] = [];
  for (const host of hosts) {
    for (const path of paths) {
      expressions.push(host + path);
    }
  }
  return expressions;
}

/** Exact host, path and query: the first of the expressions under either host rule. */
export function exactExpression(url: CanonicalUrl): string {
  return url.host + exactPath(url);
}

/** The exact expression of a URL in any spelling, or undefined for what is no URL. */
export function urlExpression(url: string): string | undefined {
  const canonical = canonicalizeUrl(url);
  return canonical.kind === 'url' ? exactExpression(canonical) : undefined;
}

function shorterHosts(host: string, options: ExpressionOptions): string[] {
  switch (options.hostRule) {
    case 'labels5':
      return lastLabels(host);
    case 'psl':
      return registrableUpward(host, options.registrableDomain);
  }
}

/** v4: up to four hosts, from the last five labels down to the last two. */
function lastLabels(host: string): string[] {
  const hosts: string[] = [];
  let dot = host.lastIndexOf('.');
  while (hosts.length < maxHosts - 1 && dot > 0) {
    dot = host.lastIndexOf('.', dot - 1);
    if (dot >= 0) {
      hosts.unshift(host.slice(dot + 1));
    }
  }
  return hosts;
}

/** v5: up to four hosts, from the registrable domain upward; the longest comes first here. */
function registrableUpward(host: string, registrableDomain: ExpressionOptions['registrableDomain']): string[] {
  if (registrableDomain === undefined) {
    throw new TypeError("urlExpressions: hostRule 'psl' needs registrableDomain, for example that of the entry './url'");
  }
  const found = registrableDomain(host);
  // Lower case on both sides: the escapes in a canonical host are upper case.
  if (found === undefined || !found.includes('.') || !host.toLowerCase().endsWith(`.${found.toLowerCase()}`)) {
    return [];
  }
  let from = host.length - found.length;
  const hosts = [host.slice(from)];
  while (hosts.length < maxHosts - 1 && from > 1) {
    from = host.lastIndexOf('.', from - 2) + 1;
    if (from > 0) {
      hosts.unshift(host.slice(from));
    }
  }
  return hosts;
}

/** Unique: a path without query is its own exact path, one that ends in a slash its own last directory. */
function pathPrefixes(url: CanonicalUrl): string[] {
  const paths = url.query === undefined ? [url.path] : [exactPath(url), url.path];
  let slash = 0;
  for (let count = 0; count < maxDirectories && slash >= 0 && slash < url.path.length - 1; count++) {
    paths.push(url.path.slice(0, slash + 1));
    slash = url.path.indexOf('/', slash + 1);
  }
  return paths;
}

function exactPath(url: CanonicalUrl): string {
  return url.query === undefined ? url.path : `${url.path}?${url.query}`;
}
