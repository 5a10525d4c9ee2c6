/**
 * The clock of a simulation: like `FakeClock` it stands still until it is told to run, but it holds 10^5 waits, and
 * between two instants it lets only what follows at once (microtasks) run. Parts that leave the process (files, sockets,
 * asynchronous cryptography) do not belong into a simulation: when they come back is up to the machine.
 */
import { abortedError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';
import { createEventHeap } from './event-heap.js';

/** A clock that a simulation runs. */
export interface SimulatedClock extends Clock {
  /** Runs up to the monotonic instant: everything that is due until then happens, in the order of its instants. */
  runUntil(ms: number): Promise<void>;
  /** Waits that are open. */
  readonly sleeping: number;
}

/** What a simulated clock is begun with. */
export interface SimulatedClockOptions {
  /** Wall clock at monotonic 0, epoch ms (1,700,000,000,000). */
  readonly startAt?: number | undefined;
  /** Turns of the event loop between two instants (1): parts that post messages to themselves need more. */
  readonly turns?: number | undefined;
}

/** A clock that stands at monotonic 0. */
export function createSimulatedClock({ startAt = 1_700_000_000_000, turns: count = 1 }: SimulatedClockOptions = {}): SimulatedClock {
  const heap = createEventHeap();
  let nowMs = 0;
  return {
    now: () => startAt + nowMs,
    monotonicMs: () => nowMs,
    get sleeping() {
      return heap.size;
    },
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(abortedError(signal));
          return;
        }
        const onAbort = (): void => {
          cancel();
          reject(abortedError(signal));
        };
        const cancel = heap.add(instantAfter(nowMs, ms), () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        });
        signal.addEventListener('abort', onAbort, { once: true });
      });
    },
    async runUntil(endMs) {
      const turns = createTurns(count);
      try {
        await turns.next();
        for (let at = heap.nextAt(); at !== undefined && at <= endMs; at = heap.nextAt()) {
          nowMs = Math.max(nowMs, at);
          heap.runAll(nowMs);
          await turns.next();
        }
        nowMs = Math.max(nowMs, endMs);
      } finally {
        turns.close();
      }
    },
  };
}

/**
 * In whole microseconds, and never before its time: whoever is woken a rounding too early waits again for what is left,
 * and on this clock so short a wait would not let any time pass.
 */
function instantAfter(nowMs: number, ms: number): number {
  if (ms <= 0) {
    return nowMs;
  }
  const at = nowMs + ms;
  const rounded = Math.ceil(at * 1000) / 1000;
  return rounded >= at && rounded > nowMs ? rounded : rounded + 0.001;
}

/** Turns of the event loop: by the time of the next one, everything that follows at once has run. */
function createTurns(count: number): { next(): Promise<void>; close(): void } {
  const channel = new MessageChannel();
  let wake: () => void = () => undefined;
  channel.port1.onmessage = () => wake();
  return {
    next: async () => {
      for (let turn = 0; turn < count; turn++) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          channel.port2.postMessage(null);
        });
      }
    },
    close: () => channel.port1.close(),
  };
}
