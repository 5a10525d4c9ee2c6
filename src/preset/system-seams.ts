/** The real clock and real chance, on every runtime that has timers. One of the few places where they may be touched. */
import { abortedError } from '../base/errors.js';
import type { Clock, Random } from '../base/seams.js';

/** Wall clock, `performance.now` and `setTimeout`. Background waits do not hold a Node process open. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep: (ms, signal, options) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(abortedError(signal));
          return;
        }
        // Timers take 31 bits of milliseconds; longer waits simply wake early and are asked for again by their loops.
        const timer: unknown = setTimeout(
          () => {
            signal.removeEventListener('abort', onAbort);
            resolve();
          },
          Math.min(Math.max(0, ms), 2_147_483_647),
        );
        const onAbort = (): void => {
          clearTimeout(timer as ReturnType<typeof setTimeout>);
          reject(abortedError(signal));
        };
        if (options?.background === true && hasUnref(timer)) {
          timer.unref();
        }
        signal.addEventListener('abort', onAbort, { once: true });
      }),
  };
}

/** Uniform chance for jitter and choices; nothing secret depends on it. */
export const systemRandom: Random = () => Math.random();

/** Ids that nobody else gives, though he begins at the same instant: keys of remedies are made of them. */
export function countedIds(clock: Pick<Clock, 'now'>, prefix = ''): () => string {
  const start = `${prefix}${clock.now().toString(36)}-${Math.floor(systemRandom() * 2 ** 52).toString(36)}`;
  let count = 0;
  return () => `${start}-${(count++).toString(36)}`;
}

function hasUnref(timer: unknown): timer is { unref(): void } {
  return typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function';
}
