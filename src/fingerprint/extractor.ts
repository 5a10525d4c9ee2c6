/** Takes fingerprints: digests of a content while it is read, and the expressions of a URL. */
import type { Digests, UrlFingerprint } from '../base/fingerprint.js';
import type { ListedHosts } from '../base/host-hash.js';

/** Which digests besides SHA-256 one session computes. */
export interface DigestWants {
  readonly md5: boolean;
  readonly sha1: boolean;
}

/** Digests of one content, fed in chunks. */
export interface DigestSession {
  update(chunk: Uint8Array): void;
  /** Called once, after the last chunk. */
  finish(): Digests;
}

/** Pure: the same input gives the same fingerprint, on every runtime. */
export interface FingerprintExtractor {
  open(wants: DigestWants): DigestSession;
  /** The same of a content that is there in one piece, where that can be had for less. */
  whole?(content: Uint8Array, wants: DigestWants): Digests;
  /** Never throws and never touches the network; what is no URL comes back as `not-a-url`. */
  url(url: string): UrlFingerprint;
  /**
   * A quick look, where the extractor has one: `false` is certain, none of the hosts that `url` would make expressions of
   * is listed (and it is a URL); `true` says nothing.
   */
  mayHit?(url: string, listed: ListedHosts): boolean;
}
