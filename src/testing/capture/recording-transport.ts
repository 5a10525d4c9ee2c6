/**
 * A transport that passes everything on and keeps the conversation, to be replayed in a test. It keeps questions by
 * prefix alone: a request of another kind (of a foreign service, with a full hash) goes through and is not kept. Of a
 * server it keeps a made-up name, of a failure that there was one.
 */
import type { Clock } from '../../base/seams.js';
import { queryPath } from '../../protocol/messages.js';
import { decodeQuery, encodeQuery } from '../../protocol/query-message.js';
import type { Reply, SendOptions, Transport } from '../../query/transport.js';
import { encodeCapture, maxCaptureBytes, maxCapturedExchanges, type CapturedExchange } from './capture.js';

/** A transport that remembers. */
export interface RecordingTransport extends Transport {
  /** The conversation so far, without what is still on its way. */
  capture(): Uint8Array;
  /** Requests that went through and were not kept: no questions of ours, or more than a capture holds. */
  readonly skipped: number;
}

/** Room of one exchange beside its request and its answer. */
const overheadBytes = 128;

/** Records what goes over a transport. The inner one stays the caller's to close. */
export function createRecordingTransport(inner: Transport, options: { readonly clock: Pick<Clock, 'now' | 'monotonicMs'> }): RecordingTransport {
  const { clock } = options;
  const startedAt = clock.now();
  const startedMs = clock.monotonicMs();
  const exchanges: (CapturedExchange | undefined)[] = [];
  const nameOf = createNames();
  let bytes = 0;
  let skipped = 0;

  async function record(request: Uint8Array, send: () => Promise<Reply<Uint8Array>>, server: SendOptions['server']): Promise<Reply<Uint8Array>> {
    const beganMs = clock.monotonicMs();
    const place = exchanges.push(undefined) - 1;
    const keep = (reply: Reply<Uint8Array>): void => {
      const size = overheadBytes + request.length + (reply.kind === 'answer' ? reply.body.length : 0);
      if (bytes + size > maxCaptureBytes) {
        skipped++;
        return;
      }
      bytes += size;
      const kept = reply.kind === 'answer' ? { ...reply, body: reply.body.slice() } : reply;
      exchanges[place] = { server: nameOf(server), afterMs: beganMs - startedMs, tookMs: clock.monotonicMs() - beganMs, request, reply: kept };
    };
    try {
      const reply = await send();
      keep(reply);
      return reply;
    } catch (error) {
      keep({ kind: 'failed', retry: true });
      throw error;
    }
  }

  return {
    schemes: inner.schemes,
    get skipped() {
      return skipped;
    },
    send(body, how) {
      const request = how.path === undefined || how.path === queryPath ? questionIn(body) : undefined;
      if (request === undefined || exchanges.length >= maxCapturedExchanges) {
        skipped++;
        return inner.send(body, how);
      }
      return record(request, () => inner.send(body, how), how.server);
    },
    capture: () => encodeCapture({ startedAt, exchanges: exchanges.filter((one) => one !== undefined) }),
  };
}

/** The request in its one spelling, so that nothing rides along; undefined for what is no question by prefixes. */
function questionIn(body: Uint8Array): Uint8Array | undefined {
  try {
    return encodeQuery(decodeQuery(body));
  } catch {
    return undefined;
  }
}

/** `local 1`, `local 2`, `global 1`: an address may hold names and tokens. */
function createNames(): (server: SendOptions['server']) => string {
  const names = new Map<string, string>();
  const counts = { local: 0, global: 0 };
  return ({ id, scope }) => {
    const name = names.get(id) ?? `${scope} ${++counts[scope]}`;
    names.set(id, name);
    return name;
  };
}
