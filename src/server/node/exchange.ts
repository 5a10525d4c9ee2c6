/**
 * Between node:http and a handler: a body read under a limit, and for a question the bytes of its answer; for all else a
 * `Request`, and the `Response` streamed back.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { concatBytes } from '../../base/bytes.js';
import { contentType, queryPath } from '../../protocol/messages.js';
import { answerHeaders, mediaTypeOf, refusalParts } from '../exchange.js';
import type { Handler } from '../handler.js';
import type { Refusal } from '../routes/route.js';
import type { InPace } from './pace.js';

/** Options of `answerNodeRequest`. */
export interface NodeExchangeOptions {
  readonly handler: Handler;
  readonly maxBodyBytes: number;
  /** When refusals are sent; default: at once. */
  readonly pace?: InPace | undefined;
  /** True when the connection is to be closed after this answer. */
  isClosing(): boolean;
}

/** What is read and dropped of a body over the limit before its connection is closed. */
const lingerBytes = 262_144;

/** Answers one request. Never rejects: what the handler should not have thrown becomes a 500. */
export async function answerNodeRequest(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: NodeExchangeOptions,
): Promise<void> {
  const { pace = atOnce } = options;
  const body = await readBody(incoming, options.maxBodyBytes);
  switch (body.kind) {
    case 'gone':
      outgoing.destroy();
      return;
    case 'too-large':
      // Nothing more is read of it until then.
      pace(incoming.socket, () => refuseWhileReading(incoming, outgoing));
      return;
    case 'whole':
      await answerWhole(body.bytes, { incoming, outgoing, options, pace }).catch(() => refuse(outgoing, 500));
  }
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly options: NodeExchangeOptions;
  readonly pace: InPace;
}

const atOnce: InPace = (_, refuse) => refuse();

async function answerWhole(body: Uint8Array, { incoming, outgoing, options, pace }: Exchange): Promise<void> {
  const answer = await answerOf(incoming, body, options.handler);
  if (answer !== undefined) {
    sendAnswer(answer, outgoing, options);
    return;
  }
  const refusal = refusalOf(incoming, body, options.handler);
  if (refusal !== undefined) {
    pace(incoming.socket, () => sendRefusal(refusal, outgoing, options));
    return;
  }
  const request = toRequest(incoming, body, signalOf(outgoing));
  if (request === undefined) {
    pace(incoming.socket, () => refuse(outgoing, 400));
    return;
  }
  const response = await options.handler(request);
  if (isRefusal(response.status)) {
    pace(incoming.socket, () => void send(response, outgoing, options));
  } else {
    await send(response, outgoing, options);
  }
}

function isRefusal(status: number): boolean {
  return status >= 400 && status < 500;
}

/** Of a question alone, and only where its head is the usual one: 60 µs less than by way of `Request` and `Response`. */
async function answerOf(incoming: IncomingMessage, body: Uint8Array, { answer }: Handler): Promise<Uint8Array | undefined> {
  const { url, method, headers } = incoming;
  const isQuestion = method === 'POST' && url === queryPath && headers['content-type'] === contentType && headers['content-encoding'] === undefined;
  return isQuestion ? answer?.(body) : undefined;
}

function sendAnswer(answer: Uint8Array, outgoing: ServerResponse, options: Pick<NodeExchangeOptions, 'handler' | 'isClosing'>): void {
  outgoing.writeHead(200, options.isClosing() ? { ...answerHeaders(answer.length), connection: 'close' } : answerHeaders(answer.length));
  // The system has taken it by then.
  outgoing.end(answer, () => options.handler.sent?.(answer));
}

const commonMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Only where the target is a path as it is written: others are read as URLs first. */
function refusalOf({ url = '', method = '', headers }: IncomingMessage, body: Uint8Array, { refusal }: Handler): Refusal | undefined {
  if (refusal === undefined || !commonMethods.has(method) || !/^\/[\w/-]*$/.test(url)) {
    return undefined;
  }
  return refusal({ method, path: url, type: mediaTypeOf(headers['content-type']), encoding: headers['content-encoding'] }, body);
}

