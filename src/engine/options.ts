/**
 * The configuration: plain JSON, checked at once with every fault as a path, defaults in one table.
 */
import * as v from 'valibot';
import type { ActionTable } from '../action/action-table.js';
import type { PolicyName, PolicyTable, WebLevels } from '../action/policy.js';
import { withDefaults, type Filled } from '../base/defaults.js';
import { VedetteError } from '../base/errors.js';
import { reasons } from '../base/verdict.js';
import type { AuditConfig, RetroConfig } from './log-config.js';

/** One reputation server. */
export interface ServerConfig {
  /** `https://…`; plain `http://…` only for local servers with a trusted key, or a literal loopback address. */
  readonly address: string;
  readonly scope: 'local' | 'global';
  /** Public keys (`ed25519:…`) whose signatures are believed. */
  readonly trust?: readonly string[] | undefined;
  /** It rates URLs: it is asked about every one of them, for what is on no list may still have a bad rating. */
  readonly rated?: boolean | undefined;
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
  /** Public keys that installed patterns must be signed by. Without one, `install` refuses everything. */
  readonly trust?: readonly string[] | undefined;
  readonly policy?: PolicyTable | undefined;
  /** How strictly ratings of URLs are taken: one level, or one for each location (internal `low`, external `medium`). */
  readonly level?: WebLevels | undefined;
  readonly limits?: Limits | undefined;
  /** What is done about which type of threat; takes the place of the whole default. */
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
  readonly policy: PolicyTable;
  readonly level: WebLevels;
  readonly limits: Filled<Limits>;
  readonly actionTable: ActionTable | undefined;
  readonly pending: Filled<PendingOptions>;
  readonly query: Filled<NonNullable<EngineConfig['query']>>;
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

const names: readonly PolicyName[] = ['endpoint', 'gateway', 'report'];
const webLevel = v.picklist(['low', 'medium', 'high']);
const access = v.picklist(['allow', 'warn', 'hold', 'block']);
const remedy = v.picklist(['none', 'quarantine', 'delete', 'rename']);
/** A list passes for an object without keys in the schema library; it does not here. */
const strict = <T extends v.ObjectEntries>(entries: T) =>
  v.pipe(v.custom<object>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'expected an object'), v.strictObject(entries));
const whole = (min: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(min));
const key = v.pipe(v.string(), v.regex(/^ed25519:[A-Za-z0-9_-]{43}$/, 'expected ed25519: and 43 base64url characters'));

const policySchema = v.union([
  v.picklist(names),
  strict({
    base: v.picklist(names),
    unknown: v.optional(strict(Object.fromEntries(['any', ...reasons].map((reason) => [reason, v.optional(access)])))),
    suspicious: v.optional(access),
    malicious: v.optional(
      strict({
        access: v.optional(access),
        remedy: v.optional(remedy),
        second: v.optional(remedy),
      }),
    ),
    pendingFull: v.optional(access),
    overdue: v.optional(access),
    untested: v.optional(access),
  }),
]);

const laterAction = v.optional(strict({ access: v.optional(access), remedy: v.optional(remedy), second: v.optional(remedy) }));
const threatAction = strict({ access, remedy, second: v.optional(remedy), late: laterAction, retro: laterAction });
const maxThreatTypes = 1000;
/** Names that the schema library passes over unchecked are no types of threats. */
const isThreatType = (name: string): boolean => /^[a-z0-9][a-z0-9-]{0,63}$/.test(name) && !(name in {});
const actionTable = v.pipe(
  v.custom<object>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'expected an object'),
  v.check((table) => Object.hasOwn(table, 'other'), 'expected a row "other", for every type that has none'),
  v.check((table) => Object.keys(table).length <= maxThreatTypes, `expected at most ${maxThreatTypes} types of threats`),
  v.check((table) => Object.keys(table).every(isThreatType), 'expected types of threats: a to z, digits and hyphens, at most 64'),
  v.record(v.string(), threatAction),
);

