import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, toHex, toUtf8 } from '../../src/base/bytes.js';
import { challengePayload, decodeChallenge, encodeChallenge, isChallengeMet, meetChallenge, type Challenge } from '../../src/protocol/challenge.js';
import { encodeValue } from '../../src/protocol/codec/codec.js';
import { keyListPayload } from '../../src/protocol/key-list.js';
import { keyId } from '../../src/protocol/keys.js';
import { directPayload, statementPayload } from '../../src/protocol/signing.js';
import { crypto, stranger, trusted } from '../support/wire-fixtures.js';

const runs = Number(process.env['FUZZ_RUNS'] ?? 100);
const challenge: Challenge = { nonce: new Uint8Array(32).fill(7), purpose: 'location' };
const by = { keys: [trusted.publicKey], crypto };

describe('a challenge', () => {
  it('is read as it was written', () => {
    expect(decodeChallenge(encodeChallenge(challenge))).toEqual(challenge);
  });

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['another version', encodeValue([2, challenge.nonce, 1])],
    ['a purpose that is not known', encodeValue([1, challenge.nonce, 2])],
    ['a short nonce', encodeValue([1, challenge.nonce.subarray(1), 1])],
    ['a nonce of a question', encodeValue([1, new Uint8Array(16), 1])],
    ['a value too many', encodeValue([1, challenge.nonce, 1, null])],
    ['a byte too many', concatBytes([encodeChallenge(challenge), Uint8Array.of(0)])],
  ])('is refused when it is %s', (_, bytes) => {
    expect(() => decodeChallenge(bytes)).toThrow(/message refused/);
  });

  it('is met by the key that was trusted, and by no other', async () => {
    expect(await isChallengeMet(await meetChallenge(challenge, { signer: trusted, crypto }), challenge, by)).toBe(true);
    expect(await isChallengeMet(await meetChallenge(challenge, { signer: stranger, crypto }), challenge, by)).toBe(false);
    expect(await isChallengeMet(await meetChallenge(challenge, { signer: stranger, crypto }), challenge, { ...by, keys: [stranger.publicKey, trusted.publicKey] })).toBe(true);
  });

  it('is not met by the name of a trusted key with the signature of another', async () => {
    const signature = await stranger.sign(challengePayload(challenge));
    expect(await isChallengeMet(encodeValue([1, keyId(trusted.publicKey, crypto), signature]), challenge, by)).toBe(false);
  });

  it('is not met by the answer to another one', async () => {
    const answer = await meetChallenge(challenge, { signer: trusted, crypto });
    expect(await isChallengeMet(answer, { ...challenge, nonce: new Uint8Array(32).fill(8) }, by)).toBe(false);
  });

  it('is not met by any change of one bit', async () => {
    const answer = await meetChallenge(challenge, { signer: trusted, crypto });
    for (let bit = 0; bit < answer.length * 8; bit++) {
      const changed = answer.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(await isChallengeMet(changed, challenge, by), `bit ${bit}`).toBe(false);
    }
  });

  it('is not met by arbitrary bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect(await isChallengeMet(bytes, challenge, by)).toBe(false);
      }),
      { numRuns: runs },
    );
  });
});

describe('what a challenge makes a key sign', () => {
  it('begins as nothing else does that such a key signs', () => {
    const nonce = challenge.nonce;
    const payloads = [
      challengePayload(challenge),
      directPayload({ request: nonce, nonce, statements: [nonce] }, crypto),
      statementPayload(nonce),
      keyListPayload(nonce),
    ].map((payload) => toHex(payload));
    const heads = [toUtf8('vedette challenge v1\nlocation\n'), toUtf8('vedette direct v1\n'), toUtf8('vedette statement v1\n'), toUtf8('vedette keys v1\n')].map((head) => toHex(head));
    payloads.forEach((payload, i) => {
      expect(heads.filter((head) => payload.startsWith(head))).toEqual([heads[i]]);
    });
  });

  it('passes for no answer, whatever the nonce says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 32 }), async (nonce) => {
        const signature = await trusted.sign(challengePayload({ nonce, purpose: 'location' }));
        expect(await crypto.verify(trusted.publicKey, statementPayload(nonce), signature)).toBe(false);
        expect(await crypto.verify(trusted.publicKey, directPayload({ request: nonce, nonce: nonce.subarray(0, 16), statements: [] }, crypto), signature)).toBe(false);
        expect(await crypto.verify(trusted.publicKey, nonce, signature)).toBe(false);
      }),
      { numRuns: runs },
    );
  });
});
