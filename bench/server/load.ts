/**
 * Questions to a server at a fixed rate. A question's time counts from the instant at which it was due, so that a server
 * that stands still is charged for all that waits for it.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { BareClient } from './bare-client.js';

/** When a question was due (ms on the clock of `performance`), and how long it took from then on. */
export interface Answered {
  readonly dueAt: number;
  readonly tookMs: number;
}

/** How questions are asked. */
export interface Load {
  readonly client: BareClient;
  /** Asked in turn. */
  readonly requests: readonly Uint8Array[];
  readonly perSecond: number;
}

/** Asks until `signal` fires, and resolves when everything is answered. @throws what a question ended with. */
export async function askSteadily({ client, requests, perSecond }: Load, signal: AbortSignal): Promise<Answered[]> {
  const answered: Answered[] = [];
  const open = new Set<Promise<void>>();
  const startedAt = performance.now();
  const ask = async (index: number): Promise<void> => {
    const dueAt = startedAt + (index * 1_000) / perSecond;
    await client.post(requests[index % requests.length]!);
    answered.push({ dueAt, tookMs: performance.now() - dueAt });
  };
  for (let next = 0; !signal.aborted; ) {
    const due = Math.floor(((performance.now() - startedAt) * perSecond) / 1_000);
    for (; next < due; next++) {
      const one = ask(next).finally(() => open.delete(one));
      open.add(one);
    }
    await wait(1);
  }
  await Promise.all(open);
  return answered;
}

/** How many questions a second are answered when `atOnce` are on their way at any time. */
export async function fullRate({ client, requests, atOnce, seconds }: Omit<Load, 'perSecond'> & { readonly atOnce: number; readonly seconds: number }): Promise<number> {
  const startedAt = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() - startedAt < seconds * 1_000) {
      await client.post(requests[next++ % requests.length]!);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return (next / (performance.now() - startedAt)) * 1_000;
}

/** Quantiles of what was due in [from, to), in ms. */
export interface Latency {
  readonly questions: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** @throws Error where nothing was due. */
export function latencyOf(answered: readonly Answered[], from = -Infinity, to = Infinity): Latency {
  const times = answered.filter(({ dueAt }) => dueAt >= from && dueAt < to).map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))]!;
  if (times.length === 0) {
    throw new Error('no question was due');
  }
  return { questions: times.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}
