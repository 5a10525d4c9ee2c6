/** Step 4: the one retry budget of a client. */
import { afterQuestion, afterRetry, afterRetryOfWait, newRetryBudget } from '../decide/backoff.js';
import type { Clock } from '../../base/seams.js';
import type { RetryLimits } from '../decide/backoff.js';
import type { Retries } from './run-state.js';

/** A full budget. `asked` is called for every question. */
export function createRetries(limits: RetryLimits, clock: Clock): Retries & { asked(): void } {
  let budget = newRetryBudget(limits, clock.monotonicMs());
  return {
    asked: () => {
      budget = afterQuestion(budget, limits, clock.monotonicMs());
    },
    mayRetry: () => afterRetry(budget, limits, clock.monotonicMs()) !== undefined,
    mayRetryAfterWait: () => afterRetryOfWait(budget, limits, clock.monotonicMs()) !== undefined,
    retried: ({ afterWait }) => {
      const spend = afterWait ? afterRetryOfWait : afterRetry;
      budget = spend(budget, limits, clock.monotonicMs()) ?? budget;
    },
  };
}
