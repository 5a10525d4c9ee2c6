/**
 * One listener on a signal for any number of followers. Hundreds of checks may share the signal of their caller, or
 * wait for the same engine to close; a listener each would be searched through at every removal, and Node takes more
 * than ten of them for a leak.
 */

/** Follows signals. */
export interface FanOut {
  /**
   * Calls the listener once when the signal fires, at once if it has. Returns the function that ends the following;
   * without a signal nothing is followed.
   */
  readonly follow: (signal: AbortSignal | undefined, listener: () => void) => () => void;
}

/** A fan-out with nobody following. Signals are held weakly. */
export function createFanOut(): FanOut {
  const followers = new WeakMap<AbortSignal, Set<() => void>>();

  function followersOf(signal: AbortSignal): Set<() => void> {
    const known = followers.get(signal);
    if (known !== undefined) {
      return known;
    }
    const listeners = new Set<() => void>();
    followers.set(signal, listeners);
    signal.addEventListener('abort', () => [...listeners].forEach((listener) => listener()), { once: true });
    return listeners;
  }

  return {
    follow(signal, listener) {
      if (signal === undefined) {
        return () => undefined;
      }
      if (signal.aborted) {
        listener();
        return () => undefined;
      }
      const listeners = followersOf(signal);
      // A follower of its own, so that the same function may follow twice.
      const one = (): void => {
        listeners.delete(one);
        listener();
      };
      listeners.add(one);
      return () => void listeners.delete(one);
    },
  };
}
