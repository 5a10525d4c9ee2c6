/**
 * Signatures as the matcher sees them: parts that lie close enough together to be verified in one piece, and the wide
 * gaps between them. Existence of a match falls apart at a gap without end: there the earliest end of what stands
 * before is all that counts. At a wide gap with an end, all ends count that are still in reach.
 */
import type { SignatureNode } from '../../pattern/signature.js';
import { nodeLength } from '../../pattern/signatures/signature-shape.js';

/** A gap that a segment may hold. */
export interface InnerGap {
  readonly kind: 'gap';
  readonly min: number;
  readonly max: number;
}

/** A node of a segment. */
export type SegmentNode = Exclude<SignatureNode, { kind: 'gap' }> | InnerGap;

/** A part of a body that has a length to speak of. It begins and ends with a node that is no gap. */
export interface Segment {
  readonly nodes: readonly SegmentNode[];
  /** From the end of the segment before; absent for the first. */
  readonly gapBefore?: { readonly min: number; readonly max?: number };
}

/** The segments of a body, in order; neighbouring runs of bytes become one. */
export function splitBody(nodes: readonly SignatureNode[], innerGapBytes: number): Segment[] {
  const segments: Segment[] = [];
  let current: SegmentNode[] = [];
  let gapBefore: Segment['gapBefore'];
  const close = (): void => {
    segments.push({ nodes: current, ...(gapBefore === undefined ? {} : { gapBefore }) });
    current = [];
  };
  for (const node of nodes) {
    if (node.kind === 'gap' && (node.max === undefined || node.max > innerGapBytes)) {
      close();
      gapBefore = node;
    } else if (node.kind === 'gap') {
      current.push({ kind: 'gap', min: node.min, max: node.max! });
    } else {
      addNode(current, node);
    }
  }
  close();
  return segments;
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

function addNode(nodes: SegmentNode[], node: Exclude<SignatureNode, { kind: 'gap' }>): void {
  const last = nodes[nodes.length - 1];
  if (last?.kind === 'bytes' && node.kind === 'bytes') {
    nodes[nodes.length - 1] = { kind: 'bytes', value: join(last.value, node.value), mask: join(last.mask, node.mask) };
  } else {
    nodes.push(node);
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
