import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/base/bytes.js';
import type { Crypto } from '../../src/base/seams.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { generateKeyPair } from '../../src/node/node-keys.js';
import { createPortableCrypto } from '../../src/preset/portable-crypto.js';
import { isUsableKey } from '../../src/protocol/keys.js';
import { sharedPath } from '../shared.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const native = createNodeCrypto();
const portable = createPortableCrypto();

interface Wycheproof {
  readonly testGroups: readonly {
    readonly publicKey: { readonly pk: string };
    readonly tests: readonly { readonly tcId: number; readonly msg: string; readonly sig: string; readonly result: string }[];
  }[];
}

interface SpecCase {
  readonly pub_key: string;
  readonly message: string;
  readonly signature: string;
}

function readShared<T>(path: string): T {
  return JSON.parse(readFileSync(sharedPath(path)!, 'utf8')) as T;
}

/** How many of the vectors a verifier judges otherwise than they are marked. */
async function wycheproofFaults(crypto: Pick<Crypto, 'verify'>): Promise<number[]> {
  const faults: number[] = [];
  for (const group of readShared<Wycheproof>('data/crypto/wycheproof-ed25519.json').testGroups) {
    for (const one of group.tests) {
      const valid = await crypto.verify(fromHex(group.publicKey.pk)!, fromHex(one.msg)!, fromHex(one.sig)!);
      if (valid !== (one.result === 'valid')) {
        faults.push(one.tcId);
      }
    }
  }
  return faults;
}

const hasVectors = sharedPath('data/crypto/wycheproof-ed25519.json') !== undefined;

describe('Ed25519 verification', () => {
  it.skipIf(!hasVectors)('judges every Wycheproof vector as it is marked, here and in WebCrypto (needs the shared data)', async () => {
    expect(await wycheproofFaults(native)).toEqual([]);
    expect(await wycheproofFaults(portable)).toEqual([]);
    expect((await wycheproofFaults({ verify: () => true })).length).toBeGreaterThan(10);
  });

  /**
   * The cases of https://eprint.iacr.org/2020/1244, table 5: 0 and 1 have a key of small order, 2 an R of small order,
   * 3 key and R of mixed order, 4 and 5 hold with a cofactor only, 6 and 7 have S ≥ L, 8 and 9 an R and 10 and 11 a key
   * that is not canonical and of small order. What runtimes differ about is refused: keys by `isUsableKey`, the rest by
   * the equation without cofactor.
   */
  const specCases: [number, boolean][] = [
    [0, false], [1, false], [2, true], [3, true], [4, false], [5, false], [6, false], [7, false], [8, false], [9, false], [10, false], [11, false],
  ];
  it.skipIf(!hasVectors).each(specCases)('says the same as WebCrypto about case %i of the speccheck: %j (needs the shared data)', async (index, expected) => {
    const one = readShared<SpecCase[]>('data/crypto/ed25519-speccheck-cases.json')[index]!;
    const [key, message, signature] = [one.pub_key, one.message, one.signature].map((hex) => fromHex(hex)!) as [Uint8Array, Uint8Array, Uint8Array];
    expect(await native.verify(key, message, signature)).toBe(expected);
    // Keys are refused where they enter, before any runtime is asked about them.
    expect(isUsableKey(key) && (await portable.verify(key, message, signature))).toBe(expected);
  });

  it('agrees with WebCrypto on real signatures, whole and with a bit turned', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.nat(), fc.constantFrom('none', 'key', 'message', 'signature'), async (message, bit, where) => {
        const { signer } = generateKeyPair();
        const parts = { key: signer.publicKey.slice(), message: message.slice(), signature: (await signer.sign(message)).slice() };
        const part = where === 'none' || parts[where].length === 0 ? undefined : parts[where];
        if (part !== undefined) {
          part[(bit >> 3) % part.length]! ^= 1 << (bit & 7);
        }
        expect(await native.verify(parts.key, parts.message, parts.signature)).toBe(part === undefined);
        expect(await portable.verify(parts.key, parts.message, parts.signature)).toBe(part === undefined);
      }),
      runs,
    );
  });

  it('is false, never a throw, for keys and signatures of other lengths', async () => {
    const { signer } = generateKeyPair();
    const signature = await signer.sign(new Uint8Array(1));
    for (const length of [0, 31, 33, 64]) {
      expect(native.verify(new Uint8Array(length).fill(7), new Uint8Array(1), signature)).toBe(false);
    }
    for (const length of [0, 63, 65]) {
      expect(native.verify(signer.publicKey, new Uint8Array(1), new Uint8Array(length))).toBe(false);
    }
  });

  it('goes on telling keys apart when it has seen more of them than it keeps', async () => {
    const small = createNodeCrypto({ maxKeys: 2 });
    const signers = Array.from({ length: 4 }, () => generateKeyPair().signer);
    const message = new Uint8Array(3);
    for (let round = 0; round < 2; round++) {
      for (const [i, signer] of signers.entries()) {
        const signature = await signer.sign(message);
        expect(signers.map((one) => small.verify(one.publicKey, message, signature))).toEqual(signers.map((_, at) => at === i));
      }
    }
  });
});

describe('digests and randomness', () => {
  it('are SHA-256 in plain byte arrays, of views too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(20), (bytes, from) => {
        const view = bytes.subarray(Math.min(from, bytes.length));
        const digest = native.sha256(view);
        expect(digest).toEqual(new Uint8Array(createHash('sha256').update(view).digest()));
        expect(digest).toEqual(portable.sha256(view));
      }),
      runs,
    );
    expect(Object.getPrototypeOf(native.sha256(new Uint8Array(0)))).toBe(Uint8Array.prototype);
    const [one, two] = [native.randomBytes(16), native.randomBytes(16)];
    expect([one.length, Object.getPrototypeOf(one) === Uint8Array.prototype, one.join() === two.join()]).toEqual([16, true, false]);
  });
});
