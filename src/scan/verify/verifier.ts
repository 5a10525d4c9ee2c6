/**
 * Candidates in, matches out: whatever found the anchors (the loops in search/, the kernel), this decides whether a
 * body stands there. It holds all that one scan remembers about bodies: chains, and the ends it has reported.
 */
import type { BodySink } from '../body-search.js';
import type { Anchor, ProgramSegment } from '../program.js';
import type { WorkBudget } from '../stream/work-budget.js';
import { ChainMemory, continues, startsWithin } from './chain.js';
import { countsByStart } from './counted-place.js';
import type { Reach } from './chain.js';
import { wordEnds, wordStarts } from './full-word.js';
import type { Stretch } from './match-nodes.js';
import { endsFrom, runMatches, standRigid, startsBefore } from './match-nodes.js';
import type { PositionSet } from './position-set.js';
import { firstCommon, shifted } from './position-set.js';

/** Bytes in memory and where in the subject they lie. */
export interface PlacedStretch extends Stretch {
  /** Position of index 0 in the subject. */
  readonly origin: number;
  /** No anchor before this position will be tried any more. */
  readonly from: number;
}

/** What a verifier is told. */
export interface VerifierOptions {
  readonly budget: WorkBudget;
  readonly sink: BodySink;
  /** How far before its anchor a segment may begin. */
  readonly lookBehind: number;
  readonly maxRemembered: number;
  /** Where a body may begin, in positions from the beginning of the subject, if its segment does not say; undefined: nowhere. */
  placesOf?(body: number): PositionSet | undefined;
  /** Called when the segment with this id may begin from now on. */
  reached(segment: number): void;
}

/** Verifies the candidates of one scan. */
export class Verifier {
  readonly #options: VerifierOptions;
  readonly #chains: ChainMemory;
  /** Matches that were reported, for bodies of which every match counts: where the last part begins, or ends. */
  #reported: Map<number, Set<number>> | undefined;

  /** Places in `#reported`, all bodies together. */
  #remembered = 0;

  constructor(options: VerifierOptions) {
    this.#options = options;
    this.#chains = new ChainMemory(options.budget, options.maxRemembered);
  }

  /** True when no further candidate can change the outcome, or none may be tried. */
  get over(): boolean {
    return this.#options.budget.exhausted || this.#options.sink.over;
  }

  /**
   * Tries the anchor at this index. The stretch has all bytes around it that its segment may take, as far as there are any.
   * @returns true when the anchor need not be tried at any later position either.
   */
  try(anchor: Anchor, index: number, stretch: PlacedStretch): boolean {
    const { segment } = anchor;
    const { budget, sink } = this.#options;
    const position = index + stretch.origin;
    const length = standsAt(anchor, index, stretch);
    if (!budget.spend(1) || length < 0 || this.over) {
      return false;
    }
    const reach = this.#reachOf(segment);
    if (reach === undefined || !mayContinue(reach, anchor, position)) {
      return false;
    }
    if (this.#isUseless(anchor, position)) {
      return true;
    }
    if (segment.isRigid && length > 0 && reach.kind === 'within' && reach.positions.length === 2) {
      this.#tryRigid(anchor, index, stretch);
    } else {
      this.#tryAll(anchor, reach, { index, length, stretch });
    }
    return sink.isDone(segment.body);
  }

