/** What scan engines are given, and what is in it. */
import type { Haystack } from '../haystacks/haystack.js';
import { firstEnds } from '../haystacks/find-all.js';
import { answerOf, nameOf } from './literals.js';

/** A haystack, the literals to search for, and what every part of it from the beginning holds. */
export interface ScanInput {
  readonly haystack: Buffer;
  readonly literals: readonly Buffer[];
  /** What a scan of the first `amount` bytes has to answer. */
  readonly expected: (amount: number) => string;
}

/** The first `count` literals over the haystack. */
export function scanInput({ bytes, literals: all }: Haystack, count: number): ScanInput {
  const literals = all.slice(0, count);
  const ends = firstEnds(literals, bytes);
  return {
    haystack: bytes,
    literals,
    expected: (amount) => answerOf(ends.flatMap((end, i) => (end <= amount ? [nameOf(i)] : []))),
  };
}
