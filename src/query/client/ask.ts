/**
 * Step 4: one caller. Makes a waiter of each fingerprint and ends the waiting: on the last answer, at the end of the
 * hold, at once on the caller's abort and on close.
 */
import { VedetteError, abortedError } from '../../base/errors.js';
import { hashBytes } from '../../base/fingerprint.js';
import { Item, Waiter, giveUpWaiting, itemKey } from './coalesce.js';
import type { Fingerprint } from '../../base/fingerprint.js';
import type { Clock } from '../../base/seams.js';
import type { Alarm, AlarmWait } from './alarm.js';
import type { Batcher } from './batch.js';
import type { Caller, Departure, Items, Topic } from './coalesce.js';
import type { AskOptions, AskOutcome } from '../query-client.js';

/** What all callers of a client share. */
export interface AskContext {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Wakes callers at the end of their hold. */
  readonly holds: Alarm;
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
  const { clock, holds, callers } = call;
  const { signal } = options;
  const holdMs = holdOf(options, call);
  const waiters: Waiter[] = [];
  let isOver = false;
  let atHold: AlarmWait | undefined;
  const end = (): void => {
    isOver = true;
    if (atHold !== undefined) {
      holds.clear(atHold);
    }
    signal?.removeEventListener('abort', onAbort);
    callers.delete(desert);
  };
  const desert = (error: VedetteError): void => {
    end();
    waiters.forEach((one) => leave(one, 'abort'));
    call.reject(error);
  };
  const onAbort = (): void => desert(abortedError(signal));
  const settle = collect<AskOutcome>(fingerprints.length, (outcomes) => {
    end();
    call.resolve(outcomes);
  });

  signal?.addEventListener('abort', onAbort);
  callers.add(desert);
  const caller: Caller = { minGeneration: options.minGeneration, holdEndsAtMs: clock.monotonicMs() + holdMs, settle };
  joinAll(fingerprints, options, { call, caller, waiters });
  if (!isOver) {
    atHold = holds.set(caller.holdEndsAtMs, () => waiters.forEach((one) => leave(one, 'hold')));
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

/** Makes a waiter of each, for the item that this hash is asked about in already, or a new one. */
function joinAll(
  fingerprints: readonly Fingerprint[],
  { group, rating = false }: AskOptions,
  { call, caller, waiters }: { readonly call: CallContext; readonly caller: Caller; readonly waiters: Waiter[] },
): void {
  const { items, batcher, byPrefix } = call;
  let topic: Topic | undefined;
  for (let index = 0; index < fingerprints.length; index++) {
    const fingerprint = fingerprints[index]!;
    const { kind, algorithm, hash } = fingerprint;
    // A topic without items may be gone: a full question goes out, and may end, while others are gathered.
    if (topic?.kind !== kind || topic.algorithm !== algorithm || topic.items.size === 0) {
      topic = items.topic({ group, kind, algorithm, rating });
    }
    const key = itemKey(hash, byPrefix);
    const known = topic.items.get(key);
    const item = known ?? new Item(topic, key, hash);
    const waiter = new Waiter(caller, index, { fingerprint, item });
    waiters.push(waiter);
    item.waiters.add(waiter);
    if (known !== undefined) {
      known.work.changed(known, 'joined');
    } else {
      items.add(item);
      batcher.add(item);
    }
  }
}

/** At the end of its hold a waiter is told so; after an abort it hears nothing more. */
function leave(waiter: Waiter, how: Departure): void {
  const { item } = waiter;
  if (!item.waiters.has(waiter)) {
    return;
  }
  if (how === 'hold') {
    giveUpWaiting(waiter);
  } else {
    item.waiters.delete(waiter);
  }
  item.work.changed(item, how);
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
