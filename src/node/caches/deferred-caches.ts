/**
 * Caches of a directory that is opened when they are first asked, for engines that open nothing when they are made. When
 * they cannot be opened, answers are kept in memory and files are read each time: it is said once, and nothing fails.
 */
import { describeError, VedetteError } from '../../base/errors.js';
import { createMemoryCache } from '../../cache/memory-cache.js';
import type { ScanCache } from '../../cache/scan/scan-cache.js';
import type { SteadyClock } from '../../cache/steady-clock.js';
import type { VerdictCache } from '../../cache/verdict-cache.js';
import type { Caches } from './open-caches.js';

/** Both caches, and their end. */
export interface DeferredCaches {
  readonly verdicts: VerdictCache;
  readonly scans: ScanCache;
  /** Closes what was opened. */
  close(): Promise<void>;
}

/** What deferring needs. */
export interface DeferredOptions {
  readonly open: () => Promise<Caches>;
  /** The clock of the caches that will be opened. */
  readonly steady: SteadyClock | undefined;
  /** Told when they cannot be opened. */
  readonly onFault: (error: unknown) => void;
}

/** Both caches by themselves, without anything opened. */
export function createDeferredCaches({ open, steady, onFault }: DeferredOptions): DeferredCaches {
  let opening: Promise<void> | undefined;
  let opened: Pick<Caches, 'verdicts' | 'scans' | 'close'> | undefined;

  function opens(): Promise<void> {
    opening ??= open().then(
      (caches) => {
        opened = caches;
      },
      (error: unknown) => {
        opened = { verdicts: createMemoryCache(), scans: forgetful, close: () => Promise.resolve() };
        onFault(VedetteError.is(error) ? error : new VedetteError('store-damaged', `the caches cannot be opened: ${describeError(error)}`, { cause: error }));
      },
    );
    return opening;
  }

  /** At once where they are open. */
  function ask<T>(work: (caches: Pick<Caches, 'verdicts' | 'scans'>) => T | Promise<T>): T | Promise<T> {
    return opened === undefined ? opens().then(() => work(opened!)) : work(opened);
  }

  return {
    verdicts: {
      get: (keys) => ask(({ verdicts }) => verdicts.get(keys)),
      put: (slots) => ask(({ verdicts }) => verdicts.put(slots)),
      forget: (what) => ask(({ verdicts }) => verdicts.forget(what)),
      steady,
    },
    scans: {
      get: (keys) => ask(({ scans }) => scans.get(keys)),
      put: (pages) => ask(({ scans }) => scans.put(pages)),
      forget: (what) => ask(({ scans }) => scans.forget(what)),
      // What is kept was asked for before, so they are open by then.
      tracks: (dev) => opened !== undefined && opened.scans.tracks?.(dev) !== false,
      steady,
    },
    async close() {
      await opening;
      await opened?.close();
    },
  };
}

/** Knows nothing. */
const forgetful: ScanCache = { get: (keys) => keys.map(() => undefined), put: () => undefined, forget: () => undefined };
