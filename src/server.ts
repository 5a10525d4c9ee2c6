/**
 * Entry `./server`: a reputation server over a server pattern. `createMemoryStore` answers, `createHandler` speaks the
 * protocol (docs/protocol.md) as `Request` to `Response`, `serve` puts a handler on a port of Node.
 */
export { createHandler, type Handler, type HandlerOptions } from './server/handler.js';
export { createMemoryStore } from './server/memory-store.js';
export type { ComponentKind, Container, ContainerHead } from './pattern/container.js';
export type { ReputationStore } from './server/reputation-store.js';
export { serve, type RunningServer, type ServeLimits, type ServeOptions } from './server/node-serve.js';

export { createNodeCrypto } from './node/node-crypto.js';
export { generateKeyPair, publicKeyFromPem, signerFromPem, type KeyPair } from './node/node-keys.js';
export { createSystemClock } from './preset/system-seams.js';
export { formatPublicKey, parsePublicKey } from './protocol/keys.js';

export type { AnswerRecord, FingerprintKind, HashAlgorithm } from './base/fingerprint.js';
export type { Clock, Crypto, Signer } from './base/seams.js';
