import { describe, expect, it } from 'vitest';
import type { Signer } from '../../src/base/seams.js';
import { generateKeyPair } from '../../src/node/node-keys.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { encodeValue } from '../../src/protocol/codec/codec.js';
import { createKeyList, keyListPayload } from '../../src/protocol/key-list.js';
import { createKeyRing, type KeyRing, type KeyRingOptions, type TrustedKey } from '../../src/protocol/key-ring.js';
import { keyId } from '../../src/protocol/keys.js';

const crypto = createNodeCrypto();
const invalid = expect.objectContaining({ code: 'config-invalid' }) as Error;
const signer = (): Signer => generateKeyPair().signer;
const [first, second, third, listKey, otherListKey] = [signer(), signer(), signer(), signer(), signer()];
const now = 1_750_000_000_000;
const skew = 300_000;

const ringOf = (options: Partial<KeyRingOptions> = {}): KeyRing =>
  createKeyRing({ keys: [first.publicKey], listKeys: [listKey.publicKey], crypto, ...options });
const state = (ring: KeyRing, publicKey: Uint8Array, at = now): string => ring.find(keyId(publicKey, crypto), at).kind;
const listOf = (sequence: number, keys: readonly TrustedKey[], signers = [listKey]): Promise<Uint8Array> => createKeyList({ sequence, keys, signers, crypto });

describe('keys with a time', () => {
  const window = { publicKey: first.publicKey, notBefore: now, notAfter: now + 1_000_000 };
  it.each([
    ['5 minutes and 1 ms before its time', now - skew - 1, 'not-yet'],
    ['5 minutes before its time', now - skew, 'trusted'],
    ['in its time', now + 1, 'trusted'],
    ['5 minutes after its time', now + 1_000_000 + skew, 'trusted'],
    ['5 minutes and 1 ms after its time', now + 1_000_001 + skew, 'retired'],
  ])('%s', (_, at, kind) => {
    expect(state(ringOf({ keys: [window] }), first.publicKey, at)).toBe(kind);
  });

  it('several count at once, one that nobody named does not', () => {
    const ring = ringOf({ keys: [first.publicKey, { publicKey: second.publicKey }, { publicKey: third.publicKey, revoked: true }] });
    expect([first, second, third, listKey].map((one) => state(ring, one.publicKey))).toEqual(['trusted', 'trusted', 'revoked', 'unknown']);
  });
});

