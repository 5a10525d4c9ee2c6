/** The explanation of one check: which layer was consulted, what it said and how long it took. */
import type { TraceStep } from '../../base/check-result.js';
import type { Clock, Json } from '../../base/seams.js';

/** Collects steps, or nothing at all when no trace was asked for. */
export interface Trace {
  /** Marks the beginning of a step; the returned function ends it with what the layer said. */
  begin(layer: string): (answer: string, detail?: Json) => void;
  readonly steps: readonly TraceStep[];
}

const silent: Trace = { begin: () => () => undefined, steps: [] };

/** A trace on the monotonic clock. */
export function createTrace(wanted: boolean, clock: Clock): Trace {
  if (!wanted) {
    return silent;
  }
  const steps: TraceStep[] = [];
  return {
    begin(layer) {
      const startedAt = clock.monotonicMs();
      return (answer, detail) => {
        const tookMs = Math.round((clock.monotonicMs() - startedAt) * 1000) / 1000;
        steps.push({ layer, answer, tookMs, ...(detail === undefined ? {} : { detail }) });
      };
    },
    steps,
  };
}
