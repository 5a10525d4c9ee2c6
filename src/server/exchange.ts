/** What the server and the relay have in common: a question read out of a `Request` under limits, and responses. */
import { toUtf8 } from '../base/bytes.js';
import { VedetteError } from '../base/errors.js';
import { readLimited } from '../protocol/codec/limited-body.js';
import { contentType, type QueryMessage } from '../protocol/messages.js';
import { decodeQuery } from '../protocol/query-message.js';
import type { Refusal, RequestHead } from './routes/route.js';

const textType = 'text/plain; charset=utf-8';

/** Limits of one request. */
export interface RequestLimits {
  readonly maxRequestBytes: number;
  readonly maxPrefixes: number;
}

/** A question and the body that it came as, or the response that refuses it. */
export type ReadQuery =
  | { readonly kind: 'query'; readonly message: QueryMessage; readonly body: Uint8Array }
  | { readonly kind: 'refused'; readonly response: Response };

/** Reads a question. Nothing of a request is repeated in a refusal. */
export async function readQuery(request: Request, limits: RequestLimits): Promise<ReadQuery> {
  if (mediaType(request.headers) !== contentType || (request.headers.get('content-encoding') ?? 'identity') !== 'identity') {
    return refused(415, `expected ${contentType} without content encoding`);
  }
  if (Number(request.headers.get('content-length') ?? 0) > limits.maxRequestBytes) {
    return refused(413, `expected at most ${limits.maxRequestBytes} bytes`);
  }
  const body = await readLimited(request.body, { maxBytes: limits.maxRequestBytes }).catch(() => undefined);
  if (body === undefined) {
    return refused(400, 'the body ended early');
  }
  if (body.kind === 'too-large') {
    return refused(413, `expected at most ${limits.maxRequestBytes} bytes`);
  }
  const message = decode(body.bytes);
  if (message === undefined) {
    return refused(400, 'not a request of protocol version 1');
  }
  if (prefixesOf(message) > limits.maxPrefixes) {
    return refused(400, `expected at most ${limits.maxPrefixes} prefixes`);
  }
  return { kind: 'query', message, body: body.bytes };
}

/** The question that a body is, or undefined for one that `readQuery` would refuse. */
export function queryOf(body: Uint8Array, limits: RequestLimits): QueryMessage | undefined {
  const message = body.length > limits.maxRequestBytes ? undefined : decode(body);
  return message === undefined || prefixesOf(message) > limits.maxPrefixes ? undefined : message;
}

/** What a question is refused with that is not one; the same as `readQuery` says. Undefined for a question. */
export function queryRefusal(head: Pick<RequestHead, 'type' | 'encoding'>, body: Uint8Array, limits: RequestLimits): Refusal | undefined {
  if (head.type !== contentType || (head.encoding ?? 'identity') !== 'identity') {
    return { status: 415, text: `expected ${contentType} without content encoding` };
  }
  if (body.length > limits.maxRequestBytes) {
    return { status: 413, text: `expected at most ${limits.maxRequestBytes} bytes` };
  }
  const message = decode(body);
  if (message === undefined) {
    return { status: 400, text: 'not a request of protocol version 1' };
  }
  return prefixesOf(message) > limits.maxPrefixes ? { status: 400, text: `expected at most ${limits.maxPrefixes} prefixes` } : undefined;
}

/** The line of a refusal and the headers above it. */
export function refusalParts({ text, allow }: Refusal): { readonly body: Uint8Array; readonly headers: Record<string, string> } {
  const body = toUtf8(`${text}\n`);
  return { body, headers: { ...responseHeaders(textType, body.length), ...(allow === undefined ? {} : { allow }) } };
}

/** The media type of a message without its parameters. */
export function mediaType(headers: Headers): string | undefined {
  return mediaTypeOf(headers.get('content-type') ?? undefined);
}

/** The same of the value of that header. */
export function mediaTypeOf(value: string | undefined): string | undefined {
  return value?.split(';')[0]?.trim().toLowerCase();
}

/** An answer of the protocol. */
export function answerResponse(answer: Uint8Array): Response {
  return new Response(new Uint8Array(answer), { headers: answerHeaders(answer.length) });
}

/** A key list, or that there is none. */
export function keyListResponse(list: Uint8Array | undefined): Response {
  return list === undefined ? textResponse(404, 'no key list') : answerResponse(list);
}

/** The headers of an answer of so many bytes. */
export function answerHeaders(length: number): Record<string, string> {
  return responseHeaders(contentType, length);
}

/** One line of text for people. */
export function textResponse(status: number, body: string, extra: Readonly<Record<string, string>> = {}): Response {
  const line = `${body}\n`;
  const headers = { ...responseHeaders(textType, toUtf8(line).length), ...extra };
  return new Response(line, { status, headers });
}

/** JSON, or for HEAD only what would stand above it. */
export function jsonResponse(method: 'GET' | 'HEAD', value: Readonly<Record<string, string | number | null>>): Response {
  const body = JSON.stringify(value);
  return new Response(method === 'HEAD' ? null : body, { headers: responseHeaders('application/json', toUtf8(body).length) });
}

function prefixesOf(message: QueryMessage): number {
  return message.groups.reduce((sum, group) => sum + group.prefixes.length, 0);
}

function refused(status: number, why: string): ReadQuery {
  return { kind: 'refused', response: textResponse(status, why) };
}

function decode(body: Uint8Array): QueryMessage | undefined {
  try {
    return decodeQuery(body);
  } catch (error) {
    if (VedetteError.is(error)) {
      return undefined;
    }
    throw error;
  }
}

function responseHeaders(type: string, length: number): Record<string, string> {
  return {
    'content-type': type,
    'content-length': String(length),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
}
