/**
 * How often a PCRE subsignature matches in a content, by its offset and the flags that say where and how often to search
 * (docs.clamav.net, "PCRE subsignatures"; details as observed of clamscan 1.4.6).
 *
 *   no offset          from the beginning, anywhere
 *   n                  at n only; with `r` anywhere from n on
 *   n,shift            beginning at n to n + shift
 *   e                  in the bytes from n up to, without, n + shift (if there is a shift), as if there were no others
 *   g                  all matches, one after the other; else the first one
 */
import type { Placement } from '../body-search.js';

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
  const confined = options.isConfined ? placement : undefined;
  const origin = confined?.lo ?? 0;
  const subject = bytes.subarray(origin, confined !== undefined && shift > 0 ? confined.hi : bytes.length);
  const lastStart = lastStartOf(options, { shift, origin, size: subject.length });
  let count = 0;
  for (let from = (placement?.lo ?? 0) - origin; from <= subject.length && counter.spend(1); ) {
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

/** Where a match may begin at the latest; undefined: right where the search does. */
function lastStartOf({ placement, isRolling }: ExpressionPlace, place: { readonly shift: number; readonly origin: number; readonly size: number }): number | undefined {
  if (placement === undefined) {
    return place.size;
  }
  // With a shift a search goes on from match to match; without one and without `r`, every match has to follow the last.
  return place.shift > 0 ? placement.hi - place.origin : isRolling ? place.size : undefined;
}
