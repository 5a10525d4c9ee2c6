/** One HTTP exchange for a transport: begins, maps and, when the signal fires, leaves nothing behind. */
import type { Clock } from '../base/seams.js';
import { describeError } from '../base/errors.js';
import { untilAborted } from '../protocol/limited-body.js';
import type { Reply, SendOptions } from '../query/transport.js';
import { discard, readReply } from './http-reply.js';

/**
 * The reply to whatever `begin` asks. Never rejects: a network fault, an abort and a throwing `begin` are `failed`.
 * A response that comes after the abort all the same is let go.
 */
export async function exchange(
  begin: () => Promise<Response>,
  options: Pick<SendOptions, 'maxBytes' | 'signal'> & { readonly clock: Pick<Clock, 'now'> },
): Promise<Reply<Uint8Array>> {
  if (options.signal.aborted) {
    return unreachable('aborted');
  }
  let pending: Promise<Response> | undefined;
  try {
    pending = begin();
    return await readReply(await untilAborted(pending, options.signal), options);
  } catch (error) {
    if (options.signal.aborted) {
      pending?.then(discard, () => undefined);
      return unreachable('aborted');
    }
    return unreachable(describeError(error));
  }
}

function unreachable(detail: string): Reply<Uint8Array> {
  return { kind: 'failed', retry: true, reason: 'unreachable', detail };
}
