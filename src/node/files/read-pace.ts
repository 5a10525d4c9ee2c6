/**
 * Whether small files are read on the calling thread or left to the thread pool. Where they lie in the page cache, a
 * read takes some microseconds and the way to the pool and back ten times as long; on a slow disk or a network it takes
 * milliseconds, and nothing else happens on the thread meanwhile. Which of the two it is shows only in the time it takes.
 */

/** How the next files are read. Immutable. */
export interface ReadPace {
  readonly by: 'thread' | 'pool';
  /** Files that are left to the pool before reading them here is tried again. */
  readonly left: number;
  /** How many that were at the last time. */
  readonly stretch: number;
}

/** Reading may hold up the thread for so long between two turns of the event loop. */
const slowMs = 50;

const firstStretch = 256;
const longestStretch = 16_384;

/** Until it shows that reading takes time, it takes none. */
export const promptPace: ReadPace = { by: 'thread', left: 0, stretch: 0 };

/** After a file was read on the thread. `spentMs`: for reading, since the event loop had its last turn. */
export function paceAfterRead(pace: ReadPace, spentMs: number): ReadPace {
  if (spentMs <= slowMs) {
    return pace;
  }
  const stretch = Math.min(longestStretch, Math.max(firstStretch, pace.stretch * 2));
  return { by: 'pool', left: stretch, stretch };
}

/** After a file was left to the pool. */
export function paceAfterLeaving(pace: ReadPace): ReadPace {
  return pace.left > 1 ? { ...pace, left: pace.left - 1 } : { ...pace, by: 'thread', left: 0 };
}

/** After a turn of the event loop: a whole slice of reading that was quick makes up for slow ones before it. */
export function paceAfterTurn(pace: ReadPace, read: { readonly files: number }): ReadPace {
  return pace.by === 'thread' && pace.stretch > 0 && read.files >= leastFiles ? promptPace : pace;
}

/** Files that tell something about a disk. */
const leastFiles = 32;
