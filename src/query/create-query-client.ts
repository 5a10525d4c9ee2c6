/**
 * Step 4: the query client: callers (`ask.ts`) wait for items (`coalesce.ts`), items are gathered into questions
 * (`batch.ts`), a question goes over the servers (`run.ts`, decided in `schedule.ts`), each exchange with a server
 * (`asker.ts`) ends in time. Nothing runs, and no timer is set, while nobody asks.
 */
import { assertInteger } from '../base/assert.js';
import { VedetteError } from '../base/errors.js';
import { Alarm } from './client/alarm.js';
import { ask, closeCallers } from './client/ask.js';
import { createAsker } from './client/asker.js';
import { defaultRetryLimits } from './decide/backoff.js';
import { createBatcher } from './client/batch.js';
import { createItems } from './client/coalesce.js';
import { createLatencies } from './client/latencies.js';
import { createProber } from './client/probe.js';
import { createRetries } from './client/retries.js';
import { startRun } from './client/run.js';
import { createServerList } from './server-list.js';
import { createGate, notNeeded, openGate } from './client/turns.js';
import { createWaitMemory } from './client/wait-memory.js';
import type { Answer, Question } from '../base/fingerprint.js';
import type { Clock, Random, StateStore } from '../base/seams.js';
import type { AskContext } from './client/ask.js';
import type { AnswerOrigin, AskerOptions, QueryEvent } from './client/asker.js';
import type { RetryLimits } from './decide/backoff.js';
import type { Item } from './client/coalesce.js';
import type { QueryClient } from './query-client.js';
import type { ReputationSource } from './reputation-source.js';
import type { Run } from './client/run.js';
import type { RunContext } from './client/run-state.js';
import type { WaitMemory } from './client/wait-memory.js';

/** What a query client is made of. */
export interface QueryClientOptions {
  /** Unique ids. The client closes them when it closes. */
  readonly sources: readonly ReputationSource[];
  readonly clock: Clock;
  readonly random: Random;
  /** Time in all that a caller waits. Default 10,000. */
  readonly holdMs?: number;
  /** Time that one server is given for one exchange. Default 3,000. */
  readonly perServerMs?: number;
  /** Times that a question is put to a server at most. Default 3. */
  readonly rounds?: number;
  /** Within each scope; local servers always come before global ones. Default `listed`. */
  readonly order?: 'listed' | 'random';
  /** Time for which questions are gathered. Default 0: to the end of the current microtask turn. */
  readonly windowMs?: number;
  readonly retryBudget?: RetryLimits;
  /** Attempts on the wire at a time, those of callers with a group of their own aside. Default 64. */
  readonly maxConcurrent?: number;
  /**
   * A second server is asked when the first takes longer than 95 of 100 of its answers did; within the retry budget.
   * Default false.
   */
  readonly hedge?: boolean;
  /** The first probe is of use after up to this time, drawn evenly: a fleet that starts together has a place each. Default: at once. */
  readonly firstProbeWithinMs?: number;
  /** Keeps the waits that servers ask for over restarts. Without one they end with the client. */
  readonly state?: StateStore;
  /** Given work that goes on after a call has resolved; it never rejects. */
  readonly background?: (work: Promise<unknown>) => void;
  /** Given every answer to something that was asked, late ones too. What it throws or rejects with is ignored. */
  readonly onAnswers: (question: Question, answers: readonly Answer[], origin: AnswerOrigin) => void;
  /** What it throws or rejects with is ignored. */
  readonly onEvent?: (event: QueryEvent) => void;
}

/**
 * A client over sources of any kind.
 * @throws RangeError for a setting out of its range
 * @throws VedetteError `config-invalid` when two sources have the same id
 */
