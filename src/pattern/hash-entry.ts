/** One listed hash: what the readers produce, the server pattern holds in full and the filter as a prefix. */
import type { FingerprintKind, HashAlgorithm } from '../base/fingerprint.js';
import type { Disposition, Threat } from '../base/verdict.js';

/** A full hash of a file or of a URL expression, with what it is listed for. */
export interface HashEntry {
  readonly kind: FingerprintKind;
  /** Always `sha256` for URLs. */
  readonly algorithm: HashAlgorithm;
  readonly hash: Uint8Array;
  /** Only a file of this size is meant; absent for any size. */
  readonly size?: number;
  readonly disposition: Disposition;
  readonly threat: Threat;
  /** Web reputation, 0 to 100. */
  readonly score?: number;
}
