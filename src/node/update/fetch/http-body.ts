/**
 * One GET whose body comes in pieces, under a limit and a deadline: not a byte is taken beyond the limit, and a source
 * that is slow is left at the deadline. Redirects are not followed: a static repository needs none, and each would be
 * an address that nobody configured.
 */
import { abortedError, describeError, VedetteError } from '../../../base/errors.js';
import type { Clock } from '../../../base/seams.js';
import { retryAfterMs } from '../../../protocol/retry-after.js';
import { transferError } from './transfer-error.js';

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What a transfer depends on. */
export interface Wire {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** One request. */
export interface GetOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes of the body, decoded, at most. */
  readonly maxBytes: number;
  /** From the request to the last byte. */
  readonly deadlineMs: number;
}

/** What a response was, once its body has come. */
export interface Got {
  readonly status: number;
  readonly headers: Headers;
}

/** What a source can impose: nobody signs a header. */
const longestWaitMs = 86_400_000;

/** Looks at the head of a response; returns where each piece of the body goes. */
export type OnHead = (got: Got) => (chunk: Uint8Array) => void | Promise<void>;

/**
 * Gets a body. `onHead` may throw to refuse a response before its body is read.
 * @throws VedetteError `transport-failed` with a `TransferCause`, `aborted`.
 */
export async function getBody(url: string, options: GetOptions, wire: Wire & { readonly onHead: OnHead }): Promise<Got> {
  const ending = new AbortController();
  const over = new AbortController();
  const onAbort = (): void => ending.abort(abortedError(wire.signal));
  if (wire.signal.aborted) {
    throw abortedError(wire.signal);
  }
  wire.signal.addEventListener('abort', onAbort, { once: true });
  wire.clock.sleep(options.deadlineMs, over.signal, { background: true }).then(
    () => ending.abort(transferError('slow-retrieval', `slow retrieval: ${url} did not end within ${options.deadlineMs} ms`)),
    () => undefined,
  );
  try {
    return await exchange(url, options, { ...wire, signal: ending.signal });
  } catch (error) {
    throw named(url, error, ending.signal);
  } finally {
    over.abort();
    wire.signal.removeEventListener('abort', onAbort);
    // Whatever is still under way is not wanted any more.
    ending.abort();
  }
}

async function exchange(url: string, options: GetOptions, wire: Wire & { readonly onHead: OnHead }): Promise<Got> {
  const response = await wire.fetch(url, { headers: options.headers ?? {}, redirect: 'manual', signal: wire.signal });
  const got = { status: response.status, headers: response.headers };
  if (response.status >= 300 && response.status < 400) {
    throw transferError('redirect', `${url} redirects, which is not followed`, { status: response.status });
  }
  const take = wire.onHead(got);
  const announced = Number(response.headers.get('content-encoding') === null ? response.headers.get('content-length') : null);
  if (announced > options.maxBytes) {
    throw endless(url, options.maxBytes);
  }
  if (response.body !== null) {
    await readAll(response.body, async (chunk, length) => {
      if (length > options.maxBytes) {
        throw endless(url, options.maxBytes);
      }
      await take(chunk);
    });
  }
  return got;
}

async function readAll(body: ReadableStream<Uint8Array>, take: (chunk: Uint8Array, length: number) => Promise<void>): Promise<void> {
  const reader = body.getReader();
  let length = 0;
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      length += step.value.length;
      await take(step.value, length);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/**
 * The status of a response, where it is not one of those expected.
 * @throws VedetteError `transport-failed`, cause `http-status`, with the wait that the source asks for.
 */
export function assertStatus(url: string, got: Got, by: { readonly expected: readonly number[]; readonly clock: Pick<Clock, 'now'> }): void {
  if (!by.expected.includes(got.status)) {
    const saidMs = retryAfterMs(got.headers.get('retry-after'), by.clock.now());
    const waitMs = saidMs === undefined ? undefined : Math.min(saidMs, longestWaitMs);
    throw transferError('http-status', `${url} answered with status ${got.status}`, { status: got.status, waitMs });
  }
}

function endless(url: string, maxBytes: number): VedetteError {
  return transferError('endless-data', `endless data: ${url} has more than the ${maxBytes} bytes that it may have`);
}

function named(url: string, error: unknown, ending: AbortSignal): VedetteError {
  if (VedetteError.is(error)) {
    return error;
  }
  if (ending.aborted && VedetteError.is(ending.reason)) {
    return ending.reason;
  }
  const cause = error instanceof Error && error.cause !== undefined ? `${error.message}: ${describeError(error.cause)}` : describeError(error);
  return transferError('unreachable', `${url}: ${cause}`, { error });
}
