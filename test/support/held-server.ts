/** A server on loopback that takes requests and answers none of them before it is told to, byte for byte as it is told. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { contentType } from '../../src/protocol/messages.js';

/** Such a server. */
export interface HeldServer {
  readonly address: string;
  readonly port: number;
  /** Open connections. */
  readonly sockets: ReadonlySet<Socket>;
  /** Connections so far. */
  connected(): number;
  /** Answers the oldest request that has none, waiting for one where there is none. */
  answer(response?: string): Promise<void>;
  close(): void;
}

/** An answer of the bytes `ok`. */
export const okResponse: string = `HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\ncontent-length: 2\r\n\r\nok`;

/** Starts one, for requests with bodies of one byte. */
export async function startHeldServer(): Promise<HeldServer> {
  const sockets = new Set<Socket>();
  const asked: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  let connected = 0;
  const server = createServer((socket) => {
    connected++;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    onRequests(socket, () => {
      const wake = waiting.shift();
      if (wake === undefined) {
        asked.push(socket);
      } else {
        wake(socket);
      }
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    port,
    sockets,
    connected: () => connected,
    answer: async (response = okResponse) => {
      const socket = asked.shift() ?? (await new Promise<Socket>((resolve) => waiting.push(resolve)));
      socket.write(response);
    },
    close: () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}

/** Head and body of a request may come apart. */
function onRequests(socket: Socket, then: () => void): void {
  let received = '';
  socket.on('data', (part) => {
    received += part.toString('latin1');
    if (/\r\n\r\n.$/s.test(received)) {
      received = '';
      then();
    }
  });
}
