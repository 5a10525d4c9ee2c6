/**
 * What makes two matches of a body two: clamscan 1.4.6 counts the places at which the exact bytes of the last part stand,
 * not the ways in which what is around them can be read (docs/signature-semantics.md).
 */
import { nodeLength } from '../../pattern/signatures/signature-shape.js';
import type { SegmentNode } from './split.js';

/** True when the beginning of the part says where its exact bytes stand; else its end is taken for that. */
export function countsByStart(nodes: readonly SegmentNode[]): boolean {
  for (const node of nodes) {
    if (node.kind === 'bytes' && hasExactPair(node.mask)) {
      return true;
    }
    if (!hasOneLength(node)) {
      return false;
    }
  }
  return true;
}

function hasExactPair(mask: Uint8Array): boolean {
  return mask.some((byte, i) => isExact(byte) && i + 1 < mask.length && isExact(mask[i + 1]!));
}

/** A letter in either case is one letter to clamscan. */
function isExact(mask: number): boolean {
  return mask === 0xff || mask === 0xdf;
}

function hasOneLength(node: SegmentNode): boolean {
  if (node.kind === 'class') {
    return node.edge !== undefined || node.of !== 'line-boundary' || node.negated;
  }
  const { min, max } = nodeLength(node);
  return min === max;
}
