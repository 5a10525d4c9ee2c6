/**
 * Step 4: when a server is left alone, and for how long. A pure state machine after DESIGN §5.
 *
 * It counts questions, not attempts: a question that made three attempts at a server in vain is one failure. Three
 * such questions in a row open the breaker; when its time is over one attempt is let through to try the server.
 */

/** Instants are monotonic ms. */
export type Breaker =
  | { readonly kind: 'closed'; readonly failures: number }
  /** Left alone until `untilMs`, then due for a trial. `openings` in a row so far. */
  | { readonly kind: 'open'; readonly untilMs: number; readonly openings: number }
  /** One attempt is out to try the server; nobody else may. */
  | { readonly kind: 'half-open'; readonly openings: number };

/** What can happen to a server. */
export type BreakerEvent = 'success' | 'question-failed' | 'trial' | 'trial-failed' | 'trial-abandoned' | 'reset';

/** Failed questions in a row that open a breaker. */
export const failuresToOpen = 3;

/** First and longest time that a server is left alone. */
export const openTimes: Readonly<Record<'local' | 'global', { readonly firstMs: number; readonly maxMs: number }>> = {
  local: { firstMs: 5_000, maxMs: 300_000 },
  global: { firstMs: 300_000, maxMs: 1_800_000 },
};

/** A server of which nothing bad is known. */
export const closedBreaker: Breaker = { kind: 'closed', failures: 0 };

/** Whether an attempt may be made now. */
export function admits(breaker: Breaker, nowMs: number): boolean {
  return breaker.kind === 'closed' || isDue(breaker, nowMs);
}

/** Whether an attempt made now would be a trial. */
export function isDue(breaker: Breaker, nowMs: number): boolean {
  return breaker.kind === 'open' && nowMs >= breaker.untilMs;
}

/** The breaker after an event. An event that does not fit the state, such as a late failure, changes nothing. */
export function nextBreaker(
  breaker: Breaker,
  event: BreakerEvent,
  at: { readonly nowMs: number; readonly scope: 'local' | 'global' },
): Breaker {
  switch (event) {
    case 'success':
    case 'reset':
      return closedBreaker;
    case 'question-failed':
      return breaker.kind === 'closed' ? afterFailure(breaker.failures + 1, at) : breaker;
    case 'trial':
      return isDue(breaker, at.nowMs) && breaker.kind === 'open'
        ? { kind: 'half-open', openings: breaker.openings }
        : breaker;
    case 'trial-failed':
      return breaker.kind === 'half-open' ? opened(breaker.openings + 1, at) : breaker;
    case 'trial-abandoned':
      // Whoever tried went away before there was an outcome: the next one may try at once.
      return breaker.kind === 'half-open'
        ? { kind: 'open', untilMs: at.nowMs, openings: breaker.openings }
        : breaker;
  }
}

function afterFailure(failures: number, at: { readonly nowMs: number; readonly scope: 'local' | 'global' }): Breaker {
  return failures >= failuresToOpen ? opened(1, at) : { kind: 'closed', failures };
}

function opened(openings: number, at: { readonly nowMs: number; readonly scope: 'local' | 'global' }): Breaker {
  const { firstMs, maxMs } = openTimes[at.scope];
  return { kind: 'open', untilMs: at.nowMs + Math.min(maxMs, firstMs * 2 ** (openings - 1)), openings };
}
