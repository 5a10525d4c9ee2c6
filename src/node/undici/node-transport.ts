/**
 * The transport of a Node engine that was given none: undici's pool where the package is installed, else `fetch`. Only
 * what costs nothing but time is lost then: pins and authorities are options of `createUndiciTransport` alone, which a
 * host calls itself and which does not come to be without undici.
 */
import { describeError, VedetteError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';
import { createFetchTransport } from '../../preset/http/fetch-transport.js';
import type { Transport } from '../../query/transport.js';
import { createUndiciTransport } from './create-undici-transport.js';

/** Loads nothing before the first question. */
export function createNodeTransport(
  options: { readonly clock?: Pick<Clock, 'now'> | undefined; readonly pooled?: typeof createUndiciTransport | undefined } = {},
): Transport & { close(): Promise<void> } {
  const { clock, pooled = createUndiciTransport } = options;
  let loading: Promise<Transport> | undefined;
  const load = (): Promise<Transport> => (loading ??= pooled({ clock }).catch((error: unknown) => instead(error, clock)));
  return {
    schemes: { http: 'plain', https: 'secure' },
    send: async (body, how) => (await load()).send(body, how),
    close: async () => (await loading)?.close?.(),
  };
}

/** A proxy that cannot be understood is not passed by: nothing is sent at all. */
function instead(error: unknown, clock: Pick<Clock, 'now'> | undefined): Transport {
  if (VedetteError.is(error) && error.code === 'peer-missing') {
    return createFetchTransport({ clock });
  }
  const detail = describeError(error);
  return {
    schemes: { http: 'plain', https: 'secure' },
    send: async () => ({ kind: 'failed', retry: false, reason: 'unreachable', detail }),
  };
}
