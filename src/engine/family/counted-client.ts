/** A query client that knows whether anybody still waits for it: one that was replaced is closed when nobody does. */
import type { Clock } from '../../base/seams.js';
import type { QueryClient } from '../../query/query-client.js';

/** A client and its callers. */
export interface CountedClient extends QueryClient {
  /** Nobody waits for an answer, in a pause between two attempts either, and nothing is on the wire. */
  isIdle(): boolean;
}

/** The client with its callers counted. */
export function countCallers(client: QueryClient): CountedClient {
  let waiting = 0;
  return {
    async ask(fingerprints, options) {
      waiting++;
      try {
        return await client.ask(fingerprints, options);
      } finally {
        waiting--;
      }
    },
    probe: (options) => client.probe(options),
    nextProbeAt: () => client.nextProbeAt(),
    reset: () => client.reset(),
    servers: () => client.servers(),
    inFlight: () => client.inFlight(),
    close: () => client.close(),
    isIdle: () => waiting === 0 && client.inFlight() === 0,
  };
}

const lookMs = 500;

/** Closes the client when its last caller has been answered, after this time at the latest, at once on `closing`. */
export async function retire(
  client: CountedClient,
  how: { readonly clock: Clock; readonly patienceMs: number; readonly closing: AbortSignal },
): Promise<void> {
  const until = how.clock.monotonicMs() + how.patienceMs;
  while (!client.isIdle() && !how.closing.aborted && how.clock.monotonicMs() < until) {
    await how.clock.sleep(lookMs, how.closing, { background: true }).catch(() => undefined);
  }
  await client.close();
}
