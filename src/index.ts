/**
 * vedette: judges files and URLs. A light local pattern answers what it can, everything else is asked of a reputation
 * server by identification only, and what nobody can verify is flagged, let through for the time being, and checked
 * again when a server is back.
 *
 * This entry is the portable core: it runs wherever the web platform is.
 *
 * @packageDocumentation
 */
export { createEngine } from './preset/portable.js';
export { parseConfig } from './engine/options.js';
export { worst } from './engine/worst.js';
export { toRecord } from './engine/record.js';
export { bytesSource, bytesSubject, digestSubject, identityText, urlSubject } from './base/subject.js';
export { VedetteError } from './base/errors.js';
export { createMemoryCache, type MemoryCache } from './cache/memory-cache.js';
export { createMemoryScanCache } from './cache/scan/memory-scan-cache.js';
export type { ScanCache } from './cache/scan/scan-cache.js';
export type { SteadyClock } from './cache/steady-clock.js';
export { createMemoryQueue } from './preset/memory-queue.js';
export type { MemoryQueueOptions } from './pending/memory-queue.js';
export { createMemoryAudit, createMemoryRetro, type MemoryAuditOptions, type MemoryRetroOptions } from './preset/memory-logs.js';
export { createMemoryState } from './preset/memory-state.js';
export { createHostLists } from './preset/host-lists.js';
export { createPolicy } from './action/create-policy.js';
export { blockPageReason } from './action/block-page.js';
export { findUrls } from './fingerprint/find-urls.js';
export type { FindUrlsOptions, FoundUrls } from './fingerprint/find-urls.js';
export { createFixedLocation } from './location/location-probe.js';
export { createFetchTransport } from './preset/http/fetch-transport.js';
export { createInProcessTransport } from './preset/http/in-process-transport.js';
export { createWireSource } from './preset/wire-source.js';
export { createKeyRing, type KeyListOutcome, type KeyRing, type KeyRingOptions, type KeyState, type TrustedKey } from './protocol/key-ring.js';
export type { WirePrivacy } from './query/wire/wire-source.js';
export { createPortableCrypto } from './preset/portable-crypto.js';
export { createSystemClock } from './preset/system-seams.js';

export type {
  CheckOptions,
  Checker,
  DeriveOptions,
  Engine,
  PendingOwner,
  PendingView,
  ReceiveOptions,
  Receiver,
  Status,
} from './engine/checker.js';
export type { EngineEvent } from './engine/events.js';
export type { EngineConfig, KeyTimes, Limits, PendingOptions, ServerConfig } from './engine/options.js';
export type { OpenHooks, OpenQueueHooks } from './engine/rooms.js';
export type { GivenParts, Parts } from './preset/parts.js';
export type {
  Access,
  Decision,
  Disposition,
  Generations,
  Reason,
  Remedy,
  Threat,
  Verdict,
  VerdictSource,
} from './base/verdict.js';
export type { ByteSource, DigestSubject, FileGlance, FileIdentity, FileSubject, Locator, Subject, SubjectInfo, UrlSubject } from './base/subject.js';
export type { ActionOutcome, CheckResult, MemberResult, Occasion, Pending, TraceStep } from './base/check-result.js';
export type {
  Answer,
  AnswerRecord,
  Digests,
  Fingerprint,
  FingerprintKind,
  HashAlgorithm,
  HostRule,
  Question,
  UrlFingerprint,
  Wants,
} from './base/fingerprint.js';
export type { Clock, Crypto, Json, Random, Signal, Signer, StateStore } from './base/seams.js';
export type { ErrorCode } from './base/errors.js';
export type { ActionHandler } from './action/action-handler.js';
export type { ActionTable, LaterAction, ThreatAction } from './action/action-table.js';
export type { BlockPageReason } from './action/block-page.js';
export type { Policy, PolicyFacts, PolicyName, PolicyTable, WebLevel, WebLevels } from './action/policy.js';
export type { AuditFilter, AuditLog, AuditRecord, AuditResolution, TemporaryAllow } from './audit/audit-log.js';
export type { Allowed, RetroCounts, RetroEntries, RetroEntry, RetroFinding, RetroFindings, RetroLog, RetroPlace } from './retro/retro-log.js';
export type { HuntStatus } from './engine/life/retro/hunt-status.js';
export type { UpdateStatus } from './update/upkeep.js';
export type { AuditConfig, RetroConfig } from './engine/log-config.js';
export type { WebClass } from './base/web-reputation.js';
export type { CacheEntry, CacheSlot, VerdictCache } from './cache/verdict-cache.js';
export type { DigestSession, DigestWants, FingerprintExtractor } from './fingerprint/extractor.js';
export type { ListedHosts } from './base/host-hash.js';
export type { Filter } from './filter/filter.js';
export type { HostListOptions } from './preset/host-lists.js';
export type { PolicyOptions } from './action/create-policy.js';
export type { CompileRegex } from './lists/list-rule.js';
export type { HostLists, ListJudgement, ListKey, ListRule } from './lists/host-lists.js';
export type { GatewayConfig, LocationProfile, LocationsConfig, ReferenceConfig } from './engine/location-config.js';
export type { Located, Location, LocationProbe } from './location/location-probe.js';
export type {
  ClaimOptions,
  NewPending,
  PendingCounts,
  PendingEntry,
  PendingItem,
  PendingQueue,
  ReleaseOptions,
} from './pending/pending-queue.js';
export type { AskOptions, AskOutcome, QueryClient, ServerStatus } from './query/query-client.js';
export type { ReputationSource, SourceAnswers } from './query/reputation-source.js';
export type { Reply, SendOptions, Server, Transport } from './query/transport.js';
export type { Finding, Matcher, ScanContext, ScanOutcome, ScanSession } from './scan/matcher.js';
export type { Kernel } from './scan/kernel/kernel.js';
export type { ByteSignature, MaskedBytes, SignatureNode, SignatureOffset } from './pattern/signature.js';
