/** Results of settled entries, for whoever waits for one or asks shortly after. */
import type { CheckResult } from '../../base/check-result.js';
import { compareDispositions } from '../../base/verdict.js';

/** Results by entry. */
export interface Settlements {
  /** Before the settlement is made durable: whoever then finds the entry gone finds its result here. */
  record(entryId: string, result: CheckResult): void;
  /** After it was: wakes whoever waits for the entry. */
  announce(entryId: string): void;
  /** The worst result so far. */
  get(entryId: string): CheckResult | undefined;
  /** Calls the listener at each announcement; the returned function ends that. */
  wait(entryId: string, listener: () => void): () => void;
}

const kept = 10_000;

/** Settlements of this process, the newest ten thousand. */
export function createSettlements(): Settlements {
  const results = new Map<string, CheckResult>();
  const waiting = new Map<string, Set<() => void>>();
  return {
    record(entryId, result) {
      const before = results.get(entryId);
      if (before === undefined || compareDispositions(result.verdict.disposition, before.verdict.disposition) > 0) {
        results.delete(entryId);
        results.set(entryId, result);
      }
      const [oldest] = results.keys();
      if (results.size > kept && oldest !== undefined) {
        results.delete(oldest);
      }
    },
    announce(entryId) {
      waiting.get(entryId)?.forEach((listener) => listener());
    },
    get: (entryId) => results.get(entryId),
    wait(entryId, listener) {
      const listeners = waiting.get(entryId) ?? new Set();
      waiting.set(entryId, listeners.add(listener));
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) {
          waiting.delete(entryId);
        }
      };
    },
  };
}
