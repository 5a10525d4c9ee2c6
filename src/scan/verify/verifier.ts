/**
 * Candidates in, matches out: whatever found the anchors (the loops in search/, the kernel), this decides whether a
 * body stands there. It holds all that one scan remembers about bodies: chains, and the ends it has reported.
 */
import type { BodySink } from '../body-search.js';
import type { Anchor, Program, ProgramSegment } from '../program.js';
import type { WorkBudget } from '../stream/work-budget.js';
import { ChainMemory, continues } from './chain.js';
import type { Reach } from './chain.js';
import type { Stretch } from './match-nodes.js';
import { endsFrom, runMatches, startsBefore } from './match-nodes.js';
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
  readonly program: Program;
  readonly maxRemembered: number;
  /** Where a body may begin, in positions from the beginning of the subject; undefined or empty: nowhere. */
  placesOf(body: number): PositionSet | undefined;
}

/** Verifies the candidates of one scan. */
export class Verifier {
  readonly #options: VerifierOptions;
  readonly #chains: ChainMemory;
  /** Ends that were reported, for bodies of which every match counts. */
  readonly #ends = new Map<number, Set<number>>();

  constructor(options: VerifierOptions) {
    this.#options = options;
    this.#chains = new ChainMemory(options.budget, options.maxRemembered);
  }

  /** True when no further candidate can change the outcome, or none may be tried. */
  get over(): boolean {
    return this.#options.budget.exhausted || this.#options.sink.over;
  }

  /** Tries the anchor at this index. The stretch has all bytes around it that its segment may take, as far as there are any. */
  try(anchor: Anchor, index: number, stretch: PlacedStretch): void {
    const { segment } = anchor;
    const { budget, sink } = this.#options;
    const position = index + stretch.origin;
    if (!budget.spend(1) || !mayStandAt(anchor, index, stretch) || this.over || sink.isDone(segment.body)) {
      return;
    }
    const reach = this.#reachOf(segment);
    if (reach === undefined || !mayContinue(reach, anchor, position) || this.#isUseless(anchor, position)) {
      return;
    }
    const at = { position: index - anchor.offset, stretch, budget };
    const ends = endsFrom(segment.nodes, anchor.node, at);
    const starts = ends.length === 0 ? [] : startsBefore(segment.nodes, anchor.node, at);
    if (starts.length > 0) {
      this.#accept(segment, reach, { starts: shifted(starts, stretch.origin), ends: shifted(ends, stretch.origin), from: stretch.from });
    }
  }

  #accept(segment: ProgramSegment, reach: Reach, match: { readonly starts: PositionSet; readonly ends: PositionSet; readonly from: number }): void {
    const continued = segment.isFirst ? beginning(reach, match.starts) : continues(reach, match.starts);
    if (continued === undefined) {
      return;
    }
    if (segment.gapAfter === undefined) {
      this.#report(segment, continued.bodyAt, match.ends);
      return;
    }
    this.#chains.extend(segment.id + 1, {
      ends: match.ends,
      bodyAt: continued.bodyAt,
      gap: segment.gapAfter,
      forgetBelow: match.from - this.#options.program.lookBehind,
    });
  }

  #report(segment: ProgramSegment, bodyAt: number | undefined, ends: PositionSet): void {
    const { sink, budget } = this.#options;
    if (segment.wanted === 'one') {
      sink.hit(segment.body, bodyAt, ends[0]!);
      return;
    }
    const reported = this.#ends.get(segment.body) ?? new Set<number>();
    this.#ends.set(segment.body, reported);
    for (let i = 0; i < ends.length; i += 2) {
      for (let end = ends[i]!; end <= ends[i + 1]! && budget.spend(1) && !sink.isDone(segment.body); end++) {
        if (!reported.has(end)) {
          reported.add(end);
          sink.hit(segment.body, bodyAt, end);
        }
      }
    }
  }

  #reachOf(segment: ProgramSegment): Reach | undefined {
    if (!segment.isFirst) {
      return this.#chains.reach(segment.id);
    }
    const places = this.#options.placesOf(segment.body);
    return places === undefined ? undefined : { kind: 'within', positions: places as number[] };
  }

  /** True when the next segment may already begin as early as a match here could let it. */
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
 * False when the bytes around the anchor are others already: this turns away nearly all candidates before any set is
 * made (86 to 221 MB/s with 10,000 literals, half of them from ELF files).
 */
function mayStandAt(anchor: Anchor, index: number, stretch: Stretch): boolean {
  const node = anchor.segment.nodes[anchor.node]!;
  return node.kind !== 'bytes' || runMatches(node, stretch, index - anchor.offset);
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
