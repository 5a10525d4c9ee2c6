/**
 * Refusals at a bounded pace. Whoever sends rubbish and waits for its refusal would otherwise have as much of a core as he can
 * use, and those who ask properly what is left. Beyond the pace his refusals wait, in the order in which they came, and so does
 * he; nobody else does, whatever address he shares. A connection has one place in the line; when the line is full, further
 * ones are cut.
 */
import type { Socket } from 'node:net';
import { createRateLimiter } from '../rate-limit.js';

/** Refusals of one process. */
export interface PaceLimits {
  readonly refusalsPerSecond: number;
  /** Refusals at once, after a quiet time. */
  readonly refusalBurst: number;
  /** Connections in the line. */
  readonly maxWaiting: number;
}

/** Runs `refuse` in its turn, or never when the connection is gone before. */
export type InPace = (socket: Socket, refuse: () => void) => void;

/** How often the line moves: two or three refusals at 500 a second, some 0.1 ms of work. */
const moveEveryMs = 5;
const everybody = '';

/** The line of a server. */
export function createPace({ refusalsPerSecond, refusalBurst, maxWaiting }: PaceLimits): InPace {
  const limiter = createRateLimiter({ perSecond: refusalsPerSecond, burst: refusalBurst });
  const waiting = new Map<Socket, () => void>();
  /** Whose end is listened for; once for each, however often it is refused. */
  const known = new WeakSet<Socket>();
  let timer: NodeJS.Timeout | undefined;
  const mayRefuse = (): boolean => limiter.take(everybody, performance.now()) === 0;

  function move(): void {
    for (const [socket, refuse] of waiting) {
      if (!mayRefuse()) {
        break;
      }
      waiting.delete(socket);
      refuse();
    }
    timer = waiting.size === 0 ? undefined : setTimeout(move, moveEveryMs);
  }

  return (socket, refuse) => {
    if (socket.destroyed) {
      return;
    }
    if (waiting.size === 0 && mayRefuse()) {
      refuse();
      return;
    }
    if (!waiting.has(socket) && waiting.size >= maxWaiting) {
      socket.destroy();
      return;
    }
    if (!known.has(socket)) {
      known.add(socket);
      // Whoever closes meanwhile gives up his place.
      socket.once('close', () => waiting.delete(socket));
    }
    waiting.set(socket, refuse);
    timer ??= setTimeout(move, moveEveryMs);
  };
}
