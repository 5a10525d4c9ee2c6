/** The bytes that keys sign, put together by hand as docs/protocol.md says: servers and clients of other makers rely on them. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyListPayload } from '../../src/protocol/key-list.js';
import { challengePayload } from '../../src/protocol/challenge.js';
import { directPayload, statementPayload } from '../../src/protocol/signing.js';
import { crypto } from '../support/wire-fixtures.js';

const numRuns = Number(process.env.FUZZ_RUNS ?? 100);
const sha256 = (...parts: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
const hex = (...parts: readonly (Uint8Array | string)[]): string => Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part))).toString('hex');
const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
const nonces = fc.uint8Array({ minLength: 16, maxLength: 16 });

/** An array of up to 15 byte strings of up to 255 bytes each in msgpack. */
const listOf = (parts: readonly Uint8Array[]): Buffer => Buffer.concat([Buffer.of(0x90 + parts.length), ...parts.flatMap((part) => [Buffer.of(0xc4, part.length), part])]);

describe('what is signed', () => {
  it('is, for a direct proof, its name, the digest of the request, the nonce and the digest of the list of statements', () => {
    fc.assert(
      fc.property(bytes(300), nonces, fc.array(bytes(255), { maxLength: 15 }), (request, nonce, statements) => {
        const expected = hex('vedette direct v1\n', sha256(request), nonce, sha256(listOf(statements)));
        expect(hex(directPayload({ request, nonce, statements }, crypto))).toBe(expected);
      }),
      { numRuns },
    );
  });

  it('is, for a statement, a key list and a challenge, their names and the bytes as they came', () => {
    fc.assert(
      fc.property(bytes(300), fc.uint8Array({ minLength: 32, maxLength: 32 }), (content, nonce) => {
        expect(hex(statementPayload(content))).toBe(hex('vedette statement v1\n', content));
        expect(hex(keyListPayload(content))).toBe(hex('vedette keys v1\n', content));
        expect(hex(challengePayload({ nonce, purpose: 'location' }))).toBe(hex('vedette challenge v1\nlocation\n', nonce));
      }),
      { numRuns },
    );
  });
});
