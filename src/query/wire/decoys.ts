/**
 * Prefixes that are asked for nothing, so that a server cannot tell which of several a client has.
 *
 * The decoys of a prefix are drawn from a secret of this source, not anew each time: a prefix that is asked again comes
 * with the same company, and what two requests have in common does not give it away. A full hash is uniform in its first
 * four bytes, and so are they.
 */
import { concatBytes, toLatin1 } from '../../base/bytes.js';
import { prefixBytes } from '../../base/fingerprint.js';
import type { Crypto } from '../../base/seams.js';

/** So many that one prefix and its decoys still fill a tenth of a request only. */
export const maxDecoys = 99;

const secretBytes = 32;

/** A function from the prefixes of a question to `perPrefix` further ones for each, fewer where two are the same. */
export function createDecoys(
  perPrefix: number,
  crypto: Pick<Crypto, 'sha256' | 'randomBytes'>,
): (hashes: readonly Uint8Array[]) => Uint8Array[] {
  const secret = perPrefix === 0 ? undefined : crypto.randomBytes(secretBytes);
  return (hashes) => {
    if (secret === undefined) {
      return [];
    }
    const taken = new Set(hashes.map(toLatin1));
    const decoys: Uint8Array[] = [];
    for (const hash of hashes) {
      for (let i = 0; i < perPrefix; i++) {
        const decoy = crypto.sha256(concatBytes([secret, hash, Uint8Array.of(i)])).slice(0, prefixBytes);
        const key = toLatin1(decoy);
        if (!taken.has(key)) {
          taken.add(key);
          decoys.push(decoy);
        }
      }
    }
    return decoys;
  };
}
