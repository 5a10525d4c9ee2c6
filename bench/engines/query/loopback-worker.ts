/** Entry of the worker, or of the process, with the servers: see loopback.ts and server-process.ts. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { createNodeCrypto } from '../../../src/node/node-crypto.js';
import { generateKeyPair } from '../../../src/node/node-keys.js';
import { createSystemClock } from '../../../src/preset/system-seams.js';
import { formatPublicKey } from '../../../src/protocol/keys.js';
import { createHandler } from '../../../src/server/handler.js';
import { createMemoryStore } from '../../../src/server/memory-store.js';
import { serve } from '../../../src/server/node/serve.js';
import { entriesOf, seededHashes } from '../../inputs/hashes.js';
import { serverPattern } from '../../inputs/pattern.js';
import type { LoopbackOrder, LoopbackReport } from './loopback.js';

const { seed, listed } = parentPort === null ? (JSON.parse(process.argv[2] ?? '{}') as LoopbackOrder) : (workerData as LoopbackOrder);
const crypto = createNodeCrypto();
const { publicKey, signer } = generateKeyPair();
const store = createMemoryStore(await serverPattern(entriesOf(seededHashes(seed, listed))), { crypto });
const clock = createSystemClock();
const { url } = await serve({ handler: createHandler({ store, crypto, signer, clock }) });
const { url: unsignedUrl } = await serve({ handler: createHandler({ store, crypto, clock }) });
const report: LoopbackReport = { url, unsignedUrl, publicKey: formatPublicKey(publicKey), bareUrl: await serveBytes() };
parentPort?.postMessage(report);
process.send?.(report);
// A process ends with the one that started it.
process.once('disconnect', () => process.exit(0));

/** The least that an HTTP server can do: reads the request and answers with so many bytes. */
async function serveBytes(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end(Buffer.alloc(Number(request.url?.slice(1)))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
