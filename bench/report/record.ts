/** A record: one run with everything that is needed to read it later, and nothing that says whose machine it was. */
import { mkdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HaystackDescription } from '../haystacks/haystack.js';
import type { DefinitionResult } from '../measure/result.js';
import type { Machine } from './machine.js';

/** One run. */
export interface BenchRecord {
  readonly record: 1;
  /** ISO 8601. */
  readonly at: string;
  /** Short; `+` at its end when files had been changed since. */
  readonly commit: string;
  readonly note?: string;
  /** Times of a quick run mean nothing. */
  readonly quick?: true;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly haystack?: HaystackDescription;
  readonly definitions: readonly DefinitionResult[];
}

/** Writes it under this path. */
export function writeRecord(path: string, record: object): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(record, roundNumbers, 2)}\n`);
}

/** The first free name of the day and commit in the folder: nothing is written over. */
export function recordPath(folder: string, { at, commit }: Pick<BenchRecord, 'at' | 'commit'>): string {
  const name = `${at.slice(0, 10)}-${commit.replace('+', '')}`;
  for (let count = 1; ; count++) {
    const path = join(folder, count === 1 ? `${name}.json` : `${name}-${count}.json`);
    if (!existsSync(path)) {
      return path;
    }
  }
}

/** @throws Error when the file holds no record. */
export function readRecord(path: string): BenchRecord {
  const record = JSON.parse(readFileSync(path, 'utf8')) as Partial<BenchRecord>;
  if (record.record !== 1 || !Array.isArray(record.definitions)) {
    throw new Error(`${path}: expected a record of the bench`);
  }
  return record as BenchRecord;
}

/** Five digits say all that a time can say. */
function roundNumbers(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}
