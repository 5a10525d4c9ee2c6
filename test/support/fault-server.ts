/**
 * A server on loopback that speaks HTTP as badly as networks, middleboxes and attackers do: raw sockets, one fault at a
 * time. It knows the honest answer to each request, so that faults can be everything but a small part of it.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { sendHonest } from './fault-wire.js';

/** What a fault does once a request has come in whole. */
export interface Fault {
  readonly name: string;
  /** The exchange comes to no end by itself: the client has to abort. */
  readonly hangs?: true;
  /** What may come of it besides `unknown`: nothing, what an honest server would say, or of that a find alone. */
  readonly leaves?: 'truth' | 'find';
  /** Before any byte of the request is read. */
  connected?(socket: Socket): void;
  answer?(socket: Socket, exchange: FaultExchange): void;
}

/** What a fault has to work with. */
export interface FaultExchange {
  readonly request: Uint8Array;
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
  /** Open connections that carried a request. */
  readonly openRequests: number;
  /** Requests that reached the place to which redirects lead. */
  readonly elsewhereRequests: number;
  close(): Promise<void>;
}

/** The answer that an honest server gives. */
export type Honest = (request: Uint8Array) => Promise<Uint8Array>;

/** Starts one; with a certificate it speaks TLS. */
export async function startFaultServer(honest: Honest, tls?: { readonly cert: string; readonly key: string }): Promise<FaultServer> {
  const sockets = new Set<Socket>();
  const used = new Set<Socket>();
  const begun = new Waiters();
  const closed = new Waiters();
  let requests = 0;
  let elsewhereRequests = 0;
  let elsewhereAddress = '';
  let previous: Uint8Array | undefined;
  let fault: Fault | undefined;
  const elsewhere = createServer((socket) => {
    elsewhereRequests++;
    socket.destroy();
  });
  const onConnection = (socket: Socket): void => {
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
        const exchange = { request: body, honest: answer, previous, elsewhere: elsewhereAddress };
        previous = answer;
        (fault?.answer ?? sendHonest)(socket, exchange);
        begun.wakeAll();
      }, () => socket.destroy());
    });
  };
  const server: Server = tls === undefined ? createServer(onConnection) : createTlsServer(tls, onConnection);
  await Promise.all([server, elsewhere].map((one) => once(one.listen(0, '127.0.0.1'), 'listening')));
  elsewhereAddress = addressOf(elsewhere.address());
  return {
    address: addressOf(server.address(), tls === undefined ? 'http' : 'https'),
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
    get openRequests() {
      return used.size;
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

function addressOf(address: AddressInfo | string | null, scheme = 'http'): string {
  return `${scheme}://127.0.0.1:${(address as AddressInfo).port}`;
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
