/** The host of a URL in its one canonical spelling: Safe Browsing "URLs and Hashing", canonicalization of the hostname. */
import { escapeBytes } from '../url-escapes.js';
import { domainToAscii } from './idn.js';
import { parseIpv4 } from './ipv4.js';
import { canonicalIpv6 } from './ipv6.js';

/** A canonical host, or why there is none. */
export type CanonicalHost =
  /** Lower-case ASCII, no empty label; bytes that no name holds are escaped. */
  | { readonly kind: 'name'; readonly host: string }
  /** Four-part decimal, or RFC 5952 in brackets. */
  | { readonly kind: 'ip'; readonly host: string }
  | { readonly kind: 'refused'; readonly reason: 'no-host' | 'bad-host' };

/** The canonical form of an unescaped host (a byte string) without user information and port. */
export function canonicalHost(bytes: string): CanonicalHost {
  if (bytes.startsWith('[')) {
    const address = bytes.endsWith(']') ? canonicalIpv6(bytes.slice(1, -1)) : undefined;
    return address === undefined ? { kind: 'refused', reason: 'bad-host' } : { kind: 'ip', host: address };
  }
  // Brackets and colons would make the canonical form read as something else the next time.
  if (/[[\]:]/.test(bytes)) {
    return { kind: 'refused', reason: 'bad-host' };
  }
  // Tidied before the mapping too: what it gives up must be given up the next time as well.
  const name = withoutEmptyLabels(bytes);
  const tidy = isAscii(name) ? name : withoutEmptyLabels(domainToAscii(name) ?? name);
  if (tidy === '') {
    return { kind: 'refused', reason: 'no-host' };
  }
  const address = parseIpv4(tidy);
  return address === undefined
    ? { kind: 'name', host: escapeBytes(lowerAscii(tidy)) }
    : { kind: 'ip', host: address };
}

/** Leading and trailing dots go, several dots become one. */
function withoutEmptyLabels(host: string): string {
  return host
    .split('.')
    .filter((label) => label !== '')
    .join('.');
}

/** Only ASCII letters: the rest of a byte string is no text. */
function lowerAscii(bytes: string): string {
  return bytes.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function isAscii(bytes: string): boolean {
  return /^[\x00-\x7f]*$/.test(bytes);
}
