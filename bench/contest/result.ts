/** What came out of the scan contest for one set of signatures. Plain data: it is kept in records. */
import type { Content } from '../haystacks/corpus/corpus.js';
import type { SetChoice } from '../inputs/signature-set.js';
import type { Spread } from '../measure/result.js';

/** One engine on one content. */
export interface ContentResult {
  /** 10^6 bytes per CPU second. */
  readonly rate: Spread;
  /** Times Vectorscan in the same rounds; absent without it. */
  readonly ratio?: Spread;
  readonly bytes: number;
  readonly rounds: number;
  /** Signatures that were found; absent from what does not search. */
  readonly signatures?: number;
  /** Matches in all, where the engine counts them. */
  readonly matches?: number;
}

/** One engine. */
export type ContestantResult = { readonly engine: string; readonly version?: string; readonly findsMore?: string } & (
  | {
      readonly kind: 'measured';
      readonly setUpMs: number;
      readonly tableBytes?: number;
      readonly contents: Readonly<Partial<Record<Content, ContentResult>>>;
    }
  | { readonly kind: 'wrong'; readonly content: Content; readonly missing: readonly number[]; readonly extra: readonly number[] }
  | { readonly kind: 'skipped' | 'failed'; readonly reason: string }
);

/** One set of signatures. */
export interface ContestResult {
  readonly set: SetChoice;
  readonly engines: readonly ContestantResult[];
}

/** Name of the engine that ratios are to. */
export const reference = 'vectorscan';
