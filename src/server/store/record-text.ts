/**
 * Records of one prefix as a text, for stores that keep values of their own: JSON of
 * `[[hash in hex, disposition, [[name, type], …], size or null, score or null, [category, …]], …]`. Read like everything that
 * comes from outside: what is not exactly that is damage.
 */
import { fromHex, toHex } from '../../base/bytes.js';
import { VedetteError } from '../../base/errors.js';
import type { AnswerRecord } from '../../base/fingerprint.js';
import type { Disposition, Threat } from '../../base/verdict.js';

const maxTextLength = 8 * 1024 * 1024;
const dispositions: readonly string[] = ['malicious', 'suspicious', 'clean', 'unknown'] satisfies readonly Disposition[];

/** The text of records. */
export function formatRecords(records: readonly AnswerRecord[]): string {
  return JSON.stringify(records.map((one) => [
    toHex(one.hash),
    one.disposition,
    one.threats.map(({ name, type }) => [name, type]),
    one.size ?? null,
    one.score ?? null,
    one.categories ?? [],
  ]));
}

/** @throws VedetteError `store-damaged` for what `formatRecords` did not write. */
export function parseRecords(text: string): AnswerRecord[] {
  let rows: unknown;
  try {
    rows = text.length > maxTextLength ? undefined : JSON.parse(text);
  } catch {
    rows = undefined;
  }
  if (!Array.isArray(rows)) {
    throw damaged();
  }
  return rows.map(recordOf);
}

function recordOf(row: unknown): AnswerRecord {
  const [hex, disposition, threats, size, score, categories] = listOf(row, 6);
  const hash = typeof hex === 'string' ? fromHex(hex) : undefined;
  if (hash === undefined || ![16, 20, 32].includes(hash.length) || !isDisposition(disposition) || !isSize(size) || !isSize(score) || (score ?? 0) > 100) {
    throw damaged();
  }
  const filed = listOf(categories).map(textOf);
  return {
    hash,
    disposition,
    threats: listOf(threats).map(threatOf),
    ...(size === null ? {} : { size }),
    ...(score === null ? {} : { score }),
    ...(filed.length === 0 ? {} : { categories: filed }),
  };
}

function threatOf(value: unknown): Threat {
  const [name, type] = listOf(value, 2);
  return { name: textOf(name), type: textOf(type) };
}

function listOf(value: unknown, length?: number): readonly unknown[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) {
    throw damaged();
  }
  return value as readonly unknown[];
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') {
    throw damaged();
  }
  return value;
}

function isDisposition(value: unknown): value is Disposition {
  return typeof value === 'string' && dispositions.includes(value);
}

function isSize(value: unknown): value is number | null {
  return value === null || (Number.isSafeInteger(value) && Number(value) >= 0);
}

function damaged(): VedetteError {
  return new VedetteError('store-damaged', 'server store: a value is no list of records');
}
