/** One HTTP request for a transport and the reply to it: when the signal fires, nothing is left behind. */
import { describeError } from '../../base/errors.js';
import { untilAborted } from '../../protocol/codec/limited-body.js';
import type { Reply, SendOptions } from '../../query/transport.js';
import { discard, readReply, type ReplyOptions } from './http-reply.js';

/** The reply where there is nobody to ask. The address is not repeated: it may hold a password. */
export const noAddress: Reply<Uint8Array> = {
  kind: 'failed',
  retry: false,
  reason: 'unreachable',
  detail: 'no plain http: or https: address',
};

/**
 * The reply to whatever `begin` asks. Never rejects: a network fault, an abort and a throwing `begin` are `failed`.
 * A response that comes after the abort all the same is let go.
 */
export async function replyTo(
  begin: (signal: AbortSignal) => Promise<Response>,
  options: Pick<SendOptions, 'maxBytes' | 'signal'> & Pick<ReplyOptions, 'clock' | 'accept'>,
): Promise<Reply<Uint8Array>> {
  if (options.signal.aborted) {
    return unreachable('aborted');
  }
  // Requests of the platform listen to their signal until they are collected: thousands of them on one signal that
  // lives long take longer each time. So every request has a signal of its own.
  const own = new AbortController();
  const end = (): void => own.abort(options.signal.reason);
  options.signal.addEventListener('abort', end, { once: true });
  let pending: Promise<Response> | undefined;
  try {
    pending = begin(own.signal);
    return await readReply(await untilAborted(pending, own.signal), { ...options, signal: own.signal });
  } catch (error) {
    if (own.signal.aborted) {
      pending?.then(discard, () => undefined);
      return unreachable('aborted');
    }
    return unreachable(describeFault(error));
  } finally {
    options.signal.removeEventListener('abort', end);
  }
}

/** With the system's code where there is one: `fetch failed` alone tells nobody whether a port or a name was wrong. */
function describeFault(error: unknown): string {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? ` (${String(cause.code)})` : '';
  return describeError(error) + code;
}

/** A failure of the way, after which the same question may be put again. */
export function unreachable(detail: string): Reply<Uint8Array> {
  return { kind: 'failed', retry: true, reason: 'unreachable', detail };
}
