import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex, toUtf8 } from '../../src/base/bytes.js';
import type { HashAlgorithm } from '../../src/base/fingerprint.js';
import { createPortableHash, openDigests, sha256 } from '../../src/fingerprint/digests.js';
import type { CreateHash } from '../../src/fingerprint/digests.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const both = { md5: true, sha1: true };

/** FIPS 180 examples and RFC 1321 appendix A.5. */
const known: readonly (readonly [algorithm: HashAlgorithm, text: string, hex: string])[] = [
  ['sha256', '', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['sha256', 'abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['sha256', 'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'],
  ['sha256', 'a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ['sha1', '', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ['sha1', 'abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ['sha1', 'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '84983e441c3bd26ebaae4aa1f95129e5e54670f1'],
  ['sha1', 'a'.repeat(1_000_000), '34aa973cd4c4daa4f61eeb2bdbad27316534016f'],
  ['md5', '', 'd41d8cd98f00b204e9800998ecf8427e'],
  ['md5', 'abc', '900150983cd24fb0d6963f7d28e17f72'],
  ['md5', 'message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
  ['md5', 'abcdefghijklmnopqrstuvwxyz', 'c3fcd3d76192e4007dfb496cca67e13b'],
  ['md5', '1234567890'.repeat(8), '57edf4a22be3c955ac49da2e2107b67a'],
];

function digest(createHash: CreateHash, algorithm: HashAlgorithm, chunks: readonly Uint8Array[]): string {
  const hash = createHash(algorithm);
  for (const chunk of chunks) {
    hash.update(chunk);
  }
  return toHex(hash.digest());
}

/** What every source of hashes has to do: the check that a sabotaged one must fail. */
function givesKnownDigests(createHash: CreateHash): boolean {
  return known.every(([algorithm, text, hex]) => {
    const bytes = toUtf8(text);
    const middle = bytes.length >> 1;
    return digest(createHash, algorithm, [bytes.subarray(0, middle), new Uint8Array(0), bytes.subarray(middle)]) === hex;
  });
}

describe('digests', () => {
  it('agree with node:crypto on any content in any chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }), fc.boolean(), fc.boolean(), (chunks, wantsMd5, wantsSha1) => {
        const session = openDigests({ md5: wantsMd5, sha1: wantsSha1 }, createPortableHash);
        chunks.forEach((chunk) => session.update(chunk));
        const digests = session.finish();
        expect(toHex(digests.sha256)).toBe(digest(createHash, 'sha256', chunks));
        expect(digests.sha1 && toHex(digests.sha1)).toBe(wantsSha1 ? digest(createHash, 'sha1', chunks) : undefined);
        expect(digests.md5 && toHex(digests.md5)).toBe(wantsMd5 ? digest(createHash, 'md5', chunks) : undefined);
      }),
      runs,
    );
  });

  it('are those of the standards', () => {
    expect(givesKnownDigests(createPortableHash)).toBe(true);
    expect(givesKnownDigests(createHash)).toBe(true);
  });

  it('fail the same check when a chunk is lost', () => {
    const losing: CreateHash = (algorithm) => {
      const hash = createPortableHash(algorithm);
      let first = true;
      return {
        update: (chunk) => {
          if (!first) {
            hash.update(chunk);
          }
          first = false;
        },
        digest: () => hash.digest(),
      };
    };
    expect(givesKnownDigests(losing)).toBe(false);
  });

  it('are plain byte arrays whoever computes them', () => {
    const session = openDigests(both, createHash);
    session.update(toUtf8('abc'));
    for (const bytes of Object.values(session.finish())) {
      expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    }
  });

  it('of two sessions at a time do not touch each other', () => {
    const one = openDigests(both, createPortableHash);
    const two = openDigests(both, createPortableHash);
    one.update(toUtf8('a'));
    two.update(toUtf8('x'));
    one.update(toUtf8('bc'));
    expect(toHex(one.finish().sha256)).toBe(known[1]![2]);
    expect(toHex(two.finish().sha256)).toBe(toHex(sha256(toUtf8('x'))));
  });
});
