/**
 * What the engine knows of the other rooms: promises only. A preset decides who keeps them and hands the lot over.
 */
import type { ActionHandler } from '../action/action-handler.js';
import type { ActionTable } from '../action/action-table.js';
import type { Policy, PolicyTable, WebLevels } from '../action/policy.js';
import type { AuditLog } from '../audit/audit-log.js';
import type { Answer, FingerprintKind, Question } from '../base/fingerprint.js';
import type { Clock, Random, Signal, StateStore } from '../base/seams.js';
import type { Locator, Subject } from '../base/subject.js';
import type { Reason } from '../base/verdict.js';
import type { AnswerCache, Origin } from '../cache/answer-cache.js';
import type { ScanMemory } from '../cache/scan/scan-memory.js';
import type { Filter } from '../filter/filter.js';
import type { FilterFacts, QueryPolicy } from '../filter/query-policy.js';
import type { FingerprintExtractor } from '../fingerprint/extractor.js';
import type { HostLists } from '../lists/host-lists.js';
import type { SiteLists } from '../lists/site-lists.js';
import type { Located, Location, LocationProbe } from '../location/location-probe.js';
import type { LookFacts } from '../location/look-again.js';
import type { Place } from '../location/place.js';
import type { Common, InForce, Profiles } from '../location/profile.js';
import type { PatternState } from '../pattern/expiry.js';
import type { PendingEntry, PendingQueue, ReleaseOptions } from '../pending/pending-queue.js';
import type { QueryClient } from '../query/query-client.js';
import type { RetroLog } from '../retro/retro-log.js';
import type { LocalPattern } from '../scan/local-pattern.js';
import type { InstalledHead, Installer } from '../update/install.js';
import type { Upkeep } from '../update/upkeep.js';
import type { EngineEvent } from './events.js';
import type { LocationProfile } from './location-config.js';
import type { ServerConfig, Settings } from './options.js';

/** A component, loaded and ready for use. */
export type Component =
  | { readonly kind: 'agent-pattern'; readonly local: LocalPattern }
  | { readonly kind: 'filter'; readonly filter: Filter; readonly extractor: FingerprintExtractor }
  | { readonly kind: 'lists'; readonly lists: SiteLists }
  | { readonly kind: 'action-table'; readonly actions: ActionTable };

/** Pure rules of other rooms, handed over so that the engine names no implementation. */
export interface Rules {
  /** DESIGN §1 "Generations" (a), (b), (e): whether "not listed" may be believed. */
  filterRuling(facts: FilterFacts): 'clean' | 'ask';
  /** Whether a question may be put at all. */
  mayAsk(subject: { readonly kind: FingerprintKind; readonly location: Location }, policy: QueryPolicy): boolean;
  /** Where the host is by all that its probes have found. */
  placeFrom(found: readonly Located[]): Place;
  /** What is left of that when the network has changed. */
  placeAfterChange(place: Place): Place;
  /** In how many ms to look again. */
  lookAgainMs(facts: LookFacts, random: Random): number;
  /** What holds at a place. */
  profileInForce(
    profiles: Profiles<ServerConfig, LocationProfile['unknown']>,
    common: Common<ServerConfig>,
    place: Pick<Place, 'location' | 'near'>,
  ): InForce<ServerConfig, LocationProfile['unknown']>;
  patternState(head: InstalledHead, now: number): PatternState;
  /** When an entry that was checked in vain is due again, and when it is set aside. */
  releaseAfter(
    entry: PendingEntry,
    reason: Reason | 'failed',
    moment: { readonly now: number; readonly random: Random; readonly maxAttempts: number },
  ): ReleaseOptions;
}

/** What the engine wants to hear from its query client. */
export interface QueryHooks {
  onAnswers(question: Question, answers: readonly Answer[], origin: Origin): void;
  onEvent(event: Extract<EngineEvent, { readonly kind: 'query' | 'server' }>): void;
  /** Newest generation of the server pattern that is known. */
  newestGeneration(): number | undefined;
}