function sendRefusal(refusal: Refusal, outgoing: ServerResponse, options: Pick<NodeExchangeOptions, 'isClosing'>): void {
  const { body, headers } = refusalParts(refusal);
  outgoing.writeHead(refusal.status, options.isClosing() ? { ...headers, connection: 'close' } : headers);
  outgoing.end(body);
}

type ReadBody =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'gone' };

function readBody(incoming: IncomingMessage, maxBytes: number): Promise<ReadBody> {
  if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) {
    return Promise.resolve({ kind: 'too-large' });
  }
  return new Promise((resolve) => {
    const parts: Uint8Array[] = [];
    let length = 0;
    const take = (part: Buffer): void => {
      length += part.length;
      if (length > maxBytes) {
        incoming.off('data', take).pause();
        resolve({ kind: 'too-large' });
        return;
      }
      parts.push(part);
    };
    incoming.on('data', take);
    incoming.once('end', () => resolve({ kind: 'whole', bytes: concatBytes(parts) }));
    incoming.once('close', () => resolve({ kind: 'gone' }));
    incoming.once('error', () => resolve({ kind: 'gone' }));
  });
}

/** Fires when the client goes away before its answer is complete. */
function signalOf(outgoing: ServerResponse): AbortSignal {
  const controller = new AbortController();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) {
      controller.abort();
    }
  });
  return controller.signal;
}

/** Undefined for a request that the web's `Request` cannot be (a TRACE, a target that is no path). */
function toRequest(incoming: IncomingMessage, body: Uint8Array, signal: AbortSignal): Request | undefined {
  const target = incoming.url ?? '';
  const method = incoming.method ?? '';
  if (!target.startsWith('/')) {
    return undefined;
  }
  const headers = Object.entries(incoming.headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  );
  try {
    // The host that the client names decides nothing, so it is not let in.
    return new Request(`http://server.invalid${target}`, {
      method,
      headers,
      signal,
      ...(method === 'GET' || method === 'HEAD' ? {} : { body: new Uint8Array(body) }),
    });
  } catch {
    return undefined;
  }
}

/** Streams the response; a body that fails on the way cuts the connection, so that nobody takes the part for the whole. */
async function send(response: Response, outgoing: ServerResponse, options: Pick<NodeExchangeOptions, 'isClosing'>): Promise<void> {
  if (options.isClosing()) {
    outgoing.setHeader('connection', 'close');
  }
  response.headers.forEach((value, name) => outgoing.setHeader(name, value));
  outgoing.writeHead(response.status);
  const reader = response.body?.getReader();
  if (reader === undefined) {
    outgoing.end();
    return;
  }
  outgoing.once('close', () => {
    reader.cancel().catch(() => undefined);
  });
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (!outgoing.write(part.value)) {
        await drained(outgoing);
      }
    }
    outgoing.end();
  } catch {
    outgoing.destroy();
  }
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      outgoing.off('drain', go).off('close', go);
      resolve();
    };
    outgoing.once('drain', go).once('close', go);
  });
}

/**
 * Sends 413 and goes on reading a little before it closes: a connection closed over unread bytes is reset, and the
 * reset would overtake the answer.
 */
function refuseWhileReading(incoming: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.writeHead(413, { connection: 'close', 'content-length': 0 });
  outgoing.flushHeaders();
  let left = lingerBytes;
  incoming.on('data', (part: Buffer) => {
    left -= part.length;
    if (left < 0) {
      outgoing.end();
    }
  });
  incoming.once('end', () => outgoing.end());
  incoming.resume();
}

/** Answers with a status alone and closes the connection: the rest of the request is not read. */
export function refuse(outgoing: ServerResponse, status: number): void {
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(status, { connection: 'close', 'content-length': 0 });
  outgoing.end();
}
