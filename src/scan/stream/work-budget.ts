/**
 * The bound on what a subject may cost: a flood of candidates is an attack on whoever scans it. The allowance grows
 * with the bytes passed, not with those announced, and depends on positions only, so chunking cannot change the verdict.
 */

/** Steps that a scan may take: a step is about one comparison of a few bytes. */
export interface BudgetOptions {
  /** Steps that every scan has. */
  readonly base: number;
  /** Steps that every byte adds. */
  readonly perByte: number;
}

/**
 * A step takes 5 to 20 ns, so a flood gets some 2 MB/s at worst; ordinary files take less than one step for every ten
 * bytes with 10,000 signatures.
 */
export const defaultBudget: BudgetOptions = { base: 4_000_000, perByte: 32 };

/** Counts the steps of one scan. */
export class WorkBudget {
  readonly #options: BudgetOptions;
  #spent = 0;
  #allowed: number;

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.#allowed = options.base;
  }

  /** The bytes before this position pay for the work from now on. A second pass over the same bytes adds nothing. */
  reach(position: number): void {
    this.#allowed = Math.max(this.#allowed, this.#options.base + this.#options.perByte * position);
  }

  /** Takes steps; false when there are none left, and from then on. */
  spend(steps: number): boolean {
    this.#spent += steps;
    return this.#spent <= this.#allowed;
  }

  /** True once more was asked for than there was. */
  get exhausted(): boolean {
    return this.#spent > this.#allowed;
  }

  /** Ends the scan's work here and now, for a limit that is not counted in steps. */
  exhaust(): void {
    this.#spent = Number.POSITIVE_INFINITY;
  }
}
