/**
 * Entry `./server`: a reputation server over a server pattern. `createMemoryStore` answers, `createHandler` speaks the
 * protocol (docs/protocol.md) as `Request` to `Response`, `createRelay` passes on what another server signed, `serve` puts a handler on a port of Node,
 * `openServerStore` and `openRedisStore` hold what does not fit in memory (docs/scaling.md).
 */
export { createHandler, type Handler, type HandlerOptions } from './server/handler.js';
export type { Refusal, RequestHead } from './server/routes/route.js';
export { createMemoryStore } from './server/memory-store.js';
export { createRelay, type RelayOptions } from './server/relay/create-relay.js';
export { createMemoryStatementStore } from './server/relay/memory-statement-store.js';
export type { SignedStatement, StatementStore } from './server/relay/statement-store.js';
export type { UpstreamFetch } from './server/relay/upstream.js';
export type { ComponentKind, Container, ContainerHead } from './pattern/container.js';
export type { ReputationStore } from './server/reputation-store.js';
export { createGate, type Gate, type GateOptions } from './server/node/gate.js';
export { isClusterWorker, joinCluster, runCluster, type ClusterMember, type ClusterOptions, type RunningCluster } from './server/node/cluster.js';
export { addCounts, countedStore, createServerMetrics, metricsText, type ServerCounts, type ServerMetrics, type ServerState } from './server/metrics.js';
export type { RateLimit } from './server/rate-limit.js';
export { withSiteLists, type SiteRule } from './server/with-site-lists.js';
export { openServerStore, type ServerStore, type ServerStoreOptions } from './node/server-store/open-server-store.js';
export { importServerPattern, type ImportOptions } from './node/server-store/import-server-pattern.js';
export { applyServerDelta, type ApplyOptions } from './node/server-store/apply-server-delta.js';
export type { TableOrigin } from './server/store/table-head.js';
export { readDelta } from './update/delta/read-delta.js';
export type { DeltaChanges, DeltaHead, DeltaLimits, DeltaOptions, GroupChange, SectionChange } from './update/delta/delta.js';
export { connectRedis, type RedisCommand, type RedisConnection, type RedisOptions } from './node/redis.js';
export { openRedisStore, type RedisStore, type RedisStoreOptions } from './node/server-store/redis-store.js';
export { fillRedisStore, type FillRedisOptions } from './node/server-store/fill-redis-store.js';
export { serve, type RunningServer, type ServeLimits, type ServeOptions } from './server/node/serve.js';

export { createNodeCrypto } from './node/node-crypto.js';
export { generateKeyPair, publicKeyFromPem, signerFromPem, type KeyPair } from './node/node-keys.js';
export { createSystemClock } from './preset/system-seams.js';
export { formatPublicKey, parsePublicKey } from './protocol/keys.js';
export { createKeyList } from './protocol/key-list.js';
export { createKeyRing, type KeyListOutcome, type KeyRing, type KeyRingOptions, type KeyState, type TrustedKey } from './protocol/key-ring.js';

export type { AnswerRecord, FingerprintKind, HashAlgorithm } from './base/fingerprint.js';
export type { Clock, Crypto, Random, Signer } from './base/seams.js';
