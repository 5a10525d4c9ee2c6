/**
 * Fingerprints, and what is said about them: the words that filter, cache, query, protocol and pattern share.
 *
 * A fingerprint is a full hash with its kind and algorithm. Only its first four bytes, the prefix, leave the machine
 * (DESIGN rule 1); full hashes come back and are compared here.
 */
import { equalBytes, toLatin1 } from './bytes.js';
import type { Disposition, Threat } from './verdict.js';

/** What a fingerprint was taken of. */
export type FingerprintKind = 'file' | 'url';

/** URL expressions are always SHA-256; files may carry old entries by the weaker two. */
export type HashAlgorithm = 'sha256' | 'sha1' | 'md5';

/** Bytes of a full hash. */
export const hashBytes: Readonly<Record<HashAlgorithm, number>> = { sha256: 32, sha1: 20, md5: 16 };

/** Bytes of a prefix. */
export const prefixBytes = 4;

/** A full hash and what it stands for. */
export interface Fingerprint {
  readonly kind: FingerprintKind;
  readonly algorithm: HashAlgorithm;
  /** `hashBytes[algorithm]` bytes. */
  readonly hash: Uint8Array;
  /** Size of the file in bytes, where known: an entry with a size matches only that size. */
  readonly size?: number;
  /** The expression of a URL that was hashed. Never leaves the machine: with it a filter can tell more about the hash. */
  readonly expression?: string;
}

/** The digests of one content. */
export interface Digests {
  readonly sha256: Uint8Array;
  readonly sha1?: Uint8Array;
  readonly md5?: Uint8Array;
}

/** Hashes of one kind and algorithm that a source is asked about in one request. */
export interface Question {
  readonly kind: FingerprintKind;
  readonly algorithm: HashAlgorithm;
  /** Unique; 4-byte prefixes for a source that asks by `prefix`, full hashes for one that asks by `full-hash`. */
  readonly hashes: readonly Uint8Array[];
}

/** One thing that a source says about one full hash. */
export interface AnswerRecord {
  /** Full hash. */
  readonly hash: Uint8Array;
  readonly disposition: Disposition;
  readonly threats: readonly Threat[];
  /** Web reputation, 0 to 100. Beside the disposition `unknown`, 71 says that the URL is untested. */
  readonly score?: number;
  /** What the source files the URL under. */
  readonly categories?: readonly string[];
  /** The record holds only for a file of this size. */
  readonly size?: number;
}

/** All that a source says about one hash of a question: no record means "not listed", no `Answer` means "not answered". */
export interface Answer {
  /** The prefix or full hash as it was asked: answers are matched by it, never by position. */
  readonly asked: Uint8Array;
  readonly records: readonly AnswerRecord[];
  /** How long the answer may be used, from its receipt. */
  readonly ttlMs: number;
  /** Generation of the server pattern that it was answered from. */
  readonly generation?: number;
}

/** What of a fingerprint is kept or handed on: plain data, without the expression. */
export function bareFingerprint({ kind, algorithm, hash, size }: Fingerprint): Fingerprint {
  return { kind, algorithm, hash, ...(size === undefined ? {} : { size }) };
}

/** The first four bytes of a hash. A view, not a copy. */
export function hashPrefix(hash: Uint8Array): Uint8Array {
  return hash.subarray(0, prefixBytes);
}

/** Four bytes from a place on, as an array of their own: byte by byte in half of the time of `slice`. */
export function prefixAt(bytes: Uint8Array, at: number): Uint8Array {
  const prefix = new Uint8Array(prefixBytes);
  for (let i = 0; i < prefixBytes; i++) {
    prefix[i] = bytes[at + i]!;
  }
  return prefix;
}

/** The first four bytes of a hash as a big-endian number: the order of the numbers is the order of the hashes. */
export function prefixNumber(hash: Uint8Array): number {
  return ((hash[0]! << 24) | (hash[1]! << 16) | (hash[2]! << 8) | hash[3]!) >>> 0;
}

/** A Map key for something said about `hash` (a prefix or a full hash). */
export function fingerprintKey(kind: FingerprintKind, algorithm: HashAlgorithm, hash: Uint8Array): string {
  return `${kind === 'url' ? 'u' : 'f'}${algorithm === 'sha256' ? '2' : algorithm === 'sha1' ? '1' : '5'}${toLatin1(hash)}`;
}

/** True when the record speaks about this fingerprint: same full hash, and a size that fits. */
export function recordMatches(record: AnswerRecord, fingerprint: Fingerprint): boolean {
  return equalBytes(record.hash, fingerprint.hash) && sizeFits(record, fingerprint.size);
}

/**
 * True when something listed with this size, or with none, holds for a file of `size` bytes. Where nobody knows the size of
 * a file (a bare digest), what accuses holds, and what clears does not: no find is lost, and no verdict invented.
 */
export function sizeFits(listed: Pick<AnswerRecord, 'size' | 'disposition'>, size: number | undefined): boolean {
  return listed.size === undefined || listed.size === size || (size === undefined && listed.disposition !== 'clean');
}

/** The records of an answer that speak about the fingerprint. */
export function matchingRecords(answer: Answer, fingerprint: Fingerprint): AnswerRecord[] {
  return answer.records.filter((record) => recordMatches(record, fingerprint));
}

/**
 * Which digests besides SHA-256 are wanted of a file: `any` for every file, a sorted list of sizes (bytes) for files
 * of these sizes only, absent for none. DESIGN §5: nothing pays for MD5 that has no MD5 entry to compare with.
 */
export interface Wants {
  readonly md5?: 'any' | readonly number[];
  readonly sha1?: 'any' | readonly number[];
}

/** Which hosts of a URL become expressions: from the registrable domain upward, or the last five labels. */
export type HostRule = 'psl' | 'labels5';

/** What a URL is known by. */
export type UrlFingerprint =
  | {
      readonly kind: 'url';
      /** Canonical form, ASCII. */
      readonly canonical: string;
      /** At most 30, unique: the exact host with its full path first. */
      readonly expressions: readonly string[];
      /** SHA-256 of each expression, in the same order. May be computed when it is first read: few URLs need it. */
      readonly hashes: readonly Uint8Array[];
    }
  | { readonly kind: 'not-a-url'; readonly reason: string };

/** The sizes for which either of two wants asks. */
export function unionOfWants(a: Wants, b: Wants): Wants {
  const md5 = unionOfSizes(a.md5, b.md5);
  const sha1 = unionOfSizes(a.sha1, b.sha1);
  return { ...(md5 === undefined ? {} : { md5 }), ...(sha1 === undefined ? {} : { sha1 }) };
}

/** Whether a file of this size (undefined: not known beforehand) is to be digested by the algorithm. */
export function isWanted(sizes: 'any' | readonly number[] | undefined, size: number | undefined): boolean {
  if (sizes === undefined || sizes.length === 0) {
    return false;
  }
  return sizes === 'any' || size === undefined || binaryIncludes(sizes, size);
}

function unionOfSizes(a: Wants['md5'], b: Wants['md5']): Wants['md5'] {
  if (a === undefined || b === undefined) {
    return a ?? b;
  }
  if (a === 'any' || b === 'any') {
    return 'any';
  }
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}

function binaryIncludes(sorted: readonly number[], value: number): boolean {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const at = sorted[middle]!;
    if (at === value) {
      return true;
    }
    if (at < value) {
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return false;
}
