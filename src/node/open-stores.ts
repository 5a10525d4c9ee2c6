/** The stores of a data directory for hosts that put their engines together themselves: opened together, closed in order. */
import { join } from 'node:path';
import type { Clock, StateStore } from '../base/seams.js';
import type { ScanCache } from '../cache/scan/scan-cache.js';
import type { VerdictCache } from '../cache/verdict-cache.js';
import type { HostLists } from '../lists/host-lists.js';
import { compileLinearRegex } from '../preset/linear-regex.js';
import { createSystemClock } from '../preset/system-seams.js';
import type { AuditLog } from '../audit/audit-log.js';
import type { RetroLog } from '../retro/retro-log.js';
import { openJournalAudit } from './audit/open-journal-audit.js';
import { uptimeClock } from './caches/boot-clock.js';
import { openCaches } from './caches/open-caches.js';
import { createFileLists } from './files/file-lists.js';
import { createFileStateStore } from './files/file-state-store.js';
import type { JournalQueue } from './journal/journal-queue.js';
import { openJournalQueue } from './journal/open-journal-queue.js';
import { createGenerationState } from './update/generation-state.js';
import { openGenerationStore } from './update/generation-store.js';
import { openJournalRetro } from './retro/open-journal-retro.js';

/** Options of `openStores`. */
export interface StoresOptions {
  /** The data directory, as `dataDir` of a configuration. Made with mode 0700 where it is not there. */
  readonly dir: string;
  /** How long to wait for another process that has one of them (0, and 2,000 for the caches). */
  readonly waitMs?: number | undefined;
  readonly clock?: Clock | undefined;
  /** Told of damage that was found and got over. */
  onFault?(where: string, error: unknown): void;
}

/** What a data directory holds, under the names that `parts` has for them. */
export interface Stores {
  readonly cache: VerdictCache;
  readonly scanCache: ScanCache;
  readonly queue: JournalQueue;
  readonly retro: RetroLog;
  readonly audit: AuditLog;
  readonly state: StateStore;
  readonly lists: HostLists;
  /** After the engines that use them. */
  close(): Promise<void>;
}

/**
 * Opens all stores, or none.
 * @throws VedetteError `store-busy` when another process has one, `peer-missing` without the package lmdb,
 * `store-damaged` when the disk fails.
 */
export async function openStores(options: StoresOptions): Promise<Stores> {
  const { dir, waitMs, clock = createSystemClock() } = options;
  const told = (where: string) => (error: unknown): void => options.onFault?.(where, error);
  const opened: { close?(): Promise<void> }[] = [];
  const take = <T extends { close?(): Promise<void> }>(store: T): T => {
    opened.push(store);
    return store;
  };
  /** What was opened last ends first. */
  const close = async (): Promise<void> => {
    for (const store of opened.splice(0).reverse()) {
      await store.close?.();
    }
  };
  try {
    const caches = take(await openCaches({ dir: join(dir, 'cache'), clock, waitMs, onFault: told('caches') }));
    const journal = { clock, waitMs };
    const daily = { ...journal, steady: uptimeClock() };
    const queue = take(await openJournalQueue({ ...journal, dir: join(dir, 'pending'), onDamage: told('pending journal') }));
    const retro = take(await openJournalRetro({ ...daily, dir: join(dir, 'retro'), onDamage: told('retro journal') }));
    const audit = take(await openJournalAudit({ ...daily, dir: join(dir, 'audit'), onDamage: told('audit journal'), onFault: told('audit rotation') }));
    const generations = openGenerationStore({ dir: join(dir, 'patterns'), clock, onDamage: told('patterns') });
    const state = createGenerationState(generations, createFileStateStore({ dir: join(dir, 'state') }));
    const lists = createFileLists({ dir: join(dir, 'state'), clock, compileRegex: compileLinearRegex });
    return { cache: caches.verdicts, scanCache: caches.scans, queue, retro, audit, state, lists, close };
  } catch (error) {
    await close();
    throw error;
  }
}
