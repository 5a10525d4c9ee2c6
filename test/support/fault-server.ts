/**
 * A server on loopback that speaks HTTP as badly as networks, middleboxes and attackers do: raw sockets, one fault at a
 * time. It knows the honest answer to each request, so that faults can be everything but a small part of it.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { contentType } from '../../src/protocol/messages.js';

/** What a fault does once a request has come in whole. */
export interface Fault {
  readonly name: string;
  /** The exchange comes to no end by itself: the client has to abort. */
  readonly hangs?: true;
  /** Before any byte of the request is read. */
  connected?(socket: Socket): void;
  answer?(socket: Socket, exchange: FaultExchange): void;
}

/** What a fault has to work with. */
export interface FaultExchange {
  readonly honest: Uint8Array;
  /** The honest answer to the request before this one, if there was one. */
  readonly previous: Uint8Array | undefined;
  /** Somewhere else that counts its visitors. */
  readonly elsewhere: string;
}

/** A fault server. */
export interface FaultServer {
  readonly address: string;
  fault: Fault | undefined;
  /** Resolves when the next request has arrived and its fault has begun. */
  nextBegun(): Promise<void>;
  /**
   * Resolves when every connection that carried a request is closed. After an abort or a reset Node's own fetch opens a
   * fresh connection ahead of any request and lets it go after 4 s: those are not waited for.
   */
  allClosed(): Promise<void>;
  readonly requests: number;
  /** Requests that reached the place to which redirects lead. */
  readonly elsewhereRequests: number;
  close(): Promise<void>;
}

/** Starts one. `honest` gives the answer that an honest server would give. */
export async function startFaultServer(honest: (request: Uint8Array) => Promise<Uint8Array>): Promise<FaultServer> {
  const sockets = new Set<Socket>();
  const used = new Set<Socket>();
  const begun = new Waiters();
  const closed = new Waiters();
  let requests = 0;
  let elsewhereRequests = 0;
  let previous: Uint8Array | undefined;
  let fault: Fault | undefined;
  const elsewhere = createServer((socket) => {
    elsewhereRequests++;
    socket.destroy();
  });
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      used.delete(socket);
      if (used.size === 0) {
        closed.wakeAll();
      }
    });
    socket.once('data', () => used.add(socket));
    fault?.connected?.(socket);
    onRequest(socket, (body) => {
      requests++;
      void honest(body).then((answer) => {
        const exchange = { honest: answer, previous, elsewhere: addressOf(elsewhere.address()) };
        previous = answer;
        (fault?.answer ?? sendHonest)(socket, exchange);
        begun.wakeAll();
      });
    });
  });
  await Promise.all([server, elsewhere].map((one) => once(one.listen(0, '127.0.0.1'), 'listening')));
  return {
    address: addressOf(server.address()),
    get fault() {
      return fault;
    },
    set fault(next) {
      fault = next;
    },
    nextBegun: () => begun.wait(),
    allClosed: () => (used.size === 0 ? Promise.resolve() : closed.wait()),
    get requests() {
      return requests;
    },
    get elsewhereRequests() {
      return elsewhereRequests;
    },
    close: async () => {
      sockets.forEach((socket) => socket.destroy());
      await Promise.all([server, elsewhere].map((one) => once(one.close(), 'close')));
    },
  };
}

class Waiters {
  #waiting: (() => void)[] = [];

  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  wakeAll(): void {
    this.#waiting.splice(0).forEach((wake) => wake());
  }
}

function addressOf(address: AddressInfo | string | null): string {
  return `http://127.0.0.1:${(address as AddressInfo).port}`;
}

/** Calls back once a request with `content-length` is there in whole. One request per connection. */
function onRequest(socket: Socket, then: (body: Uint8Array) => void): void {
  let received = Buffer.alloc(0);
  let done = false;
  socket.on('data', (part: Buffer) => {
    received = Buffer.concat([received, part]);
    const headEnd = received.indexOf('\r\n\r\n');
    if (headEnd < 0 || done) {
      return;
    }
    const length = Number(/content-length: (\d+)/i.exec(received.subarray(0, headEnd).toString('latin1'))?.[1] ?? 0);
    if (received.length >= headEnd + 4 + length) {
      done = true;
      then(received.subarray(headEnd + 4, headEnd + 4 + length));
    }
  });
}

