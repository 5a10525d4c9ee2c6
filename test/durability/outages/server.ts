/** A reputation server as a process of its own. Arguments: server pattern file, port (0 for a free one). Says its port when it listens. */
import { readFileSync, writeSync } from 'node:fs';
import { createNodeCrypto } from '../../../src/node/node-crypto.js';
import { createSystemClock } from '../../../src/preset/system-seams.js';
import { createHandler } from '../../../src/server/handler.js';
import { createMemoryStore } from '../../../src/server/memory-store.js';
import { serve } from '../../../src/server/node/serve.js';

const [file = '', port = '0'] = process.argv.slice(2);
const crypto = createNodeCrypto();
const store = createMemoryStore(readFileSync(file), { crypto });
const server = await serve({ handler: createHandler({ store, crypto, clock: createSystemClock() }), port: Number(port) });
writeSync(1, `${new URL(server.url).port}\n`);
