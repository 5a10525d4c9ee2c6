/**
 * Logical expressions over counts of matches (docs.clamav.net, "Logical signatures"), as observed of clamscan 1.4.6: a
 * term that does not hold adds nothing to the count of the block around it, and none of its parts to the different ones.
 * A part with a count of its own that holds is one of the different ones, even `0=0`; those of a counted block are not.
 */
import type { LogicalExpression } from '../../../pattern/signature.js';

/** What an expression comes to. */
export interface Told {
  readonly holds: boolean;
  /** Matches of the parts that made it hold; 0 when it does not. */
  readonly count: number;
  /** Which parts those were; unique. */
  readonly parts: ReadonlySet<number>;
}

const none: ReadonlySet<number> = new Set();
const nothing: Told = { holds: false, count: 0, parts: none };

/** Tells an expression, where `countOf` says how often each part matched. Cost: the terms times the parts. */
export function tell(expression: LogicalExpression, countOf: (part: number) => number): Told {
  switch (expression.kind) {
    case 'part': {
      const count = countOf(expression.part);
      return count === 0 ? nothing : { holds: true, count, parts: new Set([expression.part]) };
    }
    case 'and': {
      const terms = expression.terms.map((term) => tell(term, countOf));
      return terms.every(({ holds }) => holds) ? together(terms) : nothing;
    }
    case 'or': {
      const terms = expression.terms.map((term) => tell(term, countOf)).filter(({ holds }) => holds);
      return terms.length === 0 ? nothing : together(terms);
    }
    case 'count': {
      const { count, parts } = tell(expression.of, countOf);
      const holds = compares(count, expression.compare, expression.count) && parts.size >= (expression.distinct ?? 0);
      return holds ? { holds, count, parts: expression.of.kind === 'part' ? new Set([expression.of.part]) : none } : nothing;
    }
  }
}

/** False when the expression cannot hold whatever the undecided parts come to. Never false for one that can. */
export function mayHold(expression: LogicalExpression, countOf: (part: number) => number | undefined): boolean {
  switch (expression.kind) {
    case 'part':
      return countOf(expression.part) !== 0;
    case 'and':
      return expression.terms.every((term) => mayHold(term, countOf));
    case 'or':
      return expression.terms.some((term) => mayHold(term, countOf));
    case 'count':
      return partsOf(expression).some((part) => countOf(part) === undefined) || tell(expression, (part) => countOf(part)!).holds;
  }
}

/** What telling the expression costs at most, in steps of about a term. `parts`: different parts that it may name. */
export function costOf(expression: LogicalExpression, parts: number): number {
  switch (expression.kind) {
    case 'part':
      return 1;
    case 'and':
    case 'or':
      // The parts that made its terms hold are put together anew at every level.
      return expression.terms.reduce((sum, term) => sum + costOf(term, parts) + (term.kind === 'part' ? 0 : parts), 1);
    case 'count':
      return 1 + costOf(expression.of, parts);
  }
}

/** The parts that an expression names; not unique. */
export function partsOf(expression: LogicalExpression): number[] {
  switch (expression.kind) {
    case 'part':
      return [expression.part];
    case 'and':
    case 'or':
      return expression.terms.flatMap(partsOf);
    case 'count':
      return partsOf(expression.of);
  }
}

/** The largest number that any count in the expression is compared with; 0 without one. */
export function largestCount(expression: LogicalExpression): number {
  switch (expression.kind) {
    case 'part':
      return 0;
    case 'and':
    case 'or':
      return expression.terms.reduce((largest, term) => Math.max(largest, largestCount(term)), 0);
    case 'count':
      return Math.max(expression.count, largestCount(expression.of));
  }
}

function together(terms: readonly Told[]): Told {
  const parts = new Set(terms.flatMap((term) => [...term.parts]));
  return { holds: true, count: terms.reduce((sum, { count }) => sum + count, 0), parts };
}

function compares(count: number, compare: '=' | '>' | '<', wanted: number): boolean {
  switch (compare) {
    case '=':
      return count === wanted;
    case '>':
      return count > wanted;
    case '<':
      return count < wanted;
  }
}
