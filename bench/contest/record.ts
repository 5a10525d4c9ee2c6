/** A record of the scan contest: one run with everything that is needed to read it later, and nothing that says whose machine it was. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CorpusDescription } from '../haystacks/corpus/corpus.js';
import type { Machine } from '../report/machine.js';
import type { ContestResult } from './result.js';

/** One run. */
export interface ContestRecord {
  readonly record: 'scan-1';
  /** ISO 8601. */
  readonly at: string;
  /** Short; `+` at its end when files had been changed since. */
  readonly commit: string;
  readonly note?: string;
  /** Times of a quick run mean nothing. */
  readonly quick?: true;
  /** How long the run took. */
  readonly seconds: number;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly corpus: CorpusDescription;
  readonly sets: readonly ContestResult[];
}

/** The newest record in the folder whose `record` field is this; undefined when there is none. */
export function newestRecord<T extends { readonly record: string; readonly at: string }>(folder: string, kind: T['record']): T | undefined {
  const records = recordFiles(folder)
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as T)
    .filter(({ record }) => record === kind);
  return records.sort((a, b) => (a.at < b.at ? -1 : 1)).at(-1);
}

/** Names of the records in the folder. */
export function recordFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith('.json'));
  } catch {
    return [];
  }
}
