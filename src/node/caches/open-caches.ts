/**
 * The persistent caches of a directory: answers by prefix, and what files were when they were last read. Both can be
 * rebuilt, so nothing about them is a reason to fail: what cannot be read is a miss, what cannot be written is not kept.
 */
import { assertInteger } from '../../base/assert.js';
import { fromUtf8, toUtf8 } from '../../base/bytes.js';
import { VedetteError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';
import type { ScanCache } from '../../cache/scan/scan-cache.js';
import type { SteadyClock } from '../../cache/steady-clock.js';
import type { VerdictCache } from '../../cache/verdict-cache.js';
import { createSystemClock } from '../../preset/system-seams.js';
import type { LmdbEnvironment, LmdbTable } from '../lmdb.js';
import { bootClock } from './boot-clock.js';
import { createBoundedTable, type BoundedTable } from './bounded-table.js';
import { openEnvironment } from './environment.js';
import { createMountRuling } from './mounts.js';
import { decodeRecord, encodeRecord } from './record.js';
import { decodeSlot, encodeSlot } from './slot-codec.js';

/** Options of `openCaches`. */
export interface CachesOptions {
  /** Made with mode 0700 where it is not there. Several processes may have it open. */
  readonly dir: string;
  /** Slots of answers at most (100,000). */
  readonly maxSlots?: number | undefined;
  /** Pages of up to 64 files at most (32,768: some two million files, 200 MB). */
  readonly maxPages?: number | undefined;
  /** How long to wait for another process that is just opening or closing it (2,000). */
  readonly waitMs?: number | undefined;
  readonly clock?: Clock | undefined;
  /** The clock by which contents age over restarts. Default: that of the machine's boot, where it has a name. */
  readonly steady?: SteadyClock | undefined;
  /** Told of damage that was found and got over. */
  onFault?(error: unknown): void;
}

/** The caches that were opened. */
export interface Caches {
  readonly verdicts: VerdictCache;
  readonly scans: ScanCache;
  /** What is held now: slots and pages. */
  counts(): { readonly slots: number; readonly pages: number };
  /** Resolves when everything put is committed and the file is closed. */
  close(): Promise<void>;
}

/**
 * Opens the caches of a directory.
 * @throws VedetteError `peer-missing` without the package lmdb, `store-busy` when another process does not let go,
 * `store-damaged` when the disk fails; RangeError when a bound is no integer of 4 or more.
 */
export async function openCaches(options: CachesOptions): Promise<Caches> {
  const { maxSlots = 100_000, maxPages = 32_768, waitMs = 2_000, clock = createSystemClock(), steady = bootClock() } = options;
  assertInteger('maxSlots', maxSlots, { min: 4 });
  assertInteger('maxPages', maxPages, { min: 4 });
  const onFault = (error: unknown): void => options.onFault?.(error);
  const environment = await openEnvironment({ dir: options.dir, clock, waitMs, onFault });
  const notes = environment.table('notes');
  const time = createHighWater(notes, clock, steady);
  const common = { environment, notes, onFault: createFaultOnce(onFault, options.dir), onWrite: () => time.note() };
  const slots = createBoundedTable({ ...common, name: 'verdict', kind: 'verdict', maxEntries: maxSlots });
  const pages = createBoundedTable({ ...common, name: 'scan', kind: 'scan', maxEntries: maxPages });
  if (!time.isPlausible()) {
    // The clock was put back before the machine was started again: no age of anything here can be told.
    await Promise.all([slots.forget('all'), pages.forget('all')]);
  }
  return { verdicts: verdictsOver(slots, steady), scans: scansOver(pages, { steady, tracks: createMountRuling(clock) }), counts: () => ({ slots: slots.size(), pages: pages.size() }), close: createClose(environment, [slots, pages]) };
}

function verdictsOver(table: BoundedTable, steady: SteadyClock | undefined): VerdictCache {
  return {
    get: (keys) => table.get(keys).map((content) => (content === undefined ? undefined : decodeSlot(content))),
    put: (slots) => table.put(slots.map(([key, slot]) => [key, encodeSlot(slot)] as const)),
    forget: (what) => table.forget(what),
    steady,
  };
}

function scansOver(table: BoundedTable, { steady, tracks }: Required<Pick<ScanCache, 'steady' | 'tracks'>>): ScanCache {
  return { tracks, get: (keys) => table.get(keys), put: (pages) => table.put(pages), forget: (what) => table.forget(what), steady };
}

function createClose(environment: LmdbEnvironment, tables: readonly BoundedTable[]): () => Promise<void> {
  let closed: Promise<void> | undefined;
  return () => {
    closed ??= Promise.all(tables.map((table) => table.settled())).then(() => environment.close());
    return closed;
  };
}

/** An environment that fails does so at every call: one report is enough. */
function createFaultOnce(onFault: (error: unknown) => void, dir: string): (error: unknown) => void {
  let isReported = false;
  return (cause) => {
    if (!isReported) {
      isReported = true;
      onFault(new VedetteError('store-damaged', `the caches in ${dir} cannot be used any more: ${cause instanceof Error ? cause.message : String(cause)}`, { cause }));
    }
  };
}

interface HighWater {
  /** False when the wall clock stands before the last write, and nothing else tells how long ago that was. */
  isPlausible(): boolean;
  /** Inside of a transaction. */
  note(): void;
}

/** The latest instant that the store has seen. */
function createHighWater(notes: LmdbTable, clock: Clock, steady: SteadyClock | undefined): HighWater {
  const key = toUtf8('written at');
  const boot = steady?.id ?? '';
  return {
    isPlausible() {
      const record = notes.peek(key);
      const content = record === undefined ? undefined : decodeRecord('note', key, record);
      const [, at = '', on = ''] = /^(\d+) (.*)$/.exec(content === undefined ? '' : fromUtf8(content)) ?? [];
      return at === '' || (boot !== '' && on === boot) || clock.now() >= Number(at);
    },
    note() {
      notes.put(key, encodeRecord('note', key, toUtf8(`${Math.max(0, Math.floor(clock.now()))} ${boot}`)));
    },
  };
}
