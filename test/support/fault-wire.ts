/** What faults say on the wire: heads, bodies and bytes that only look like them. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { contentType } from '../../src/protocol/messages.js';
import type { Fault, FaultExchange } from './fault-server.js';

/** Ends a connection by a reset; under TLS, where Node cannot, without a farewell. */
export function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) {
    socket.destroy();
  } else {
    socket.resetAndDestroy();
  }
}

/** The head of a response. */
export function head(status: string, headers: Record<string, string | number>): string {
  const lines = Object.entries({ connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`;
}

/** A whole response. */
export function send(socket: Socket, body: Uint8Array, options: { status?: string; headers?: Record<string, string | number> } = {}): void {
  socket.write(head(options.status ?? '200 OK', { 'content-type': contentType, 'content-length': body.length, ...options.headers }));
  socket.end(body);
}

/** The honest answer, as an honest server sends it. */
export function sendHonest(socket: Socket, { honest }: FaultExchange): void {
  send(socket, honest);
}

/** The honest answer under another status. */
export function status(line: string, headers: Record<string, string | number> = {}): Fault {
  return { name: `status ${line}`, answer: (socket, { honest }) => send(socket, honest, { status: line, headers }) };
}

/** A connection that is reset in the middle of the body. */
export function resetAfter(bytes: (length: number) => number, name: string): Fault {
  return {
    name: `reset after ${name} of the body`,
    answer: (socket, { honest }) => {
      socket.write(head('200 OK', { 'content-type': contentType, 'content-length': honest.length }));
      socket.write(honest.subarray(0, bytes(honest.length)), () => reset(socket));
    },
  };
}

/** Another body in a good response. */
export function body(name: string, make: (exchange: FaultExchange) => Uint8Array, headers: Record<string, string | number> = {}): Fault {
  return { name, answer: (socket, exchange) => send(socket, make(exchange), { headers }) };
}

/** These bytes in place of a response. */
export function raw(name: string, text: string | ((exchange: FaultExchange) => string), then: 'end' | 'hang' | 'reset' = 'end'): Fault {
  return {
    name,
    ...(then === 'hang' ? { hangs: true as const } : {}),
    answer: (socket, exchange) => {
      socket.write(typeof text === 'string' ? text : text(exchange), () => {
        if (then === 'end') {
          socket.end();
        } else if (then === 'reset') {
          reset(socket);
        }
      });
    },
  };
}

/** Writes for as long as the other side reads. */
export function endless(name: string, before: string, unit: string): Fault {
  return {
    name,
    answer: (socket) => {
      const block = unit.repeat(Math.ceil(16_384 / unit.length));
      const write = (): void => {
        while (!socket.destroyed && socket.write(block, 'latin1')) {
          // Until the buffer is full; then again when it has drained.
        }
      };
      socket.on('drain', write);
      socket.write(before);
      write();
    },
  };
}
