/**
 * One request of a connection after the other, and other connections in between: a client that sends many in one breath would
 * otherwise have them all answered before anybody else is heard, and their answers kept until he reads them.
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of one connection that wait; whoever sends more at once is cut. */
const maxWaiting = 64;

/** Runs `work` when the answers before it on the same connection are sent, or never when the connection is gone. */
export type InTurn = (outgoing: ServerResponse, work: () => void) => void;

/** Turns of all connections of a server. */
export function createTurns(): InTurn {
  const lines = new WeakMap<Socket, (() => void)[]>();
  return (outgoing, work) => {
    const { socket } = outgoing.req;
    const begin = (): void => {
      if (socket.destroyed) {
        return;
      }
      outgoing.once('close', () => next(socket));
      work();
    };
    const line = lines.get(socket);
    if (line === undefined) {
      lines.set(socket, []);
      begin();
    } else if (line.push(begin) > maxWaiting) {
      line.length = 0;
      socket.destroy();
    }
  };

  function next(socket: Socket): void {
    const waiting = lines.get(socket)?.shift();
    if (waiting === undefined) {
      lines.delete(socket);
    } else {
      setImmediate(waiting);
    }
  }
}