  #tryAll(anchor: Anchor, reach: Reach, { index, length, stretch }: { readonly index: number; readonly length: number; readonly stretch: PlacedStretch }): void {
    const { segment } = anchor;
    const { budget } = this.#options;
    const at = { position: index - anchor.offset, stretch, budget };
    const after = length === 0 ? at : { position: at.position + length, stretch, budget };
    const ends = this.#lastEnds(segment, endsFrom(segment.nodes, anchor.node + (length === 0 ? 0 : 1), after), stretch);
    const starts = ends.length === 0 ? [] : this.#firstStarts(segment, startsBefore(segment.nodes, anchor.node, at), stretch);
    if (starts.length > 0) {
      this.#accept(segment, reach, { starts: shifted(starts, stretch.origin), ends: shifted(ends, stretch.origin), from: stretch.from });
    }
  }

  /** The whole body has one place and one length: no sets are needed, and where it begins was compared with its bounds. */
  #tryRigid(anchor: Anchor, index: number, stretch: PlacedStretch): void {
    const { segment, before, minAfter } = anchor;
    const first = index - before.min;
    if (standRigid(segment.nodes, anchor.node, { position: first, stretch, budget: this.#options.budget })) {
      this.#options.sink.hit(segment.body, first + stretch.origin, index + stretch.origin + minAfter);
    }
  }

  #firstStarts(segment: ProgramSegment, starts: PositionSet, stretch: Stretch): PositionSet {
    return segment.fullword && segment.isFirst ? wordStarts(starts, stretch, segment.wide) : starts;
  }

  #lastEnds(segment: ProgramSegment, ends: PositionSet, stretch: Stretch): PositionSet {
    return segment.fullword && segment.gapAfter === undefined ? wordEnds(ends, stretch, segment.wide) : ends;
  }

  #accept(segment: ProgramSegment, reach: Reach, match: { readonly starts: PositionSet; readonly ends: PositionSet; readonly from: number }): void {
    const continued = segment.isFirst ? beginning(reach, match.starts) : continues(reach, match.starts);
    if (continued === undefined) {
      return;
    }
    if (segment.gapAfter === undefined) {
      const places = segment.wanted === 'one' ? match.starts : startsWithin(reach, match.starts);
      this.#report(segment, { places, ends: match.ends, bodyAt: continued.bodyAt });
      return;
    }
    this.#chains.extend(segment.id + 1, {
      ends: match.ends,
      bodyAt: continued.bodyAt,
      gap: segment.gapAfter,
      forgetBelow: match.from - this.#options.lookBehind,
    });
    this.#options.reached(segment.id + 1);
  }

  #report(segment: ProgramSegment, match: { readonly places: PositionSet; readonly ends: PositionSet; readonly bodyAt: number | undefined }): void {
    const { sink, budget } = this.#options;
    if (segment.wanted === 'one') {
      sink.hit(segment.body, match.bodyAt, match.ends[0]!);
      return;
    }
    const byStart = countsByStart(segment.nodes);
    const counted = byStart ? match.places : match.ends;
    this.#reported ??= new Map();
    const reported = this.#reported.get(segment.body) ?? new Set<number>();
    this.#reported.set(segment.body, reported);
    for (let i = 0; i < counted.length; i += 2) {
      for (let place = counted[i]!; place <= counted[i + 1]! && budget.spend(1) && !sink.isDone(segment.body); place++) {
        if (!reported.has(place)) {
          reported.add(place);
          this.#remember();
          sink.hit(segment.body, byStart && segment.isFirst ? place : match.bodyAt, byStart ? match.ends[0]! : place);
        }
      }
    }
  }

  #remember(): void {
    if (++this.#remembered > this.#options.maxRemembered) {
      this.#options.budget.exhaust();
    }
  }

  #reachOf(segment: ProgramSegment): Reach | undefined {
    if (!segment.isFirst) {
      return this.#chains.reach(segment.id);
    }
    const places = segment.places ?? this.#options.placesOf?.(segment.body);
    return places === undefined ? undefined : { kind: 'within', positions: places as number[] };
  }

  /** True when the next segment may already begin as early as a match here could let it, or one at any later position. */
  #isUseless(anchor: Anchor, position: number): boolean {
    const { gapAfter, id } = anchor.segment;
    if (gapAfter === undefined || gapAfter.max !== undefined) {
      return false;
    }
    const next = this.#chains.reach(id + 1);
    return next?.kind === 'from' && next.position <= position + anchor.minAfter + gapAfter.min;
  }
}

/**
 * Bytes of the anchor's run where it stands, 0 where that is not known yet (alternatives), -1 where the bytes around the
 * anchor are others: this turns away nearly all that is left before any set is made.
 */
function standsAt(anchor: Anchor, index: number, stretch: Stretch): number {
  const node = anchor.segment.nodes[anchor.node]!;
  if (node.kind !== 'bytes') {
    return 0;
  }
  return runMatches(node, stretch, index - anchor.offset) ? node.value.length : -1;
}

/** False when the segment around this anchor begins too early or too late, whatever its length: saves the comparison. */
function mayContinue(reach: Reach, anchor: Anchor, position: number): boolean {
  const last = position - anchor.before.min;
  if (reach.kind === 'from') {
    return last >= reach.position;
  }
  const { positions } = reach;
  return positions.length > 0 && last >= positions[0]! && position - anchor.before.max <= positions[positions.length - 1]!;
}

function beginning(reach: Reach, starts: PositionSet): { readonly bodyAt: number } | undefined {
  const first = reach.kind === 'within' ? firstCommon(reach.positions, starts) : undefined;
  return first === undefined ? undefined : { bodyAt: first };
}
