/**
 * Step 3: the cache that the engine talks to: `freshness.ts` over whatever store the host has.
 *
 * Keys are made of kind, algorithm and the hash as it was asked about, nothing else: policy and level are never part
 * of one (DESIGN rule 5). A store that throws, dawdles or gives back nonsense makes misses, never errors.
 */
import { assertInteger } from '../base/assert.js';
import { fingerprintKey, hashBytes, hashPrefix, prefixBytes } from '../base/fingerprint.js';
import { entryFrom, judgeSlot } from './freshness.js';
import { parseSlot } from './parse-slot.js';
import { createSlotWriter } from './slot-writer.js';
import type { Answer, Fingerprint, Question } from '../base/fingerprint.js';
import type { Clock, Random } from '../base/seams.js';
import type { AnswerCache, CacheAnswer } from './answer-cache.js';
import type { Moment } from './freshness.js';
import type { Change, Eventually, SafeStore } from './slot-writer.js';
import type { CacheEntry, CacheSlot, VerdictCache } from './verdict-cache.js';

/** What an answer cache is made of. */
export interface AnswerCacheOptions {
  readonly store: VerdictCache;
  readonly clock: Clock;
  readonly random: Random;
  /** Marks this process's entries in a store that outlives it and has no steady clock. Drawn at random when absent. */
  readonly process?: string;
  /** A store that has not answered after this time counts as one that does not answer. Default 500. */
  readonly storeWaitMs?: number;
}

/** Records of one answer at most: what is longer is asked for each time rather than kept. */
const maxRecords = 1000;

/** An `AnswerCache` over a store. The store stays the caller's: it is not closed here. */
export function createAnswerCache(options: AnswerCacheOptions): AnswerCache {
  const { clock, random } = options;
  assertInteger('storeWaitMs', options.storeWaitMs ?? 500, { min: 0 });
  const process = options.process ?? `${clock.now().toString(36)}-${Math.floor(random() * 2 ** 52).toString(36)}`;
  const { steady } = options.store;
  const mark = steady?.id ?? process;
  const monotonicMs = (): number => steady?.nowMs() ?? clock.monotonicMs();
  const since = { now: clock.now(), monotonicMs: monotonicMs() };
  const moment = (): Moment => ({ now: clock.now(), monotonicMs: monotonicMs(), process: mark, since });
  const store = safeStore(options);
  const change = createSlotWriter(store, moment);

  return {
    lookup(fingerprints, { minGeneration }) {
      const asked = fingerprints.flatMap((one) => [hashPrefix(one.hash), one.hash]);
      const keys = asked.map((hash, i) => keyOf(fingerprints[i >> 1]!, hash));
      const judge = (found: unknown): CacheAnswer[] => {
        const at = { ...moment(), minGeneration };
        const slots: readonly unknown[] = Array.isArray(found) && found.length === keys.length ? found : [];
        return fingerprints.map((fingerprint, i) => {
          const byPrefix = slotAt(slots, 2 * i, asked);
          const byHash = slotAt(slots, 2 * i + 1, asked);
          return judgeSlot(byHash.length === 0 ? byPrefix : [...byPrefix, ...byHash], fingerprint, at);
        });
      };
      const found = store.get(keys);
      return found instanceof Promise ? found.then(judge) : judge(found);
    },

    store(question, answers, from) {
      const changes = entriesOf(question, answers, (answer) => entryFrom(answer, from, { ...moment(), random }));
      return changes.length === 0 ? undefined : change(changes);
    },

    forget(what) {
      const keys = what === 'all' ? what : what.flatMap((one) => [keyOf(one, hashPrefix(one.hash)), keyOf(one, one.hash)]);
      return change([{ kind: 'forget', what: keys }]);
    },
  };
}

function keyOf(of: Pick<Fingerprint, 'kind' | 'algorithm'>, hash: Uint8Array): string {
  return fingerprintKey(of.kind, of.algorithm, hash);
}

function slotAt(slots: readonly unknown[], at: number, asked: readonly Uint8Array[]): CacheSlot {
  return parseSlot(slots[at], asked[at]!) ?? [];
}

/** A merge for every answer to something that was asked; the rest is not believed. */
function entriesOf(
  question: Question,
  answers: readonly Answer[],
  entryOf: (answer: Answer) => CacheEntry,
): Change[] {
  const askedKeys = new Set(question.hashes.map((hash) => keyOf(question, hash)));
  const changes: Change[] = [];
  for (const answer of answers) {
    const key = keyOf(question, answer.asked);
    const isWhole = answer.asked.length === prefixBytes || answer.asked.length === hashBytes[question.algorithm];
    if (askedKeys.has(key) && isWhole && answer.records.length <= maxRecords) {
      changes.push({ kind: 'merge', key, entry: entryOf(answer) });
    }
  }
  return changes;
}

/** The host's store behind a wall: no throw, no rejection, no endless wait comes through. */
function safeStore(options: AnswerCacheOptions): SafeStore & { get(keys: readonly string[]): Eventually<unknown> } {
  const { store } = options;
  const get = (keys: readonly string[]): Eventually<unknown> => guarded(() => store.get(keys), options);
  return {
    get,
    read(keys, entries) {
      const parse = (found: unknown): CacheSlot[] | undefined =>
        Array.isArray(found) && found.length === keys.length
          ? keys.map((key, i) => parseSlot(found[i], entries.get(key)!.answer.asked) ?? [])
          : undefined;
      const found = get(keys);
      return found instanceof Promise ? found.then(parse) : parse(found);
    },
    write: (slots) => ignoringResult(guarded(() => store.put(slots), options)),
    forget: (what) => ignoringResult(guarded(() => store.forget(what), options)),
  };
}

function ignoringResult(work: Eventually<unknown>): Eventually<void> {
  return work instanceof Promise ? work.then(() => undefined) : undefined;
}

/** The result of a call into the store; undefined when it throws, rejects or takes too long. */
function guarded(call: () => unknown, options: AnswerCacheOptions): Eventually<unknown> {
  let result: unknown;
  try {
    result = call();
  } catch {
    return undefined;
  }
  return isThenable(result) ? withinTime(Promise.resolve(result), options) : result;
}

async function withinTime(work: Promise<unknown>, options: AnswerCacheOptions): Promise<unknown> {
  const over = new AbortController();
  const settled = work.catch(() => undefined);
  const timeout = options.clock.sleep(options.storeWaitMs ?? 500, over.signal).catch(() => undefined);
  try {
    return await Promise.race([settled, timeout]);
  } finally {
    over.abort();
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
