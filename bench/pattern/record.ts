/** A record of the pattern bench. */
import type { Spread } from '../measure/result.js';
import type { Machine } from '../report/machine.js';

/** One set in one program. */
export interface PatternRow {
  /** What was loaded, by whom. */
  readonly what: string;
  /** Of the pattern, or of the signatures as the program reads them. */
  readonly fileBytes: number;
  /** From bytes (or files) to ready, in a process that has just started. */
  readonly loadMs: Spread;
  /** Resident, less the same process with nothing in its pattern. */
  readonly rssBytes: Spread;
}

/** One run. */
export interface PatternRecord {
  readonly record: 'pattern-1';
  /** ISO 8601. */
  readonly at: string;
  readonly commit: string;
  readonly note?: string;
  /** Figures of a quick run mean nothing. */
  readonly quick?: true;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly PatternRow[];
}
