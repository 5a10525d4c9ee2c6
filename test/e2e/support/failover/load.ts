/** Questions at a rate that does not wait for answers: who is slow is asked all the same. */
import { setTimeout as pause } from 'node:timers/promises';

/** One call with what became of it. */
export interface Offered<T> {
  readonly n: number;
  /** Since the load began, ms. */
  readonly atMs: number;
  readonly tookMs: number;
  readonly result: T;
}

/** Calls `ask` so often a second for so long, each in a turn of its own, and waits for all answers. */
export async function offer<T>(load: { readonly perSecond: number; readonly seconds: number }, ask: (n: number) => Promise<T>): Promise<readonly Offered<T>[]> {
  const began = performance.now();
  const all: Promise<Offered<T>>[] = [];
  for (let elapsed = 0; elapsed < load.seconds * 1_000; elapsed = performance.now() - began) {
    while (all.length < (elapsed * load.perSecond) / 1_000) {
      all.push(timed(all.length, began, ask));
      await new Promise(setImmediate);
    }
    await pause(1);
  }
  return Promise.all(all);
}

async function timed<T>(n: number, began: number, ask: (n: number) => Promise<T>): Promise<Offered<T>> {
  const from = performance.now();
  const result = await ask(n);
  return { n, atMs: from - began, tookMs: performance.now() - from, result };
}

/** The time that this share of the calls stayed below, ms. */
export function quantile(calls: readonly Offered<unknown>[], share: number): number {
  const sorted = calls.map((one) => one.tookMs).sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
