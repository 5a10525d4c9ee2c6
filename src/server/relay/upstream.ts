/**
 * The server behind a relay: one request, one bounded answer in bounded time, and pauses while it fails. What its answers
 * are worth is decided by `read-statements.ts`.
 */
import type { Clock, Random } from '../../base/seams.js';
import { readLimited, untilAborted } from '../../protocol/codec/limited-body.js';
import { maxAnswerBytes } from '../../protocol/limits.js';
import { contentType, queryPath } from '../../protocol/messages.js';
import { retryAfterMs } from '../../protocol/retry-after.js';
import { mediaType } from '../exchange.js';
import { startDeadline } from './deadline.js';
import { afterExchange, untriedUpstream, type UpstreamOutcome, type UpstreamState } from './upstream-pause.js';

/** Carries a request to wherever its URL leads, as the platform's `fetch` does. */
export type UpstreamFetch = (request: Request) => Promise<Response>;

/** What an upstream is made of. */
export interface UpstreamOptions {
  /** Scheme, host, port and an optional path, without `/v1/query`. */
  readonly address: string;
  readonly fetch: UpstreamFetch;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** The upstream as a relay uses it. */
export interface Upstream {
  /** The body of the answer, or undefined when there is none: then `pause` says for how long. */
  ask(request: Uint8Array): Promise<Uint8Array | undefined>;
  /** What came was no answer to believe: as bad as none. */
  disappointed(): void;
  pause(): { readonly ms: number; readonly byRequest: boolean };
}

/** Exchanges at a time. Beyond, what is asked goes unanswered: a flood of clients is not passed on. */
const maxUnderWay = 64;

/** An upstream of which nothing is known yet. */
export function createUpstream(options: UpstreamOptions): Upstream {
  const { clock, random } = options;
  const url = options.address.replace(/\/+$/, '') + queryPath;
  let state: UpstreamState = untriedUpstream;
  let underWay = 0;
  const note = (outcome: UpstreamOutcome): void => {
    state = afterExchange(state, outcome, { nowMs: clock.monotonicMs(), random });
  };
  return {
    async ask(request) {
      if (clock.monotonicMs() < state.pausedUntilMs || underWay >= maxUnderWay) {
        return undefined;
      }
      underWay++;
      const came = await exchange(url, request, options).finally(() => underWay--);
      note(came instanceof Uint8Array ? { kind: 'answered' } : came);
      return came instanceof Uint8Array ? came : undefined;
    },
    disappointed: () => note({ kind: 'failed' }),
    pause: () => ({ ms: Math.max(0, state.pausedUntilMs - clock.monotonicMs()), byRequest: state.byRequest }),
  };
}

/** Never rejects, and ends within the time limit whatever the other side does. */
async function exchange(url: string, request: Uint8Array, options: UpstreamOptions): Promise<Uint8Array | UpstreamOutcome> {
  const deadline = startDeadline(options.clock, options.timeoutMs);
  const headers = { 'content-type': contentType, accept: contentType, 'accept-encoding': 'identity' };
  try {
    const body = new Uint8Array(request);
    const init = { method: 'POST', headers, body, redirect: 'manual' as const, signal: deadline.signal };
    const pending = options.fetch(new Request(url, init));
    // One that comes after all when nobody waits any more is let go, so that its connection is freed.
    pending.then((late) => (deadline.signal.aborted ? late.body?.cancel().catch(() => undefined) : undefined), () => undefined);
    return await read(await untilAborted(pending, deadline.signal), { signal: deadline.signal, clock: options.clock });
  } catch {
    return { kind: 'failed' };
  } finally {
    deadline.end();
  }
}

async function read(response: Response, { signal, clock }: { readonly signal: AbortSignal; readonly clock: Pick<Clock, 'now'> }): Promise<Uint8Array | UpstreamOutcome> {
  const { status, headers } = response;
  const isAnswer = status === 200 && mediaType(headers) === contentType && (headers.get('content-encoding') ?? 'identity') === 'identity';
  if (isAnswer) {
    const body = await readLimited(response.body, { maxBytes: maxAnswerBytes, signal });
    return body.kind === 'whole' ? body.bytes : { kind: 'failed' };
  }
  response.body?.cancel().catch(() => undefined);
  return status === 429 || status === 503 ? { kind: 'wait', waitMs: retryAfterMs(headers.get('retry-after'), clock.now()) } : { kind: 'failed' };
}
