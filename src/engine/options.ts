/**
 * The configuration: plain JSON, checked at once with every fault as a path, defaults in one table.
 */
import type { ActionTable } from '../action/action-table.js';
import type { PolicyTable, WebLevels } from '../action/policy.js';
import { withDefaults, type Filled } from '../base/defaults.js';
import { VedetteError } from '../base/errors.js';
import type { FingerprintKind } from '../base/fingerprint.js';
import type { QueryPolicy } from '../filter/query-policy.js';
import { serverFaults } from './config-faults.js';
import { shapeFaults } from './config-schema.js';
import type { LocationsConfig } from './location-config.js';
import type { AuditConfig, RetroConfig } from './log-config.js';

/** One reputation server. */
export interface ServerConfig {
  /** `https://…`; plain `http://…` only for local servers with a trusted key, or a literal loopback address. */
  readonly address: string;
  readonly scope: 'local' | 'global';
  /** Public keys (`ed25519:…`) whose signatures are believed. */
  readonly trust?: readonly string[] | undefined;
  /** When keys of `trust` count, by their text (epoch ms, 5 minutes of grace on either side); absent: from ever, for ever. */
  readonly keyTimes?: Readonly<Record<string, KeyTimes>> | undefined;
  /**
   * Public keys that sign the key lists of this server and nothing else. With any, the list that the server hands out is
   * fetched, and announces and revokes the keys that answers are believed by.
   */
  readonly listKeys?: readonly string[] | undefined;
  /** How many of the list keys must have signed (1). */
  readonly listThreshold?: number | undefined;
  /** It rates URLs: it is asked about every one of them, for what is on no list may still have a bad rating. */
  readonly rated?: boolean | undefined;
}

/** The time in which a key counts. */
export interface KeyTimes {
  readonly notBefore?: number | undefined;
  readonly notAfter?: number | undefined;
}

/** Bounds of an engine. */
export interface Limits {
  /** Subjects that are read at the same time (16). */
  readonly maxConcurrent?: number | undefined;
  /** Checks that may wait for their turn; further ones end as `unknown: overloaded` (10,000). */
  readonly maxWaiting?: number | undefined;
  /** Bytes that all receivers together may keep in memory; more ends as `unknown: limit` (256 MiB). */
  readonly maxBytesInFlight?: number | undefined;
  /** Bytes of a file that are matched against byte signatures; the rest is fingerprinted only (4 GiB). */
  readonly maxFileBytes?: number | undefined;
}

/** The queue of what nobody could verify, and how it is worked off. */
export interface PendingOptions {
  /** What waits for longer is escalated: an event, and policy decides anew (86,400,000: a day). */
  readonly deadlineMs?: number | undefined;
  /** Entries at most (100,000); read when the queue is opened. */
  readonly maxEntries?: number | undefined;
  /** Bytes of all items at most (64 MiB); read when the queue is opened. */
  readonly maxBytes?: number | undefined;
  /** Failures of its own after which an entry is set aside (20). */
  readonly maxAttempts?: number | undefined;
  /** Entries that are checked anew each second, on average (100): a server that is back is not flooded. */
  readonly drainPerSecond?: number | undefined;
  /** Entries that may be checked at once when none was for a while (200). */
  readonly drainBurst?: number | undefined;
}

/** The whole configuration of an engine. */
export interface EngineConfig {
  /** Owner of the pending entries (`default`). */
  readonly name?: string | undefined;
  readonly servers?: readonly ServerConfig[] | undefined;
  /** How locations are told apart, and what holds in each of them. Absent: `servers` are asked everywhere. */
  readonly locations?: LocationsConfig | undefined;
  /** Public keys that installed patterns must be signed by. Without one, `install` refuses everything. */
  readonly trust?: readonly string[] | undefined;
  /** Public keys of the site, by which its lists and its action table must be signed, and nothing else. Absent: `trust`. */
  readonly siteTrust?: readonly string[] | undefined;
  readonly policy?: PolicyTable | undefined;
  /** How strictly ratings of URLs are taken: one level, or one for each location (internal `low`, external `medium`). */
  readonly level?: WebLevels | undefined;
  readonly limits?: Limits | undefined;
  /** What is done about which type of threat; takes the place of the whole default, and of an installed action table. */
  readonly actionTable?: ActionTable | undefined;
  readonly pending?: PendingOptions | undefined;
  readonly query?: {
    /** Time in all that a check waits for answers (10,000). */
    readonly holdMs?: number | undefined;
    /** Time that one attempt gets at most (3,000). */
    readonly perServerMs?: number | undefined;
    /** `call`: no question is shared between calls, for hosts whose requests must not share promises. */
    readonly coalesce?: 'engine' | 'call' | undefined;
    /** `listed`: servers in their order; `random`: spread over equals (`listed`). */
    readonly order?: 'listed' | 'random' | undefined;
    /** Time for which questions are gathered (0: to the end of the turn); a full one goes at once. */
    readonly windowMs?: number | undefined;
    /** Attempts on the wire at a time (64). */
    readonly maxConcurrent?: number | undefined;
    /** A second server is asked when the first takes longer than 95 of 100 of its answers did (false). */
    readonly hedge?: boolean | undefined;
    /** Requests and answers are filled up to size classes (true); servers of other makers may not know it. */
    readonly padding?: boolean | undefined;
    /** Prefixes that are asked beside each real one for nothing, 0 to 99 (0). */
    readonly decoys?: number | undefined;
    /** What may be asked about, everywhere (everything); `[]`: nothing. What may not is `unknown: not-asked`. */
    readonly mayAsk?: readonly FingerprintKind[] | undefined;
  } | undefined;
  /** `manual`: nothing runs by itself; the host calls `maintain()`. */
  readonly background?: 'timers' | 'manual' | undefined;
  /**
   * What was let through is kept for some days and judged again by every newer pattern. On where the host gives bounds,
   * a log of its own, or (Node) a data directory; `off` never.
   */
  readonly retro?: 'off' | RetroConfig | undefined;
  /**
   * Every temporary allow is put on record. On where the host gives bounds, a log of its own, or (Node) a data
   * directory; `off` never. `required`: what cannot be put on record is `unknown: internal`, and policy decides.
   */
  readonly audit?: 'off' | 'required' | AuditConfig | undefined;
}

