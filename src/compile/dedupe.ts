/** Leaves out what is there twice word for word, and counts it. Entries that differ in anything are all kept. */
import type { HashEntry } from '../pattern/hash-entry.js';
import { compareEntries, sortEntries } from '../pattern/hashes/hash-order.js';
import { toHex } from '../base/bytes.js';

/** The rest, and how many were left out. */
export interface Deduped<T> {
  readonly kept: readonly T[];
  readonly duplicates: number;
}

/** The entries in their one order, each once. */
export function dedupeEntries(entries: readonly HashEntry[]): Deduped<HashEntry> {
  const sorted = sortEntries(entries);
  const kept = sorted.filter((entry, i) => i === 0 || compareEntries(sorted[i - 1]!, entry) !== 0);
  return { kept, duplicates: sorted.length - kept.length };
}

/** The signatures in their order, each once. */
export function dedupeSignatures<T extends object>(signatures: readonly T[]): Deduped<T> {
  const seen = new Set<string>();
  const kept = signatures.filter((signature) => {
    const key = JSON.stringify(signature, (_, value: unknown) => plainValue(value));
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
  return { kept, duplicates: signatures.length - kept.length };
}

function plainValue(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return toHex(value);
  }
  return typeof value === 'bigint' ? String(value) : value;
}
