/**
 * The reputation server as one function from `Request` to `Response`, for every runtime that has these: routes,
 * methods, types and limits. Nothing of a request is repeated in a response or handed to a log.
 */
import { assertInteger } from '../base/assert.js';
import { toUtf8 } from '../base/bytes.js';
import { VedetteError } from '../base/errors.js';
import type { Clock, Crypto, Signer } from '../base/seams.js';
import { readLimited } from '../protocol/codec/limited-body.js';
import { maxPrefixes, maxRequestBytes, maxTtlMs } from '../protocol/limits.js';
import { contentType, queryPath, type QueryMessage } from '../protocol/messages.js';
import { decodeQuery } from '../protocol/query-message.js';
import { answerQuery, type AnswerParts } from './query-route.js';
import type { ReputationStore } from './reputation-store.js';

/** What a handler is made of. */
export interface HandlerOptions {
  readonly store: ReputationStore;
  readonly crypto: Pick<Crypto, 'sha256'>;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
  /** Signs every answer. Without one, only clients on literal loopback or in the same process believe the server. */
  readonly signer?: Signer | undefined;
  /** How long clients may use an answer; default one hour, at most 24. */
  readonly ttlMs?: number | undefined;
  /** Limits below those of the protocol. */
  readonly limits?: { readonly maxRequestBytes?: number; readonly maxPrefixes?: number } | undefined;
  /** Told of every fault that became a 500: a store or signer that failed. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** A server without a wire. */
export type Handler = (request: Request) => Promise<Response>;

interface Settings extends HandlerOptions {
  readonly parts: AnswerParts;
  readonly maxRequestBytes: number;
  readonly maxPrefixes: number;
  readonly startedAtMs: number;
}

const hourMs = 3_600_000;
const healthPath = '/healthz';

/**
 * The handler: `POST /v1/query` and `GET /healthz`. It never rejects.
 * @throws RangeError for a TTL or a limit outside of the protocol's.
 */
export function createHandler(options: HandlerOptions): Handler {
  const { store, crypto, clock, signer, limits } = options;
  const ttlMs = options.ttlMs ?? hourMs;
  assertInteger('ttlMs', ttlMs, { min: 0, max: maxTtlMs });
  assertInteger('maxRequestBytes', limits?.maxRequestBytes ?? maxRequestBytes, { min: 1, max: maxRequestBytes });
  assertInteger('maxPrefixes', limits?.maxPrefixes ?? maxPrefixes, { min: 1, max: maxPrefixes });
  const settings: Settings = {
    ...options,
    parts: { store, crypto, clock, signer, ttlMs },
    maxRequestBytes: limits?.maxRequestBytes ?? maxRequestBytes,
    maxPrefixes: limits?.maxPrefixes ?? maxPrefixes,
    startedAtMs: clock.monotonicMs(),
  };
  return async (request) => {
    try {
      return await route(request, settings);
    } catch (error) {
      options.onFault?.(error);
      return text(500, 'internal fault');
    }
  };
}

async function route(request: Request, settings: Settings): Promise<Response> {
  switch (new URL(request.url).pathname) {
    case queryPath:
      return request.method === 'POST' ? query(request, settings) : text(405, 'expected POST', { allow: 'POST' });
    case healthPath:
      return request.method === 'GET' || request.method === 'HEAD'
        ? health(request.method, settings)
        : text(405, 'expected GET', { allow: 'GET, HEAD' });
    default:
      return text(404, 'no such path');
  }
}

async function query(request: Request, settings: Settings): Promise<Response> {
  if (mediaType(request) !== contentType || (request.headers.get('content-encoding') ?? 'identity') !== 'identity') {
    return text(415, `expected ${contentType} without content encoding`);
  }
  if (Number(request.headers.get('content-length') ?? 0) > settings.maxRequestBytes) {
    return text(413, `expected at most ${settings.maxRequestBytes} bytes`);
  }
  const body = await readLimited(request.body, { maxBytes: settings.maxRequestBytes }).catch(() => undefined);
  if (body === undefined) {
    return text(400, 'the body ended early');
  }
  if (body.kind === 'too-large') {
    return text(413, `expected at most ${settings.maxRequestBytes} bytes`);
  }
  const message = decode(body.bytes);
  if (message === undefined) {
    return text(400, 'not a request of protocol version 1');
  }
  if (message.groups.reduce((sum, group) => sum + group.prefixes.length, 0) > settings.maxPrefixes) {
    return text(400, `expected at most ${settings.maxPrefixes} prefixes`);
  }
  const answer = await answerQuery(message, body.bytes, settings.parts);
  return new Response(new Uint8Array(answer), { headers: headers(contentType, answer.length) });
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

function health(method: 'GET' | 'HEAD', settings: Settings): Response {
  const { store, clock, startedAtMs } = settings;
  const uptimeMs = Math.max(0, Math.round(clock.monotonicMs() - startedAtMs));
  const body = JSON.stringify({ status: 'ok', generation: store.generation, entries: store.entries ?? null, uptimeMs });
  return new Response(method === 'HEAD' ? null : body, { headers: headers('application/json', toUtf8(body).length) });
}

function mediaType(request: Request): string | undefined {
  return request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
}

function text(status: number, body: string, extra: Readonly<Record<string, string>> = {}): Response {
  const line = `${body}\n`;
  return new Response(line, { status, headers: { ...headers('text/plain; charset=utf-8', toUtf8(line).length), ...extra } });
}

function headers(type: string, length: number): Record<string, string> {
  return {
    'content-type': type,
    'content-length': String(length),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
}
