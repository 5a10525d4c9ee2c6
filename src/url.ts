/**
 * Entry `./url`: the Public Suffix List. It is apart from the core because of its size; the host rule `psl` is given
 * `registrableDomain` by whoever builds an extractor.
 */
import { getDomain } from 'tldts';

/**
 * The registrable domain (eTLD+1) of a host name, lower case, private suffixes counted as suffixes (`github.io`).
 * Undefined for addresses, bare suffixes and single labels. Nothing is resolved.
 */
export function registrableDomain(host: string): string | undefined {
  const name = host.toLowerCase().replace(/\.$/, '');
  // Taken as it stands: canonical hosts may hold escapes that no registrar sells, and their parent is still a domain.
  const domain = getDomain(name, { allowPrivateDomains: true, extractHostname: false, validateHostname: false });
  return domain === null || domain.startsWith('.') ? undefined : domain;
}
