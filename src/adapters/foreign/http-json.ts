/**
 * One HTTPS request whose answer is JSON. What statuses mean is told once, in `preset/http/http-reply.ts`; a service
 * that says things by another status (404 for "not known") names those whose body it wants read as well.
 */
import { fromUtf8 } from '../../base/bytes.js';
import { describeError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';
import { replyTo } from '../../preset/http/reply-to.js';
import type { Reply } from '../../query/transport.js';

/** How requests are made. */
export interface JsonClient {
  readonly fetch: typeof fetch;
  readonly clock: Pick<Clock, 'now'>;
  /** Bytes of an answer, after decompression. */
  readonly maxBytes: number;
}

/** One request. */
export interface JsonRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Statuses besides 200 whose JSON body is an answer. */
  readonly alsoRead?: readonly number[];
  readonly signal: AbortSignal;
}

/** A status that is read, and the JSON that came with it. */
export interface JsonAnswer {
  readonly status: number;
  readonly value: unknown;
}

const json = 'application/json';

/** What came of a request. */
export interface JsonOutcome {
  readonly reply: Reply<JsonAnswer>;
  /** 0 where nothing came back. */
  readonly status: number;
}

/** Never rejects. Redirects are not followed; 401 and 403 are failures that asking again does not mend. */
export async function requestJson(client: JsonClient, request: JsonRequest): Promise<JsonOutcome> {
  let status = 0;
  const { url, method, headers, body, signal } = request;
  const init: RequestInit = { method, redirect: 'manual', headers: { accept: json, 'accept-encoding': 'identity', ...headers }, ...(body === undefined ? {} : { body }) };
  const begin = async (own: AbortSignal): Promise<Response> => {
    const response = await client.fetch(url, { ...init, signal: own });
    status = response.status;
    return status === 200 || request.alsoRead?.includes(status) === true ? readable(response) : response;
  };
  const reply = await replyTo(begin, { signal, maxBytes: client.maxBytes, clock: client.clock, accept: json });
  if (reply.kind === 'answer') {
    return { status, reply: parseBody(reply.body, status) };
  }
  const isRefusal = reply.kind === 'failed' && (status === 401 || status === 403);
  return { status, reply: isRefusal ? { ...reply, detail: `the key is refused: status ${status}` } : reply };
}

/** The failure for bytes that cannot be believed: asking again brings the same. */
export function badAnswer(detail: string): Reply<never> {
  return { kind: 'failed', retry: false, reason: 'bad-answer', detail };
}

/** As `fetch` has decompressed it, the encoding that its headers name is gone; what is read is counted after it. */
function readable(response: Response): Response {
  return new Response(response.body, { status: 200, headers: { 'content-type': response.headers.get('content-type') ?? '' } });
}

function parseBody(bytes: Uint8Array, status: number): Reply<JsonAnswer> {
  // untrusted: the body of a response
  try {
    return { kind: 'answer', body: { status, value: JSON.parse(fromUtf8(bytes)) as unknown } };
  } catch (error) {
    return badAnswer(`no JSON: ${describeError(error).slice(0, 80)}`);
  }
}
