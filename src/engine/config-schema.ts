/**
 * The shape of the configuration as a schema: what may stand where, each fault with its path. What takes more than one
 * value to tell is in `config-faults.ts`.
 */
import * as v from 'valibot';
import type { PolicyName } from '../action/policy.js';
import { canonicalIp, canonicalMac } from '../base/ip-address.js';
import { reasons } from '../base/verdict.js';

/** A fault of a configuration and where it stands. */
export interface ConfigFault {
  /** `locations.internal.servers.0.address` */
  readonly path: string;
  readonly message: string;
}

const names: readonly PolicyName[] = ['endpoint', 'gateway', 'report'];
const webLevel = v.picklist(['low', 'medium', 'high']);
const access = v.picklist(['allow', 'warn', 'hold', 'block']);
const remedy = v.picklist(['none', 'quarantine', 'delete', 'rename']);
/** A list passes for an object without keys in the schema library; it does not here. */
const strict = <T extends v.ObjectEntries>(entries: T) =>
  v.pipe(v.custom<object>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'expected an object'), v.strictObject(entries));
const whole = (min: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(min));
const key = v.pipe(v.string(), v.regex(/^ed25519:[A-Za-z0-9_-]{43}$/, 'expected ed25519: and 43 base64url characters'));

const unknown = strict(Object.fromEntries(['any', ...reasons].map((reason) => [reason, v.optional(access)])));
const order = v.picklist(['listed', 'random']);
const mayAsk = v.array(v.picklist(['file', 'url']));
const address = v.pipe(v.string(), v.minLength(1), v.maxLength(2048));
const servers = v.pipe(
  v.array(
    strict({
      address,
      scope: v.picklist(['local', 'global']),
      trust: v.optional(v.array(key)),
      keyTimes: v.optional(v.record(key, strict({ notBefore: v.optional(whole(0)), notAfter: v.optional(whole(0)) }))),
      listKeys: v.optional(v.array(key)),
      listThreshold: v.optional(whole(1)),
      rated: v.optional(v.boolean()),
    }),
  ),
  v.maxLength(100),
);
const profile = {
  servers: v.optional(servers),
  order: v.optional(order),
  mayAsk: v.optional(mayAsk),
  level: v.optional(webLevel),
  unknown: v.optional(unknown),
  updates: v.optional(v.pipe(v.array(address), v.maxLength(100))),
};
const isIp = (text: string): boolean => canonicalIp(text) !== undefined;
const isMac = (text: string): boolean => canonicalMac(text) !== undefined;
const locations = strict({
  internal: v.optional(strict({ ...profile, fallback: v.optional(v.boolean()) })),
  external: v.optional(strict(profile)),
  references: v.optional(v.pipe(v.array(strict({ address, trust: v.pipe(v.array(key), v.minLength(1, 'expected a key that it proves itself by')) })), v.maxLength(16))),
  gateways: v.optional(
    v.pipe(
      v.array(
        strict({
          address: v.pipe(v.string(), v.check(isIp, 'expected an IP address')),
          mac: v.optional(v.pipe(v.string(), v.check(isMac, 'expected a MAC address such as 02:00:5e:10:00:01'))),
        }),
      ),
      v.maxLength(1000),
    ),
  ),
  recheckMs: v.optional(v.pipe(whole(1_000), v.maxValue(86_400_000))),
  watchMs: v.optional(v.pipe(whole(100), v.maxValue(3_600_000))),
});

const policySchema = v.union([
  v.picklist(names),
  strict({
    base: v.picklist(names),
    unknown: v.optional(unknown),
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
  servers: v.optional(servers),
  locations: v.optional(locations),
  trust: v.optional(v.array(key)),
  siteTrust: v.optional(v.array(key)),
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
      order: v.optional(order),
      windowMs: v.optional(whole(0)),
      maxConcurrent: v.optional(whole(1)),
      hedge: v.optional(v.boolean()),
      padding: v.optional(v.boolean()),
      decoys: v.optional(v.pipe(whole(0), v.maxValue(99))),
      mayAsk: v.optional(mayAsk),
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

/** Every fault of the shape; none for a value that is a configuration. */
export function shapeFaults(json: unknown): readonly ConfigFault[] {
  const outcome = v.safeParse(configSchema, json);
  return outcome.success ? [] : outcome.issues.map((issue) => ({ path: v.getDotPath(issue) ?? '(root)', message: issue.message }));
}
