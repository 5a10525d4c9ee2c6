/** The parts that a host may bring: every seam of DESIGN §2. Whatever is absent, the preset makes. */
import type { ActionHandler } from '../action/action-handler.js';
import type { Policy } from '../action/policy.js';
import type { AuditLog } from '../audit/audit-log.js';
import type { Clock, Crypto, Random, Signal, StateStore } from '../base/seams.js';
import type { Locator, Subject } from '../base/subject.js';
import type { ScanCache } from '../cache/scan/scan-cache.js';
import type { VerdictCache } from '../cache/verdict-cache.js';
import type { EngineEvent } from '../engine/events.js';
import type { OpenHooks, OpenQueueHooks } from '../engine/rooms.js';
import type { Filter } from '../filter/filter.js';
import type { FingerprintExtractor } from '../fingerprint/extractor.js';
import type { HostLists } from '../lists/host-lists.js';
import type { LocationProbe } from '../location/location-probe.js';
import type { PendingQueue } from '../pending/pending-queue.js';
import type { QueryClient } from '../query/query-client.js';
import type { ReputationSource } from '../query/reputation-source.js';
import type { Transport } from '../query/transport.js';
import type { RetroLog } from '../retro/retro-log.js';
import type { Kernel } from '../scan/kernel/kernel.js';
import type { Matcher } from '../scan/matcher.js';

/** The seams of an engine. Parts that the host brings are the host's to close. */
export interface Parts {
  /** Components that the host trusts because it brings them; the function is called again when they are known to be old. */
  readonly pattern: readonly Uint8Array[] | (() => Promise<readonly Uint8Array[]>);
  /** Takes the place of the agent pattern's byte signatures. */
  readonly matcher: Matcher;
  /** `loadKernel()` of `vedette/wasm`: byte signatures are searched for at three times the speed. */
  readonly kernel: Kernel;
  readonly extractor: FingerprintExtractor;
  /**
   * The filter of a foreign service whose lists are kept here, as it is now; undefined while they cannot be relied on.
   * Beside an installed filter component, what either of them may know is asked.
   */
  filter(): Filter | undefined;
  /** Carries the questions to `config.servers`. */
  readonly transport: Transport;
  /** Asked after the servers of the configuration, in this order. */
  readonly source: readonly ReputationSource[];
  /** Takes the place of the whole query client: `servers`, `transport` and `source` are then not used. */
  readonly query: QueryClient;
  readonly cache: VerdictCache;
  /** What files were when they were last read: with it, those that have not changed are not opened again. */
  readonly scanCache: ScanCache;
  /** A queue, or how to open one: called at the first use. One that the engine opens, it closes. */
  readonly queue: PendingQueue | ((hooks: OpenQueueHooks) => Promise<PendingQueue>);
  /** The record of temporary allows, or how to open one on a disk: called at the first use. One that the engine opens, it closes. */
  readonly audit: AuditLog | ((hooks: OpenHooks) => Promise<AuditLog>);
  /** The memory of the retro-hunt, or how to open one on a disk: called at the first use. One that the engine opens, it closes. */
  readonly retro: RetroLog | ((hooks: OpenHooks) => Promise<RetroLog>);
  readonly state: StateStore;
  readonly actions: ActionHandler;
  /** Takes the place of `config.policy` and `config.level`. */
  readonly policy: Policy;
  readonly lists: HostLists;
  /** Compiles the regular expressions of list rules to tests in linear time; without it such rules are refused. */
  compileRegex(source: string): (text: string) => boolean;
  readonly location: LocationProbe;
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: Crypto;
  /** eTLD+1 of a host, as `vedette/url` exports it. Needed for patterns of host rule `psl`. */
  registrableDomain(host: string): string | undefined;
  /** How to open a flagged subject again, by the scheme of its locator. */
  readonly openers: Readonly<Record<string, (locator: Locator, options: Signal) => Promise<Subject | undefined>>>;
  /** `waitUntil` of hosts that end when a response is sent. */
  background(work: Promise<unknown>): void;
  events(event: EngineEvent): void;
}

/** Parts as a host gives them: one that is undefined is one that is absent. */
export type GivenParts = { readonly [K in keyof Parts]?: Parts[K] | undefined };
