/**
 * The transport over `fetch`, for every runtime that has one. One POST, no redirect followed, no cookie sent, nothing
 * cached, the body read under the caller's limit.
 */
import type { Clock } from '../../base/seams.js';
import type { Transport } from '../../query/transport.js';
import { noAddress, replyTo } from './reply-to.js';
import { requestHeaders } from './http-reply.js';
import { queryUrl } from './query-url.js';
import { createSystemClock } from '../system-seams.js';

/** Speaks `http:` (plain) and `https:` (secure) addresses. `clock` is for `Retry-After` with a date. */
export function createFetchTransport(
  options: { readonly fetch?: typeof fetch | undefined; readonly clock?: Pick<Clock, 'now'> | undefined } = {},
): Transport {
  // Called as a property of nothing: browsers refuse a detached `fetch`.
  const call: typeof fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const clock = options.clock ?? createSystemClock();
  // Not before a question is put: looking at `Request` makes Node load its whole client.
  let fixed: RequestInit | undefined;
  return {
    schemes: { http: 'plain', https: 'secure' },
    send: async (body, { server, signal, maxBytes, path }) => {
      const url = queryUrl(server.address, path)?.href;
      if (url === undefined) {
        return noAddress;
      }
      fixed ??= fixedInit();
      const init: RequestInit = { ...fixed, body: new Uint8Array(body) };
      return replyTo(async (own) => call(url, { ...init, signal: own }), { signal, maxBytes, clock });
    },
  };
}

/** Workers throw for fields of `RequestInit` that they do not have, so those are given only where `Request` knows them. */
function fixedInit(): RequestInit {
  const wanted: RequestInit = { credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' };
  const known = Object.entries(wanted).filter(([field]) => field in Request.prototype);
  return { ...Object.fromEntries(known), method: 'POST', redirect: 'manual', headers: { ...requestHeaders } };
}
