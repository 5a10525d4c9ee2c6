/** How long and how often is measured. */
import type { Size } from '../definition.js';

/** Times of one definition; all in milliseconds. */
export interface Plan {
  /** A pass takes at most about this long: it decides on how much of the input an engine is measured. */
  readonly passMs: number;
  /** Short passes are repeated until a round has lasted this long. */
  readonly roundMs: number;
  /** An engine that needs longer than this for the smallest step is skipped. */
  readonly patienceMs: number;
  /** Rounds; in each, every engine has its turn. */
  readonly rounds: number;
  /** Rounds of an engine whose pass takes much longer than `passMs`. */
  readonly slowRounds: number;
  /** The whole definition ends after this time. */
  readonly limitMs: number;
}

/** The plan of a size, with another number of rounds where one was asked for. */
export function planFor(size: Size, rounds?: number): Plan {
  const plan: Plan =
    size === 'full'
      ? { passMs: 1_500, roundMs: 300, patienceMs: 10_000, rounds: 7, slowRounds: 3, limitMs: 900_000 }
      : { passMs: 5, roundMs: 0, patienceMs: 5_000, rounds: 2, slowRounds: 1, limitMs: 60_000 };
  return rounds === undefined ? plan : { ...plan, rounds, slowRounds: Math.min(rounds, plan.slowRounds) };
}
