/**
 * The far side of a transport under test: a server that does what the test wrote down, request by request, as an HTTP
 * handler (`Request` to `Response`) and, for ways that are not HTTP, as plain bytes in and a reply out.
 */
import { abortedError } from '../../base/errors.js';
import { contentType } from '../../protocol/messages.js';
import type { Reply } from '../../query/transport.js';

/** What the server does with one request. */
export type ServerStep =
  | { readonly kind: 'answer'; readonly body: Uint8Array }
  /** Sends the request back as the answer. */
  | { readonly kind: 'echo' }
  /** Asks to be left alone, with or without a time (whole seconds). */
  | { readonly kind: 'wait'; readonly waitMs?: number }
  /** Cannot answer: status 500 over HTTP. */
  | { readonly kind: 'fail' }
  /** Takes the request and says nothing until it is cut. */
  | { readonly kind: 'hang' }
  /** Breaks the exchange off without an answer: a connection that is reset. */
  | { readonly kind: 'reset' }
  /** HTTP only: this status with these headers and this body. */
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: Uint8Array }
  /** HTTP only: a good head, these bytes, and then the connection breaks, hangs, or goes on for ever. */
  | { readonly kind: 'body'; readonly bytes: Uint8Array; readonly then: 'break' | 'hang' | 'endless' };

/** One request as it arrived. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The scripted server. */
export interface ScriptedServer {
  /** Adds steps, one for each request to come; after the last, requests are echoed. */
  script(...steps: readonly ServerStep[]): void;
  readonly received: readonly ReceivedRequest[];
  /** Requests that are neither answered in full nor cut. */
  open(): number;
  /** Bytes of endless bodies that were handed out so far. */
  readonly bytesHandedOut: number;
  /** For transports that speak HTTP. A rejection means: cut the connection. */
  handle(request: Request): Promise<Response>;
  /** For transports of another kind. A rejection means: cut the connection. */
  respond(body: Uint8Array, signal: AbortSignal): Promise<Reply<Uint8Array>>;
}

/** A server that follows its script. */
export function createScriptedServer(): ScriptedServer {
  const steps: ServerStep[] = [];
  const received: ReceivedRequest[] = [];
  const state: Exchanges = { open: 0, bytesHandedOut: 0 };
  return {
    received,
    open: () => state.open,
    get bytesHandedOut() {
      return state.bytesHandedOut;
    },
    script(...more) {
      steps.push(...more);
    },
    async handle(request) {
      const body = new Uint8Array(await request.arrayBuffer());
      const headers = Object.fromEntries(request.headers.entries());
      received.push({ method: request.method, path: new URL(request.url).pathname, headers, body });
      return httpResponse(steps.shift() ?? { kind: 'echo' }, { body, signal: request.signal, state });
    },
    async respond(body, signal) {
      received.push({ method: '', path: '', headers: {}, body: body.slice() });
      return reply(steps.shift() ?? { kind: 'echo' }, { body: body.slice(), signal, state });
    },
  };
}

interface Exchanges {
  open: number;
  bytesHandedOut: number;
}

interface Exchange {
  readonly body: Uint8Array;
  readonly signal: AbortSignal;
  readonly state: Exchanges;
}

async function reply(step: ServerStep, exchange: Exchange): Promise<Reply<Uint8Array>> {
  switch (step.kind) {
    case 'answer':
      return { kind: 'answer', body: step.body };
    case 'echo':
      return { kind: 'answer', body: exchange.body };
    case 'wait':
      return step.waitMs === undefined ? { kind: 'wait' } : { kind: 'wait', waitMs: step.waitMs };
    case 'fail':
    case 'status':
    case 'body':
      return { kind: 'failed', retry: true, reason: 'unreachable', detail: 'the server cannot answer' };
    case 'hang':
      return cut(exchange);
    case 'reset':
      throw new Error('connection reset');
  }
}

async function httpResponse(step: ServerStep, exchange: Exchange): Promise<Response> {
  switch (step.kind) {
    case 'answer':
      return good(step.body);
    case 'echo':
      return good(exchange.body);
    case 'wait':
      return new Response(null, { status: 503, headers: step.waitMs === undefined ? {} : { 'retry-after': String(Math.ceil(step.waitMs / 1000)) } });
    case 'fail':
      return new Response('internal error', { status: 500 });
    case 'hang':
      return cut(exchange);
    case 'reset':
      throw new Error('connection reset');
    case 'status':
      return new Response(step.body === undefined ? null : new Uint8Array(step.body), { status: step.status, headers: { ...step.headers } });
    case 'body':
      return new Response(brokenBody(step, exchange), { headers: { 'content-type': contentType } });
  }
}

function good(body: Uint8Array): Response {
  return new Response(new Uint8Array(body), { headers: { 'content-type': contentType } });
}

/** Ends when the other side gives up. */
function cut({ signal, state }: Exchange): Promise<never> {
  state.open++;
  return new Promise((_, reject) => {
    const end = (): void => {
      state.open--;
      reject(abortedError(signal));
    };
    if (signal.aborted) {
      end();
      return;
    }
    signal.addEventListener('abort', end, { once: true });
  });
}

function brokenBody(step: Extract<ServerStep, { kind: 'body' }>, { state }: Exchange): ReadableStream<Uint8Array> {
  const filler = new Uint8Array(16_384).fill(0x2e);
  let begun = false;
  state.open++;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (!begun) {
        begun = true;
        controller.enqueue(new Uint8Array(step.bytes));
        return undefined;
      }
      if (step.then === 'endless') {
        state.bytesHandedOut += filler.length;
        controller.enqueue(filler.slice());
        return undefined;
      }
      if (step.then === 'break') {
        state.open--;
        controller.error(new Error('connection reset'));
        return undefined;
      }
      return new Promise<void>(() => undefined);
    },
    cancel() {
      state.open--;
    },
  });
}
