/**
 * How far each signature with wide gaps has got. Behind a gap without end the earliest beginning of the next segment
 * is all there is to remember; behind one with an end, every beginning that is still in reach. The order in which
 * matches are reported does not matter, only their positions do; what is remembered is bounded.
 */
import type { WorkBudget } from '../stream/work-budget.js';
import type { PositionSet } from './position-set.js';
import { append, common, firstCommon, firstReaching, spread, union } from './position-set.js';

/** Where a segment may begin. Positions count from the beginning of the subject. */
export type Reach =
  | {
      readonly kind: 'from';
      readonly position: number;
      /** Where the whole body begins, where that is known. */
      readonly bodyAt: number | undefined;
    }
  | {
      readonly kind: 'within';
      /** A position set that grows while the scan goes on. */
      readonly positions: number[];
    };

/** A match of a segment that another one follows. */
export interface SegmentMatch {
  readonly ends: PositionSet;
  readonly bodyAt: number | undefined;
  /** The gap after it. */
  readonly gap: { readonly min: number; readonly max?: number };
  /** No segment can begin below this any more. */
  readonly forgetBelow: number;
}

/** The reaches of one scan, by the id of the segment that may follow. */
export class ChainMemory {
  /** Made with the first match: most contents have none. */
  #reaches: Map<number, Reach> | undefined;
  readonly #budget: WorkBudget;
  readonly #maxRemembered: number;
  #remembered = 0;

  constructor(budget: WorkBudget, maxRemembered: number) {
    this.#budget = budget;
    this.#maxRemembered = maxRemembered;
  }

  /** Where the segment may begin, as far as is known by now; undefined: nowhere yet. */
  reach(segment: number): Reach | undefined {
    return this.#reaches?.get(segment);
  }

  /** A match of the segment before `segment` was found. */
  extend(segment: number, match: SegmentMatch): void {
    this.#reaches ??= new Map();
    const known = this.#reaches.get(segment);
    const { min, max } = match.gap;
    if (max === undefined) {
      const position = match.ends[0]! + min;
      if (known?.kind !== 'from' || position < known.position) {
        this.#reaches.set(segment, { kind: 'from', position, bodyAt: match.bodyAt });
      }
      return;
    }
    const added = spread(match.ends, { min, max }, { from: 0, to: Number.MAX_SAFE_INTEGER });
    const before = known?.kind === 'within' ? known.positions.length : 0;
    const kept = known?.kind === 'within' ? this.#forget(known.positions, match.forgetBelow) : [];
    const positions = added[0]! >= (kept[kept.length - 2] ?? 0) ? appended(kept, added) : this.#joined(kept, added);
    this.#reaches.set(segment, { kind: 'within', positions });
    this.#remember((positions.length - before) / 2);
  }

  /** Lets go of what is out of reach, once that is half of it: a copy now and then, none for most matches. */
  #forget(positions: number[], below: number): number[] {
    const first = firstReaching(positions, below);
    return 2 * first > positions.length ? positions.slice(first) : positions;
  }

  /** Both sets, when the new one does not simply follow the old: a copy, and paid for. */
  #joined(positions: PositionSet, added: PositionSet): number[] {
    this.#budget.spend(positions.length >> 3);
    return union(positions, added);
  }

  #remember(more: number): void {
    this.#remembered += more;
    if (this.#remembered > this.#maxRemembered) {
      this.#budget.exhaust();
    }
  }
}

function appended(positions: number[], added: PositionSet): number[] {
  for (let i = 0; i < added.length; i += 2) {
    append(positions, added[i]!, added[i + 1]!);
  }
  return positions;
}

/** Where the whole body begins if the segment, beginning at one of `starts`, continues this reach; undefined: it does not. */
export function continues(reach: Reach, starts: PositionSet): { readonly bodyAt: number | undefined } | undefined {
  if (reach.kind === 'from') {
    return starts[starts.length - 1]! >= reach.position ? { bodyAt: reach.bodyAt } : undefined;
  }
  // The long set second: it is searched by halves, the short one from its beginning.
  return firstCommon(starts, reach.positions) === undefined ? undefined : { bodyAt: undefined };
}

/** Those of `starts` at which the reach lets the segment begin. */
export function startsWithin(reach: Reach, starts: PositionSet): PositionSet {
  return common(starts, reach.kind === 'within' ? reach.positions : [reach.position, Number.POSITIVE_INFINITY]);
}
