/**
 * The words of the wire protocol, version 1: a request carries prefixes, an answer carries statements and a proof.
 *
 * A statement is all that a server says under one prefix. It travels as a byte string inside the answer, so that
 * digests and signatures are over the bytes as they came and never over a second encoding. docs/protocol.md has the
 * layout; codes are given here once.
 */
import type { AnswerRecord, FingerprintKind, HashAlgorithm } from '../base/fingerprint.js';
import type { Disposition } from '../base/verdict.js';

/** Appended to the address of a server. */
export const queryPath = '/v1/query';

/** Media type of requests and answers; the version is part of it. */
export const contentType = 'application/vnd.vedette.v1+msgpack';

/** First element of every message. */
export const protocolVersion = 1;

/** Prefixes of one kind and algorithm. */
export interface QueryGroup {
  readonly kind: FingerprintKind;
  readonly algorithm: HashAlgorithm;
  /** 4 bytes each, ascending and unique. */
  readonly prefixes: readonly Uint8Array[];
}

/** A request. */
export interface QueryMessage {
  /** `nonceBytes` random bytes, new for each request. */
  readonly nonce: Uint8Array;
  /** Each kind and algorithm once at most. */
  readonly groups: readonly QueryGroup[];
  /** The proof that the asker can use best. With it, request and answer are padded; without, neither is. */
  readonly wants?: WantedProof | undefined;
}

/** `direct` is the stronger one, `statement` the one that can be kept and passed on. */
export type WantedProof = 'direct' | 'statement';

/** What vouches for the statements of an answer. */
export type Proof =
  | { readonly kind: 'none' }
  /** One signature over request, nonce and all statements: good for this request only. */
  | { readonly kind: 'direct'; readonly keyId: Uint8Array; readonly signature: Uint8Array }
  /** One signature per statement, in their order; each statement names its key. Good until the statement expires. */
  | { readonly kind: 'statement'; readonly signatures: readonly Uint8Array[] };

/** An answer. */
export interface AnswerMessage {
  readonly proof: Proof;
  /** Encoded statements, in any order. */
  readonly statements: readonly Uint8Array[];
}

/** All that a server says under one prefix; no records means "not listed". */
export interface Statement {
  readonly kind: FingerprintKind;
  readonly algorithm: HashAlgorithm;
  /** 4 bytes. */
  readonly prefix: Uint8Array;
  /** Generation of the server pattern. */
  readonly generation: number;
  /** Epoch ms, the server's clock. */
  readonly issuedAt: number;
  /** Epoch ms, the server's clock. */
  readonly expiresAt: number;
  /** How long a direct answer may be used from its receipt. */
  readonly ttlMs: number;
  /** `keyIdBytes` bytes, or none in an unsigned statement. */
  readonly keyId: Uint8Array;
  readonly records: readonly AnswerRecord[];
}

/** Codes on the wire. */
export const kindCodes: Readonly<Record<FingerprintKind, number>> = { file: 1, url: 2 };
/** Codes on the wire. */
export const algorithmCodes: Readonly<Record<HashAlgorithm, number>> = { sha256: 1, sha1: 2, md5: 3 };
/** Codes on the wire. */
export const dispositionCodes: Readonly<Record<Disposition, number>> = { malicious: 1, suspicious: 2, clean: 3, unknown: 4 };
/** Codes on the wire. */
export const proofCodes: Readonly<Record<Proof['kind'], number>> = { none: 0, direct: 1, statement: 2 };

/** The word for a code, or undefined for a code that this version does not know. */
export function wordOf<Word extends string>(codes: Readonly<Record<Word, number>>, code: number): Word | undefined {
  // No list of the keys is made: every statement is asked for three words.
  for (const word in codes) {
    if (codes[word] === code) {
      return word;
    }
  }
  return undefined;
}
