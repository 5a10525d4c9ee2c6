/** The search for a regular expression: forward to the end of the preferred match, and back to where it begins. */
import type { ExpressionLimits, StepCounter } from '../limits.js';
import type { ByteSet } from '../syntax/byte-set.js';
import type { ExpressionNode } from '../syntax/node.js';
import { byteClasses } from './byte-classes.js';
import { LazyAutomaton } from './lazy-automaton.js';
import type { Direction } from './program.js';
import { buildAutomaton } from './program.js';
import { findEnd, findStart } from './run.js';

/** What a search came to; `budget` when the counter ran out. */
export type RegularResult =
  | { readonly kind: 'match'; readonly start: number; readonly end: number }
  | { readonly kind: 'none' }
  | { readonly kind: 'budget' };

/** How matches may begin, and the bounds on tables. */
export interface RegularOptions {
  readonly anchored: boolean;
  /** Bytes with which every match begins; undefined where one may take none. */
  readonly begins: ByteSet | undefined;
  readonly limits: ExpressionLimits;
}

/** Two automata of one expression. Time is linear in the subject, memory bounded. */
export class RegularSearch {
  readonly #root: ExpressionNode;
  readonly #options: RegularOptions;
  readonly #forward: LazyAutomaton;
  /** Made when the first match is found. */
  #backward: LazyAutomaton | undefined;

  private constructor(root: ExpressionNode, forward: LazyAutomaton, options: RegularOptions) {
    this.#root = root;
    this.#forward = forward;
    this.#options = options;
  }

  /** Undefined where the automaton would have more states than allowed. */
  static create(root: ExpressionNode, options: RegularOptions): RegularSearch | undefined {
    const forward = automatonOf(root, 'forward', options);
    return forward === undefined ? undefined : new RegularSearch(root, forward, options);
  }

  /** The first match at or after `from`, in the order of preference where the expression is regular itself. */
  search(bytes: Uint8Array, from: number, counter: StepCounter): RegularResult {
    const end = findEnd(this.#forward, { bytes, from, begins: this.#options.begins }, counter);
    this.#forward.shrink(this.#options.limits.keptTableBytes);
    if (end === undefined || end < 0) {
      return { kind: end === undefined ? 'budget' : 'none' };
    }
    const start = this.#options.anchored ? from : this.#start({ bytes, from, end }, counter);
    return start === undefined ? { kind: 'budget' } : { kind: 'match', start, end };
  }

  #start(found: { readonly bytes: Uint8Array; readonly from: number; readonly end: number }, counter: StepCounter): number | undefined {
    this.#backward ??= automatonOf(this.#root, 'backward', this.#options);
    if (this.#backward === undefined) {
      return undefined;
    }
    const start = findStart(this.#backward, found, counter);
    this.#backward.shrink(this.#options.limits.keptTableBytes);
    return start;
  }
}

function automatonOf(root: ExpressionNode, direction: Direction, { anchored, begins, limits }: RegularOptions): LazyAutomaton | undefined {
  const program = buildAutomaton(root, direction, limits.maxStates);
  if (program === undefined) {
    return undefined;
  }
  const forward = direction === 'forward';
  return new LazyAutomaton(program, byteClasses(program.sets, program.places.length > 0), {
    direction,
    searching: forward && !anchored,
    preferred: forward,
    resting: begins !== undefined,
    maxTableBytes: limits.maxTableBytes,
  });
}
