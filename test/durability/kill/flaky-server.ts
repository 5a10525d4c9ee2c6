/** A reputation server on loopback that loses a share of the requests and of the answers. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Random } from '../../../src/base/seams.js';
import { createNodeCrypto } from '../../../src/node/node-crypto.js';
import { createSystemClock } from '../../../src/preset/system-seams.js';
import { contentType } from '../../../src/protocol/messages.js';
import { createHandler } from '../../../src/server/handler.js';
import { createMemoryStore } from '../../../src/server/memory-store.js';
import type { Feed } from '../../support/feed.js';
import { serverPattern } from '../../support/feed.js';

export interface FlakyServer {
  readonly url: string;
  /** Share of requests that are lost, half of them after they were answered. */
  lossShare: number;
  close(): Promise<void>;
}

/** Starts one over the hashes of a feed. */
export async function startFlakyServer(feed: Feed, random: Random): Promise<FlakyServer> {
  const crypto = createNodeCrypto();
  const createdAt = Date.now();
  const pattern = await serverPattern(feed, { generation: 1, createdAt, expiresAt: createdAt + 86_400_000 });
  const handler = createHandler({ store: createMemoryStore(pattern, { crypto }), crypto, clock: createSystemClock() });
  const exchange = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const dice = random();
    const parts: Buffer[] = [];
    for await (const part of request) {
      parts.push(part as Buffer);
    }
    if (dice < flaky.lossShare / 2) {
      request.socket.destroy();
      return;
    }
    const url = `http://localhost${request.url}`;
    const answer = await handler(new Request(url, { method: 'POST', body: Buffer.concat(parts), headers: { 'content-type': contentType } }));
    const body = Buffer.from(await answer.arrayBuffer());
    if (dice < flaky.lossShare) {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(body);
  };
  // A child that is killed in the middle of its request is no event here.
  const server = createServer((request, response) => void exchange(request, response).catch(() => request.socket.destroy()));
  server.on('clientError', (_, socket) => socket.destroy());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const flaky: FlakyServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lossShare: 0,
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
  return flaky;
}