const configSchema = strict({
  name: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(200))),
  servers: v.optional(
    v.pipe(
      v.array(
        strict({
          address: v.pipe(v.string(), v.minLength(1), v.maxLength(2048)),
          scope: v.picklist(['local', 'global']),
          trust: v.optional(v.array(key)),
          rated: v.optional(v.boolean()),
        }),
      ),
      v.maxLength(100),
    ),
  ),
  trust: v.optional(v.array(key)),
  policy: v.optional(policySchema),
  level: v.optional(v.union([webLevel, strict({ internal: v.optional(webLevel), external: v.optional(webLevel) })])),
  limits: v.optional(
    strict({
      maxConcurrent: v.optional(whole(1)),
      maxWaiting: v.optional(whole(0)),
      maxBytesInFlight: v.optional(whole(0)),
      maxFileBytes: v.optional(whole(0)),
    }),
  ),
  actionTable: v.optional(actionTable),
  pending: v.optional(
    strict({
      deadlineMs: v.optional(whole(1)),
      maxEntries: v.optional(whole(1)),
      maxBytes: v.optional(whole(1)),
      maxAttempts: v.optional(whole(1)),
      drainPerSecond: v.optional(whole(1)),
      drainBurst: v.optional(whole(1)),
    }),
  ),
  query: v.optional(
    strict({
      holdMs: v.optional(whole(1)),
      perServerMs: v.optional(whole(1)),
      coalesce: v.optional(v.picklist(['engine', 'call'])),
      order: v.optional(v.picklist(['listed', 'random'])),
    }),
  ),
  background: v.optional(v.picklist(['timers', 'manual'])),
  retro: v.optional(
    v.union([
      v.literal('off'),
      strict({
        days: v.optional(v.pipe(whole(1), v.maxValue(3650))),
        maxEntries: v.optional(whole(1)),
        maxBytes: v.optional(whole(1)),
        rescan: v.optional(v.boolean()),
      }),
    ]),
  ),
  audit: v.optional(
    v.union([
      v.picklist(['off', 'required']),
      strict({ required: v.optional(v.boolean()), days: v.optional(v.pipe(whole(1), v.maxValue(3650))), maxBytes: v.optional(whole(1)) }),
    ]),
  ),
});

/**
 * Checks a configuration that came as JSON.
 * @throws VedetteError `config-invalid` with `detail.faults`: every fault as `{ path, message }`.
 */
export function parseConfig(json: unknown): EngineConfig {
  const outcome = v.safeParse(configSchema, json);
  const faults = outcome.success
    ? addressFaults(outcome.output.servers ?? [])
    : outcome.issues.map((issue) => ({ path: v.getDotPath(issue) ?? '(root)', message: issue.message }));
  if (faults.length > 0) {
    const listing = faults.map((fault) => `${fault.path}: ${fault.message}`).join('; ');
    throw new VedetteError('config-invalid', `the configuration is not valid: ${listing}`, { detail: { faults } });
  }
  return json as EngineConfig;
}

/** Fills in every default. The configuration is taken as checked. */
export function settingsFrom(config: EngineConfig): Settings {
  return {
    name: config.name ?? 'default',
    servers: config.servers ?? [],
    trust: config.trust ?? [],
    policy: config.policy ?? 'endpoint',
    level: config.level ?? {},
    limits: withDefaults(defaultLimits, config.limits),
    actionTable: config.actionTable,
    pending: withDefaults(defaultPending, config.pending),
    query: {
      holdMs: config.query?.holdMs ?? 10_000,
      perServerMs: config.query?.perServerMs ?? 3_000,
      coalesce: config.query?.coalesce ?? 'engine',
      order: config.query?.order ?? 'listed',
    },
    background: config.background ?? 'timers',
    rescan: typeof config.retro === 'object' && config.retro.rescan === true,
    auditRequired: config.audit === 'required' || (typeof config.audit === 'object' && config.audit.required === true),
  };
}

type Fault = { readonly path: string; readonly message: string };

/** Global servers speak HTTPS only, and an address may stand in the list once. */
function addressFaults(servers: readonly { readonly address: string; readonly scope: string }[]): Fault[] {
  const faults: Fault[] = [];
  const seen = new Set<string>();
  servers.forEach((server, index) => {
    const path = `servers.${index}.address`;
    if (!/^[a-z][a-z0-9+.-]*:/i.test(server.address)) {
      faults.push({ path, message: `expected an address with a scheme, got "${server.address}"` });
    }
    if (server.scope === 'global' && /^http:/i.test(server.address)) {
      faults.push({ path, message: 'a global server must be asked over HTTPS' });
    }
    if (seen.has(server.address)) {
      faults.push({ path, message: 'the same address stands in the list before' });
    }
    seen.add(server.address);
  });
  return faults;
}