/** A configuration with nothing left open. */
export interface Settings {
  readonly name: string;
  readonly servers: readonly ServerConfig[];
  readonly trust: readonly string[];
  readonly siteTrust: readonly string[] | undefined;
  readonly policy: PolicyTable;
  readonly level: WebLevels;
  readonly limits: Filled<Limits>;
  readonly actionTable: ActionTable | undefined;
  readonly pending: Filled<PendingOptions>;
  readonly query: Filled<Omit<NonNullable<EngineConfig['query']>, 'mayAsk'>>;
  /** What may be asked about in which location. */
  readonly mayAsk: QueryPolicy;
  readonly locations: LocationsConfig | undefined;
  /** Where updates come from here; undefined where no profile says. */
  readonly updates: readonly string[] | undefined;
  readonly background: 'timers' | 'manual';
  /** A file of which a newer agent pattern reads the content again. */
  readonly rescan: boolean;
  /** What cannot be put on record is not let through as if it were. */
  readonly auditRequired: boolean;
}

const defaultLimits: Filled<Limits> = {
  maxConcurrent: 16,
  maxWaiting: 10_000,
  maxBytesInFlight: 256 * 1024 * 1024,
  maxFileBytes: 4 * 1024 * 1024 * 1024,
};

const defaultPending: Filled<PendingOptions> = {
  deadlineMs: 86_400_000,
  maxEntries: 100_000,
  maxBytes: 64 * 1024 * 1024,
  maxAttempts: 20,
  drainPerSecond: 100,
  drainBurst: 200,
};

/**
 * Checks a configuration that came as JSON.
 * @throws VedetteError `config-invalid` with `detail.faults`: every fault as `{ path, message }`.
 */
export function parseConfig(json: unknown): EngineConfig {
  const shape = shapeFaults(json);
  const config = json as EngineConfig;
  const faults = shape.length > 0 ? shape : serverFaults(config);
  if (faults.length > 0) {
    const listing = faults.map((fault) => `${fault.path}: ${fault.message}`).join('; ');
    throw new VedetteError('config-invalid', `the configuration is not valid: ${listing}`, { detail: { faults: faults.map(({ path, message }) => ({ path, message })) } });
  }
  return config;
}

/** Fills in every default. The configuration is taken as checked. */
export function settingsFrom(config: EngineConfig): Settings {
  return {
    name: config.name ?? 'default',
    servers: config.servers ?? [],
    trust: config.trust ?? [],
    siteTrust: config.siteTrust,
    policy: config.policy ?? 'endpoint',
    level: levelsOf(config),
    limits: withDefaults(defaultLimits, config.limits),
    actionTable: config.actionTable,
    pending: withDefaults(defaultPending, config.pending),
    query: {
      holdMs: config.query?.holdMs ?? 10_000,
      perServerMs: config.query?.perServerMs ?? 3_000,
      coalesce: config.query?.coalesce ?? 'engine',
      order: config.query?.order ?? 'listed',
      windowMs: config.query?.windowMs ?? 0,
      maxConcurrent: config.query?.maxConcurrent ?? 64,
      hedge: config.query?.hedge ?? false,
      padding: config.query?.padding ?? true,
      decoys: config.query?.decoys ?? 0,
    },
    mayAsk: queryPolicyOf(config),
    locations: config.locations,
    updates: config.locations?.external?.updates,
    background: config.background ?? 'timers',
    rescan: typeof config.retro === 'object' && config.retro.rescan === true,
    auditRequired: config.audit === 'required' || (typeof config.audit === 'object' && config.audit.required === true),
  };
}

/** A profile's level comes before the one for both locations. */
function levelsOf({ level = {}, locations }: EngineConfig): WebLevels {
  const { internal, external } = locations ?? {};
  if (internal?.level === undefined && external?.level === undefined) {
    return level;
  }
  const both = typeof level === 'string' ? { internal: level, external: level } : level;
  return { internal: internal?.level ?? both.internal, external: external?.level ?? both.external };
}

function queryPolicyOf({ query, locations }: EngineConfig): QueryPolicy {
  const both = query?.mayAsk;
  const entries = (['internal', 'external'] as const).flatMap((location) => {
    const kinds = locations?.[location]?.mayAsk ?? both;
    return kinds === undefined ? [] : [[location, kinds] as const];
  });
  return Object.fromEntries(entries);
}
