/**
 * What a set of bodies is compiled to: segments, an anchor for each, and the tables that find the anchors. One program
 * holds bodies whose places are known beforehand, or bodies whose places are told when the end is known.
 */
import type { SignatureBody, SignatureOffset } from '../pattern/signature.js';
import { choosePairs } from './search/anchor-pairs.js';
import { WindowChooser } from './search/anchor-windows.js';
import type { WindowWidth } from './search/anchor-windows.js';
import { CandidateSearch } from './search/candidates.js';
import { buildPairTable } from './search/pair-table.js';
import { buildWindowTable } from './search/window-table.js';
import type { WindowRow } from './search/window-table.js';
import type { Tuning } from './stream/tuning.js';
import type { PositionSet } from './verify/position-set.js';
import { interval } from './verify/position-set.js';
import { lengthOf, splitBody } from './verify/split.js';
import type { SegmentNode } from './verify/split.js';

/** Where a body may begin: `lo` to `hi`, both included. */
export interface Placement {
  readonly lo: number;
  readonly hi: number;
}

/** A body and the number by which the sink knows it. */
export interface BodyToCompile {
  readonly number: number;
  readonly body: SignatureBody;
  readonly wanted: 'one' | 'all';
}

/** One segment of one body. */
export interface ProgramSegment {
  /** Unique in the program; the segments of a body have consecutive numbers. */
  readonly id: number;
  /** Number of the body. */
  readonly body: number;
  readonly wanted: 'one' | 'all';
  readonly isFirst: boolean;
  readonly fullword: boolean;
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

/** An anchor to be tried at every position from `lo` to `hi`. */
export interface PlacedAnchor extends Placement {
  readonly anchor: Anchor;
}

/** A body of a program. */
export interface ProgramBody {
  readonly number: number;
  readonly body: SignatureBody;
  /** Bytes at most; Infinity where a gap has no end. */
  readonly maxLength: number;
}

/** A compiled set of bodies. Immutable; scans share it. */
export interface Program {
  readonly bodies: readonly ProgramBody[];
  /** By number of the body: where it may begin, for those of which that is known beforehand. */
  readonly places: ReadonlyMap<number, PositionSet>;
  /** By number. */
  readonly anchors: readonly Anchor[];
  readonly search: CandidateSearch;
  /** First segments without a good anchor: tried at each of the few places where they may begin. */
  readonly unanchored: readonly Anchor[];
  /** Those of which the places are known beforehand, sorted by `lo`. */
  readonly placed: readonly PlacedAnchor[];
  /** Bytes that verification may need before an anchor, and from its first byte on. */
  readonly lookBehind: number;
  readonly lookAhead: number;
}

/** Compiles bodies. The cost is linear in their bytes. */
export function compileProgram(bodies: readonly BodyToCompile[], tuning: Tuning): Program {
  const draft = new Draft(tuning);
  let id = 0;
  for (const { number, body, wanted } of bodies) {
    const parts = splitBody(body.nodes, tuning.innerGapBytes);
    draft.begin(number, body);
    parts.forEach((part, i) => {
      const gapAfter = parts[i + 1]?.gapBefore;
      const segment = { id: id++, body: number, wanted, isFirst: i === 0, fullword: body.fullword === true, nodes: part.nodes };
      draft.add({ ...segment, ...(gapAfter === undefined ? {} : { gapAfter }) }, body.offset);
    });
  }
  return draft.finish();
}

/** Bytes beside a body that may decide whether it counts: a line or a word may end there. */
export const neighbourBytes = 2;

const maxPairRows = 2 ** 20;

class Draft {
  readonly #tuning: Tuning;
  readonly #bodies: ProgramBody[] = [];
  readonly #places = new Map<number, PositionSet>();
  readonly #anchors: Anchor[] = [];
  readonly #windows = new WindowChooser();
  readonly #windowRows: Record<WindowWidth, WindowRow[]> = { 4: [], 8: [] };
  readonly #pairRows: { pair: number; anchor: number }[] = [];
  readonly #everywhere: number[] = [];
  readonly #unanchored: Anchor[] = [];
  #lookBehind = 0;
  #lookAhead = 0;

