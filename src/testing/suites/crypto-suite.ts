/** What every `Crypto` promises: SHA-256 (FIPS 180), Ed25519 verification (RFC 8032) that never throws, and chance. */
import { fromHex, toHex } from '../../base/bytes.js';
import type { Crypto } from '../../base/seams.js';
import { assertEqual, assertTrue } from '../assertions.js';
import { createPartMaker, registerSuite } from '../runner.js';
import type { PartMaker, SuiteOptions, SuiteTests, TestRunner } from '../runner.js';

/** Options of `describeCrypto`. */
export type CryptoSuiteOptions = SuiteOptions<Crypto>;

type Fixture = PartMaker<Crypto, void>;

/** Registers the conformance suite of the cryptography seam. */
export function describeCrypto(runner: TestRunner, options: CryptoSuiteOptions): void {
  registerSuite<Fixture>(runner, {
    title: `Crypto: ${options.name}`,
    tests,
    skip: options.skip,
    open: () => createPartMaker(options),
    close: (fixture) => fixture.disposeAll(),
  });
}

/** RFC 8032 § 7.1, tests 1 to 3. */
const vectors = [
  {
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature: 'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature: '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature: '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
].map((one) => ({ publicKey: bytesOf(one.publicKey), message: bytesOf(one.message), signature: bytesOf(one.signature) }));

const tests: SuiteTests<Fixture> = {
  'SHA-256 is that of the standard': async ({ make }) => {
    const crypto = await make();
    assertEqual('of nothing', toHex(crypto.sha256(new Uint8Array(0))), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    assertEqual('of abc', toHex(crypto.sha256(bytesOf('616263'))), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    const view = bytesOf('00616263ff').subarray(1, 4);
    assertEqual('of a view', toHex(crypto.sha256(view)), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  },
  'good signatures are good': async ({ make }) => {
    const crypto = await make();
    for (const { publicKey, message, signature } of vectors) {
      assertEqual(`signature of ${toHex(message)}`, await crypto.verify(publicKey, message, signature), true);
    }
  },
  'a changed bit anywhere makes a signature bad': async ({ make }) => {
    const crypto = await make();
    for (const { publicKey, message, signature } of vectors.slice(1)) {
      for (let bit = 0; bit < signature.length * 8; bit += 37) {
        assertEqual(`signature with bit ${bit} changed`, await crypto.verify(publicKey, message, flipped(signature, bit)), false);
      }
      for (let bit = 0; bit < publicKey.length * 8; bit += 37) {
        assertEqual(`key with bit ${bit} changed`, await crypto.verify(flipped(publicKey, bit), message, signature), false);
      }
      assertEqual('message with a bit changed', await crypto.verify(publicKey, flipped(message, 0), signature), false);
    }
  },
  'keys and signatures of a wrong form are bad, not an error': async ({ make }) => {
    const crypto = await make();
    const { publicKey, message, signature } = vectors[1] ?? { publicKey: new Uint8Array(32), message: new Uint8Array(0), signature: new Uint8Array(64) };
    for (const length of [0, 1, 31, 33, 64]) {
      assertEqual(`key of ${length} bytes`, await crypto.verify(new Uint8Array(length), message, signature), false);
    }
    for (const length of [0, 1, 63, 65, 128]) {
      assertEqual(`signature of ${length} bytes`, await crypto.verify(publicKey, message, new Uint8Array(length)), false);
    }
    assertEqual('key that is no point', await crypto.verify(new Uint8Array(32).fill(0xff), message, signature), false);
  },
  'a signature whose scalar is not reduced is bad': async ({ make }) => {
    const crypto = await make();
    const { publicKey, message, signature } = vectors[1] ?? { publicKey: new Uint8Array(32), message: new Uint8Array(0), signature: new Uint8Array(64) };
    assertEqual('S + L', await crypto.verify(publicKey, message, withOrderAdded(signature)), false);
  },
  'inputs are left as they were': async ({ make }) => {
    const crypto = await make();
    for (const vector of vectors) {
      const before = structuredClone(vector);
      crypto.sha256(vector.message);
      await crypto.verify(vector.publicKey, vector.message, vector.signature);
      assertEqual('inputs', vector, before);
    }
  },
  'random bytes are as many as asked and never the same': async ({ make }) => {
    const crypto = await make();
    const drawn = Array.from({ length: 100 }, () => crypto.randomBytes(16));
    assertTrue('length', drawn.every((one) => one.length === 16));
    assertEqual('different ones of 100', new Set(drawn.map(toHex)).size, 100);
  },
};

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array(0);
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  return bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}

/** RFC 8032 § 5.1.7: S must be below L; S + L verifies as well where that is not checked. */
function withOrderAdded(signature: Uint8Array): Uint8Array {
  const order = bytesOf('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');
  const changed = signature.slice();
  let carry = 0;
  for (let i = 0; i < 32; i++) {
    const sum = (changed[32 + i] ?? 0) + (order[i] ?? 0) + carry;
    changed[32 + i] = sum & 0xff;
    carry = sum >> 8;
  }
  return changed;
}
