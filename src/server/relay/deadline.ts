/** A signal that fires after a time unless it is no longer needed. */
import type { Clock } from '../../base/seams.js';

/** The signal, and how to let go of its timer. */
export interface Deadline {
  readonly signal: AbortSignal;
  end(): void;
}

/** Starts one; the process is not kept alive for it. */
export function startDeadline(clock: Pick<Clock, 'sleep'>, ms: number): Deadline {
  const over = new AbortController();
  const ended = new AbortController();
  clock.sleep(ms, ended.signal, { background: true }).then(
    () => over.abort(),
    () => undefined,
  );
  return { signal: over.signal, end: () => ended.abort() };
}
