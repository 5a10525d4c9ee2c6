/**
 * One request of a connection after the other, and other connections in between: a client that sends many in one breath would
 * otherwise have them all answered before anybody else is heard, and their answers kept until he reads them.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of one connection that wait; whoever sends more at once is cut. */
const maxWaiting = 64;

/** The turns of a server. */
export interface Turns {
  /** Runs `work` when the answers before it on the same connection are sent, or never when the connection is gone. */
  take(outgoing: ServerResponse, work: () => void): void;
  /** True when part of an answer is on its way: nothing else may be written there. */
  isSending(socket: Socket): boolean;
}

interface Line {
  current: ServerResponse;
  readonly waiting: (() => void)[];
}

/** Turns of all connections of a server. */
export function createTurns(): Turns {
  const lines = new WeakMap<Socket, Line>();

  function take(outgoing: ServerResponse, work: () => void): void {
    const { socket } = outgoing.req;
    const line = lines.get(socket) ?? { current: outgoing, waiting: [] };
    const begin = (): void => {
      if (socket.destroyed) {
        return;
      }
      line.current = outgoing;
      outgoing.once('close', () => next(socket));
      work();
    };
    if (!lines.has(socket)) {
      lines.set(socket, line);
      begin();
    } else if (line.waiting.push(begin) > maxWaiting) {
      line.waiting.length = 0;
      socket.destroy();
    }
  }

  function next(socket: Socket): void {
    const waiting = lines.get(socket)?.waiting.shift();
    if (waiting === undefined) {
      lines.delete(socket);
    } else {
      setImmediate(waiting);
    }
  }

  return { take, isSending: (socket) => lines.get(socket)?.current.headersSent === true };
}
