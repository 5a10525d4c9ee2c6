/**
 * What an HTTP response means to the caller of a transport: one table for every transport that speaks HTTP, so that
 * none of them takes a redirect, an error page or half a body for an answer.
 */
import type { Clock } from '../../base/seams.js';
import { readLimited } from '../../protocol/codec/limited-body.js';
import { contentType } from '../../protocol/messages.js';
import type { Reply } from '../../query/transport.js';

/** Headers of a request. Browsers set `accept-encoding` themselves and leave this one out. */
export const requestHeaders: Readonly<Record<string, string>> = {
  'content-type': contentType,
  accept: contentType,
  'accept-encoding': 'identity',
};

/** Options of `readReply`. */
export interface ReplyOptions {
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, 'now'>;
  /** Content type of an answer; without it that of our own protocol. */
  readonly accept?: string | undefined;
}

/**
 * The reply that a response is. Its body is read to the end for a good answer and cancelled for everything else.
 * @throws VedetteError `aborted` when the signal fires; whatever the body's stream fails with.
 */
export async function readReply(response: Response, options: ReplyOptions): Promise<Reply<Uint8Array>> {
  const verdict = judgeHead(response, options);
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

/** How many ms a `Retry-After` asks to wait: seconds or an HTTP date (RFC 9110 § 10.2.3); undefined for anything else. */
export function retryAfterMs(value: string | null, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d{1,10}$/.test(text)) {
    return Number(text) * 1000;
  }
  // Date.parse alone takes nearly anything for a date.
  const at = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

function judgeHead(response: Response, options: ReplyOptions): Reply<Uint8Array> | 'read' {
  const { status } = response;
  if (status === 200) {
    return judgeHeaders(response.headers, options);
  }
  if (status === 429 || status === 503) {
    const waitMs = retryAfterMs(response.headers.get('retry-after'), options.clock.now());
    return { kind: 'wait', ...(waitMs === undefined ? {} : { waitMs }) };
  }
  // A browser shows a redirect that it was told not to follow as status 0.
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    return { kind: 'failed', retry: false, reason: 'unreachable', detail: 'the server redirects' };
  }
  if (status < 300) {
    return { kind: 'failed', retry: false, reason: 'bad-answer', detail: `status ${status}` };
  }
  return { kind: 'failed', retry: status === 408 || status >= 500, reason: 'unreachable', detail: `status ${status}` };
}

function judgeHeaders(headers: Headers, { maxBytes, accept }: ReplyOptions): Reply<Uint8Array> | 'read' {
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== (accept ?? contentType)) {
    return { kind: 'failed', retry: false, reason: 'bad-answer', detail: 'another content type' };
  }
  const encoding = headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity') {
    return { kind: 'failed', retry: false, reason: 'bad-answer', detail: 'a content encoding' };
  }
  return Number(headers.get('content-length') ?? 0) > maxBytes ? tooLarge(maxBytes) : 'read';
}

function tooLarge(maxBytes: number): Reply<Uint8Array> {
  return { kind: 'failed', retry: false, reason: 'bad-answer', detail: `more than ${maxBytes} bytes` };
}
