/** What the steps of one check may use: the family, the member, one view of the patterns, and where to stop. */
import type { Answer, Fingerprint } from '../../base/fingerprint.js';
import type { Subject } from '../../base/subject.js';
import type { AskOptions, AskOutcome } from '../../query/query-client.js';
import type { EngineCore, Member } from '../family/core.js';
import type { PatternView } from '../family/patterns.js';
import type { Examined } from './facts.js';
import type { Trace } from './trace.js';

/** What a step may use. */
export interface StepContext {
  readonly core: EngineCore;
  readonly member: Member;
  readonly view: PatternView;
  readonly subject: Subject;
  readonly trace: Trace;
  /** Bytes that were judged while they arrived. */
  readonly received?: (signal: AbortSignal) => Promise<Examined>;
  /** Ends reading: the caller's abort or the deadline. */
  readonly reading: AbortSignal;
  /** Ends asking: the caller's abort only. A question outlives a deadline. */
  readonly asking: AbortSignal;
  /** Puts the question; a call over many subjects makes one batch of them. */
  ask(fingerprints: readonly Fingerprint[], options: AskOptions): Promise<readonly AskOutcome[]>;
  /** Positives that may serve if nobody answers, by fingerprint. Filled by the cache step. */
  readonly fallbacks: Map<Fingerprint, { readonly answer: Answer; readonly from: string }>;
}
