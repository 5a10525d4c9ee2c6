/**
 * How a list changes: items at some indices go, items at some indices of the new list come. Told as runs, so that what
 * stays is copied in one piece.
 */
import { refused } from '../../pattern/refused.js';

/** Items that follow each other in the new list: kept ones by their index in the old list, added ones by their number. */
export interface Run {
  readonly kind: 'kept' | 'added';
  readonly start: number;
  readonly count: number;
}

/** Both ascending and distinct. */
export interface ListChange {
  /** Indices into the old list. */
  readonly removed: Uint32Array;
  /** Indices into the new list. */
  readonly addedAt: Uint32Array;
}

/**
 * The new list in runs.
 * @throws VedetteError `pattern-refused` (`malformed`) when the change does not lead from a list of `before` items to one of
 * `after`.
 */
export function mergeRuns(change: ListChange, { before, after }: { readonly before: number; readonly after: number }): Run[] {
  const { removed, addedAt } = change;
  if (before - removed.length + addedAt.length !== after || (removed.at(-1) ?? -1) >= before || (addedAt.at(-1) ?? -1) >= after) {
    throw refused('malformed', 'delta: a list does not change in the way that is told', { before, after });
  }
  const runs: Run[] = [];
  let [old, gone, come] = [0, 0, 0];
  for (let at = 0; at < after; ) {
    while (gone < removed.length && removed[gone] === old) {
      old++;
      gone++;
    }
    const start = come;
    while (come < addedAt.length && addedAt[come] === at) {
      come++;
      at++;
    }
    if (come > start) {
      runs.push({ kind: 'added', start, count: come - start });
    }
    const count = Math.min((removed[gone] ?? before) - old, (addedAt[come] ?? after) - at);
    if (count > 0) {
      runs.push({ kind: 'kept', start: old, count });
      old += count;
      at += count;
    }
  }
  return runs;
}

/** Stands for "is no more" in the map of `newIndices`. */
export const noIndex = 0xffff_ffff;

/** By index in the old list, the index in the new one. */
export function newIndices(runs: readonly Run[], before: number): Uint32Array {
  const map = new Uint32Array(before).fill(noIndex);
  let at = 0;
  for (const { kind, start, count } of runs) {
    for (let i = 0; kind === 'kept' && i < count; i++) {
      map[start + i] = at + i;
    }
    at += count;
  }
  return map;
}