function head(status: string, headers: Record<string, string | number>): string {
  const lines = Object.entries({ connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`;
}

function send(socket: Socket, body: Uint8Array, options: { status?: string; headers?: Record<string, string | number> } = {}): void {
  socket.write(head(options.status ?? '200 OK', { 'content-type': contentType, 'content-length': body.length, ...options.headers }));
  socket.end(body);
}

function sendHonest(socket: Socket, { honest }: FaultExchange): void {
  send(socket, honest);
}

function status(line: string, headers: Record<string, string | number> = {}): Fault {
  return { name: `status ${line}`, answer: (socket, { honest }) => send(socket, honest, { status: line, headers }) };
}

function resetAfter(bytes: (length: number) => number, name: string): Fault {
  return {
    name: `reset after ${name} of the body`,
    answer: (socket, { honest }) => {
      socket.write(head('200 OK', { 'content-type': contentType, 'content-length': honest.length }));
      socket.write(honest.subarray(0, bytes(honest.length)), () => socket.resetAndDestroy());
    },
  };
}

function body(name: string, make: (exchange: FaultExchange) => Uint8Array, headers: Record<string, string | number> = {}): Fault {
  return { name, answer: (socket, exchange) => send(socket, make(exchange), { headers }) };
}

function raw(name: string, text: string | ((exchange: FaultExchange) => string), then: 'end' | 'hang' | 'reset' = 'end'): Fault {
  return {
    name,
    ...(then === 'hang' ? { hangs: true as const } : {}),
    answer: (socket, exchange) => {
      socket.write(typeof text === 'string' ? text : text(exchange), () => {
        if (then === 'end') {
          socket.end();
        } else if (then === 'reset') {
          socket.resetAndDestroy();
        }
      });
    },
  };
}

/** Writes for as long as the other side reads. */
function endless(name: string, before: string, unit: string): Fault {
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

/** Sends one byte per turn of the event loop that the client's reading allows, and never finishes. */
const drip: Fault = {
  name: 'a byte at a time without end',
  hangs: true,
  answer: (socket, { honest }) => {
    socket.write(head('200 OK', { 'content-type': contentType, 'content-length': honest.length }));
    let at = 0;
    const next = (): void => {
      if (!socket.destroyed && at < honest.length - 1) {
        socket.write(honest.subarray(at, ++at), () => setImmediate(next));
      }
    };
    next();
  },
};

const okHead = head('200 OK', { 'content-type': contentType, 'content-length': 100 });
const chunkedHead = head('200 OK', { 'content-type': contentType, 'transfer-encoding': 'chunked' });
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** Every fault. None of them may lead to an answer that is believed. */
export const faults: readonly Fault[] = [
  { name: 'reset on connecting', connected: (socket) => socket.resetAndDestroy() },
  { name: 'closed on connecting', connected: (socket) => socket.destroy() },
  { name: 'reset after the request', answer: (socket) => socket.resetAndDestroy() },
  { name: 'closed after the request', answer: (socket) => socket.end() },
  { name: 'silence', hangs: true, answer: () => undefined },
  raw('half a status line', 'HTTP/1.1 20'),
  raw('half a status line, then silence', 'HTTP/1.1 20', 'hang'),
  raw('half the headers', 'HTTP/1.1 200 OK\r\ncontent-ty'),
  raw('half the headers, then silence', 'HTTP/1.1 200 OK\r\ncontent-ty', 'hang'),
  raw('headers without a body', okHead),
  raw('headers without a body, then reset', okHead, 'reset'),
  raw('headers, then silence', okHead, 'hang'),
  raw('100 Continue, then silence', 'HTTP/1.1 100 Continue\r\n\r\n', 'hang'),
  raw('101 Switching Protocols', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
  raw('another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'),
  raw('two content lengths', ({ honest }) => `HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\ncontent-length: ${honest.length}\r\ncontent-length: 5\r\n\r\n${latin1(honest)}`),
  raw('a chunk size that is no number', `${chunkedHead}zz\r\nabc\r\n0\r\n\r\n`),
  raw('a chunk that is cut', `${chunkedHead}ff\r\nabc`),
  raw('chunks without an end, then silence', `${chunkedHead}3\r\nabc\r\n`, 'hang'),
  endless('endless headers', 'HTTP/1.1 200 OK\r\n', 'x-filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n'),
  endless('an endless chunked body', chunkedHead, `400\r\n${'.'.repeat(1024)}\r\n`),
  endless('a body of 10 GiB', head('200 OK', { 'content-type': contentType, 'content-length': 10 * 2 ** 30 }), '.'),
  endless('a body without length that does not end', head('200 OK', { 'content-type': contentType }), '.'),
  drip,
  resetAfter(() => 0, 'nothing'),
  resetAfter(() => 1, 'a byte'),
  resetAfter((length) => length >> 1, 'half'),
  resetAfter((length) => length - 1, 'all but a byte'),
  status('500 Internal Server Error'),
  status('502 Bad Gateway'),
  status('503 Service Unavailable', { 'retry-after': 'Fri, 31 Dec 2100 23:59:59 GMT' }),
  status('429 Too Many Requests', { 'retry-after': 30 }),
  status('408 Request Timeout'),
  status('400 Bad Request'),
  status('404 Not Found'),
  status('407 Proxy Authentication Required', { 'proxy-authenticate': 'Basic' }),
  status('401 Unauthorized', { 'www-authenticate': 'Basic' }),
  status('201 Created'),
  status('206 Partial Content', { 'content-range': 'bytes 0-9/10' }),
  { name: 'status 204 No Content', answer: (socket) => socket.end(head('204 No Content', { 'content-type': contentType })) },
  { name: 'status 304 Not Modified', answer: (socket) => socket.end(head('304 Not Modified', {})) },
  ...['301 Moved Permanently', '302 Found', '303 See Other', '307 Temporary Redirect', '308 Permanent Redirect'].flatMap((line): Fault[] => [
    { ...status(line, { location: '/v1/query' }), name: `status ${line} to the same origin` },
    { name: `status ${line} to another origin`, answer: (socket, { honest, elsewhere }) => send(socket, honest, { status: line, headers: { location: elsewhere } }) },
  ]),
  body('an empty body', () => new Uint8Array(0)),
  body('half an answer that claims to be whole', ({ honest }) => honest.subarray(0, honest.length >> 1)),
  body('an answer with a byte too many', ({ honest }) => Buffer.concat([honest, Buffer.from([0])])),
  body('an answer twice', ({ honest }) => Buffer.concat([honest, honest])),
  body('garbage', ({ honest }) => honest.map((byte, i) => byte ^ (i * 7 + 1))),
  body('zeros', ({ honest }) => new Uint8Array(honest.length)),
  body('one bit turned', ({ honest }) => honest.map((byte, i) => (i === honest.length >> 1 ? byte ^ 1 : byte))),
  body('the answer to an earlier request', ({ previous }) => previous ?? new Uint8Array(1)),
  body('JSON', () => Buffer.from('{"disposition":"clean"}')),
  body('a log-in page', () => Buffer.from('<html>'), { 'content-type': 'text/html' }),
  body('the answer as another type', ({ honest }) => honest, { 'content-type': 'application/octet-stream' }),
  body('the answer as another version', ({ honest }) => honest, { 'content-type': contentType.replace('v1', 'v2') }),
  body('the answer without a type', ({ honest }) => honest, { 'content-type': '' }),
  body('the answer in gzip', ({ honest }) => gzipSync(honest), { 'content-encoding': 'gzip' }),
  body('the answer in an unknown encoding', ({ honest }) => honest, { 'content-encoding': 'x-unknown' }),
  body('gzip that is not declared', ({ honest }) => gzipSync(honest)),
  body('a gzip bomb of 64 MiB', () => gzipSync(Buffer.alloc(64 * 2 ** 20)), { 'content-encoding': 'gzip' }),
  body('one byte over the limit', () => new Uint8Array(4 * 2 ** 20 + 1)),
];
