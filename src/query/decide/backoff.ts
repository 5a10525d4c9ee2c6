/**
 * Step 4: how long to wait before a question is repeated, and how often questions may be repeated at all. Immutable
 * values and pure functions; the figures are those of DESIGN §5.
 */
import type { Random } from '../../base/seams.js';

/** Longest pause after the first, second, and every further round over the servers. */
export const backoffCapsMs: readonly number[] = [250, 1000, 4000];

/** The pause after round `round` (1 is the first): anything up to its cap, so that clients that failed together part. */
export function backoffMs(round: number, random: Random): number {
  const cap = backoffCapsMs[Math.min(round, backoffCapsMs.length) - 1] ?? 0;
  return cap * random();
}

/** How much repeating is allowed. */
export interface RetryLimits {
  /** Repeats per question asked. */
  readonly ratio: number;
  /** Repeats a second that are always allowed, however little is asked. */
  readonly perSecond: number;
}

/** A tenth of the questions, never below one a second. */
export const defaultRetryLimits: RetryLimits = { ratio: 0.1, perSecond: 1 };

/** Repeats that may be made now. */
export interface RetryBudget {
  readonly tokens: number;
  /** Those of them that may go to a server which has asked for a wait. */
  readonly afterWait: number;
  /** Monotonic instant up to which time has been credited. */
  readonly creditedMs: number;
}

/** Seconds' worth of always allowed repeats that can be saved up. */
const savedSeconds = 10;
/** Repeats that questions can save up: a burst of failures after a long calm must not become a burst of repeats. */
const maxTokens = 100;
/** Part of the ratio that may go to servers which have asked for a wait, and how much of it can be saved up. */
const shareAfterWait = 0.5;
const maxAfterWait = 10;

/** A full budget, with nothing for servers that ask for a wait: at no time may they see more for having asked. */
export function newRetryBudget(limits: RetryLimits, nowMs: number): RetryBudget {
  return { tokens: savedSeconds * limits.perSecond, afterWait: 0, creditedMs: nowMs };
}

/** The budget after one more question. */
export function afterQuestion(budget: RetryBudget, limits: RetryLimits, nowMs: number): RetryBudget {
  const { tokens, afterWait, creditedMs } = credited(budget, limits, nowMs);
  return {
    tokens: Math.max(tokens, Math.min(maxTokens, tokens + limits.ratio)),
    afterWait: Math.min(maxAfterWait, afterWait + limits.ratio * shareAfterWait),
    creditedMs,
  };
}

/** The budget after one more repeat, or undefined when it does not allow one. */
export function afterRetry(budget: RetryBudget, limits: RetryLimits, nowMs: number): RetryBudget | undefined {
  const { tokens, afterWait, creditedMs } = credited(budget, limits, nowMs);
  return tokens >= 1 ? { tokens: tokens - 1, afterWait, creditedMs } : undefined;
}

/**
 * The same for a repeat at a server that has answered this question with a request to wait. These are earned by
 * questions alone: a server that asks everybody to wait must not see more of a client that asks little than before.
 */
export function afterRetryOfWait(budget: RetryBudget, limits: RetryLimits, nowMs: number): RetryBudget | undefined {
  const next = afterRetry(budget, limits, nowMs);
  return next !== undefined && next.afterWait >= 1 ? { ...next, afterWait: next.afterWait - 1 } : undefined;
}

function credited(budget: RetryBudget, limits: RetryLimits, nowMs: number): RetryBudget {
  const earned = (Math.max(0, nowMs - budget.creditedMs) / 1000) * limits.perSecond;
  const ceiling = Math.max(budget.tokens, savedSeconds * limits.perSecond);
  return { ...budget, tokens: Math.min(ceiling, budget.tokens + earned), creditedMs: nowMs };
}
