/**
 * How often a PCRE subsignature matches in a content, by its offset and the flags that say where and how often to search
 * (docs.clamav.net, "PCRE subsignatures"; details as observed of clamscan 1.4.6).
 *
 *   no offset          from the beginning, anywhere
 *   n                  at n only; with `r` anywhere from n on
 *   n,shift            beginning at n to n + shift; with `e` in the bytes before n + shift
 *   g                  all matches, one after the other; else the first one
 *
 * What stands before n is not there for the expression: `^` holds at n.
 */
import type { Placement } from '../../body-search.js';

/** An expression that can be searched for: the first match that begins at or after `from`. */
export interface SearchableExpression {
  search(bytes: Uint8Array, from: number, counter: StepCounter): { readonly kind: 'match'; readonly start: number; readonly end: number } | { readonly kind: 'none' } | { readonly kind: 'budget' };
}

/** Steps that a search may take. */
export interface StepCounter {
  spend(steps: number): boolean;
}

/** Where and how often to search. */
export interface ExpressionPlace {
  /** Absent: anywhere. */
  readonly placement?: Placement;
  readonly isRolling: boolean;
  readonly isConfined: boolean;
  readonly all: boolean;
  /** More matches than this change nothing. */
  readonly maxCount: number;
}

/** The number of matches, at most `maxCount`; `budget` when the steps were used up before that was known. */
export function countMatches(expression: SearchableExpression, bytes: Uint8Array, options: ExpressionPlace & { readonly counter: StepCounter }): number | 'budget' {
  const { placement, all, counter } = options;
  const shift = placement === undefined ? 0 : placement.hi - placement.lo;
  const subject = bytes.subarray(placement?.lo ?? 0, options.isConfined && shift > 0 ? placement?.hi : bytes.length);
  const lastStart = lastStartOf(options, shift, subject.length);
  let count = 0;
  for (let from = 0; from <= subject.length && counter.spend(1); ) {
    const found = expression.search(subject, from, counter);
    if (found.kind === 'budget') {
      return 'budget';
    }
    if (found.kind === 'none' || found.start > (lastStart ?? from)) {
      return count;
    }
    count++;
    if (!all || count >= options.maxCount) {
      return count;
    }
    from = found.end > found.start ? found.end : found.end + 1;
  }
  return counter.spend(0) ? count : 'budget';
}

/** Where a match may begin at the latest, from the place on; undefined: right where the search does. */
function lastStartOf({ placement, isRolling }: ExpressionPlace, shift: number, size: number): number | undefined {
  if (placement === undefined) {
    return size;
  }
  // With a shift a search goes on from match to match; without one and without `r`, every match has to follow the last.
  return shift > 0 ? shift : isRolling ? size : undefined;
}
