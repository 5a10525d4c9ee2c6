/** The instructions of the backtracking matcher: numbers in one array, an instruction and then its operands. */
import type { ByteSet } from '../syntax/byte-set.js';

/** Instructions and their operands. */
export const op = {
  match: 0,
  fail: 1,
  /** set */
  set: 2,
  /** target: goes on here, and there when that fails. */
  split: 3,
  /** target: goes on there, and here when that fails. */
  splitLazy: 4,
  /** target */
  jump: 5,
  /** place */
  place: 6,
  /** set, min, max, set behind it or -1: as many bytes as there are, fewer when that fails. */
  runGreedy: 7,
  /** set, min, max, set behind it or -1: as few bytes as needed. */
  runLazy: 8,
  /** set, min, max, -1: as many bytes as there are, and never fewer. */
  runPossessive: 9,
  /** register: takes down this position. */
  open: 10,
  /** group, register: the group reaches from the register to here. */
  close: 11,
  /** register: no rounds yet. Its two neighbours are the rounds and where the last one began. */
  loopEnter: 12,
  /** register, min, max, exit, lazy: decides on another round, which begins behind it with `loopTake`. */
  loopHead: 13,
  /** register */
  loopTake: 14,
  /** register, min, head: an empty round beyond those demanded is the last of a loop without a bound. */
  loopBack: 15,
  /** register, unbounded: remembers how far back thoughts go. */
  mark: 16,
  /** register: no second thoughts since the mark. */
  cut: 17,
  /** register */
  lookEnter: 18,
  /** register: back to where the look began. */
  lookLeave: 19,
  /** register, target: goes on there when what follows fails. */
  denyEnter: 20,
  /** register: what was denied matched. */
  denyLeave: 21,
  /** count */
  back: 22,
  /** list of groups */
  reference: 23,
  /** list of groups */
  referenceIgnoringCase: 24,
  /** list of groups, target: goes on there when none was set. */
  unlessSet: 25,
  /** The match is said to begin here. */
  keep: 26,
} as const;

/** Places by number, in the order of the instruction's operand. */
export const placeNumbers = {
  'text-start': 0,
  'line-start': 1,
  'text-end': 2,
  'text-end-or-final-newline': 3,
  'line-end': 4,
  'word-boundary': 5,
  'no-word-boundary': 6,
  'search-start': 7,
} as const;

/** What a backtracking matcher runs. */
export interface BacktrackProgram {
  readonly code: Int32Array;
  readonly sets: readonly ByteSet[];
  /** Groups that references and conditions ask for. */
  readonly groupLists: readonly (readonly number[])[];
  /** Registers: where the match begins, two for each group, and what loops and looks need. */
  readonly registers: number;
  /** Bytes with which every match begins, if it takes any. */
  readonly begins: ByteSet | undefined;
  /** A match that may begin with any number of these: where one attempt failed, so do those further on in the run. */
  readonly leading: ByteSet | undefined;
}

/** A repeat without a bound. */
export const unbounded = 0x7fffffff;
