/** Asks the warning lists about one entry. */
import { toHex } from '../../base/bytes.js';
import type { CanonicalUrl } from '../../fingerprint/url-canonical.js';
import { exactExpression } from '../../fingerprint/url-expressions.js';
import { ipv4Number } from './ipv4-network.js';
import type { Guard, WarningList } from './guard.js';

/** A guard over the lists; undefined where there are none, so that nobody pays for it. */
export function createGuard(lists: readonly WarningList[]): Guard | undefined {
  if (lists.length === 0) {
    return undefined;
  }
  const said = (list: WarningList | undefined): string | undefined => (list === undefined ? undefined : `on the warning list "${list.name}"`);
  return {
    url: (url) => said(lists.find((list) => warnsOfUrl(list, url))),
    hash(hash) {
      const hex = toHex(hash);
      return said(lists.find((list) => list.about.files && list.exact.has(hex)));
    },
  };
}

/** An entry for a whole host is one about the host; one with a path is a URL. */
function warnsOfUrl(list: WarningList, url: CanonicalUrl): boolean {
  const isWholeHost = url.path === '/' && url.query === undefined;
  if (!list.about.urls && !(list.about.hosts && isWholeHost)) {
    return false;
  }
  return (
    isUnder(list.hosts, url.host) ||
    list.exact.has(exactExpression(url)) ||
    list.substrings.some((text) => url.canonical.toLowerCase().includes(text)) ||
    isWithin(list, url)
  );
}

/** Longest host name (RFC 1035): nothing longer is looked up part by part. */
const maxHostLength = 253;

function isUnder(hosts: ReadonlySet<string>, host: string): boolean {
  if (hosts.size === 0 || host.length > maxHostLength) {
    return false;
  }
  for (let at = -1; ; ) {
    if (hosts.has(host.slice(at + 1))) {
      return true;
    }
    at = host.indexOf('.', at + 1);
    if (at < 0) {
      return false;
    }
  }
}

function isWithin(list: WarningList, url: CanonicalUrl): boolean {
  const address = url.hostKind === 'ip' && list.networks.length > 0 ? ipv4Number(url.host) : undefined;
  return address !== undefined && list.networks.some(({ first, bits }) => Math.floor(address / 2 ** (32 - bits)) === Math.floor(first / 2 ** (32 - bits)));
}
