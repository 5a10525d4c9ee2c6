/**
 * Step 4: one caller. Makes a waiter of each fingerprint and ends the waiting: on the last answer, at the end of the
 * hold, at once on the caller's abort and on close.
 */
import { VedetteError, abortedError } from '../../base/errors.js';
import { fingerprintKey, hashBytes, hashPrefix } from '../../base/fingerprint.js';
import { createItem, createWaiter, giveUp } from './coalesce.js';
import { notNeeded } from './turns.js';
import type { Fingerprint } from '../../base/fingerprint.js';
import type { Clock } from '../../base/seams.js';
import type { Batcher } from './batch.js';
import type { Departure, Item, Items, Waiter } from './coalesce.js';
import type { AskOptions, AskOutcome } from '../query-client.js';

/** What all callers of a client share. */
export interface AskContext {
  readonly clock: Clock;
  readonly holdMs: number;
  readonly items: Items;
  readonly batcher: Batcher;
  /** Whether items are told apart by prefix: nobody is asked about full hashes. */
  readonly byPrefix: boolean;
  /** Those who wait now, each with what ends its waiting when the client closes; undefined once it has closed. */
  callers: Set<(error: VedetteError) => void> | undefined;
}

/** One call of `ask` with everything that it shares. */
interface CallContext extends AskContext {
  readonly callers: Set<(error: VedetteError) => void>;
  readonly resolve: (outcomes: readonly AskOutcome[]) => void;
  readonly reject: (error: VedetteError) => void;
}

interface Wait {
  readonly item: Item;
  readonly waiter: Waiter;
}

/**
 * One outcome per fingerprint, in order.
 * @throws VedetteError `aborted`, `closed`
 * @throws TypeError when a hash has not the length of its algorithm
 */
export async function ask(
  fingerprints: readonly Fingerprint[],
  options: AskOptions,
  context: AskContext,
): Promise<readonly AskOutcome[]> {
  const { signal } = options;
  const { callers } = context;
  if (callers === undefined) {
    throw closedError();
  }
  if (signal?.aborted === true) {
    throw abortedError(signal);
  }
  assertHashes(fingerprints);
  if (fingerprints.length === 0) {
    return [];
  }
  return new Promise((resolve, reject) => wait(fingerprints, options, { ...context, callers, resolve, reject }));
}

function wait(fingerprints: readonly Fingerprint[], options: AskOptions, call: CallContext): void {
  const { clock, callers } = call;
  const { signal } = options;
  const holdMs = holdOf(options, call);
  const waits: Wait[] = [];
  const over = new AbortController();
  const end = (): void => {
    over.abort(notNeeded);
    signal?.removeEventListener('abort', onAbort);
    callers.delete(desert);
  };
  const desert = (error: VedetteError): void => {
    end();
    waits.forEach((one) => leave(one, 'abort'));
    call.reject(error);
  };
  const onAbort = (): void => desert(abortedError(signal));
  const settle = collect<AskOutcome>(fingerprints.length, (outcomes) => {
    end();
    call.resolve(outcomes);
  });

  signal?.addEventListener('abort', onAbort);
  callers.add(desert);
  const shared = { minGeneration: options.minGeneration, holdEndsAtMs: clock.monotonicMs() + holdMs };
  fingerprints.forEach((fingerprint, index) => {
    const waiter = createWaiter(fingerprint, { ...shared, settle: (outcome) => settle(index, outcome) });
    waits.push({ item: join(waiter, options, call), waiter });
  });
  if (!over.signal.aborted) {
    const onHold = (): void => waits.forEach((one) => leave(one, 'hold'));
    clock.sleep(holdMs, over.signal).then(onHold, () => undefined);
  }
}

function holdOf(options: AskOptions, context: AskContext): number {
  const holdMs = options.holdMs ?? context.holdMs;
  return holdMs > 0 ? holdMs : 0;
}

/** Gathers one value for each index and hands them over when the last has come. */
function collect<T>(count: number, done: (values: readonly T[]) => void): (index: number, value: T) => void {
  const values = new Array<T>(count);
  let missing = count;
  return (index, value) => {
    values[index] = value;
    missing--;
    if (missing === 0) {
      done(values);
    }
  };
}

/** The item that this hash is asked about in already, or a new one. */
function join(waiter: Waiter, { group, rating = false }: AskOptions, context: AskContext): Item {
  const { kind, algorithm, hash } = waiter.fingerprint;
  const key = (rating ? 'rating of ' : '') + fingerprintKey(kind, algorithm, context.byPrefix ? hashPrefix(hash) : hash);
  const known = context.items.find(group, key);
  if (known !== undefined) {
    known.waiters.add(waiter);
    known.onChange('joined');
    return known;
  }
  const item = createItem(waiter.fingerprint, key, { group, rating });
  item.waiters.add(waiter);
  context.items.add(item);
  context.batcher.add(item);
  return item;
}

/** At the end of its hold a waiter is told so; after an abort it hears nothing more. */
function leave({ item, waiter }: Wait, how: Departure): void {
  if (!item.waiters.has(waiter)) {
    return;
  }
  if (how === 'hold') {
    giveUp(item, [waiter]);
  } else {
    item.waiters.delete(waiter);
  }
  item.onChange(how);
}

function assertHashes(fingerprints: readonly Fingerprint[]): void {
  for (const { algorithm, hash } of fingerprints) {
    if (hash.length !== hashBytes[algorithm]) {
      throw new TypeError(`fingerprint: expected ${hashBytes[algorithm]} bytes of ${algorithm}, got ${hash.length}`);
    }
  }
}

/** Ends all waiting, and lets nobody begin. */
export function closeCallers(context: AskContext): void {
  const { callers } = context;
  context.callers = undefined;
  callers?.forEach((desert) => desert(closedError()));
}

function closedError(): VedetteError {
  return new VedetteError('closed', 'the query client is closed');
}
