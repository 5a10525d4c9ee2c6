/**
 * What a set of signatures is compiled to: segments, an anchor for each, and the tables that find the anchors. One
 * program serves one frame of reference: bodies placed from the beginning of the subject, or bodies placed from its end.
 */
import type { ByteSignature } from '../pattern/signature.js';
import { choosePairs } from './search/anchor-pairs.js';
import { WindowChooser } from './search/anchor-windows.js';
import type { WindowWidth } from './search/anchor-windows.js';
import { CandidateSearch } from './search/candidates.js';
import { buildPairTable } from './search/pair-table.js';
import { buildWindowTable } from './search/window-table.js';
import type { WindowRow } from './search/window-table.js';
import type { Tuning } from './stream/tuning.js';
import { lengthOf, splitBody } from './verify/split.js';
import type { SegmentNode } from './verify/split.js';

/** Where bodies may begin, from the frame's origin (the beginning or the end of the subject): `lo` to `hi`. */
export interface Placement {
  readonly lo: number;
  readonly hi: number;
}

/** One segment of one signature. */
export interface ProgramSegment {
  /** Unique in the program; the segments of a signature have consecutive numbers. */
  readonly id: number;
  readonly signature: ByteSignature;
  readonly nodes: readonly SegmentNode[];
  /** Set for the first segment of a body only. */
  readonly placement?: Placement;
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

/** A compiled set of signatures. Immutable; scans share it. */
export interface Program {
  /** By number. */
  readonly anchors: readonly Anchor[];
  readonly search: CandidateSearch;
  /** Anchors to be tried at the few places of their placement, sorted by `lo`. */
  readonly placed: readonly Anchor[];
  /** Bytes that verification may need before an anchor, and from its first byte on. */
  readonly lookBehind: number;
  readonly lookAhead: number;
}

/** A signature and where its body may begin in the frame of the program. */
export interface PlacedSignature {
  readonly signature: ByteSignature;
  readonly placement: Placement;
}

/** Compiles signatures. The cost is linear in their bytes. */
export function compileProgram(signatures: readonly PlacedSignature[], tuning: Tuning): Program {
  const draft = new Draft(tuning);
  let id = 0;
  for (const { signature, placement } of signatures) {
    const parts = splitBody(signature.nodes, tuning.innerGapBytes);
    parts.forEach((part, i) => {
      const gapAfter = parts[i + 1]?.gapBefore;
      draft.add({
        id: id++,
        signature,
        nodes: part.nodes,
        ...(i === 0 ? { placement } : {}),
        ...(gapAfter === undefined ? {} : { gapAfter }),
      });
    });
  }
  return draft.finish();
}

const maxPairRows = 2 ** 20;

class Draft {
  readonly #tuning: Tuning;
  readonly #anchors: Anchor[] = [];
  readonly #windows = new WindowChooser();
  readonly #windowRows: Record<WindowWidth, WindowRow[]> = { 4: [], 8: [] };
  readonly #pairRows: { pair: number; anchor: number }[] = [];
  readonly #everywhere: number[] = [];
  readonly #placed: Anchor[] = [];
  #lookBehind = 0;
  #lookAhead = 0;

  constructor(tuning: Tuning) {
    this.#tuning = tuning;
  }

  /** Finds the segment an anchor: a strong one, else a few fixed places, else a weak one, else every position. */
  add(segment: ProgramSegment): void {
    const windows = this.#windows.choose(segment.nodes);
    if (windows !== undefined) {
      for (const { width, low, high, node, offset } of windows) {
        this.#windowRows[width].push({ low, high, anchor: this.#anchor(segment, node, offset) });
      }
      return;
    }
    if (segment.placement !== undefined && places(segment.placement) <= this.#tuning.maxPlaces) {
      this.#placed.push(this.#anchors[this.#anchor(segment, 0, 0)]!);
      this.#lookAhead = Math.max(this.#lookAhead, places(segment.placement) + lengthOf(segment.nodes).max);
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
      anchors: this.#anchors,
      search: new CandidateSearch(tables, this.#tuning.cellBytes),
      placed: this.#placed.sort((a, b) => a.segment.placement!.lo - b.segment.placement!.lo || a.segment.id - b.segment.id),
      lookBehind: this.#lookBehind,
      lookAhead: this.#lookAhead,
    };
  }

  #anchor(segment: ProgramSegment, node: number, offset: number): number {
    const ahead = lengthOf(segment.nodes.slice(node));
    const behind = lengthOf(segment.nodes.slice(0, node));
    const before = { min: behind.min + offset, max: behind.max + offset };
    this.#lookBehind = Math.max(this.#lookBehind, before.max);
    this.#lookAhead = Math.max(this.#lookAhead, ahead.max - offset);
    return this.#anchors.push({ segment, node, offset, before, minAfter: ahead.min - offset }) - 1;
  }
}

function places(placement: Placement): number {
  return placement.hi - placement.lo + 1;
}
