/** One question over one connection: the response is judged as every HTTP transport judges it, and counted as it comes. */
import { concatBytes } from '../../base/bytes.js';
import { describeError } from '../../base/errors.js';
import { judgeHead, tooLarge, type HeadRules } from '../../preset/http/http-reply.js';
import type { Reply } from '../../query/transport.js';
import type { Connection, Connections, Taker } from './connections.js';
import { DialError } from './dial.js';
import type { HttpRequest, ResponseHandler } from './load-undici.js';

/** How an exchange is made. */
export interface ExchangeOptions extends HeadRules {
  readonly connections: Connections;
  readonly signal: AbortSignal;
}

/** Asks and resolves with the reply; never rejects. On abort the connection is closed, or the waiting for one ends. */
export function exchange(request: HttpRequest, options: ExchangeOptions): Promise<Reply<Uint8Array>> {
  const { connections, signal } = options;
  return new Promise((resolve) => {
    const taker: Taker = {
      take: (connection) => {
        giveUp = () => connection.destroy(new Error('aborted'));
        post(connection, request, new Reading(connection, options, end));
      },
      refuse: (error) => end(failed(error.message, { retry: false })),
    };
    let giveUp = (): void => connections.leave(taker);
    const onAbort = (): void => {
      end(failed('aborted', { retry: true }));
      giveUp();
    };
    const end = (reply: Reply<Uint8Array>): void => {
      signal.removeEventListener('abort', onAbort);
      resolve(reply);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    connections.acquire(taker);
  });
}

function post({ client }: Connection, request: HttpRequest, reading: Reading): void {
  try {
    client.post(request, reading);
  } catch (error) {
    reading.failed(error instanceof Error ? error : new Error(String(error)));
  }
}

/** A response as it comes. Whatever it is, its connection is released or closed. */
class Reading implements ResponseHandler {
  readonly #connection: Connection;
  readonly #rules: HeadRules;
  readonly #end: (reply: Reply<Uint8Array>) => void;
  readonly #parts: Uint8Array[] = [];
  #length = 0;
  #state: 'open' | 'not-wanted' | 'over' = 'open';

  constructor(connection: Connection, rules: HeadRules, end: (reply: Reply<Uint8Array>) => void) {
    this.#connection = connection;
    this.#rules = rules;
    this.#end = end;
  }

  head(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    if (this.#state !== 'open') {
      return;
    }
    const verdict = judgeHead({ status, header: (name) => headerOf(headers[name]) }, this.#rules);
    if (verdict === 'read') {
      return;
    }
    // A short error page that came with its head leaves the connection whole; nobody waits for a longer one.
    this.#state = 'not-wanted';
    setImmediate(() => this.#cut());
    this.#end(verdict);
  }

  data(chunk: Uint8Array): void {
    this.#length += chunk.length;
    if (this.#state !== 'open') {
      return;
    }
    if (this.#length > this.#rules.maxBytes) {
      this.#cut();
      this.#end(tooLarge(this.#rules.maxBytes));
      return;
    }
    this.#parts.push(chunk);
  }

  ended(): void {
    const wasOpen = this.#state === 'open';
    if (this.#state !== 'over') {
      this.#state = 'over';
      this.#connection.release();
    }
    if (wasOpen) {
      this.#end({ kind: 'answer', body: wholeOf(this.#parts) });
    }
  }

  failed(error: Error): void {
    const wasOpen = this.#state === 'open';
    this.#cut();
    if (wasOpen) {
      this.#end(failed(textOf(error), { retry: !(error instanceof DialError) || error.retry }));
    }
  }

  #cut(): void {
    if (this.#state !== 'over') {
      this.#state = 'over';
      this.#connection.destroy(new Error('not wanted'));
    }
  }
}

/** Most answers come in one part, which needs no copy: only Node's class is taken off, whose `slice` gives views. */
function wholeOf(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  return first !== undefined && parts.length === 1 ? new Uint8Array(first.buffer, first.byteOffset, first.length) : concatBytes(parts);
}

function headerOf(value: string | string[] | undefined): string | null {
  return Array.isArray(value) ? value.join(', ') : (value ?? null);
}

function textOf(error: Error): string {
  const code = 'code' in error && !(error instanceof DialError) ? ` (${String(error.code)})` : '';
  return describeError(error) + code;
}

function failed(detail: string, options: { readonly retry: boolean }): Reply<Uint8Array> {
  return { kind: 'failed', retry: options.retry, reason: 'unreachable', detail };
}
