/**
 * An engine of the scan contest. Each has a process of its own: one that stays and is given signatures and slices, or,
 * for whole programs, a new one for every pass.
 */
import type { SetChoice } from '../inputs/signature-set.js';

/** Where a set of signatures is kept in the language of each engine; files are written when they are asked for. */
export interface SetFiles {
  readonly choice: SetChoice;
  /** ClamAV's extended format. */
  ndb(): string;
  /** YARA rules. */
  yara(): string;
  /** Regular expressions by index. */
  regex(): string;
  /** A file that an engine may keep something of its own in, by a name. */
  kept(name: string): string;
}

/** What an engine did. */
export interface Pass {
  /** CPU time of one pass. */
  readonly cpuMs: number;
  /** Indices of the signatures that matched, ascending; undefined from one that does not search. */
  readonly found: readonly number[] | undefined;
  /** Matches in all, where the engine counts them. */
  readonly matches?: number;
}

/** An engine with the tables of one set. */
export interface LoadedScanner {
  /** CPU or wall time of building or reading the tables, as the engine's `setUp` says. */
  readonly setUpMs: number;
  /** Size of the tables, where the engine tells it. */
  readonly tableBytes?: number;
  /** Passes over the file until they have taken so many milliseconds; their mean. */
  scan(file: string, minMs: number): Promise<Pass>;
  close(): Promise<void>;
}

/** An engine. */
export interface Scanner {
  readonly name: string;
  /** What `--peers` calls it; ours and the floor are always there. */
  readonly peer: string | undefined;
  readonly version?: string | undefined;
  /** Fast ones scan everything in every round; slow ones a part of it, and single contents in one round only. */
  readonly pace: 'fast' | 'slow';
  /** Sets with more signatures are not tried, and why. */
  readonly most?: { readonly count: number; readonly reason: string };
  /** Why it may find signatures that do not stand in the content: nothing may be missing, but more is no fault. */
  readonly findsMore?: string;
  /**
   * Builds the tables.
   * @throws Unavailable when it cannot take part, with the reason.
   */
  load(set: SetFiles): Promise<LoadedScanner>;
}
