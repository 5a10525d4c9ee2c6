/** A forward proxy on loopback that leads every host to one port, and writes down what it was asked and by whom. */
import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** A proxy that listens. */
export interface ForwardProxy {
  readonly url: string;
  /** One line for each request: method and target. */
  readonly asked: readonly string[];
  /** `Proxy-Authorization` of each request. */
  readonly authorized: readonly (string | undefined)[];
  /** What it answers in place of leading on, as it stands on the wire. */
  refusal: string | undefined;
  close(): Promise<void>;
}

/** Starts one that leads everything to `port`. */
export async function startForwardProxy(port: number, tls?: { readonly cert: string; readonly key: string }): Promise<ForwardProxy> {
  const asked: string[] = [];
  const authorized: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const note = (incoming: IncomingMessage): void => {
    asked.push(`${incoming.method} ${incoming.url}`);
    authorized.push(incoming.headers['proxy-authorization']);
  };
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    note(incoming);
    passOn(incoming, outgoing, port);
  };
  const server = tls === undefined ? createServer(onRequest) : createTlsServer(tls, onRequest);
  const proxy = {
    url: '',
    asked,
    authorized,
    refusal: undefined as string | undefined,
    close: async () => {
      sockets.forEach((socket) => socket.destroy());
      await once(server.close(), 'close');
    },
  };
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => undefined));
  });
  server.on('connect', (incoming: IncomingMessage, near: Socket) => {
    note(incoming);
    near.on('error', () => undefined);
    if (proxy.refusal !== undefined) {
      near.write(proxy.refusal);
      return;
    }
    const far = connect(port, '127.0.0.1', () => near.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
    near.on('close', () => far.destroy());
    near.pipe(far).pipe(near);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  proxy.url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}

/** A request with a whole URL as its target goes on with the path alone. */
function passOn(incoming: IncomingMessage, outgoing: ServerResponse, port: number): void {
  const path = new URL(incoming.url ?? '').pathname;
  const far = forward({ host: '127.0.0.1', port, method: incoming.method, path, headers: incoming.headers }, (response) => {
    outgoing.writeHead(response.statusCode ?? 502, response.headers);
    response.on('error', () => outgoing.destroy()).on('aborted', () => outgoing.destroy());
    response.pipe(outgoing);
  });
  far.on('error', () => outgoing.destroy());
  outgoing.on('close', () => far.destroy());
  incoming.pipe(far);
}
