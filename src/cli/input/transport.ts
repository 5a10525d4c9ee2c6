/** The way to the servers: over HTTP, and to a server pattern that answers in this process. */
import type { Crypto } from '../../base/seams.js';
import { createFetchTransport } from '../../preset/http/fetch-transport.js';
import { createSystemClock } from '../../preset/system-seams.js';
import type { Transport } from '../../query/transport.js';

/** The address of the server pattern in this process. */
export const inProcessAddress = 'in-process:server-pattern';

/**
 * A transport for `http:` and `https:`, and for `in-process:` where a server pattern is given.
 * @throws VedetteError `pattern-refused` when it is none.
 */
export async function openTransport(serverPattern: Uint8Array | undefined, crypto: Crypto): Promise<Transport> {
  const web = createFetchTransport();
  if (serverPattern === undefined) {
    return web;
  }
  const own = await openInProcess(serverPattern, crypto);
  return {
    schemes: { ...web.schemes, ...own.schemes },
    send: (body, options) => (options.server.address === inProcessAddress ? own : web).send(body, options),
  };
}

/** Loaded where there is one: it is all of a server. */
async function openInProcess(serverPattern: Uint8Array, crypto: Crypto): Promise<Transport> {
  const { createInProcessTransport } = await import('../../preset/http/in-process-transport.js');
  const { createHandler } = await import('../../server/handler.js');
  const { createMemoryStore } = await import('../../server/memory-store.js');
  const store = createMemoryStore(serverPattern, { crypto });
  return createInProcessTransport(createHandler({ store, crypto, clock: createSystemClock() }));
}
