/**
 * `aa {3} bb` is `aa ?? ?? ?? bb`: one run with bytes left open instead of two and a gap between them. A search compares
 * it in one go, and the check bytes of its anchor may stand on either side. For bodies that either occur or do not:
 * where matches are counted, a gap divides them in parts.
 */
import type { ByteSignature, MaskedBytes, SignatureNode } from '../signature.js';
import { bytesIn, signatureLimits } from './signature-shape.js';

/** Longer gaps stay gaps: the bytes in them are stored. */
const maxJoinedBytes = 32;

/** The signature with its short gaps of one length closed; itself where it has none. */
export function joinGaps(signature: ByteSignature): ByteSignature {
  const nodes = joined(signature.nodes);
  const isSame = nodes.length === signature.nodes.length || bytesIn(nodes) > signatureLimits.maxBytes;
  return isSame ? signature : { ...signature, nodes };
}

function joined(nodes: readonly SignatureNode[]): SignatureNode[] {
  const out: SignatureNode[] = [];
  for (const node of nodes) {
    const [before, gap] = out.slice(-2);
    if (node.kind === 'bytes' && before?.kind === 'bytes' && gap?.kind === 'gap' && gap.min === gap.max && gap.min <= maxJoinedBytes) {
      out.splice(-2, 2, { kind: 'bytes', ...runAcross(before, gap.min, node) });
    } else {
      out.push(node);
    }
  }
  return out;
}

function runAcross(before: MaskedBytes, open: number, after: MaskedBytes): MaskedBytes {
  const behind = before.value.length + open;
  const [value, mask] = [new Uint8Array(behind + after.value.length), new Uint8Array(behind + after.value.length)];
  value.set(before.value);
  mask.set(before.mask);
  value.set(after.value, behind);
  mask.set(after.mask, behind);
  return { value, mask };
}
