/**
 * What must not be listed, whatever a source says: warning lists of what is known to be good, too common or not meant
 * (the format of MISP warning lists). They keep false positives out where lists are made.
 */
import type { CanonicalUrl } from '../../fingerprint/url-canonical.js';

/** One warning list, its entries as they are compared. */
export interface WarningList {
  readonly name: string;
  /** What it speaks of: URLs with everything on a host, hosts as a whole, files. */
  readonly about: { readonly urls: boolean; readonly hosts: boolean; readonly files: boolean };
  /** Hosts: they and their subdomains. */
  readonly hosts: ReadonlySet<string>;
  /** Exact expressions (`host/path`) and hashes (hex). */
  readonly exact: ReadonlySet<string>;
  /** Texts that occur in a canonical URL, in lower case. */
  readonly substrings: readonly string[];
  /** IPv4 networks: the first address and the number of leading bits. */
  readonly networks: readonly { readonly first: number; readonly bits: number }[];
}

/** Says why an entry must not be listed, or undefined. */
export interface Guard {
  url(url: CanonicalUrl): string | undefined;
  hash(hash: Uint8Array): string | undefined;
}
