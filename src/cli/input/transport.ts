/** The way to the servers: over HTTP, and to a server pattern that answers in this process. */
import type { Crypto } from '../../base/seams.js';
import { createFetchTransport } from '../../preset/http/fetch-transport.js';
import { createInProcessTransport } from '../../preset/http/in-process-transport.js';
import { createSystemClock } from '../../preset/system-seams.js';
import type { Transport } from '../../query/transport.js';
import { createHandler } from '../../server/handler.js';
import { createMemoryStore } from '../../server/memory-store.js';

/** The address of the server pattern in this process. */
export const inProcessAddress = 'in-process:server-pattern';

/**
 * A transport for `http:` and `https:`, and for `in-process:` where a server pattern is given.
 * @throws VedetteError `pattern-refused` when it is none.
 */
export function openTransport(serverPattern: Uint8Array | undefined, crypto: Crypto): Transport {
  const web = createFetchTransport();
  if (serverPattern === undefined) {
    return web;
  }
  const store = createMemoryStore(serverPattern, { crypto });
  const own = createInProcessTransport(createHandler({ store, crypto, clock: createSystemClock() }));
  return {
    schemes: { ...web.schemes, ...own.schemes },
    send: (body, options) => (options.server.address === inProcessAddress ? own : web).send(body, options),
  };
}
