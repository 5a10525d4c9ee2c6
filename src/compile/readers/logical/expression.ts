/**
 * The logical expression of an .ldb line (docs.clamav.net, "Logical signatures"), and the trigger of a PCRE.
 *
 * As observed of clamscan 1.4.6: operators have no precedence, each takes all that is right of it (`0&1|2` is
 * `0&(1|2)`); a count follows a number or a block of several terms, never another count; what stands behind a number and
 * its count is passed over (`3i`, `0>1,2,x`) and of several counts the last one holds (`0>=2` is `0=2`): published
 * signatures have such slips. For a single number, how many different ones matched (`=X,Y`) says nothing.
 */
import type { LogicalExpression } from '../../../pattern/signature.js';

/** An expression and the largest number in it, or why it is none. */
export type ParsedExpression =
  | { readonly kind: 'ok'; readonly expression: LogicalExpression; readonly maxPart: number }
  | { readonly kind: 'fault'; readonly reason: string };

/** Subsignatures of a logical signature. */
export const maxParts = 64;

/** Numbers and blocks in one expression: far more than 64 subsignatures need, few enough to go down into. */
const maxTerms = 1024;

const maxCount = 0xffff_ffff;

class ExpressionFault extends Error {}

/** Parses an expression. */
export function parseExpression(text: string): ParsedExpression {
  try {
    const parser = new ExpressionParser(text);
    return { kind: 'ok', expression: parser.parse(), maxPart: parser.maxPart };
  } catch (error) {
    if (error instanceof ExpressionFault) {
      return { kind: 'fault', reason: error.message };
    }
    throw error;
  }
}

class ExpressionParser {
  readonly #text: string;
  #at = 0;
  #terms = 0;
  #maxPart = -1;
  /** What stood in parentheses of its own. */
  readonly #blocks = new Set<LogicalExpression>();

  constructor(text: string) {
    this.#text = text;
  }

  get maxPart(): number {
    return this.#maxPart;
  }

  parse(): LogicalExpression {
    const expression = this.#chain();
    if (this.#at < this.#text.length) {
      throw this.#fault('an operator was expected');
    }
    return expression;
  }

  #chain(): LogicalExpression {
    const first = this.#term();
    const operator = this.#text[this.#at];
    if (operator !== '&' && operator !== '|') {
      return first;
    }
    this.#at++;
    const kind = operator === '&' ? 'and' : 'or';
    const rest = this.#chain();
    // A chain of one operator is one node; a block stays apart.
    return { kind, terms: rest.kind === kind && !this.#blocks.has(rest) ? [first, ...rest.terms] : [first, rest] };
  }

  #term(): LogicalExpression {
    if (++this.#terms > maxTerms) {
      throw this.#fault(`more than ${maxTerms} terms`);
    }
    return this.#text[this.#at] === '(' ? this.#block() : this.#part();
  }

  #block(): LogicalExpression {
    this.#at++;
    const inner = this.#chain();
    if (this.#text[this.#at] !== ')') {
      throw this.#fault('")" was expected');
    }
    this.#at++;
    const isBlock = (inner.kind === 'and' || inner.kind === 'or') && !this.#blocks.has(inner);
    this.#blocks.add(inner);
    const count = this.#take(/([=<>])(\d{1,10})(?:,(\d{0,10})(?:,\d*)*)?/y);
    if (count === undefined) {
      return inner;
    }
    if (!isBlock) {
      throw this.#fault('a count follows a number, or a block of several');
    }
    const distinct = Number(count[2] ?? '');
    return { ...this.#counted(inner, count), ...(distinct === 0 ? {} : { distinct: this.#number(distinct) }) };
  }

  #part(): LogicalExpression {
    const digits = this.#take(/ *(\d{1,4})[^&|()=<>]*/y)?.[0];
    if (digits === undefined) {
      throw this.#fault('the number of a subsignature was expected');
    }
    const part = Number(digits);
    if (part >= maxParts) {
      throw this.#fault(`more than ${maxParts} subsignatures`);
    }
    this.#maxPart = Math.max(this.#maxPart, part);
    const counts = this.#take(/([=<>][^&|()]*)/y)?.[0];
    if (counts === undefined) {
      return { kind: 'part', part };
    }
    const count = /([=<>]) *(\d{1,10})[^=<>]*$/.exec(counts)?.slice(1);
    if (count === undefined) {
      throw this.#fault('a number was expected behind the last of "=", "<" and ">"');
    }
    return this.#counted({ kind: 'part', part }, count);
  }

  #counted(of: LogicalExpression, [compare, count]: readonly (string | undefined)[]): Extract<LogicalExpression, { kind: 'count' }> {
    return { kind: 'count', of, compare: compare as '=' | '>' | '<', count: this.#number(Number(count)) };
  }

  #number(value: number): number {
    if (value > maxCount) {
      throw this.#fault('a count over 32 bits');
    }
    return value;
  }

  /** Passes over what the sticky pattern matches here. @returns its groups. */
  #take(pattern: RegExp): (string | undefined)[] | undefined {
    pattern.lastIndex = this.#at;
    const groups = pattern.exec(this.#text);
    this.#at = groups === null ? this.#at : pattern.lastIndex;
    return groups?.slice(1);
  }

  #fault(reason: string): ExpressionFault {
    return new ExpressionFault(`${reason} at character ${this.#at + 1} of the logical expression`);
  }
}
