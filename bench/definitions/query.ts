/** Query: round trips to our own server on loopback, one after the other. */
import type { Definition } from '../definition.js';
import { fetchTransport, queryClient, transportEngine, wireSource } from '../engines/query/askers.js';
import { bareFetch } from '../engines/query/bare-fetch.js';
import type { QueryInput } from '../inputs/query-input.js';
import { batchAt, queryAnswer, queryInput } from '../inputs/query-input.js';
import { formatBytes } from '../report/numbers.js';

/** One prefix a request. */
export const query1: Definition<QueryInput> = queryDefinition('query-1', { prefixes: 1, steps: [10, 50, 250, 1_000] });

/** 100 prefixes a request. */
export const query100: Definition<QueryInput> = queryDefinition('query-100', { prefixes: 100, steps: [5, 20, 100, 400] });

function queryDefinition(name: string, { prefixes, steps }: { readonly prefixes: number; readonly steps: readonly number[] }): Definition<QueryInput> {
  return {
    name,
    title: ({ sizes }) =>
      `round trips on loopback, ${prefixes === 1 ? '1 prefix' : `${prefixes} prefixes`} each: ` +
      `${formatBytes(sizes.request)} there, ${formatBytes(sizes.answer)} back`,
    unit: { name: 'round trips', per: 1 },
    clock: 'wall',
    baseline: 'bare fetch',
    analysis:
      'One exchange after the other, client and servers in two threads of one process. Bare fetch sends and receives ' +
      'as many bytes with a server that does nothing, so the ratio says what reputation costs on top of HTTP. ' +
      'The fetch transport adds the server (which searches, encodes and signs with Ed25519) and reading under ' +
      'limits; the wire source adds the request and the belief in the answer (one signature verified, statements ' +
      'matched to what was asked); the query client adds batching, coalescing, breaker and time limits. A ' +
      'host’s transport is measured like ours: bytes there and back.',
    engines: [bareFetch, fetchTransport, wireSource, queryClient],
    prepare: (context) =>
      queryInput(context, context.size === 'full' ? { prefixes, batches: 200, listed: 100_000 } : { prefixes, batches: 4, listed: 300 }),
    amounts: () => ({ probe: 2, steps }),
    expected: (input, amount) => {
      const batches = Array.from({ length: amount }, (_, i) => batchAt(input, i));
      return queryAnswer({
        roundTrips: amount,
        answers: batches.reduce((sum, batch) => sum + batch.prefixes.length, 0),
        records: batches.reduce((sum, batch) => sum + batch.listed, 0),
      });
    },
    host: ({ name: host, createTransport }) => (createTransport === undefined ? undefined : transportEngine(host, createTransport)),
    dispose: ({ loopback }) => loopback.close(),
  };
}
