/** The result of a check: what was found, what follows, and how it came about. Structured-cloneable. */
import type { Json } from './seams.js';
import type { SubjectInfo } from './subject.js';
import type { Decision, Remedy, Verdict } from './verdict.js';

/** How a subject stands in the pending-verification queue. */
export type Pending =
  | { readonly kind: 'none' }
  | { readonly kind: 'queued'; readonly id: string; readonly durability: 'process' | 'disk' }
  | { readonly kind: 'refused'; readonly code: 'pending-full' };

/** What became of a remedy. `remedy` says which one, where it is not the first one of the decision. */
export type ActionOutcome =
  /** `detail` where there is more to know: hard links that remain, the place that a file was moved to. */
  | { readonly kind: 'done' | 'not-needed'; readonly detail?: string; readonly remedy?: Remedy }
  | { readonly kind: 'unable' | 'uncertain'; readonly detail: string; readonly remedy?: Remedy };

/**
 * When the result came about: with the request (`now`), after the subject had been let through (`late`), or long after
 * it was judged (`retro`: a newer pattern or answer knows more than the ones that let it through).
 */
export type Occasion = 'now' | 'late' | 'retro';

/** One thing inside a container. */
export interface MemberResult {
  /** Names from the outermost container inwards. */
  readonly path: readonly string[];
  /** Hex. */
  readonly sha256?: string;
  readonly verdict: Verdict;
}

/** One step of the story: which layer was consulted and what it said. */
export interface TraceStep {
  readonly layer: string;
  readonly answer: string;
  readonly tookMs: number;
  readonly detail?: Json;
}

/** What a check gives back. */
export interface CheckResult {
  /** Unique in the process; the id of the pending entry where `pending.kind` is `queued` is another one. */
  readonly id: string;
  readonly subject: SubjectInfo & { readonly kind: 'file' | 'url' | 'digest'; readonly url?: string };
  /** Hex; of the content for files and digests, of the canonical URL's exact expression for URLs. */
  readonly sha256?: string;
  /** Bytes. */
  readonly size?: number;
  /** Canonical form of a URL subject. */
  readonly canonical?: string;
  readonly verdict: Verdict;
  readonly decision: Decision;
  readonly occasion: Occasion;
  readonly outcome?: ActionOutcome;
  readonly pending: Pending;
  /** What is inside of a container. Empty in this release: a container is judged as the file that it is. */
  readonly members: readonly MemberResult[];
  /** Empty unless the check was asked for a trace. */
  readonly trace: readonly TraceStep[];
}
