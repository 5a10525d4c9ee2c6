/**
 * The retro and audit logs of an engine: those of the host, those that are opened at their first use, or none. One that
 * cannot be opened now (another process has it) is tried again some seconds later.
 */
import { createMemoryAudit } from '../audit/memory-audit.js';
import type { AuditLog } from '../audit/audit-log.js';
import type { Clock } from '../base/seams.js';
import { VedetteError } from '../base/errors.js';
import { boundsOf } from '../engine/log-config.js';
import type { EngineConfig } from '../engine/options.js';
import type { OpenHooks, Rooms } from '../engine/rooms.js';
import { createMemoryRetro } from '../retro/memory-retro.js';
import type { RetroLog } from '../retro/retro-log.js';
import type { Parts } from './parts.js';

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
  const retro = config.retro === 'off' ? undefined : (parts.retro ?? (retroBounds && createMemoryRetro({ ...retroBounds, clock })));
  const audit = config.audit === 'off' ? undefined : (parts.audit ?? (auditBounds && createMemoryAudit({ ...auditBounds, clock })));
  const openers: { close(): Promise<void> }[] = [];
  const opened = <T extends { close?(): Promise<void> }>(open: (hooks: OpenHooks) => Promise<T>): Lazy<T> => {
    const lazy = createLazy(() => open(told), clock);
    openers.push(lazy);
    return lazy;
  };
  return {
    retro: typeof retro === 'function' ? lazyRetro(opened(retro)) : retro,
    audit: typeof audit === 'function' ? lazyAudit(opened(audit)) : audit,
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

/** What has to be opened first is on a disk. */
function lazyAudit({ get }: Lazy<AuditLog>): AuditLog {
  return {
    durability: 'disk',
    allowed: async (allow) => (await get()).allowed(allow),
    resolved: async (resolution) => (await get()).resolved(resolution),
    async *read(filter) {
      yield* (await get()).read(filter);
    },
  };
}

function lazyRetro({ get }: Lazy<RetroLog>): RetroLog {
  return {
    durability: 'disk',
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
