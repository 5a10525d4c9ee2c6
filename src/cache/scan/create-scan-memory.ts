/**
 * The rules of the scan cache over whatever store the host has: pages are fetched and written by the batch, a page that
 * is in use is held in memory, and nothing is believed that is not about exactly this state of the file.
 *
 * Racily clean files: one that is changed in the same tick of the clock in which it was read keeps its times, so what
 * was read is not kept while the last change lies less than 2 s before the look (git's index has the same rule).
 */
import { assertInteger } from '../../base/assert.js';
import type { Clock } from '../../base/seams.js';
import type { FileGlance } from '../../base/subject.js';
import { contentOf, encodeEntry, instantOf, isOfState, withMark } from './page-entry.js';
import { createHeldPages } from './held-pages.js';
import { createKeptTime } from './kept-time.js';
import type { ScanCache } from './scan-cache.js';
import type { ScanMemory } from './scan-memory.js';

/** What a scan memory is made of. */
export interface ScanMemoryOptions {
  readonly store: ScanCache;
  readonly clock: Clock;
  /** What scans: contents that were read by another version of it are read again. */
  readonly revision: string;
  /** Marks this process's entries where the store has no steady clock. */
  readonly process: string;
  /** A content is read again after this time at the latest, changed or not. Default 30 days. */
  readonly maxAgeMs?: number | undefined;
  /** A store that has not answered after this time counts as one that does not answer. Default 500. */
  readonly storeWaitMs?: number | undefined;
}

/** A file must have been left alone for this long before it was looked at. */
const settledMs = 2_000;

const defaultMaxAgeMs = 30 * 86_400_000;

/** A `ScanMemory` over a store. The store stays the caller's: it is not closed here. */
export function createScanMemory(options: ScanMemoryOptions): ScanMemory {
  const { revision } = options;
  const maxAgeMs = options.maxAgeMs ?? defaultMaxAgeMs;
  assertInteger('maxAgeMs', maxAgeMs, { min: 1 });
  assertInteger('storeWaitMs', options.storeWaitMs ?? 500, { min: 0 });
  const time = createKeptTime(options);
  const pages = createHeldPages(options);
  /** untrusted: the store is the host's. */
  const tracks = ({ identity }: FileGlance): boolean => {
    try {
      return options.store.tracks?.(identity.dev) !== false;
    } catch {
      return false;
    }
  };
  let last: { readonly by: string; readonly shelf: string } | undefined;
  /** One text for as long as it stays the same: it is compared for every file. */
  const shelfOf = (by: string): string => {
    if (last?.by !== by) {
      last = { by, shelf: `${revision}/${by}` };
    }
    return last.shelf;
  };

  return {
    load(files, by) {
      time.look();
      return pages.load(files, shelfOf(by));
    },
    find(file, plan) {
      const at = pages.find(file, shelfOf(plan.by));
      if (at === undefined || !isOfState(at.view, at.offset, file) || time.ageMs(instantOf(at.view, at.offset)) >= maxAgeMs) {
        return undefined;
      }
      return contentOf(at.view, at.offset, plan);
    },
    keep(seen, plan, content) {
      time.look();
      const entry = isSettled(seen) && tracks(seen) ? encodeEntry(seen.identity, { at: time.now(), scan: plan.scan, content }) : undefined;
      if (entry !== undefined) {
        pages.set(seen.identity, shelfOf(plan.by), entry);
      }
    },
    mark(file, by, mark) {
      const at = pages.find(file, shelfOf(by));
      if (at !== undefined && isOfState(at.view, at.offset, file)) {
        pages.set(file, shelfOf(by), withMark(at.view, at.offset, mark));
      }
    },
    flush: () => pages.flush(),
  };
}

/** Whether a change after the look shows: it gets a later time than the file had then. */
function isSettled({ identity, seenAt }: FileGlance): boolean {
  return Number(identity.ctimeNs) / 1e6 < seenAt - settledMs;
}
