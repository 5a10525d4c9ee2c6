/**
 * How far each signature with wide gaps has got. Behind a gap without end the earliest beginning of the next segment
 * is all there is to remember; behind one with an end, every beginning that is still in reach. The order in which
 * matches are reported does not matter, only their positions do; what is remembered is bounded.
 */
import type { WorkBudget } from '../work-budget.js';
import type { PositionSet } from './position-set.js';
import { dropBelow, firstCommon, spread, union } from './position-set.js';

/** Where a segment may begin. Positions count from the beginning of the subject. */
export type Reach =
  | {
      readonly kind: 'from';
      readonly position: number;
      /** Where the whole body begins, where that is known. */
      readonly bodyAt: number | undefined;
    }
  | { readonly kind: 'within'; readonly positions: PositionSet };

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
  readonly #reaches = new Map<number, Reach>();
  readonly #budget: WorkBudget;
  readonly #maxRemembered: number;
  #remembered = 0;

  constructor(budget: WorkBudget, maxRemembered: number) {
    this.#budget = budget;
    this.#maxRemembered = maxRemembered;
  }

  /** Where the segment may begin, as far as is known by now; undefined: nowhere yet. */
  reach(segment: number): Reach | undefined {
    return this.#reaches.get(segment);
  }

  /** A match of the segment before `segment` was found. */
  extend(segment: number, match: SegmentMatch): void {
    const known = this.#reaches.get(segment);
    const { min, max } = match.gap;
    if (max === undefined) {
      const position = match.ends[0]! + min;
      if (known?.kind !== 'from' || position < known.position) {
        this.#reaches.set(segment, { kind: 'from', position, bodyAt: match.bodyAt });
      }
      return;
    }
    const before = known?.kind === 'within' ? known.positions : [];
    const added = spread(match.ends, { min, max }, { from: 0, to: Number.MAX_SAFE_INTEGER });
    const positions = union(dropBelow(before, match.forgetBelow), added);
    this.#reaches.set(segment, { kind: 'within', positions });
    this.#pay(positions.length - before.length, positions.length + before.length);
  }

  #pay(grown: number, touched: number): void {
    this.#remembered += grown / 2;
    this.#budget.spend(touched >> 3);
    if (this.#remembered > this.#maxRemembered) {
      this.#budget.exhaust();
    }
  }
}

/** Where the whole body begins if the segment, beginning at one of `starts`, continues this reach; undefined: it does not. */
export function continues(reach: Reach, starts: PositionSet): { readonly bodyAt: number | undefined } | undefined {
  if (reach.kind === 'from') {
    return starts[starts.length - 1]! >= reach.position ? { bodyAt: reach.bodyAt } : undefined;
  }
  return firstCommon(reach.positions, starts) === undefined ? undefined : { bodyAt: undefined };
}
