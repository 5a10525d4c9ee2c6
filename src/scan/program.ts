/**
 * What a set of bodies is compiled to: anchors as columns, the tables that find them, and the segments around them,
 * made when an anchor first matches. One program holds bodies whose places are known beforehand, or bodies whose places
 * are told when the end is known.
 */
import type { StoredAnchors } from '../pattern/anchors/stored-anchors.js';
import type { SignatureBody, SignatureOffset } from '../pattern/signature.js';
import type { AnchorTable } from './search/anchor-table.js';
import type { WeakAnchors } from './search/visit-hits.js';
import type { CellSearch } from './kernel/cell-search.js';
import type { MarkOwner } from './search/pass-marks.js';
import { SpareBuffers } from './stream/scan-buffer.js';
import type { PositionSet } from './verify/position-set.js';
import { interval } from './verify/position-set.js';
import { lengthOf, splitBody } from './verify/split.js';
import type { SegmentNode } from './verify/split.js';

/** Where a body may begin: `lo` to `hi`, both included. */
export interface Placement {
  readonly lo: number;
  readonly hi: number;
}

/** A body to look for. */
export interface SearchedBody {
  readonly body: SignatureBody;
  /** `one`: whether it stands anywhere; the sink may hear of one match only. `all`: every end of a match counts. */
  readonly wanted: 'one' | 'all';
}

/** Bodies by number. Nothing is kept of what `at` returns but for those that match. */
export interface BodyList {
  readonly count: number;
  at(number: number): SearchedBody;
  /** Anchors chosen beforehand for bodies from 0 on; the bodies beyond those it knows choose theirs. */
  takeAnchors?(): StoredAnchors | undefined;
}

/** One segment of one body. */
export interface ProgramSegment {
  /** Unique in the program; the segments of a body have consecutive numbers. */
  readonly id: number;
  /** Number of the body. */
  readonly body: number;
  readonly wanted: 'one' | 'all';
  readonly isFirst: boolean;
  /** It is the whole body, runs and gaps of one length, and one match is enough. */
  readonly isRigid: boolean;
  readonly fullword: boolean;
  /** Its characters are of two bytes. */
  readonly wide: boolean;
  readonly offset: SignatureOffset;
  /** Of a first segment: where it may begin, if that is known beforehand. */
  readonly places?: PositionSet;
  readonly nodes: readonly SegmentNode[];
  /** The gap to the next segment; absent for the last. */
  readonly gapAfter?: { readonly min: number; readonly max?: number };
}

/** A place in a segment that the search can find. */
export interface Anchor {
  readonly segment: ProgramSegment;
  /** Node that holds the anchor, and how far into the node it begins. */
  readonly node: number;
  readonly offset: number;
  /** From the beginning of the segment to the anchor, at least and at most. */
  readonly before: { readonly min: number; readonly max: number };
  /** From the anchor to the end of the segment, at least. */
  readonly minAfter: number;
}

/** An anchor, by number, to be tried at every position from `lo` to `hi`. */
export interface PlacedAnchor extends Placement {
  readonly anchor: number;
}

/** Bodies of one offset. */
export interface OffsetGroup {
  readonly offset: SignatureOffset;
  readonly bodies: readonly number[];
  /** Anchors to be tried at each place, for bodies without a good one. */
  readonly unanchored: readonly number[];
  /** Bytes of the longest body; Infinity where a gap has no end. */
  readonly maxLength: number;
}

/** What a draft comes to. */
export interface ProgramParts {
  readonly bodies: BodyList;
  readonly anchors: AnchorTable;
  readonly search: CellSearch;
  readonly weak: WeakAnchors;
  /** Sorted by `lo`; of bodies whose places are known beforehand. */
  readonly placed: readonly PlacedAnchor[];
  /** Of bodies whose places are not. */
  readonly late: readonly OffsetGroup[];
  /** Bytes that verification may need before an anchor, and from its first byte on. */
  readonly lookBehind: number;
  readonly lookAhead: number;
  readonly innerGapBytes: number;
}

