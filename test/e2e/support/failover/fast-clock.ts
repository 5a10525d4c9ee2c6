/** The system's clock, some times as fast: probes that come once a minute come every few seconds of a test. */
import { createSystemClock } from '../../../../src/preset/system-seams.js';
import type { Clock } from '../../../../src/base/seams.js';

/** A clock on which `factor` seconds pass in each. */
export function createFastClock(factor: number): Clock {
  const clock = createSystemClock();
  const startedAt = clock.now();
  const startedMs = clock.monotonicMs();
  const passedMs = (): number => (clock.monotonicMs() - startedMs) * factor;
  return {
    now: () => Math.floor(startedAt + passedMs()),
    monotonicMs: passedMs,
    sleep: (ms, signal, options) => clock.sleep(ms / factor, signal, options),
  };
}
