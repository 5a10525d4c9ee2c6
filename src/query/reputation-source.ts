/** Somebody who can be asked: one server of our own protocol, or a foreign service. */
import type { Answer, Question } from '../base/fingerprint.js';
import type { Reply } from './transport.js';

/** The answers of one exchange. */
export interface SourceAnswers {
  /** One per hash that the source answered; a hash without one is unanswered, never "not listed". */
  readonly answers: readonly Answer[];
  /** How strongly these are believed, where it differs from the source's own strength. */
  readonly strength?: number;
}

/** One endpoint. Back-off, breaker, batching and fail-over are the query client's; a source does one exchange. */
export interface ReputationSource {
  /** Unique among the sources of an engine. */
  readonly id: string;
  /** Local ones have the shorter breaker times. */
  readonly scope: 'local' | 'global';
  /** Prefix sources never see a full hash. */
  readonly asks: 'prefix' | 'full-hash';
  /** Hashes in one question at most. */
  readonly maxBatch: number;
  /** DESIGN rule 5: 4 signed direct, 3 signed statement, 2 foreign over HTTPS, 1 unsigned loopback. */
  readonly strength: number;
  /** It rates URLs, not only lists them: it is asked about every URL, whatever the filter says. */
  readonly rated?: boolean;
  /**
   * What it means that this source has no record: `clears` (default) "not listed", `abstains` nothing: it knows good files,
   * or few, and others are asked. Where nobody else answers, the subject is unknown.
   */
  readonly silence?: 'clears' | 'abstains';
  /** `false`: it is never asked just to learn whether it is back (quotas); its breaker alone says when it is tried again. */
  readonly probes?: boolean;
  lookup(question: Question, options: { readonly signal: AbortSignal }): Promise<Reply<SourceAnswers>>;
  close?(): Promise<void>;
}
