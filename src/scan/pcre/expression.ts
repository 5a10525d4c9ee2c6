/**
 * Expressions of PCRE subsignatures: compiled once, searched in bytes under a counter of steps.
 *
 * A search is told in up to three stages, each cheaper than the next. A subject without a text that every match
 * contains has none. A lazily built automaton, linear in the subject, says whether the regular expression behind the
 * expression matches; where nothing had to be left out of it, that is the answer. Else the backtracking matcher tries,
 * from where the automaton found the first possible start.
 */
import { VedetteError } from '../../base/errors.js';
import { firstBytes, nullable } from './analysis/first-bytes.js';
import { relax } from './analysis/relax.js';
import type { RequiredSearch } from './analysis/required.js';
import { requiredSearch } from './analysis/required.js';
import { RegularSearch } from './automaton/regular-search.js';
import { compileBacktrack } from './backtrack/compile.js';
import { Backtracker } from './backtrack/machine.js';
import type { ExpressionFlags } from './flags.js';
import type { ExpressionLimits, StepCounter } from './limits.js';
import { defaultExpressionLimits, StepShare } from './limits.js';
import { parseExpression } from './syntax/parse.js';

/** The first match in the order of preference of PCRE. `budget`: the counter, or the room for places to return to, ran out. */
export type SearchResult =
  | { readonly kind: 'match'; readonly start: number; readonly end: number }
  | { readonly kind: 'none' }
  | { readonly kind: 'budget' };

/** What became of a pattern text. */
export type CompileResult =
  | { readonly kind: 'expression'; readonly expression: Expression }
  | { readonly kind: 'unsupported'; readonly reason: string };

/** What a search needs, made when the first one begins. */
interface Engines {
  readonly required: RequiredSearch | undefined;
  readonly regular: RegularSearch | undefined;
  readonly exact: boolean;
  /** Made when it is needed for the first time. */
  readonly backtracker: () => Backtracker;
}

/** Steps of an automaton that is only asked first: a few, and one for so many bytes. Beyond, it is not worth its cost. */
const firstAskedSteps = 20_000;
const firstAskedBytesPerStep = 2;

/**
 * Reads a pattern text (one character is one byte) and says whether it can be searched for. Costs microseconds for
 * usual patterns; what searches need is made by the first one.
 */
export function compileExpression(source: string, flags: ExpressionFlags, limits: ExpressionLimits = defaultExpressionLimits): CompileResult {
  try {
    parseExpression(source, flags, limits);
  } catch (error) {
    if (VedetteError.is(error) && error.code === 'unsupported') {
      return { kind: 'unsupported', reason: error.message };
    }
    throw error;
  }
  return { kind: 'expression', expression: new Expression(source, flags, limits) };
}

/** An expression that can be searched for. Not for two searches at once; keeps no subject. */
export class Expression {
  readonly #source: string;
  readonly #flags: ExpressionFlags;
  readonly #limits: ExpressionLimits;
  #engines: Engines | undefined;

  /** Use `compileExpression`: the text must have been found to be supported. */
  constructor(source: string, flags: ExpressionFlags, limits: ExpressionLimits) {
    this.#source = source;
    this.#flags = flags;
    this.#limits = limits;
  }

  /** The first match that begins at or after `from`; what stands before is seen by `^`, `\b` and look-behinds. */
  search(bytes: Uint8Array, from: number, counter: StepCounter): SearchResult {
    if (from > bytes.length) {
      return { kind: 'none' };
    }
    this.#engines ??= this.#build();
    const { required, regular, exact, backtracker } = this.#engines;
    const present = required?.find(bytes, from, counter) ?? (required === undefined ? from : undefined);
    if (present === undefined || present < 0) {
      return { kind: present === undefined ? 'budget' : 'none' };
    }
    const share = exact ? counter : new StepShare(counter, firstAskedSteps + (bytes.length - from) / firstAskedBytesPerStep);
    const told = regular?.search(bytes, from, share);
    if (told !== undefined && (told.kind === 'none' || exact)) {
      return told;
    }
    const first = told?.kind === 'match' ? told.start : from;
    const found = backtracker().search({ bytes, from, first, anchored: this.#flags.anchored }, counter);
    return found.kind === 'given-up' ? { kind: 'budget' } : found;
  }

  #build(): Engines {
    const parsed = parseExpression(this.#source, this.#flags, this.#limits);
    const relaxed = relax(parsed.root);
    const begins = nullable(relaxed.root) ? undefined : firstBytes(relaxed.root);
    const regular = RegularSearch.create(relaxed.root, { anchored: this.#flags.anchored, begins, limits: this.#limits });
    let backtracker: Backtracker | undefined;
    return {
      required: requiredSearch(relaxed.root),
      regular,
      exact: relaxed.exact && regular !== undefined,
      backtracker: () => (backtracker ??= new Backtracker(compileBacktrack(parsed), this.#limits.maxFrames)),
    };
  }
}
