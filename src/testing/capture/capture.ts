/**
 * A conversation with servers as a file, for tests: what was asked (prefixes and nonces, nothing else), what came back,
 * and when. Written in the encoding of the wire (docs/protocol.md), read under limits: a capture may come from a bug
 * report, that is from anybody.
 *
 *     ["vedette-capture", 1, startedAt, [[server, afterMs, tookMs, request, reply], …]]
 *     reply: [0, answer] | [1, waitMs + 1, or 0 without a time] | [2, retry, bad answer]
 */
import { VedetteError } from '../../base/errors.js';
import type { WireValue } from '../../protocol/codec/codec.js';
import { readBlob, readInteger, readList, readText, readTuple } from '../../protocol/codec/shapes.js';
import { maxAnswerBytes, maxRequestBytes } from '../../protocol/limits.js';
import { decodeQuery } from '../../protocol/query-message.js';
import type { Reply } from '../../query/transport.js';
import { decodeValue, encodeValue, wireInteger } from './packed.js';

/** One exchange. */
export interface CapturedExchange {
  /** A name that tells servers apart and does not give their address away: `local 1`. */
  readonly server: string;
  /** Since the capture began, ms. */
  readonly afterMs: number;
  readonly tookMs: number;
  /** The request in its one spelling: nonce, prefixes, padding. */
  readonly request: Uint8Array;
  readonly reply: Reply<Uint8Array>;
}

/** A conversation. */
export interface Capture {
  /** Epoch ms: signed statements are judged by the clock of their time. */
  readonly startedAt: number;
  /** In the order in which they began. */
  readonly exchanges: readonly CapturedExchange[];
}

/** Exchanges of one capture at most. */
export const maxCapturedExchanges = 10_000;
/** Bytes of one capture at most. */
export const maxCaptureBytes: number = 64 * 1024 * 1024;

const magic = 'vedette-capture';
const version = 1;
const maxNameBytes = 64;
const structure = { maxBytes: maxCaptureBytes, maxDepth: 5, maxItems: 8 + maxCapturedExchanges * 12 } as const;

/** The bytes of a capture. */
export function encodeCapture(capture: Capture): Uint8Array {
  return encodeValue([magic, version, wireInteger(capture.startedAt), capture.exchanges.map(exchangeToWire)]);
}

/**
 * The capture in bytes from anywhere.
 * @throws VedetteError `transport-failed` when they are none, or over a limit.
 */
export function decodeCapture(bytes: Uint8Array): Capture {
  // untrusted: whatever lies in the file
  const [name, number, startedAt, exchanges] = readTuple('capture', decodeValue(bytes, structure), 4);
  if (readText('name of the format', name, magic.length) !== magic || number !== version) {
    throw new VedetteError('transport-failed', `expected a ${magic} of version ${version}`);
  }
  return {
    startedAt: readInteger('start', startedAt),
    exchanges: readList('exchanges', exchanges, { max: maxCapturedExchanges }).map(exchangeFromWire),
  };
}

function exchangeToWire({ server, afterMs, tookMs, request, reply }: CapturedExchange): WireValue {
  return [server, wireInteger(Math.round(afterMs)), wireInteger(Math.round(tookMs)), request, replyToWire(reply)];
}

function exchangeFromWire(value: WireValue): CapturedExchange {
  const [server, afterMs, tookMs, request, reply] = readTuple('exchange', value, 5);
  const exchange = {
    server: readText('server', server, maxNameBytes),
    afterMs: readInteger('instant', afterMs),
    tookMs: readInteger('time', tookMs),
    request: readBlob('request', request, maxRequestBytes).slice(),
    reply: replyFromWire(reply),
  };
  // Only what asks by prefixes is a request.
  decodeQuery(exchange.request);
  return exchange;
}

function replyToWire(reply: Reply<Uint8Array>): WireValue {
  switch (reply.kind) {
    case 'answer':
      return [0, reply.body];
    case 'wait':
      return [1, reply.waitMs === undefined || !(reply.waitMs >= 0) ? 0 : wireInteger(Math.min(Math.round(reply.waitMs), maxWaitMs) + 1)];
    case 'failed':
      return [2, reply.retry ? 1 : 0, reply.reason === 'bad-answer' ? 1 : 0];
  }
}

const maxWaitMs = 2 ** 40;

function replyFromWire(value: WireValue | undefined): Reply<Uint8Array> {
  const fields = readList('reply', value ?? null, { min: 2, max: 3 });
  switch (readInteger('kind of reply', fields[0], 2)) {
    case 0:
      return { kind: 'answer', body: readBlob('answer', readTuple('reply', fields, 2)[1], maxAnswerBytes).slice() };
    case 1: {
      const waitMs = readInteger('wait', readTuple('reply', fields, 2)[1], maxWaitMs + 1) - 1;
      return waitMs < 0 ? { kind: 'wait' } : { kind: 'wait', waitMs };
    }
    default: {
      const [, retry, isBad] = readTuple('reply', fields, 3);
      const reason = readInteger('reason', isBad, 1) === 1 ? 'bad-answer' : 'unreachable';
      return { kind: 'failed', retry: readInteger('retry', retry, 1) === 1, reason };
    }
  }
}
