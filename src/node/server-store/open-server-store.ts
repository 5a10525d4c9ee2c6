/**
 * A `ReputationStore` over the directory of a server store, as many processes as wish at a time. What lies on the disk is
 * mapped, not read: opening takes milliseconds, and all processes share one copy in memory. Every second a store looks
 * whether there is a newer table, goes through it a little at a time, and goes over to it between two look-ups.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { describeError, VedetteError } from '../../base/errors.js';
import type { StatementWriter } from '../../server/encoded/statement-writer.js';
import type { ReputationStore } from '../../server/reputation-store.js';
import { StoredTable } from '../../server/store/stored/stored-table.js';
import { createTableStore, type TableStore } from '../../server/store/table-store.js';
import type { TableOrigin } from '../../server/store/table-head.js';
import { errnoOf } from '../files/durable-files.js';
import { openLmdbValues, type LmdbValues } from '../lmdb.js';
import { pathOf, readCurrent, type CurrentFile } from './generation-files.js';
import { checksum } from './write-table.js';

/** A store that goes over to newer tables. */
export interface ServerStore extends ReputationStore {
  readonly entries: number;
  /** What the server pattern said about itself. */
  readonly origin: TableOrigin;
  /** Looks for a newer table now. True when there was one. @throws as `openServerStore`; the old one stays. */
  refresh(): Promise<boolean>;
  close(): Promise<void>;
}

/** Options of `openServerStore`. */
export interface ServerStoreOptions {
  readonly dir: string;
  /** How often to look for a newer table, in ms; default 1,000. */
  readonly pollMs?: number | undefined;
  /** Told when a newer table cannot be used: the old one goes on answering. */
  readonly onFault?: ((error: unknown) => void) | undefined;
  /** Told of every table that is gone over to. */
  readonly onSwitch?: ((origin: TableOrigin) => void) | undefined;
}

interface Opened {
  readonly current: CurrentFile;
  readonly values: LmdbValues;
  /** Open as long as `values`, and closed after it on another thread: who lets go last of a removed file waits for its memory to be freed. */
  readonly handle: FileHandle;
  readonly table: StoredTable;
  readonly store: TableStore;
  /** Fires when `values` is closed: nothing may be touched any more. */
  readonly retired: AbortController;
}

/** A table may be replaced between the look at the pointer and the opening. */
const attempts = 5;

/**
 * Opens the store.
 * @throws VedetteError `store-damaged` where nothing was imported yet or what is there is damaged; `peer-missing` without lmdb.
 */
export async function openServerStore(options: ServerStoreOptions): Promise<ServerStore> {
  const { dir, pollMs = 1000, onFault, onSwitch } = options;
  let opened = await openCurrent(dir);
  const ending = new AbortController();
  let turn: Promise<unknown> = Promise.resolve();

  async function switchOver(): Promise<boolean> {
    const current = await readCurrent(dir);
    if (ending.signal.aborted || current === undefined || current.file === opened.current.file) {
      return false;
    }
    const next = await openCurrent(dir);
    try {
      await goThrough(next, ending.signal);
    } catch (error) {
      await letGo(next);
      throw error;
    }
    const before = opened;
    opened = next;
    onSwitch?.(next.table.head.origin);
    await letGo(before);
    return true;
  }

  /** One at a time. */
  function refresh(): Promise<boolean> {
    const next = turn.catch(() => undefined).then(switchOver);
    turn = next;
    return next;
  }

  /** What is answered from. */
  function inUse(): Opened['store'] {
    if (ending.signal.aborted) {
      throw new VedetteError('closed', 'the server store is closed');
    }
    return opened.store;
  }

  void keepFresh(refresh, { pollMs, signal: ending.signal, onFault });
  goThrough(opened, ending.signal).catch((error: unknown) => onFault?.(error));
  const store: ServerStore & StatementWriter = {
    get generation() {
      return opened.store.generation;
    },
    get entries() {
      return opened.table.entries;
    },
    get origin() {
      return opened.table.head.origin;
    },
    lookup: (kind, algorithm, prefixes) => inUse().lookup(kind, algorithm, prefixes),
    writeStatements: (group, to) => inUse().writeStatements(group, to),
    refresh,
    async close() {
      if (!ending.signal.aborted) {
        ending.abort();
        await turn.catch(() => undefined);
        await letGo(opened);
      }
    },
  };
  return store;
}

/** Steps of `warmUp` that are taken: some 1 GiB. What is beyond is compared as it is met. */
const maxSteps = 16_384;
/** How long a table is gone through at a time, and the pause after it, ms: a twentieth of one processor, with what it touches a tenth. */
const sliceMs = 0.2;
const restMs = 5;

/** Without it the first answers of a new table take twice as long, and those that come meanwhile wait for a quarter of a second. */
async function goThrough({ store, retired }: Opened, closing: AbortSignal): Promise<void> {
  let steps = 0;
  let since = performance.now();
  for (const _ of store.warmUp()) {
    if (++steps >= maxSteps) {
      return;
    }
    if (performance.now() - since >= sliceMs) {
      await wait(restMs, undefined, { ref: false });
      since = performance.now();
    }
    if (retired.signal.aborted || closing.aborted) {
      return;
    }
  }
}

async function letGo({ values, handle, retired }: Opened): Promise<void> {
  retired.abort();
  await values.close();
  await handle.close();
}

async function keepFresh(
  refresh: () => Promise<boolean>,
  { pollMs, signal, onFault }: { readonly pollMs: number; readonly signal: AbortSignal; readonly onFault: ServerStoreOptions['onFault'] },
): Promise<void> {
  while (!signal.aborted) {
    await wait(pollMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (!signal.aborted) {
      await refresh().catch((error: unknown) => onFault?.(error));
    }
  }
}

async function openCurrent(dir: string): Promise<Opened> {
  for (let attempt = 1; ; attempt++) {
    const current = await readCurrent(dir);
    if (current === undefined) {
      throw new VedetteError('store-damaged', `${dir}: no server pattern was imported yet`, { detail: { dir } });
    }
    try {
      return await openTable(dir, current);
    } catch (error) {
      const isGone = errnoOf(error) === 'ENOENT' && attempt < attempts;
      if (!isGone) {
        throw VedetteError.is(error) ? error : new VedetteError('store-damaged', `${dir}: ${describeError(error)}`, { cause: error, detail: { dir } });
      }
    }
  }
}

async function openTable(dir: string, current: CurrentFile): Promise<Opened> {
  const path = await pathOf(dir, current);
  const handle = await open(path, 'r');
  try {
    const values = await openLmdbValues(path);
    try {
      const table = new StoredTable(values, { checksum });
      return { current, values, handle, table, store: createTableStore(table), retired: new AbortController() };
    } catch (error) {
      await values.close();
      throw error;
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
}
