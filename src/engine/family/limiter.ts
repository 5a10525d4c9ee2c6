/** Admission: so many at a time, so many more in line, and an honest refusal for the rest. */
import { abortedError } from '../../base/errors.js';

/** Gives out turns. */
export interface Limiter {
  /** A function that ends the turn; undefined when the line is full. Rejects with `aborted`. */
  enter(signal: AbortSignal): Promise<(() => void) | undefined>;
  /** Changes the bounds; who is in line stays in line. */
  resize(bounds: { readonly concurrent: number; readonly waiting: number }): void;
  readonly active: number;
}

/** A limiter, first come first served. */
export function createLimiter(initial: { readonly concurrent: number; readonly waiting: number }): Limiter {
  let bounds = initial;
  let active = 0;
  const line = new Set<() => void>();

  function turn(): () => void {
    active++;
    let ended = false;
    return () => {
      if (!ended) {
        ended = true;
        active--;
        next();
      }
    };
  }

  function next(): void {
    while (active < bounds.concurrent) {
      const [first] = line;
      if (first === undefined) {
        return;
      }
      line.delete(first);
      first();
    }
  }

  return {
    enter(signal) {
      if (signal.aborted) {
        return Promise.reject(abortedError(signal));
      }
      if (active < bounds.concurrent) {
        return Promise.resolve(turn());
      }
      if (line.size >= bounds.waiting) {
        return Promise.resolve(undefined);
      }
      return new Promise((resolve, reject) => {
        const begin = (): void => {
          signal.removeEventListener('abort', onAbort);
          resolve(turn());
        };
        const onAbort = (): void => {
          line.delete(begin);
          reject(abortedError(signal));
        };
        signal.addEventListener('abort', onAbort, { once: true });
        line.add(begin);
      });
    },
    resize(changed) {
      bounds = changed;
      next();
    },
    get active() {
      return active;
    },
  };
}
