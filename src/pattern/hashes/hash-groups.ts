/** The four groups that listed hashes fall into, their codes in files, and what an entry may be. */
import { assertBytes, assertInteger } from '../../base/assert.js';
import type { FingerprintKind, HashAlgorithm } from '../../base/fingerprint.js';
import { hashBytes } from '../../base/fingerprint.js';
import type { HashEntry } from '../hash-entry.js';

/** Hashes of one kind and algorithm. */
export interface HashGroup {
  readonly kind: FingerprintKind;
  readonly algorithm: HashAlgorithm;
  /** Bytes of one hash. */
  readonly width: number;
}

/** By code: its place in this list is what stands in files. */
export const hashGroups: readonly HashGroup[] = [
  { kind: 'file', algorithm: 'sha256', width: hashBytes.sha256 },
  { kind: 'file', algorithm: 'sha1', width: hashBytes.sha1 },
  { kind: 'file', algorithm: 'md5', width: hashBytes.md5 },
  { kind: 'url', algorithm: 'sha256', width: hashBytes.sha256 },
];

/** The code of a group, or -1: URLs are known by SHA-256 only. */
export function groupCode(kind: FingerprintKind, algorithm: HashAlgorithm): number {
  if (kind === 'url') {
    return algorithm === 'sha256' ? 3 : -1;
  }
  return algorithm === 'sha256' ? 0 : algorithm === 'sha1' ? 1 : 2;
}

export { prefixNumber } from '../../base/fingerprint.js';

/** The detail of an entry's threat as JSON text; empty when it has none. */
export function detailText(entry: HashEntry): string {
  return entry.threat.detail === undefined ? '' : JSON.stringify(entry.threat.detail);
}

/** @throws TypeError or RangeError for an entry that no file can hold. */
export function assertEntry(entry: HashEntry): void {
  const group = hashGroups[groupCode(entry.kind, entry.algorithm)];
  if (group === undefined) {
    throw new TypeError(`a ${entry.kind} entry cannot be listed by ${entry.algorithm}`);
  }
  assertBytes(`${entry.kind} ${entry.algorithm} hash`, entry.hash, group.width);
  if (entry.size !== undefined) {
    assertInteger('size', entry.size, { min: 0 });
  }
  if (entry.score !== undefined) {
    assertInteger('score', entry.score, { min: 0, max: 100 });
  }
}
