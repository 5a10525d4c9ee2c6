/** Records of which all but the hash is known, encoded once for many hashes. */
import type { AnswerRecord, FingerprintKind, HashAlgorithm } from '../../base/fingerprint.js';
import { hashBytes, prefixBytes } from '../../base/fingerprint.js';
import { encodeStatement } from '../../protocol/statement.js';
import type { EncodedRecord } from './statement-list.js';

/** Head of the array of a record, and of the byte string of its hash. */
const beforeBytes = 3;

/** What stands around the hash of a record, cut out of a statement that has this one alone. */
export function encodeRecord(kind: FingerprintKind, algorithm: HashAlgorithm, said: Omit<AnswerRecord, 'hash'>): EncodedRecord {
  const width = hashBytes[algorithm];
  const common = { kind, algorithm, prefix: new Uint8Array(prefixBytes), generation: 0, issuedAt: 0, expiresAt: 0, ttlMs: 0, keyId: new Uint8Array(0) };
  const at = encodeStatement({ ...common, records: [] }).length;
  const whole = encodeStatement({ ...common, records: [{ hash: new Uint8Array(width), ...said }] });
  return { before: whole.slice(at, at + beforeBytes), after: whole.slice(at + beforeBytes + width) };
}
