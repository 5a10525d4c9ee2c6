/**
 * The retro and audit logs of an engine: those of the host, those that are opened at their first use, or none. One that
 * cannot be opened now (another process has it) is tried again some seconds later.
 */
import type { AuditLog } from '../audit/audit-log.js';
import type { MemoryAuditOptions } from '../audit/memory-audit.js';
import { assertInteger } from '../base/assert.js';
import type { Clock } from '../base/seams.js';
import { VedetteError } from '../base/errors.js';
import { boundsOf } from '../engine/log-config.js';
import type { EngineConfig } from '../engine/options.js';
import type { OpenHooks, Rooms } from '../engine/rooms.js';
import type { MemoryRetroOptions } from '../retro/memory-retro.js';
import type { RetroLog } from '../retro/retro-log.js';
import type { Parts } from './parts.js';
import { countedIds } from './system-seams.js';

/** Both logs in memory: loaded when they are first needed. */
const memoryAudit = async (options: MemoryAuditOptions & { readonly clock: Clock }): Promise<AuditLog> => (await import('../audit/memory-audit.js')).createMemoryAudit(options);
const memoryRetro = async (options: MemoryRetroOptions & { readonly clock: Clock }): Promise<RetroLog> =>
  (await import('../retro/memory-retro.js')).createMemoryRetro({ ...options, ids: options.ids ?? countedIds(options.clock, 'retro-') });

/** Both logs with their common end. */
export interface Logs extends Pick<Rooms, 'audit' | 'retro' | 'attach'> {
  /** Closes what was opened here. */
  close(): Promise<void>;
}

/** From configuration and parts: a part that is there is used unless the configuration says `off`; bounds alone make a log in memory. */
export function logsFrom(
  config: Pick<EngineConfig, 'retro' | 'audit'>,
  parts: { readonly [K in 'audit' | 'retro']?: Parts[K] | undefined },
  clock: Clock,
): Logs {
  const hooks: { current: OpenHooks | undefined } = { current: undefined };
  const told: OpenHooks = { onFault: (where, error) => hooks.current?.onFault(where, error) };
  const retroBounds = boundsOf(config.retro);
  const auditBounds = config.audit === 'required' ? {} : boundsOf(config.audit);
  const retro = config.retro === 'off' ? undefined : (parts.retro ?? (retroBounds && memoryRetroLog({ ...retroBounds, clock })));
  const audit = config.audit === 'off' ? undefined : (parts.audit ?? (auditBounds && memoryAuditLog({ ...auditBounds, clock })));
  const openers: { close(): Promise<void> }[] = [];
  const opened = <T extends { close?(): Promise<void> }>(open: (hooks: OpenHooks) => Promise<T>): Lazy<T> => {
    const lazy = createLazy(() => open(told), clock);
    openers.push(lazy);
    return lazy;
  };
  return {
    retro: typeof retro === 'function' ? lazyRetro(opened(retro), 'disk') : retro,
    audit: typeof audit === 'function' ? lazyAudit(opened(audit), 'disk') : audit,
    attach(given) {
      hooks.current = given;
    },
    close: async () => {
      await Promise.all(openers.map((one) => one.close()));
    },
  };
}

/** Something that is opened when it is first needed. */
interface Lazy<T> {
  readonly get: () => Promise<T>;
  readonly close: () => Promise<void>;
}

/** Looking for a lock takes a tenth of a second and several files: not for every check. */
const retryMs = 5_000;

function createLazy<T extends { close?(): Promise<void> }>(open: () => Promise<T>, clock: Clock): Lazy<T> {
  let opening: Promise<T> | undefined;
  let failed: { readonly at: number } | undefined;
  let isClosed = false;
  return {
    get() {
      if (isClosed && (opening === undefined || failed !== undefined)) {
        // Nobody would close it any more.
        return Promise.reject(new VedetteError('closed', 'the engine was closed'));
      }
      if (failed !== undefined && clock.monotonicMs() - failed.at >= retryMs) {
        opening = undefined;
        failed = undefined;
      }
      opening ??= open().catch((error: unknown) => {
        failed = { at: clock.monotonicMs() };
        throw error;
      });
      return opening;
    },
    async close() {
      isClosed = true;
      await opening?.then((log) => log.close?.()).catch(() => undefined);
    },
  };
}

/** The audit log in memory. @throws RangeError when a bound is no positive integer. */
export function memoryAuditLog(options: MemoryAuditOptions & { readonly clock: Clock }): AuditLog {
  assertBounds(options);
  return lazyAudit(createLazy(() => memoryAudit(options), options.clock), 'process');
}

/** The retro log in memory. @throws RangeError when a bound is no positive integer. */
export function memoryRetroLog(options: MemoryRetroOptions & { readonly clock: Clock }): RetroLog {
  assertBounds(options);
  return lazyRetro(createLazy(() => memoryRetro(options), options.clock), 'process');
}

/** At once, and not when it is loaded. */
function assertBounds({ days = 1, maxEntries = 1, maxBytes = 1 }: { readonly days?: number | undefined; readonly maxEntries?: number | undefined; readonly maxBytes?: number | undefined }): void {
  assertInteger('days', days, { min: 1, max: 3650 });
  assertInteger('maxEntries', maxEntries, { min: 1 });
  assertInteger('maxBytes', maxBytes, { min: 1 });
}

function lazyAudit({ get }: Pick<Lazy<AuditLog>, 'get'>, durability: AuditLog['durability']): AuditLog {
  return {
    durability,
    allowed: async (allow) => (await get()).allowed(allow),
    resolved: async (resolution) => (await get()).resolved(resolution),
    async *read(filter) {
      yield* (await get()).read(filter);
    },
  };
}

function lazyRetro({ get }: Pick<Lazy<RetroLog>, 'get'>, durability: RetroLog['durability']): RetroLog {
  return {
    durability,
    remember: async (allowed) => (await get()).remember(allowed),
    keys: async () => (await get()).keys(),
    find: async (keys) => (await get()).find(keys),
    forget: async (key, place) => (await get()).forget(key, place),
    mark: async () => (await get()).mark(),
    hunted: async (mark) => (await get()).hunted(mark),
    counts: async () => (await get()).counts(),
    raise: async (key, verdict, owner) => (await get()).raise(key, verdict, owner),
    intend: async (id, intent) => (await get()).intend(id, intent),
    settle: async (id, outcome) => (await get()).settle(id, outcome),
    async *findings() {
      yield* (await get()).findings();
    },
  };
}
