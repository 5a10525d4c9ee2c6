/**
 * Entry `./server`: a reputation server over a server pattern. `createMemoryStore` answers, `createHandler` speaks the
 * protocol (docs/protocol.md) as `Request` to `Response`, `createRelay` passes on what another server signed, `serve` puts a handler on a port of Node.
 */
export { createHandler, type Handler, type HandlerOptions } from './server/handler.js';
export { createMemoryStore } from './server/memory-store.js';
export { createRelay, type RelayOptions } from './server/relay/create-relay.js';
export { createMemoryStatementStore } from './server/relay/memory-statement-store.js';
export type { SignedStatement, StatementStore } from './server/relay/statement-store.js';
export type { UpstreamFetch } from './server/relay/upstream.js';
export type { ComponentKind, Container, ContainerHead } from './pattern/container.js';
export type { ReputationStore } from './server/reputation-store.js';
export { serve, type RunningServer, type ServeLimits, type ServeOptions } from './server/node-serve.js';

export { createNodeCrypto } from './node/node-crypto.js';
export { generateKeyPair, publicKeyFromPem, signerFromPem, type KeyPair } from './node/node-keys.js';
export { createSystemClock } from './preset/system-seams.js';
export { formatPublicKey, parsePublicKey } from './protocol/keys.js';
export { createKeyList } from './protocol/key-list.js';
export { createKeyRing, type KeyListOutcome, type KeyRing, type KeyRingOptions, type KeyState, type TrustedKey } from './protocol/key-ring.js';

export type { AnswerRecord, FingerprintKind, HashAlgorithm } from './base/fingerprint.js';
export type { Clock, Crypto, Random, Signer } from './base/seams.js';
export { openServerStore, type ServerStore, type ServerStoreOptions } from './node/server-store/open-server-store.js';
export { importServerPattern, type ImportOptions } from './node/server-store/import-server-pattern.js';
export type { TableOrigin } from './server/store/table-head.js';
