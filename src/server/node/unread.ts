/**
 * What node:http cannot read as a request: refused with what Node itself would say, but at the pace of all refusals, so that
 * connections that bring nothing but rubbish are opened no faster than they are let go.
 */
import { STATUS_CODES, type Server } from 'node:http';
import { Socket } from 'node:net';
import type { InPace } from './pace.js';
import type { Turns } from './turns.js';

const statuses: ReadonlyMap<string | undefined, number> = new Map([
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
  ['HPE_HEADER_OVERFLOW', 431],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413],
]);

/** Listens for what a server cannot read. */
export function refuseUnread(server: Server, { pace, turns }: { readonly pace: InPace; readonly turns: Turns }): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!(socket instanceof Socket) || !socket.writable || turns.isSending(socket)) {
      socket.destroy();
      return;
    }
    const status = statuses.get(error.code) ?? 400;
    if (status === 408) {
      // Whoever is too slow is not to hold his connection any longer.
      sayNo(socket, status);
      return;
    }
    socket.pause();
    pace(socket, () => sayNo(socket, status));
  });
}

function sayNo(socket: Socket, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
}
