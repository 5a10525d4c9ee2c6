/**
 * A clock that runs like any other and can leap: hours pass in no time, and whatever waited for an instant that was passed
 * over wakes. Between leaps a second is a second, so that time limits on questions mean what they say.
 */
export function createLeapClock() {
  let aheadMs = 0;
  const waiting = new Set();

  function arm(one) {
    clearTimeout(one.timer);
    one.timer = setTimeout(() => one.wake(), Math.max(0, Math.min(one.at - clock.monotonicMs(), 2 ** 31 - 1)));
    if (one.background) {
      one.timer.unref();
    }
  }

  const clock = {
    now: () => Math.round(Date.now() + aheadMs),
    monotonicMs: () => performance.now() + aheadMs,
    sleep: (ms, signal, options = {}) =>
      new Promise((resolve, reject) => {
        const end = (settle) => () => {
          clearTimeout(one.timer);
          waiting.delete(one);
          signal.removeEventListener('abort', aborted);
          settle();
        };
        const one = { at: clock.monotonicMs() + ms, background: options.background === true, wake: end(resolve), timer: undefined };
        const aborted = end(() => reject(new Error('aborted')));
        if (signal.aborted) {
          reject(new Error('aborted'));
          return;
        }
        signal.addEventListener('abort', aborted, { once: true });
        waiting.add(one);
        arm(one);
      }),
    /** Both clocks go on by so much at once. */
    leap(ms) {
      aheadMs += ms;
      waiting.forEach(arm);
    },
  };
  return clock;
}
