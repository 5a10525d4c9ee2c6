/**
 * A captured conversation as a transport: each question is answered as it was then. Answers are signed for the nonce of
 * their request, so a test that wants them believed draws its nonces from the capture too (`crypto`) and sets its clock
 * to `startedAt`. Requests are told apart by nonce and prefixes; without the nonce the first unused answer to the same
 * prefixes is given, and refused by whoever checks signatures.
 */
import { toLatin1 } from '../../base/bytes.js';
import { abortedError } from '../../base/errors.js';
import type { Clock, Crypto } from '../../base/seams.js';
import { nonceBytes } from '../../protocol/limits.js';
import type { QueryMessage } from '../../protocol/messages.js';
import { decodeQuery } from '../../protocol/query-message.js';
import type { Reply, Transport } from '../../query/transport.js';
import { decodeCapture, type CapturedExchange } from './capture.js';

/** A transport that repeats what was. */
export interface ReplayTransport extends Transport {
  /** Wall clock when the capture began, epoch ms. */
  readonly startedAt: number;
  /** The same cryptography, but its nonces are those of the capture, in their order, as long as there are any. */
  crypto(inner: Crypto): Crypto;
  /** Exchanges that nobody has asked for yet. */
  remaining(): number;
  /** Questions that are not in the capture: they failed. */
  readonly missed: number;
}

/** Options of `createReplayTransport`. */
export interface ReplayOptions {
  /** With a clock each reply takes the time that it took; without one it is there at once. */
  readonly clock?: Clock | undefined;
  /** Address schemes of the servers in the test (`http` plain, `https` and `in-process` secure). */
  readonly schemes?: Transport['schemes'] | undefined;
}

/**
 * Replays a capture.
 * @throws VedetteError `transport-failed` when the bytes are none.
 */
export function createReplayTransport(bytes: Uint8Array, options: ReplayOptions = {}): ReplayTransport {
  const { clock, schemes = { http: 'plain', https: 'secure', 'in-process': 'secure' } } = options;
  const { startedAt, exchanges } = decodeCapture(bytes);
  const left = new Set(exchanges);
  const byRequest = grouped(exchanges, (one) => toLatin1(one.request));
  const byQuestion = grouped(exchanges, (one) => questionKey(decodeQuery(one.request)));
  const nonces = exchanges.map((one) => decodeQuery(one.request).nonce);
  let missed = 0;

  function take(body: Uint8Array): CapturedExchange | undefined {
    const same = [...(byRequest.get(toLatin1(body)) ?? []), ...(byQuestion.get(keyOf(body)) ?? [])];
    const exchange = same.find((one) => left.has(one));
    if (exchange !== undefined) {
      left.delete(exchange);
    }
    return exchange;
  }

  return {
    schemes,
    startedAt,
    remaining: () => left.size,
    get missed() {
      return missed;
    },
    crypto: (inner) => ({
      sha256: (message) => inner.sha256(message),
      verify: (...signed) => inner.verify(...signed),
      randomBytes: (count) => (count === nonceBytes ? nonces.shift() : undefined) ?? inner.randomBytes(count),
    }),
    async send(body, { signal, maxBytes }) {
      const exchange = take(body);
      if (exchange === undefined) {
        missed++;
        return { kind: 'failed', retry: false, reason: 'unreachable', detail: 'this question is not in the capture' };
      }
      await clock?.sleep(exchange.tookMs, signal);
      if (signal.aborted) {
        throw abortedError(signal);
      }
      return replyWithin(exchange.reply, maxBytes);
    },
  };
}

function replyWithin(reply: Reply<Uint8Array>, maxBytes: number): Reply<Uint8Array> {
  if (reply.kind !== 'answer') {
    return reply;
  }
  return reply.body.length > maxBytes
    ? { kind: 'failed', retry: false, reason: 'bad-answer', detail: `more than ${maxBytes} bytes` }
    : { kind: 'answer', body: reply.body.slice() };
}

/** Empty for what is no question. */
function keyOf(body: Uint8Array): string {
  try {
    return questionKey(decodeQuery(body));
  } catch {
    return '';
  }
}

function questionKey({ groups }: QueryMessage): string {
  return groups.map(({ kind, algorithm, prefixes }) => `${kind} ${algorithm} ${prefixes.map(toLatin1).join('')}`).join('|');
}

function grouped(exchanges: readonly CapturedExchange[], keyOf: (exchange: CapturedExchange) => string): ReadonlyMap<string, readonly CapturedExchange[]> {
  const groups = new Map<string, CapturedExchange[]>();
  for (const exchange of exchanges) {
    const key = keyOf(exchange);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [exchange]);
    } else {
      group.push(exchange);
    }
  }
  return groups;
}
