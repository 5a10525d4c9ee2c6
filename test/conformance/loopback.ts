/** A handler on a loopback port, bare: what the far side does to a connection reaches the transport under test as it is. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that listens on 127.0.0.1 until it is closed. */
export interface Loopback {
  readonly url: string;
  close(): Promise<void>;
}

/** A rejection of the handler cuts the connection; a connection that is cut from outside fires the request's signal. */
export async function listen(handle: (request: Request) => Promise<Response>): Promise<Loopback> {
  const server = createServer((incoming, outgoing) => void exchange(handle, incoming, outgoing).catch(() => outgoing.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function exchange(handle: (request: Request) => Promise<Response>, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const cut = new AbortController();
  outgoing.once('close', () => cut.abort());
  const parts: Buffer[] = [];
  for await (const part of incoming) {
    parts.push(part as Buffer);
  }
  const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
  const request = new Request(`http://loopback.invalid${incoming.url}`, { method: incoming.method ?? 'GET', headers, body: Buffer.concat(parts), signal: cut.signal });
  const response = await handle(request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  const reader = response.body?.getReader();
  cut.signal.addEventListener('abort', () => void reader?.cancel().catch(() => undefined));
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    if (!outgoing.write(part.value)) {
      await once(outgoing, 'drain', { signal: cut.signal });
    }
  }
  outgoing.end();
}
