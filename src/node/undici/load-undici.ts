/**
 * undici behind the few calls that vedette makes of it: the one file that imports it, and only when it is asked for.
 * A `Client` is one connection at a time, made by our own `connect`, with none of undici's timeouts: those are the
 * caller's, by signal.
 */
import type { Socket } from 'node:net';
import type { Client, Dispatcher } from 'undici';
import { VedetteError } from '../../base/errors.js';

/** Makes the connection of a client; called again when the one before has ended. */
export type Connect = (done: ConnectDone) => void;

/** Given a socket that is ready for a request, or why there is none. */
export type ConnectDone = (...end: [fault: null, socket: Socket] | [fault: Error, socket: null]) => void;

/** What a response does, in this order. After `failed` and `ended` nothing comes. */
export interface ResponseHandler {
  head(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void;
  data(chunk: Uint8Array): void;
  ended(): void;
  failed(error: Error): void;
}

/** One connection to one server. */
export interface HttpClient {
  /** One exchange at a time. */
  post(request: HttpRequest, handler: ResponseHandler): void;
  /** Ends the exchange (`failed`) and closes the connection. */
  destroy(error: Error): void;
}

/** A POST. */
export interface HttpRequest {
  /** A path, or a whole URL for a proxy. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Options of a client. */
export interface HttpClientOptions {
  readonly connect: Connect;
  /** An idle connection is kept this long, and no longer than the server says. */
  readonly keepAliveMs: number;
}

/** Makes clients of an origin (`https://host:port`). */
export type CreateHttpClient = (origin: string, options: HttpClientOptions) => HttpClient;

/**
 * Loads undici.
 * @throws VedetteError `peer-missing` without the package, or with one that is older than 7.
 */
export async function loadUndici(): Promise<CreateHttpClient> {
  const { Client: Http, cacheStores } = await importUndici();
  // Hoisted for somebody else, it may be of a version whose handlers are called by other names.
  if (cacheStores === undefined) {
    throw missing("the undici transport needs the package 'undici' 7: npm install undici@7");
  }
  return (origin, { connect, keepAliveMs }) => {
    const client = new Http(origin, {
      connect: (_, done) => connect(done),
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
    });
    return {
      post: ({ target, headers, body }, handler) => {
        client.dispatch({ method: 'POST', path: target, headers, body }, dispatchHandler(handler));
      },
      destroy: (error) => {
        client.destroy(error).catch(() => undefined);
      },
    };
  };
}

function dispatchHandler(handler: ResponseHandler): Dispatcher.DispatchHandler {
  return {
    // Without it undici takes the handler for one of an older kind.
    onRequestStart: () => undefined,
    onResponseStart: (_, status, headers) => {
      // 1xx: the response itself is still to come.
      if (status >= 200) {
        handler.head(status, headers);
      }
    },
    onResponseData: (_, chunk) => handler.data(chunk),
    onResponseEnd: () => handler.ended(),
    onResponseError: (_, error) => handler.failed(error),
  };
}

async function importUndici(): Promise<{ readonly Client: typeof Client; readonly cacheStores?: object }> {
  try {
    return await import('undici');
  } catch (error) {
    throw missing("the undici transport needs the package 'undici': npm install undici", error);
  }
}

function missing(message: string, cause?: unknown): VedetteError {
  return new VedetteError('peer-missing', message, { detail: { package: 'undici' }, cause });
}
