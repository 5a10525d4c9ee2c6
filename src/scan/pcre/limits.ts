/**
 * What an expression may cost. Expressions come from signature sets of anybody and subjects from attackers: both are
 * bounded, the first when it is compiled, the second by a counter of steps that the caller owns.
 */

/** Bounds on an expression itself. The greatest one of the public sets has 14,503 characters. */
export interface ExpressionLimits {
  /** Characters of the pattern text. */
  readonly maxLength: number;
  /** Groups within groups. */
  readonly maxDepth: number;
  /** Capturing groups. */
  readonly maxGroups: number;
  /** States that the automaton may have, repeats counted out. Beyond, only the backtracking matcher is used. */
  readonly maxStates: number;
  /** Bytes of tables that an automaton may build in one search, and those that it may keep for the next. */
  readonly maxTableBytes: number;
  readonly keptTableBytes: number;
  /** Places to return to that the backtracking matcher may remember: 12 bytes each. */
  readonly maxFrames: number;
}

/** PCRE allows 250 groups within groups, and 65,535 of them. */
export const defaultExpressionLimits: ExpressionLimits = {
  maxLength: 65_536,
  maxDepth: 250,
  maxGroups: 2_000,
  maxStates: 20_000,
  maxTableBytes: 2_097_152,
  keptTableBytes: 65_536,
  maxFrames: 1_000_000,
};

/** A counter of steps. A step is about 10 ns: one instruction, or a few bytes of a plain loop. */
export interface StepCounter {
  /** Takes steps; false when there are none left, and from then on. */
  spend(steps: number): boolean;
}

/** A share of another counter: it ends when its own steps are used up, or the other's. */
export class StepShare implements StepCounter {
  readonly #parent: StepCounter;
  #left: number;

  constructor(parent: StepCounter, steps: number) {
    this.#parent = parent;
    this.#left = steps;
  }

  spend(steps: number): boolean {
    this.#left -= steps;
    return this.#parent.spend(steps) && this.#left >= 0;
  }
}

/** Steps that one search in so many bytes should have: about 100 ms for 1 MiB. What is not hostile takes a tenth. */
export function searchSteps(bytes: number): number {
  return 500_000 + 1.5 * bytes;
}
