/**
 * Step 4: when a question is put to a second server because the first one takes unusually long (a hedged request, after
 * Dean and Barroso, "The Tail at Scale", 2013). Pure: a bounded sample of how long a server took of late, and the time
 * that 95 of 100 of its answers stayed below. The retry budget bounds how many are hedged when all are slow.
 */

/** How long the latest answers of a server took. */
export interface LatencySample {
  /** Milliseconds, in no order. */
  readonly values: readonly number[];
  /** Where the next one goes: behind the last, in place of the oldest once the sample is full. */
  readonly next: number;
}

/** Answers that a sample holds. */
export const sampleSize = 128;
/** With fewer nothing is said: one slow answer would be the 95th of a hundred. */
export const leastSample = 20;
/** Nothing is hedged before: a second request costs more than such a wait. */
export const leastHedgeMs = 5;

/** A server that has not answered yet. */
export const emptySample: LatencySample = { values: [], next: 0 };

/** The sample after one more answer. */
export function afterAnswer({ values, next }: LatencySample, tookMs: number): LatencySample {
  return { values: [...values.slice(0, next), tookMs, ...values.slice(next + 1)], next: (next + 1) % sampleSize };
}

/** After which time an attempt is hedged; never while too little is known. */
export function hedgeAfterMs({ values }: LatencySample): number | undefined {
  if (values.length < leastSample) {
    return undefined;
  }
  const sorted = [...values].sort((a, b) => a - b);
  return Math.max(leastHedgeMs, sorted[Math.ceil(0.95 * sorted.length) - 1]!);
}