describe('a list of keys', () => {
  it('announces the next key and lets the old one go', async () => {
    const ring = ringOf();
    const keys = [{ publicKey: first.publicKey, notAfter: now + 1_000_000 }, { publicKey: second.publicKey, notBefore: now + 500_000 }];
    expect(await ring.offer(await listOf(1, keys))).toEqual({ kind: 'taken', sequence: 1 });
    const at = (instant: number): string[] => [first, second].map((one) => state(ring, one.publicKey, instant));
    expect([at(now), at(now + 700_000), at(now + 2_000_000)]).toEqual([['trusted', 'not-yet'], ['trusted', 'trusted'], ['retired', 'trusted']]);
  });

  it('takes the place of the one before: three rotations, and a client that missed two arrives', async () => {
    const lists = [
      await listOf(1, [{ publicKey: first.publicKey }, { publicKey: second.publicKey }]),
      await listOf(2, [{ publicKey: second.publicKey }, { publicKey: first.publicKey, revoked: true }]),
      await listOf(7, [{ publicKey: third.publicKey }]),
    ];
    for (const missed of [0, 1, 2]) {
      const ring = ringOf();
      for (const list of lists.slice(missed)) {
        expect((await ring.offer(list)).kind).toBe('taken');
      }
      expect([first, second, third].map((one) => state(ring, one.publicKey))).toEqual([missed < 2 ? 'revoked' : 'unknown', 'unknown', 'trusted']);
    }
  });

  it('cannot take a revocation back, whether a list or the configuration spoke it', async () => {
    const ring = ringOf();
    await ring.offer(await listOf(1, [{ publicKey: first.publicKey, revoked: true }, { publicKey: second.publicKey }]));
    await ring.offer(await listOf(2, [{ publicKey: first.publicKey }]));
    expect(state(ring, first.publicKey)).toBe('revoked');
    const configured = ringOf({ keys: [{ publicKey: first.publicKey, revoked: true }] });
    await configured.offer(await listOf(1, [{ publicKey: first.publicKey }]));
    expect(state(configured, first.publicKey)).toBe('revoked');
  });

  const refusals: [string, () => Promise<Uint8Array>][] = [
    ['signed by a key that signs answers', () => listOf(2, [{ publicKey: second.publicKey }], [first])],
    ['signed by a stranger', () => listOf(2, [{ publicKey: second.publicKey }], [third])],
    ['of the same sequence', () => listOf(1, [{ publicKey: second.publicKey }])],
    ['that names a list key', () => listOf(2, [{ publicKey: listKey.publicKey }])],
    ['with a changed byte', async () => (await listOf(2, [{ publicKey: second.publicKey }])).map((byte, i) => (i === 20 ? byte ^ 1 : byte))],
    ['with a signature over the content without its domain', async () => {
      const content = encodeValue([1, 2, [[second.publicKey, null, null, 0]]]);
      return encodeValue([content, [[keyId(listKey.publicKey, crypto), await listKey.sign(content)]]]);
    }],
    ['that names a key of small order', async () => {
      const content = encodeValue([1, 2, [[new Uint8Array(32), null, null, 0]]]);
      return encodeValue([content, [[keyId(listKey.publicKey, crypto), await listKey.sign(keyListPayload(content))]]]);
    }],
    ['that is none', async () => new Uint8Array(20)],
  ];

  it.each(refusals)('is refused, and the keys stay: %s', async (_, make) => {
    const ring = ringOf();
    await ring.offer(await listOf(1, [{ publicKey: first.publicKey }]));
    expect((await ring.offer(await make())).kind).toBe('refused');
    expect([first, second].map((one) => state(ring, one.publicKey))).toEqual(['trusted', 'unknown']);
  });

  it('sabotage: without verification the forged ones would be taken', async () => {
    const ring = ringOf({ crypto: { ...crypto, verify: () => true } });
    const forged = await refusals[5]![1]();
    expect((await ring.offer(forged)).kind).toBe('taken');
  });

  it('needs as many signers as the threshold says, each counted once', async () => {
    const ring = ringOf({ listKeys: [listKey.publicKey, otherListKey.publicKey], threshold: 2 });
    const keys = [{ publicKey: second.publicKey }];
    expect((await ring.offer(await listOf(1, keys, [listKey]))).kind).toBe('refused');
    expect((await ring.offer(await listOf(1, keys, [listKey, listKey]))).kind).toBe('refused');
    expect((await ring.offer(await listOf(1, keys, [listKey, otherListKey]))).kind).toBe('taken');
  });

  it('is taken once when it is offered twice at a time', async () => {
    const ring = ringOf();
    const list = await listOf(1, [{ publicKey: second.publicKey }]);
    expect((await Promise.all([ring.offer(list), ring.offer(list)])).map((one) => one.kind)).toEqual(['taken', 'refused']);
  });

  it('is never taken by a ring without list keys', async () => {
    expect((await ringOf({ listKeys: [] }).offer(await listOf(1, [{ publicKey: second.publicKey }]))).kind).toBe('refused');
  });
});

describe('a ring', () => {
  it.each([
    ['a key of small order', { keys: [new Uint8Array(32)] }],
    ['a key of 31 bytes', { keys: [new Uint8Array(31)] }],
    ['a list key that signs answers too', { listKeys: [first.publicKey] }],
    ['a threshold of none', { threshold: 0 }],
    ['a threshold that cannot be met', { threshold: 2 }],
  ])('is refused with %s', (_, options) => {
    expect(() => ringOf(options)).toThrow(invalid);
  });
});
