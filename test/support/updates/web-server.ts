/** A plain web server over files in memory, with byte ranges, that keeps a record and can be made to misbehave. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface WebServer {
  readonly url: string;
  /** Paths that were asked for, with the range where there was one. */
  readonly asked: string[];
  /** Bytes of bodies that were sent. */
  sent: number;
  /** Answers in the place of the files where it returns true. */
  instead: ((path: string, request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  close(): Promise<void>;
}

export async function startWebServer(files: ReadonlyMap<string, Buffer>): Promise<WebServer> {
  const http = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '/').slice(1));
    server.asked.push(request.headers.range === undefined ? path : `${path} ${request.headers.range}`);
    if (server.instead?.(path, request, response) === true) {
      return;
    }
    sendFile(files.get(path), request, response, (count) => (server.sent += count));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server: WebServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    asked: [],
    sent: 0,
    instead: undefined,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return server;
}

function sendFile(file: Buffer | undefined, request: IncomingMessage, response: ServerResponse, count: (bytes: number) => void): void {
  if (file === undefined) {
    response.writeHead(404).end();
    return;
  }
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  if (from === undefined) {
    count(file.length);
    response.writeHead(200, { 'content-length': file.length }).end(file);
    return;
  }
  const rest = file.subarray(Number(from));
  count(rest.length);
  response.writeHead(206, { 'content-length': rest.length, 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` }).end(rest);
}
