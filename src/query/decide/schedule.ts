/**
 * Step 4: what a question does next. Pure: `run.ts` gathers the facts, asks here, and carries out the answer.
 *
 * A question goes over the servers in order, in at most three rounds with a pause between them. An attempt is given
 * its share of the time that somebody still waits; after that the next server is asked while the exchange may go
 * on, so a slow server's answer is still used when it comes. Where hedging is on, one further server is asked as
 * soon as the attempt takes longer than 95 of 100 did. All instants are monotonic ms.
 */

/** How one server stands towards one question. */
export interface ServerFacts {
  /**
   * `open`: left alone by its breaker; `spent`: asking it again would bring nothing new; `busy`: it is being asked.
   */
  readonly state: 'ready' | 'open' | 'spent' | 'busy';
  /** Times that this question was put to it. */
  readonly attempts: number;
  /** End of the wait that the server asked for; in the past when there is none. */
  readonly readyAtMs: number;
}

/** All that the decision rests on. */
export interface ScheduleFacts {
  /** In the order in which they are to be asked. */
  readonly servers: readonly ServerFacts[];
  /** 1 is the first. */
  readonly round: number;
  readonly rounds: number;
  /** Nobody is asked a second time before. */
  readonly roundStartsAtMs: number;
  /** While an attempt is on the wire: when the next server is to be asked instead. */
  readonly attemptEndsAtMs?: number | undefined;
  /** While an attempt is on the wire: when a second server may be asked beside it; undefined when none may. */
  readonly hedgeAtMs?: number | undefined;
  /** When the last caller stops waiting; undefined when nobody waits any more. */
  readonly holdEndsAtMs?: number | undefined;
  readonly perServerMs: number;
  /** Whether the retry budget has anything left. */
  readonly mayRetry: boolean;
}

/** What to do. */
export type NextAttempt =
  | { readonly kind: 'attempt'; readonly server: number; readonly forMs: number; /** Beside one that is on the wire. */ readonly isHedge?: true }
  /** Begin the next round, after a pause that the caller draws. */
  | { readonly kind: 'next-round' }
  /** Until an answer comes, somebody joins or leaves, or this instant. */
  | { readonly kind: 'wait'; readonly untilMs: number | undefined }
  | { readonly kind: 'stop' };

/** The next thing that a question does. It stops as soon as waiting is of no use, not when the hold is over. */
export function nextAttempt(facts: ScheduleFacts, nowMs: number): NextAttempt {
  const { holdEndsAtMs, attemptEndsAtMs } = facts;
  if (holdEndsAtMs === undefined || nowMs >= holdEndsAtMs) {
    return waitForBusy(facts, undefined);
  }
  const due = facts.servers.filter((server) => nowMs >= dueAtMs(server, facts));
  const forMs = Math.min(facts.perServerMs, (holdEndsAtMs - nowMs) / due.length);
  if (attemptEndsAtMs !== undefined && nowMs < attemptEndsAtMs) {
    // Who waits for the pause between two rounds is in no such hurry: only a server that was not asked yet is a hedge.
    const fresh = facts.servers.findIndex((server) => server.attempts === 0 && due.includes(server));
    const hedgeAtMs = fresh >= 0 && facts.mayRetry ? (facts.hedgeAtMs ?? attemptEndsAtMs) : attemptEndsAtMs;
    return nowMs < hedgeAtMs
      ? { kind: 'wait', untilMs: Math.min(attemptEndsAtMs, hedgeAtMs, holdEndsAtMs) }
      : { kind: 'attempt', server: fresh, forMs, isHedge: true };
  }
  if (due.length > 0) {
    return { kind: 'attempt', server: facts.servers.indexOf(due[0]!), forMs };
  }
  if (facts.round < facts.rounds && facts.servers.some((server) => isForNextRound(server, facts))) {
    return { kind: 'next-round' };
  }
  const untilMs = Math.min(...facts.servers.map((server) => dueAtMs(server, facts)));
  return untilMs < holdEndsAtMs ? { kind: 'wait', untilMs } : waitForBusy(facts, holdEndsAtMs);
}

/** Servers that are being asked may still answer; without one there is nothing to wait for. */
function waitForBusy(facts: ScheduleFacts, untilMs: number | undefined): NextAttempt {
  return facts.servers.some((server) => server.state === 'busy') ? { kind: 'wait', untilMs } : { kind: 'stop' };
}

/** When a server may be asked in this round; never where it may not be asked in it at all. */
function dueAtMs(server: ServerFacts, facts: ScheduleFacts): number {
  if (!mayBeAsked(server, facts) || server.attempts >= facts.round) {
    return Number.POSITIVE_INFINITY;
  }
  return server.attempts === 0 ? server.readyAtMs : Math.max(server.readyAtMs, facts.roundStartsAtMs);
}

function isForNextRound(server: ServerFacts, facts: ScheduleFacts): boolean {
  return mayBeAsked(server, facts) && server.attempts >= facts.round;
}

function mayBeAsked(server: ServerFacts, facts: ScheduleFacts): boolean {
  return server.state === 'ready' && server.attempts < facts.rounds && (server.attempts === 0 || facts.mayRetry);
}
