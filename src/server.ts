/** Entry `./server`: the reputation server, its store over a server pattern, and keys. */
export { createHandler, type Handler, type HandlerOptions } from './server/handler.js';
export { createMemoryStore } from './server/memory-store.js';
export type { ReputationStore } from './server/reputation-store.js';
export { serve, type RunningServer, type ServeLimits, type ServeOptions } from './server/node-serve.js';
export { formatPublicKey, parsePublicKey } from './protocol/keys.js';
