/** One listed hash: what the readers produce, the server pattern holds in full and the filter as a prefix. */
import type { FingerprintKind, HashAlgorithm } from '../base/fingerprint.js';
import type { Json } from '../base/seams.js';
import type { Disposition, Threat } from '../base/verdict.js';

/** A full hash of a file or of a URL expression, with what it is listed for. */
export interface HashEntry {
  readonly kind: FingerprintKind;
  /** Always `sha256` for URLs. */
  readonly algorithm: HashAlgorithm;
  readonly hash: Uint8Array;
  /**
   * What was hashed (`host/path`), for URLs whose source says so. Only the filter is made from it: where every URL
   * entry tells its expression, the filter knows the listed hosts.
   */
  readonly expression?: string;
  /** Only a file of this size is meant; absent for any size. */
  readonly size?: number;
  readonly disposition: Disposition;
  readonly threat: Threat;
  /** Web reputation, 0 to 100; 71 beside the disposition `unknown` for untested. */
  readonly score?: number;
}

/** What the source files a URL under: kept as `categories` in the detail of the threat, and read from there. */
export function categoriesOf(threat: Threat): readonly string[] {
  const { detail = null } = threat;
  const categories = typeof detail === 'object' && detail !== null && 'categories' in detail ? detail['categories'] : undefined;
  return Array.isArray(categories) ? (categories as readonly Json[]).filter((one) => typeof one === 'string') : [];
}
