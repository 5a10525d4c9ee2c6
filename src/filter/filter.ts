/**
 * Step 2: what the server knows, as prefix sets. It answers most checks without a question: a prefix that is in no
 * set is surely not listed by the server generation that the filter covers.
 */
import type { Fingerprint, HostRule, Wants } from '../base/fingerprint.js';
import type { ListedHosts } from '../base/host-hash.js';

/** A loaded filter. Immutable: a new generation is a new object. */
export interface Filter {
  readonly generation: number;
  /** The generation of the server pattern that it was made with. */
  readonly covers: number;
  /** How the URL expressions behind it were made: a filter with another rule than the extractor's is refused. */
  readonly hostRule: HostRule;
  /** Digests besides SHA-256 that its entries need. */
  readonly wants: Wants;
  /**
   * The hosts of all URLs that are listed: a URL none of whose host suffixes (at label borders, from two labels on, and
   * the host itself) is among them is surely not listed. Absent where the filter does not know them.
   */
  readonly hosts?: ListedHosts | undefined;
  /** `not-listed` is certain for the covered generation; `maybe` means that the server has to be asked. */
  judge(fingerprint: Fingerprint): 'not-listed' | 'maybe';
  /**
   * The same for all fingerprints of one subject, where what is known of one decides about the others as well. Where it
   * is there, the engine asks it instead of `judge`. @returns one judgement each, in their order.
   */
  judgeAll?(fingerprints: readonly Fingerprint[]): readonly ('not-listed' | 'maybe')[];
}
