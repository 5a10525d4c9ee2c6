/**
 * Signatures as the matcher sees them: parts that lie close enough together to be verified in one piece, and the wide
 * gaps between them. Existence of a match falls apart at a gap without end: there the earliest end of what stands
 * before is all that counts. At a wide gap with an end, all ends count that are still in reach.
 */
import type { SignatureNode } from '../../pattern/signature.js';
import { nodeLength } from '../../pattern/signatures/signature-shape.js';
import type { ClassNode } from './character-class.js';

/** A gap that a segment may hold. */
export interface InnerGap {
  readonly kind: 'gap';
  readonly min: number;
  readonly max: number;
}

/** A node of a segment. */
export type SegmentNode = Exclude<SignatureNode, { kind: 'gap' | 'class' }> | InnerGap | ClassNode;

/** A part of a body that has a length to speak of. It begins and ends with a node that is no gap. */
export interface Segment {
  readonly nodes: readonly SegmentNode[];
  /** From the end of the segment before; absent for the first. */
  readonly gapBefore?: { readonly min: number; readonly max?: number };
}

/**
 * The segments of a body, in order: its nodes as they are, without the wide gaps between them. With `wanted: 'all'`
 * the last gap divides as well: how often the last part stands is what counts. `[n-m]` beside a single byte never
 * divides, however little may be held in one piece: there the place before it counts once, as clamscan counts it.
 */
export function splitBody(nodes: readonly SignatureNode[], innerGapBytes: number, wanted: 'one' | 'all' = 'one'): Segment[] {
  const segments: Segment[] = [];
  let current: SegmentNode[] = [];
  let gapBefore: Segment['gapBefore'];
  const lastGap = wanted === 'all' ? nodes.findLastIndex((node, i) => node.kind === 'gap' && !isBesideByte(nodes, i)) : -1;
  const isWide = ({ max }: { readonly max?: number | undefined }, i: number): boolean =>
    max === undefined || (max > innerGapBytes && !(max <= maxByteGap && isBesideByte(nodes, i)));
  const close = (): void => {
    segments.push({ nodes: current, ...(gapBefore === undefined ? {} : { gapBefore }) });
    current = [];
  };
  for (const [i, node] of nodes.entries()) {
    if (node.kind === 'gap' && (isWide(node, i) || i === lastGap)) {
      close();
      gapBefore = node;
    } else if (node.kind === 'gap') {
      current.push({ kind: 'gap', min: node.min, max: node.max! });
    } else if (node.kind === 'class') {
      current.push(classAt(nodes, i, node));
    } else {
      current.push(node);
    }
  }
  close();
  return segments;
}

/** Bytes that the language lets such a gap have at most. */
const maxByteGap = 32;

/** `aa[x-y]HEX` or `HEX[x-y]aa`: one byte at the outer end of a part. */
function isBesideByte(nodes: readonly SignatureNode[], gap: number): boolean {
  const isByte = (at: number, beyond: number): boolean => {
    const node = nodes[at];
    return node?.kind === 'bytes' && node.value.length === 1 && (nodes[beyond] === undefined || nodes[beyond].kind === 'gap');
  };
  return isByte(gap - 1, gap - 2) || isByte(gap + 1, gap + 2);
}

/**
 * A class at an end of its part looks at what stands beside the part; between other nodes it takes a byte, and so does a
 * negated one at the beginning (as observed of clamscan).
 */
function classAt(nodes: readonly SignatureNode[], at: number, node: Extract<SignatureNode, { kind: 'class' }>): ClassNode {
  const isEnd = (neighbour: SignatureNode | undefined): boolean => neighbour === undefined || neighbour.kind === 'gap';
  if (isEnd(nodes[at - 1])) {
    return node.negated ? node : { ...node, edge: 'left' };
  }
  return isEnd(nodes[at + 1]) ? { ...node, edge: 'right' } : node;
}

/** Bytes that these nodes pass over at least and at most. */
export function lengthOf(nodes: readonly SegmentNode[]): { readonly min: number; readonly max: number } {
  let min = 0;
  let max = 0;
  for (const node of nodes) {
    const length = nodeLength(node);
    min += length.min;
    max += length.max;
  }
  return { min, max };
}
