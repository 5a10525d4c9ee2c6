/** Random messages of the protocol, for property tests. */
import fc from 'fast-check';
import { concatBytes } from '../../src/base/bytes.js';
import { hashBytes, type AnswerRecord, type FingerprintKind, type HashAlgorithm } from '../../src/base/fingerprint.js';
import type { AnswerMessage, Proof, QueryMessage, Statement } from '../../src/protocol/messages.js';

export const bytesOf = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => new Uint8Array(bytes));

export const kinds: fc.Arbitrary<FingerprintKind> = fc.constantFrom('file', 'url');
export const algorithms: fc.Arbitrary<HashAlgorithm> = fc.constantFrom('sha256', 'sha1', 'md5');

const name = fc
  .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
  .map((text) => text.replaceAll(/[\p{Cc}\p{Cs}]/gu, 'x'));
const instant = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(0xffff_ffff, 0x1_0000_0000));

const group = fc.record({
  kind: kinds,
  algorithm: algorithms,
  prefixes: fc.uniqueArray(bytesOf(4), { minLength: 1, maxLength: 12, selector: (bytes) => bytes.join() }),
});

export const queries: fc.Arbitrary<QueryMessage> = fc.record({
  nonce: bytesOf(16),
  groups: fc.uniqueArray(group, { minLength: 1, maxLength: 6, selector: (one) => one.kind + one.algorithm }),
});

function recordUnder(prefix: Uint8Array, algorithm: HashAlgorithm): fc.Arbitrary<AnswerRecord> {
  return fc
    .record({
      rest: bytesOf(hashBytes[algorithm] - 4),
      disposition: fc.constantFrom('malicious', 'suspicious', 'clean', 'unknown'),
      threats: fc.array(fc.record({ name, type: fc.constantFrom('trojan', 'phishing') }), { maxLength: 4 }),
      size: fc.option(instant, { nil: undefined }),
      score: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
      categories: fc.option(fc.array(fc.constantFrom('gambling', 'phishing', 'söcial'), { minLength: 1, maxLength: 16 }), { nil: undefined }),
    })
    .map(({ rest, size, score, categories, disposition, threats }) => ({
      hash: concatBytes([prefix, rest]),
      disposition,
      threats,
      ...(size === undefined ? {} : { size }),
      ...(score === undefined ? {} : { score }),
      ...(categories === undefined ? {} : { categories }),
    }));
}

export const statements: fc.Arbitrary<Statement> = fc
  .record({
    kind: kinds,
    algorithm: algorithms,
    prefix: bytesOf(4),
    generation: instant,
    issuedAt: instant,
    expiresAt: instant,
    ttlMs: instant,
    keyId: fc.oneof(bytesOf(0), bytesOf(8)),
  })
  .chain((head) =>
    fc.array(recordUnder(head.prefix, head.algorithm), { maxLength: 4 }).map((records) => ({ ...head, records })),
  );

export const answers: fc.Arbitrary<AnswerMessage> = fc
  .array(fc.uint8Array({ maxLength: 40 }).map((bytes) => new Uint8Array(bytes)), { maxLength: 5 })
  .chain((blobs) =>
    fc
      .oneof(
        fc.constant<Proof>({ kind: 'none' }),
        fc.record({ kind: fc.constant('direct' as const), keyId: bytesOf(8), signature: bytesOf(64) }),
        fc.record({
          kind: fc.constant('statement' as const),
          signatures: fc.array(bytesOf(64), { minLength: blobs.length, maxLength: blobs.length }),
        }),
      )
      .map((proof) => ({ proof, statements: blobs })),
  );
