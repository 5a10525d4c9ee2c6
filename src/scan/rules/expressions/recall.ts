/**
 * What scans ask again and again about byte signatures that lie in a section: each answer is read there once. Anchors of
 * many signatures stand in ordinary files, and making the signature to ask for its target was a third of a scan with
 * 100,000 of them (350 against 740 MB/s of the bare search on programs).
 */
import type { Threat } from '../../../base/verdict.js';
import type { ByteSignature } from '../../../pattern/signature.js';

/** Names that are kept: those of finds. */
const maxThreats = 4096;

/** Answers by index. */
export interface Recall {
  targetOf(index: number): number;
  threatOf(index: number): Threat;
}

/** Keeps a byte for each signature once something is asked, and the threats of the latest finds. */
export function createRecall(signatures: { readonly count: number; at(index: number): ByteSignature }): Recall {
  // Target + 1; 0 for what was not asked yet. 255, which no target is, is never kept.
  let targets: Uint8Array | undefined;
  const threats = new Map<number, Threat>();
  return {
    targetOf(index) {
      targets ??= new Uint8Array(signatures.count);
      const known = targets[index]!;
      if (known > 0) {
        return known - 1;
      }
      const { target } = signatures.at(index);
      targets[index] = target + 1;
      return target;
    },
    threatOf(index) {
      const known = threats.get(index);
      if (known !== undefined) {
        return known;
      }
      const { threat } = signatures.at(index);
      if (threats.size >= maxThreats) {
        threats.clear();
      }
      threats.set(index, threat);
      return threat;
    },
  };
}
