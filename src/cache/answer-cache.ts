/** The cache as the engine knows it: fingerprints in, usable answers out, and the rules of `freshness.ts` in between. */
import type { Answer, Fingerprint, Question } from '../base/fingerprint.js';

/** Where an answer came from and how strongly it is believed (DESIGN rule 5). */
export interface Origin {
  readonly id: string;
  readonly strength: number;
}

/** What the cache says about one fingerprint. */
export type CacheAnswer =
  | { readonly kind: 'miss' }
  /** Fresh, and of a generation that may be used. `ageMs` since its receipt. */
  | { readonly kind: 'hit'; readonly answer: Answer; readonly from: string; readonly expiresAt: number; readonly ageMs: number }
  /** A positive that has expired or is of an older generation: ask again, and use it only if nobody answers. */
  | { readonly kind: 'stale'; readonly answer: Answer; readonly from: string; readonly ageMs: number };

/** Answers by prefix, with the rules of freshness and strength applied. */
export interface AnswerCache {
  /** One element per fingerprint, in order. A negative older than `minGeneration` is a miss. */
  lookup(
    fingerprints: readonly Fingerprint[],
    options: { readonly minGeneration?: number },
  ): readonly CacheAnswer[] | Promise<readonly CacheAnswer[]>;
  /** Keeps every answer of a question, empty ones included, unless a stronger one is fresh. */
  store(question: Question, answers: readonly Answer[], from: Origin): void | Promise<void>;
  forget(what: 'all' | readonly Fingerprint[]): void | Promise<void>;
}