export function createQueryClient(options: QueryClientOptions): QueryClient {
  const { sources, clock, random, perServerMs = 3_000, windowMs = 0 } = options;
  assertOptions(options);
  const closing = new AbortController();
  const latencies = createLatencies(options.hedge === true);
  const tell = guarded(options.onEvent ?? (() => undefined), closing.signal);
  const onEvent = (event: QueryEvent): void => {
    latencies.note(event);
    tell(event);
  };
  const waits = createWaitMemory({ state: options.state, clock, background: options.background ?? (() => undefined), servers: () => servers.inOrder() });
  const servers = createServerList({
    sources,
    clock,
    random,
    order: options.order ?? 'listed',
    firstProbeWithinMs: options.firstProbeWithinMs,
    onState: (server, state) => onEvent({ kind: 'server', server, state }),
    onWait: waits.keep,
  });
  const items = createItems();
  const alarm = new Alarm(clock, { background: true });
  const hooks = { onEvent, onAnswers: guarded(options.onAnswers, closing.signal) };
  const runs = createRuns(options, { alarm, servers, items, waits, hedgeAfterMs: latencies.hedgeAfterMs, ...hooks });
  const batcher = createBatcher({
    clock,
    windowMs,
    maxItems: Math.max(1, ...sources.map((source) => source.maxBatch)),
    onBatch: runs.start,
    onDeserted: (item) => items.remove(item),
  });
  const byPrefix = sources.every((source) => source.asks === 'prefix');
  const holds = new Alarm(clock, { background: false });
  const askContext: AskContext = { clock, holds, holdMs: options.holdMs ?? 10_000, items, batcher, byPrefix, callers: new Set() };
  const probeAsker = createAsker({ clock, alarm, limitMs: perServerMs, onAnswers: () => undefined, onEvent });
  const prober = createProber({ servers, clock, random, waits, asker: probeAsker, closing: closing.signal });
  let closed: Promise<void> | undefined;

  return {
    ask: (fingerprints, askOptions) => ask(fingerprints, askOptions, askContext),
    probe: (probeOptions) => prober.probe(probeOptions),
    nextProbeAt: () => prober.nextProbeAt(),
    reset: () => servers.inOrder().forEach((entry) => entry.note({ kind: 'reset' })),
    servers: () => servers.status(),
    inFlight: () => runs.inFlight() + probeAsker.inFlight(),
    close: () => {
      closed ??= (async () => {
        closing.abort();
        closeCallers(askContext);
        batcher.close();
        await runs.close();
        await Promise.all([waits.kept, ...sources.map((source) => async () => source.close?.())].map((end) => inTime(end, clock, perServerMs)));
      })();
      return closed;
    },
  };
}

interface Runs {
  readonly start: (items: readonly Item[]) => void;
  readonly inFlight: () => number;
  readonly close: () => Promise<void>;
}

/** The questions on their way. */
function createRuns(
  options: QueryClientOptions,
  shared: Pick<RunContext, 'alarm' | 'servers' | 'items' | 'hedgeAfterMs'> & Pick<AskerOptions, 'onEvent' | 'onAnswers'> & { readonly waits: WaitMemory },
): Runs {
  const { clock, random, perServerMs = 3_000, rounds = 3, retryBudget = defaultRetryLimits } = options;
  const { alarm, onAnswers, onEvent, servers, items, waits, hedgeAfterMs } = shared;
  const asker = createAsker({ clock, alarm, limitMs: perServerMs, onAnswers, onEvent });
  const gate = createGate(options.maxConcurrent ?? 64);
  const retries = createRetries(retryBudget, clock);
  const context = { servers, items, clock, alarm, random, asker, retries, rounds, perServerMs, hedgeAfterMs };
  const runs = new Set<Run>();
  return {
    start: (items) => {
      retries.asked();
      // Callers with a group of their own wait for no other: on Workers one request must not wake another.
      const run = startRun(items, { ...context, gate: items[0]?.topic.group === undefined ? gate : openGate, recalled: waits.recall() });
      runs.add(run);
      void run.ended.then(() => runs.delete(run));
    },
    inFlight: () => asker.inFlight(),
    close: async () => {
      runs.forEach((run) => run.close());
      await Promise.all([...runs].map((run) => run.ended));
    },
  };
}

/** A part that cannot be closed, or not in time, keeps nobody from closing. */
async function inTime(end: () => Promise<void>, clock: Clock, limitMs: number): Promise<void> {
  const over = new AbortController();
  const timeout = clock.sleep(limitMs, over.signal, { background: true }).catch(() => undefined);
  await Promise.race([end().catch(() => undefined), timeout]);
  over.abort(notNeeded);
}

/** The hook until close, with whatever it throws or rejects ignored: a listener must not cost an answer. */
function guarded<A extends readonly unknown[]>(
  hook: (...args: A) => unknown,
  closing: AbortSignal,
): (...args: A) => void {
  return (...args) => {
    if (closing.aborted) {
      return;
    }
    try {
      const result = hook(...args);
      if (result instanceof Promise) {
        result.catch(() => undefined);
      }
    } catch {
      // Nothing to do: the answer counts, not who was told.
    }
  };
}

function assertOptions(options: QueryClientOptions): void {
  const { holdMs, perServerMs, rounds, windowMs, maxConcurrent, sources } = options;
  assertInteger('holdMs', holdMs ?? 0, { min: 0 });
  assertInteger('perServerMs', perServerMs ?? 1, { min: 1 });
  assertInteger('rounds', rounds ?? 1, { min: 1 });
  assertInteger('windowMs', windowMs ?? 0, { min: 0 });
  assertInteger('maxConcurrent', maxConcurrent ?? 1, { min: 1 });
  sources.forEach((source) => assertInteger(`maxBatch of ${source.id}`, source.maxBatch, { min: 1 }));
  const ids = sources.map((source) => source.id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  if (twice.length > 0) {
    throw new VedetteError('config-invalid', `sources: ids must be unique, got ${twice.join(', ')} twice`, { detail: { twice } });
  }
}
