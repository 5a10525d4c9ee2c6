/** Step 4: how long each server took of late, for hedging; nothing is kept where hedging is off. */
import { afterAnswer, emptySample, hedgeAfterMs } from '../decide/hedge.js';
import type { QueryEvent } from './asker.js';
import type { LatencySample } from '../decide/hedge.js';

/** The samples of all servers of a client. */
export interface Latencies {
  note(event: QueryEvent): void;
  /** After which time an attempt at the server is hedged; undefined: not at all. */
  readonly hedgeAfterMs: (server: string) => number | undefined;
}

/** Samples that hold nothing yet. */
export function createLatencies(isOn: boolean): Latencies {
  const samples = new Map<string, { readonly sample: LatencySample; readonly afterMs: number | undefined }>();
  return {
    note(event) {
      // A late answer took long as well; one that nobody waited for has no end.
      if (isOn && event.kind === 'query' && (event.outcome === 'answered' || event.outcome === 'partial' || event.outcome === 'late')) {
        const sample = afterAnswer(samples.get(event.server)?.sample ?? emptySample, event.tookMs);
        samples.set(event.server, { sample, afterMs: hedgeAfterMs(sample) });
      }
    },
    hedgeAfterMs: (server) => samples.get(server)?.afterMs,
  };
}
