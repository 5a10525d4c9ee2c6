/**
 * A `Transport` without a wire whose replies are written down beforehand, request by request. For tests of whatever
 * speaks over a transport: a source of one's own, the wire source, the engine.
 */
import { abortedError, throwIfAborted } from '../../base/errors.js';
import type { Reply, SendOptions, Transport } from '../../query/transport.js';

/** What the transport does with one request. */
export type ScriptedReply =
  | Reply<Uint8Array>
  /** Whatever this comes to; a throw is passed on. */
  | { readonly kind: 'call'; reply(request: Uint8Array, signal: AbortSignal): Reply<Uint8Array> | Promise<Reply<Uint8Array>> }
  /** Nothing comes back; ends with `aborted` when the signal fires. */
  | { readonly kind: 'hang' }
  /** Throws, as no transport should. */
  | { readonly kind: 'throw'; readonly error: unknown };

/** One request as it was sent. */
export interface SentRequest {
  readonly body: Uint8Array;
  readonly server: SendOptions['server'];
  readonly maxBytes: number;
}

/** A transport with its script and its record. */
export interface ScriptedTransport extends Transport {
  /** Adds replies to the end of the script: one for each request to come. */
  script(...replies: readonly ScriptedReply[]): void;
  /** What requests get when the script is at its end: a failure that is not to be retried, unless set. */
  otherwise: ScriptedReply;
  /** Every request, in order. */
  readonly requests: readonly SentRequest[];
  /** Requests that have not come to their end. */
  open(): number;
  readonly closed: boolean;
}

/** A transport that follows its script. `schemes` are `http` (plain), `https` and `in-process` (secure) unless given. */
export function createScriptedTransport(
  options: { readonly schemes?: Transport['schemes']; readonly otherwise?: ScriptedReply } = {},
): ScriptedTransport {
  const script: ScriptedReply[] = [];
  const requests: SentRequest[] = [];
  let open = 0;
  let closed = false;
  const transport: ScriptedTransport = {
    schemes: options.schemes ?? { http: 'plain', https: 'secure', 'in-process': 'secure' },
    otherwise: options.otherwise ?? { kind: 'failed', retry: false, detail: 'the script is at its end' },
    requests,
    open: () => open,
    get closed() {
      return closed;
    },
    script(...replies) {
      script.push(...replies);
    },
    async send(body, { server, signal, maxBytes }) {
      throwIfAborted(signal);
      requests.push({ body: body.slice(), server, maxBytes });
      open++;
      try {
        return await follow(script.shift() ?? transport.otherwise, { body, signal, maxBytes });
      } finally {
        open--;
      }
    },
    close() {
      closed = true;
      return Promise.resolve();
    },
  };
  return transport;
}

async function follow(
  reply: ScriptedReply,
  request: { readonly body: Uint8Array; readonly signal: AbortSignal; readonly maxBytes: number },
): Promise<Reply<Uint8Array>> {
  switch (reply.kind) {
    case 'answer':
      return reply.body.length > request.maxBytes
        ? { kind: 'failed', retry: false, reason: 'bad-answer', detail: `more than ${request.maxBytes} bytes` }
        : { kind: 'answer', body: reply.body.slice() };
    case 'call':
      return follow(await reply.reply(request.body.slice(), request.signal), request);
    case 'hang':
      return hang(request.signal);
    case 'throw':
      throw reply.error;
    case 'wait':
    case 'failed':
      return reply;
  }
}

function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(abortedError(signal)), { once: true });
  });
}