  constructor(tuning: Tuning) {
    this.#tuning = tuning;
  }

  begin(number: number, body: SignatureBody): void {
    this.#bodies.push({ number, body, maxLength: lengthOfBody(body) });
    const places = knownPlaces(body.offset);
    if (places !== undefined) {
      this.#places.set(number, places);
    }
  }

  /** Finds the segment an anchor: a strong one, else a few fixed places, else a weak one, else every position. */
  add(segment: ProgramSegment, offset: SignatureOffset): void {
    const windows = this.#windows.choose(segment.nodes);
    if (windows !== undefined) {
      for (const { width, low, high, node, offset: at } of windows) {
        this.#windowRows[width].push({ low, high, anchor: this.#anchor(segment, node, at) });
      }
      return;
    }
    if (segment.isFirst && placesAtMost(offset) <= this.#tuning.maxPlaces) {
      this.#unanchored.push(this.#anchors[this.#anchor(segment, 0, 0)]!);
      this.#lookAhead = Math.max(this.#lookAhead, placesAtMost(offset) + lengthOf(segment.nodes).max + neighbourBytes);
      return;
    }
    const pairs = choosePairs(segment.nodes, Math.min(this.#tuning.maxPairs, maxPairRows - this.#pairRows.length));
    if (pairs === undefined) {
      this.#everywhere.push(this.#anchor(segment, 0, 0));
      return;
    }
    for (const choice of pairs) {
      const anchor = this.#anchor(segment, choice.node, choice.offset);
      choice.pairs.forEach((pair) => this.#pairRows.push({ pair, anchor }));
    }
  }

  finish(): Program {
    const tables = {
      wide: buildWindowTable(this.#windowRows[8]),
      narrow: buildWindowTable(this.#windowRows[4]),
      pairs: buildPairTable(this.#pairRows),
      everywhere: this.#everywhere,
    };
    return {
      bodies: this.#bodies,
      places: this.#places,
      anchors: this.#anchors,
      search: new CandidateSearch(tables, this.#tuning.cellBytes),
      unanchored: this.#unanchored,
      placed: this.#placedAnchors(),
      lookBehind: this.#lookBehind,
      lookAhead: this.#lookAhead,
    };
  }

  #placedAnchors(): PlacedAnchor[] {
    const placed = this.#unanchored.flatMap((anchor) => {
      const places = this.#places.get(anchor.segment.body);
      return places === undefined ? [] : [{ anchor, lo: places[0]!, hi: places[1]! }];
    });
    return placed.sort((a, b) => a.lo - b.lo || a.anchor.segment.id - b.anchor.segment.id);
  }

  #anchor(segment: ProgramSegment, node: number, offset: number): number {
    const ahead = lengthOf(segment.nodes.slice(node));
    const behind = lengthOf(segment.nodes.slice(0, node));
    const before = { min: behind.min + offset, max: behind.max + offset };
    this.#lookBehind = Math.max(this.#lookBehind, before.max + neighbourBytes);
    this.#lookAhead = Math.max(this.#lookAhead, ahead.max - offset + neighbourBytes);
    return this.#anchors.push({ segment, node, offset, before, minAfter: ahead.min - offset }) - 1;
  }
}

function lengthOfBody(body: SignatureBody): number {
  return splitBody(body.nodes, 0).reduce((sum, part) => sum + lengthOf(part.nodes).max + gapLength(part.gapBefore), 0);
}

function gapLength(gap: { readonly max?: number } | undefined): number {
  return gap === undefined ? 0 : (gap.max ?? Number.POSITIVE_INFINITY);
}

function knownPlaces(offset: SignatureOffset): PositionSet | undefined {
  switch (offset.kind) {
    case 'any':
      return interval(0, Number.POSITIVE_INFINITY);
    case 'start':
      return interval(offset.at, offset.at + offset.shift);
    default:
      return undefined;
  }
}

/** How many places a body may begin at, one after the other. Version information names single places, but many. */
function placesAtMost(offset: SignatureOffset): number {
  return 'shift' in offset ? offset.shift + 1 : Number.POSITIVE_INFINITY;
}
