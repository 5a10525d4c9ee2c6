/**
 * What an HTTP response means to the caller of a transport: one table for every transport that speaks HTTP, so that
 * none of them takes a redirect, an error page or half a body for an answer.
 */
import type { Clock } from '../../base/seams.js';
import { readLimited } from '../../protocol/codec/limited-body.js';
import { contentType } from '../../protocol/messages.js';
import { retryAfterMs } from '../../protocol/retry-after.js';
import type { Reply } from '../../query/transport.js';

/** Headers of a request. Browsers set `accept-encoding` themselves and leave this one out. */
export const requestHeaders: Readonly<Record<string, string>> = {
  'content-type': contentType,
  accept: contentType,
  'accept-encoding': 'identity',
};

/** By what the head of a response is judged. */
export interface HeadRules {
  readonly maxBytes: number;
  readonly clock: Pick<Clock, 'now'>;
  /** Content type of an answer; without it that of our own protocol. */
  readonly accept?: string | undefined;
}

/** Options of `readReply`. */
export interface ReplyOptions extends HeadRules {
  readonly signal: AbortSignal;
}

/** What comes before the body of a response. */
export interface ResponseHead {
  readonly status: number;
  /** A redirect that the runtime did not follow and does not show. */
  readonly isOpaqueRedirect?: boolean | undefined;
  /** By lower-case name; several of one name joined by commas; null when there is none. */
  header(name: string): string | null;
}

/**
 * The reply that a response is. Its body is read to the end for a good answer and cancelled for everything else.
 * @throws VedetteError `aborted` when the signal fires; whatever the body's stream fails with.
 */
export async function readReply(response: Response, options: ReplyOptions): Promise<Reply<Uint8Array>> {
  const { status, type, headers } = response;
  const verdict = judgeHead({ status, isOpaqueRedirect: type === 'opaqueredirect', header: (name) => headers.get(name) }, options);
  if (verdict !== 'read') {
    discard(response);
    return verdict;
  }
  const body = await readLimited(response.body, options);
  return body.kind === 'whole' ? { kind: 'answer', body: body.bytes } : tooLarge(options.maxBytes);
}

/** Lets go of a response whose body nobody wants, so that its connection is freed. */
export function discard(response: Response): void {
  response.body?.cancel().catch(() => undefined);
}

/** Whether the body may be an answer and is to be `read`, or what the response means without it. */
export function judgeHead(head: ResponseHead, rules: HeadRules): Reply<Uint8Array> | 'read' {
  const { status } = head;
  if (status === 200) {
    return judgeHeaders(head, rules);
  }
  if (status === 429 || status === 503) {
    const waitMs = retryAfterMs(head.header('retry-after'), rules.clock.now());
    return { kind: 'wait', ...(waitMs === undefined ? {} : { waitMs }) };
  }
  // A browser shows a redirect that it was told not to follow as status 0.
  if (head.isOpaqueRedirect === true || (status >= 300 && status < 400)) {
    return { kind: 'failed', retry: false, reason: 'unreachable', detail: 'the server redirects' };
  }
  if (status < 300) {
    return { kind: 'failed', retry: false, reason: 'bad-answer', detail: `status ${status}` };
  }
  return { kind: 'failed', retry: status === 408 || status >= 500, reason: 'unreachable', detail: `status ${status}` };
}

/** The reply to a body that is longer than it may be. */
export function tooLarge(maxBytes: number): Reply<Uint8Array> {
  return { kind: 'failed', retry: false, reason: 'bad-answer', detail: `more than ${maxBytes} bytes` };
}

function judgeHeaders(head: ResponseHead, { maxBytes, accept }: HeadRules): Reply<Uint8Array> | 'read' {
  const type = head.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== (accept ?? contentType)) {
    return { kind: 'failed', retry: false, reason: 'bad-answer', detail: 'another content type' };
  }
  // Nobody asked for one; refused, a bomb is never unpacked, and a body has the size that was counted.
  const encoding = head.header('content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity') {
    return { kind: 'failed', retry: false, reason: 'bad-answer', detail: 'a content encoding' };
  }
  return Number(head.header('content-length') ?? 0) > maxBytes ? tooLarge(maxBytes) : 'read';
}
