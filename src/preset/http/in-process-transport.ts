/** The transport to a handler in the same process: a server without a wire, for the embedded default and for tests. */
import type { Clock } from '../../base/seams.js';
import { queryPath } from '../../protocol/messages.js';
import type { Transport } from '../../query/transport.js';
import { replyTo } from './reply-to.js';
import { requestHeaders } from './http-reply.js';
import { createSystemClock } from '../system-seams.js';

/** Speaks `in-process:` addresses (secure); what follows the colon is not looked at. */
export function createInProcessTransport(
  handler: (request: Request) => Promise<Response>,
  options: { readonly clock?: Pick<Clock, 'now'> | undefined } = {},
): Transport {
  const clock = options.clock ?? createSystemClock();
  return {
    schemes: { 'in-process': 'secure' },
    send: (body, { signal, maxBytes, path = queryPath }) => {
      const url = `http://in-process.invalid${path}`;
      const init: RequestInit = { method: 'POST', headers: { ...requestHeaders }, body: new Uint8Array(body) };
      return replyTo(async (own) => handler(new Request(url, { ...init, signal: own })), { signal, maxBytes, clock });
    },
  };
}
