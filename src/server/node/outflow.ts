/**
 * What clients have not taken yet of their answers. Node keeps it for as long as they dawdle: a thousand that ask for much and
 * read nothing would fill the memory. Looked at once a second; what is over the time or the budget is cut, oldest first.
 */
import type { Server, ServerResponse } from 'node:http';

/** Limits of answers on their way. */
export interface OutflowLimits {
  /** Bytes of all answers that wait for their clients. */
  readonly maxUnsentBytes: number;
  /** From when an answer was first seen to wait for its client. */
  readonly answerTimeoutMs: number;
}

/** An answer that its client has not taken. */
export interface Unsent {
  readonly bytes: number;
  /** Since it was first seen so. */
  readonly ageMs: number;
}

const lookEveryMs = 1000;

/** How many of these, oldest first, have to be cut. Pure. */
export function tooMuch(unsent: readonly Unsent[], { maxUnsentBytes, answerTimeoutMs }: OutflowLimits): number {
  let left = unsent.reduce((sum, one) => sum + one.bytes, 0);
  let cut = 0;
  for (const { bytes, ageMs } of unsent) {
    if (left <= maxUnsentBytes && ageMs < answerTimeoutMs) {
      break;
    }
    left -= bytes;
    cut++;
  }
  return cut;
}

/** Watches the answers of a server until it is closed: those that it is told of, from then to their end. */
export function limitOutflow(server: Server, limits: OutflowLimits): (outgoing: ServerResponse) => void {
  /** When an answer was first seen to wait; undefined until then. */
  const open = new Map<ServerResponse, number | undefined>();
  const timer = setInterval(() => cutSlow(open, limits), lookEveryMs).unref();
  server.once('close', () => clearInterval(timer));
  return (outgoing) => {
    open.set(outgoing, undefined);
    outgoing.once('close', () => open.delete(outgoing));
  };
}

function cutSlow(open: Map<ServerResponse, number | undefined>, limits: OutflowLimits): void {
  const now = performance.now();
  const waiting: (readonly [outgoing: ServerResponse, since: number])[] = [];
  for (const [outgoing, known] of open) {
    const since = outgoing.writableLength > 0 ? (known ?? now) : undefined;
    open.set(outgoing, since);
    if (since !== undefined) {
      waiting.push([outgoing, since]);
    }
  }
  waiting.sort(([, a], [, b]) => a - b);
  const unsent = waiting.map(([outgoing, since]) => ({ bytes: outgoing.writableLength, ageMs: now - since }));
  for (const [outgoing] of waiting.slice(0, tooMuch(unsent, limits))) {
    open.delete(outgoing);
    outgoing.req.socket.destroy();
  }
}