/** Bytes beside a body that may decide whether it counts: a line or a word may end there. */
export const neighbourBytes = 2;

const maxSegments = 1024;
const maxMade = 16_384;

/** A compiled set of bodies. Scans share it. */
export class Program {
  readonly parts: ProgramParts;
  /** Whose marks the search shows. */
  readonly marks: MarkOwner = { current: undefined };
  /** Memory of passes that have ended. */
  readonly spare: SpareBuffers = new SpareBuffers();
  readonly #made = new Map<number, Anchor>();

  constructor(parts: ProgramParts) {
    this.parts = parts;
  }

  /** The anchor of this number, made from its body when it is not known from before. */
  anchor(number: number): Anchor {
    const known = this.#made.get(number);
    if (known !== undefined) {
      return known;
    }
    if (this.#made.size >= maxMade) {
      this.#made.clear();
    }
    const { body, node, offset } = this.parts.anchors.at(number);
    const anchor = anchorIn(segmentsOf(body, this.parts.bodies.at(body), this.parts.innerGapBytes), { node, offset });
    this.#made.set(number, anchor);
    return anchor;
  }

  /** The anchors of the segment with this id. */
  anchorsOf(segment: number): { readonly anchor: number; readonly lane: number }[] {
    const { from, to } = this.parts.anchors.ofBody(Math.floor(segment / maxSegments));
    const all = Array.from({ length: to - from }, (_, i) => ({ anchor: from + i, lane: this.parts.anchors.at(from + i).lane }));
    return all.filter(({ anchor }) => this.anchor(anchor).segment.id === segment);
  }
}

/** A segment and the index of its first node in the body. */
interface PlacedSegment {
  readonly segment: ProgramSegment;
  readonly firstNode: number;
}

/** The segments of a body. */
export function segmentsOf(number: number, { body, wanted }: SearchedBody, innerGapBytes: number): PlacedSegment[] {
  const parts = splitBody(body.nodes, innerGapBytes, wanted);
  const common = { body: number, wanted, fullword: body.fullword === true, wide: body.wide === true, offset: body.offset };
  const places = knownPlaces(body.offset);
  let firstNode = 0;
  return parts.map((part, i) => {
    const gapAfter = parts[i + 1]?.gapBefore;
    const isFirst = i === 0;
    const segment: ProgramSegment = {
      ...common,
      id: number * maxSegments + i,
      isFirst,
      isRigid: parts.length === 1 && wanted === 'one' && !common.fullword && part.nodes.every(isFixed),
      nodes: part.nodes,
      ...(isFirst && places !== undefined ? { places } : {}),
      ...(gapAfter === undefined ? {} : { gapAfter }),
    };
    const placed = { segment, firstNode };
    firstNode += part.nodes.length + 1;
    return placed;
  });
}

/** True for a node that leaves no choice. */
function isFixed(node: SegmentNode): boolean {
  return node.kind === 'bytes' || (node.kind === 'gap' && node.min === node.max);
}

/** Where a body of this offset may begin, if that is known before the content is. */
export function knownPlaces(offset: SignatureOffset): PositionSet | undefined {
  switch (offset.kind) {
    case 'any':
      return interval(0, Number.POSITIVE_INFINITY);
    case 'start':
      return interval(offset.at, offset.at + offset.shift);
    default:
      return undefined;
  }
}

function anchorIn(segments: readonly PlacedSegment[], place: { readonly node: number; readonly offset: number }): Anchor {
  const { segment, firstNode } = segments.findLast((one) => one.firstNode <= place.node)!;
  const node = place.node - firstNode;
  const ahead = lengthOf(segment.nodes.slice(node));
  const behind = lengthOf(segment.nodes.slice(0, node));
  const before = { min: behind.min + place.offset, max: behind.max + place.offset };
  return { segment, node, offset: place.offset, before, minAfter: ahead.min - place.offset };
}
