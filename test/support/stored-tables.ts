/** Stored tables in memory, and what tables are made of. */
import fc from 'fast-check';
import { crc32 } from 'node:zlib';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { openContainer } from '../../src/pattern/container.js';
import { hashBytes } from '../../src/base/fingerprint.js';
import { importTable } from '../../src/server/store/import/import-table.js';
import { PatternCursor } from '../../src/server/store/import/pattern-cursor.js';
import { StoredTable } from '../../src/server/store/stored/stored-table.js';
import type { TableOrigin } from '../../src/server/store/table-head.js';
import type { TableSink } from '../../src/server/store/import/run-writer.js';
import { algorithms, kinds } from '../protocol/messages-arbitrary.js';
import { serverPattern } from './server-fixtures.js';
import { crypto } from './wire-fixtures.js';

/** The checksum that the node store uses. */
export const checksum = (bytes: Uint8Array): number => crc32(bytes);

/** Values in memory; every value is a copy, as a host would keep it. */
export class MemoryValues extends Map<string, Uint8Array> implements TableSink {
  put(name: string, value: Uint8Array): void {
    this.set(name, value.slice());
  }

  value(name: string): Uint8Array | undefined {
    return this.get(name);
  }
}

export const origin: TableOrigin = { generation: 7, createdAt: 1, expiresAt: 2, periodMs: 3, hostRule: 'psl', contentId: 'aa' };

/** The section of a server pattern with these entries. */
export async function hashSection(entries: readonly HashEntry[]): Promise<Uint8Array> {
  return openContainer(await serverPattern(entries), { crypto }).sections.get('hashes')!;
}

/** A cursor over bytes, handed out in small pieces. */
export function cursorOver(bytes: Uint8Array, pieceBytes = 101): PatternCursor {
  const source = { pieceBytes, piece: (index: number) => bytes.slice(index * pieceBytes, (index + 1) * pieceBytes) };
  return new PatternCursor(source, { at: 0, length: bytes.length });
}

/** Runs a generator to its end. */
export function drive(steps: Iterable<void>): void {
  for (const _ of steps) {
    // Nothing else has to be done here.
  }
}

/** The values of a table with these entries. */
export async function storedValues(entries: readonly HashEntry[]): Promise<MemoryValues> {
  const values = new MemoryValues();
  drive(importTable(cursorOver(await hashSection(entries)), { sink: values, checksum, origin }));
  return values;
}

export function openTable(values: MemoryValues): StoredTable {
  return new StoredTable(values, { checksum });
}

/** Few different bytes, so that prefixes and whole hashes meet. */
export const entries: fc.Arbitrary<HashEntry[]> = fc.array(
  fc.record({
    kind: kinds, algorithm: algorithms, seed: fc.nat(5), tail: fc.nat(2), size: fc.option(fc.constantFrom(0, 5, 300, 70_000, 2 ** 40)),
    name: fc.oneof(fc.constantFrom('A', 'Win.Test.Agent-1', 'Win.Test.Agent-2', ''), fc.string({ maxLength: 300 })),
    type: fc.constantFrom('trojan', 'phishing'), disposition: fc.constantFrom('malicious', 'suspicious', 'clean', 'unknown'),
    score: fc.option(fc.nat(100)), filed: fc.option(fc.constantFrom({ categories: ['b', 'a'] }, 'x')),
  }),
  { maxLength: 40 },
).map((rows) => rows.map(({ kind, seed, tail, size, name, type, disposition, score, filed, ...row }): HashEntry => {
  const algorithm = kind === 'url' ? 'sha256' : row.algorithm;
  const hash = new Uint8Array(hashBytes[algorithm]).fill(seed * 50, 0, 4).fill(tail, 4);
  return {
    kind, algorithm, hash, disposition,
    threat: { name, type, ...(filed === null ? {} : { detail: filed }) },
    ...(size === null ? {} : { size }), ...(score === null ? {} : { score }),
  };
}));