/** What the engine wants to hear from a part that is being opened. */
export interface OpenHooks {
  /** Becomes a `fault` event: damage that was found and got over, say. */
  readonly onFault: (where: string, error: unknown) => void;
}

/** What a queue that is opened has to know besides. */
export interface OpenQueueHooks extends OpenHooks {
  /** Entries at most: `pending.maxEntries` of the configuration. */
  readonly maxEntries: number;
  /** Bytes of all items at most: `pending.maxBytes` of the configuration. */
  readonly maxBytes: number;
}

/** What is to be known about the servers that can be asked, without asking them. */
export interface ServerFacts {
  /** Ids of those that rate URLs. */
  readonly raters: ReadonlySet<string>;
  /** All of them do: a word of any is a rating as well. */
  readonly allRate: boolean;
  /** None of them is a global one: their word on a URL is that of one site. */
  readonly localOnly: boolean;
}

/** What the runtime shows of the network. */
export interface NetworkRoom {
  /** Whether anything follows from a change, by these settings. */
  isWatched(settings: Settings): boolean;
  /** A text that changes with the network. */
  mark(): string | Promise<string>;
}

/** Everything that an engine is put together from. */
export interface Rooms {
  readonly clock: Clock;
  readonly random: Random;
  /** Ids of results: unique in the process. */
  newId(): string;
  readonly state: StateStore;
  /** Components that the host brings itself, read when the engine gets ready and when a newer generation is known. */
  patterns(): Promise<readonly Uint8Array[]>;
  createInstaller(settings: Settings): Installer<Component>;
  /** Byte signatures of the host's own, where it brings a matcher instead of an agent pattern. */
  readonly ownLocal: LocalPattern | undefined;
  /** The filter of a foreign service, as it is now. */
  readonly ownFilter: (() => Filter | undefined) | undefined;
  /** The extractor while no filter is installed; a filter brings one with its own host rule. */
  readonly extractor: FingerprintExtractor;
  readonly lists: HostLists;
  createLists(): HostLists;
  readonly cache: AnswerCache;
  /** What files were when they were last read. */
  readonly scans?: ScanMemory | undefined;
  /** @throws VedetteError `config-invalid` when a server of the settings cannot be asked safely. */
  createQuery(settings: Settings, hooks: QueryHooks): QueryClient;
  /** About whom that client asks. Pure. */
  serverFacts(settings: Settings): ServerFacts;
  /** Opened at the first use. */
  openQueue(hooks: OpenQueueHooks): Promise<PendingQueue>;
  /** Whether the engine closes the queue that it opened. */
  readonly ownsQueue: boolean;
  /** What looks for newer components by itself. Absent: the host installs them. */
  readonly upkeep?: Upkeep | undefined;
  /** The record of temporary allows, opened at its first use. Absent: none is kept. */
  readonly audit?: AuditLog | undefined;
  /** What was let through, for the retro-hunt, opened at its first use. Absent: nothing is hunted. */
  readonly retro?: RetroLog | undefined;
  /** Called once, before anything is opened: whom logs tell of damage that they got over. */
  readonly attach?: ((hooks: OpenHooks) => void) | undefined;
  readonly actions: ActionHandler | undefined;
  createPolicy(table: PolicyTable, level: WebLevels, actions: ActionTable | undefined): Policy;
  /** Who is asked where the host is: the host's own probe, or those of the settings. */
  probes(settings: Settings): readonly LocationProbe[];
  /** How the runtime shows that the network has changed. Absent: only the host can tell. */
  readonly network?: NetworkRoom | undefined;
  readonly openers: Readonly<Record<string, (locator: Locator, options: Signal) => Promise<Subject | undefined>>>;
  readonly rules: Rules;
  /** Keeps the host alive while work goes on after a call has resolved (`waitUntil`). */
  background(work: Promise<unknown>): void;
  readonly events: ((event: EngineEvent) => void) | undefined;
  /** Told how parts that are opened by themselves make a `fault` event. */
  readonly reportTo?: ((fault: (where: string, error: unknown) => void) => void) | undefined;
  /** Closes what the preset itself made. */
  close(): Promise<void>;
}
