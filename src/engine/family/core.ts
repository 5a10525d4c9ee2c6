/** What all members of an engine family share: the rooms, the settings in force, and the state between checks. */
import type { ActionHandler } from '../../action/action-handler.js';
import type { Policy } from '../../action/policy.js';
import type { FanOut } from '../../base/fan-out.js';
import type { HostLists } from '../../lists/host-lists.js';
import type { Location } from '../../location/location-probe.js';
import type { Place } from '../../location/place.js';
import type { PendingQueue } from '../../pending/pending-queue.js';
import type { QueryClient } from '../../query/query-client.js';
import type { EventHub } from '../events.js';
import type { Limiter } from './limiter.js';
import type { Filled } from '../../base/defaults.js';
import type { Limits, Settings } from '../options.js';
import type { Hunt } from '../life/retro/hunt.js';
import type { Pacer } from '../life/pending/pacer.js';
import type { Patterns } from './patterns.js';
import type { Rooms, ServerFacts } from '../rooms.js';
import type { Settlements } from './settlements.js';
import type { Stats } from './stats.js';

/** One engine of the family: the first one, or one made by `derive`. */
export interface Member {
  /** Owner of its pending entries. */
  readonly name: string;
  readonly policy: Policy;
  /** For the record: the label of its policy, `host` where it has none. */
  policyName(): string;
  readonly lists: HostLists;
  readonly actions: ActionHandler | undefined;
  readonly limits: Filled<Limits>;
  /** Fires when it leaves the family: nobody would drain what it flags from then on. */
  readonly closing: AbortSignal;
  leave(): void;
}

/** Shared by the family. */
export interface EngineCore {
  readonly rooms: Rooms;
  readonly events: EventHub;
  readonly stats: Stats;
  readonly patterns: Patterns;
  readonly limiter: Limiter;
  readonly settlements: Settlements;
  readonly members: Map<string, Member>;
  /** The settings in force, in the location where the host is. */
  settings(): Settings;
  query(): QueryClient;
  servers(): ServerFacts;
  /** The queue, opened at the first use. */
  queue(): Promise<PendingQueue>;
  location(): Location;
  /** The same with what is known besides. */
  place(): Place;
  /** Newest generation of the server pattern that any believed answer came from. */
  newestGeneration(): number | undefined;
  /** Tells the background loop that there may be something to do. */
  wake(): void;
  /** Resolves when the patterns were loaded, whether or not all could be used. */
  settledReady(): Promise<void>;
  /** Fires when the engine is closed. */
  readonly closing: AbortSignal;
  /** The pace at which entries of the queue are checked anew, whoever drains it. */
  readonly pacer: Pacer;
  /** What was let through is judged again by newer patterns. Absent: nothing is kept. */
  readonly hunt: Hunt | undefined;
  /** For signals that many checks have in common: that of their caller, and `closing`. */
  readonly fanOut: FanOut;
}
