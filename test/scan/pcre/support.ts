/** What the tests of expressions share. */
import type { Expression, SearchResult } from '../../../src/scan/pcre/expression.js';
import { compileExpression } from '../../../src/scan/pcre/expression.js';
import { readExpressionFlags } from '../../../src/scan/pcre/flags.js';
import type { StepCounter } from '../../../src/scan/pcre/limits.js';

/** A latin1 text as bytes. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** A counter that can be read. */
export interface CountedSteps extends StepCounter {
  readonly used: number;
}

/** A counter with this many steps. */
export function limitedSteps(limit: number): CountedSteps {
  let used = 0;
  return {
    get used() {
      return used;
    },
    spend(steps) {
      used += steps;
      return used <= limit;
    },
  };
}

/** The expression of a text that is supported. */
export function expressionOf(source: string, flags = ''): Expression {
  const result = compileExpression(source, readExpressionFlags(flags).flags);
  if (result.kind === 'unsupported') {
    throw new Error(`${source}: ${result.reason}`);
  }
  return result.expression;
}

/** The first match of an expression in a text, as text; undefined for none. */
export function found(source: string, flags: string, text: string, from = 0): string | undefined {
  const result: SearchResult = expressionOf(source, flags).search(bytesOf(text), from, limitedSteps(1_000_000));
  return result.kind === 'match' ? text.slice(result.start, result.end) : undefined;
}
