/**
 * SHA-256, SHA-1 and MD5, whole and in chunks. The only file of the room that knows the hash library, so that a preset
 * can put a faster one in its place: node:crypto does SHA-256 four to six times as fast on long contents.
 */
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { fromLatin1 } from '../base/bytes.js';
import type { Digests, HashAlgorithm } from '../base/fingerprint.js';
import type { DigestSession, DigestWants } from './extractor.js';

/** One digest in the making. `digest` is called once, after the last `update`; a `Hash` of node:crypto fits. */
export interface ChunkedHash {
  update(chunk: Uint8Array): unknown;
  digest(): Uint8Array;
}

/** Begins a digest. `createHash` of node:crypto fits. */
export type CreateHash = (algorithm: HashAlgorithm) => ChunkedHash;

/** SHA-256 of a short byte string (32 bytes): for these the portable library is as fast as node:crypto. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}

/** The same of an ASCII text. */
export function sha256Text(text: string): Uint8Array {
  return nobleSha256(fromLatin1(text));
}

/** The portable `CreateHash`. */
export const createPortableHash: CreateHash = (algorithm) => {
  switch (algorithm) {
    case 'sha256':
      return nobleSha256.create();
    case 'sha1':
      return sha1.create();
    case 'md5':
      return md5.create();
  }
};

/** All wanted digests of one content in one pass over its chunks; no chunk is kept. */
export function openDigests(wants: DigestWants, createHash: CreateHash): DigestSession {
  const strong = createHash('sha256');
  const older = {
    ...(wants.sha1 ? { sha1: createHash('sha1') } : {}),
    ...(wants.md5 ? { md5: createHash('md5') } : {}),
  };
  const all = [strong, ...Object.values(older)];
  return {
    update: (chunk) => {
      for (const hash of all) {
        hash.update(chunk);
      }
    },
    finish: (): Digests => ({
      sha256: plainBytes(strong.digest()),
      ...(older.sha1 === undefined ? {} : { sha1: plainBytes(older.sha1.digest()) }),
      ...(older.md5 === undefined ? {} : { md5: plainBytes(older.md5.digest()) }),
    }),
  };
}

/** A digest in one call. The bytes are the caller's to write to. */
export type HashWhole = (algorithm: HashAlgorithm, content: Uint8Array) => Uint8Array;

/** All wanted digests of a content that is there in one piece. */
export function digestsOfWhole(content: Uint8Array, wants: DigestWants, hash: HashWhole): Digests {
  return {
    sha256: hash('sha256', content),
    ...(wants.sha1 ? { sha1: hash('sha1', content) } : {}),
    ...(wants.md5 ? { md5: hash('md5', content) } : {}),
  };
}

/** A subclass such as Node's Buffer slices and serializes differently: fingerprints are alike on every runtime. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
