import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { formatPublicKey, isUsableKey, keyId, parsePublicKey } from '../../src/protocol/keys.js';
import { generateKeyPair } from '../../src/node/node-keys.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';

const crypto = createNodeCrypto();
const invalid = expect.objectContaining({ code: 'config-invalid' }) as Error;

describe('public keys as text', () => {
  it('come back, with white space around them too', () => {
    const { publicKey } = generateKeyPair();
    expect(parsePublicKey(formatPublicKey(publicKey))).toEqual(publicKey);
    expect(parsePublicKey(`  ${formatPublicKey(publicKey)}\n`)).toEqual(publicKey);
  });

  const good = formatPublicKey(new Uint8Array(32).fill(7));
  it.each([
    ['nothing', ''],
    ['another scheme', good.replace('ed25519', 'rsa')],
    ['no scheme', good.replace('ed25519:', '')],
    ['31 bytes', formatPublicKey(new Uint8Array(31).fill(7))],
    ['33 bytes', formatPublicKey(new Uint8Array(33).fill(7))],
    ['padding', `${good}=`],
    ['a second spelling of the last character', `${good.slice(0, -1)}d`],
    ['characters of plain base64', `ed25519:${'+/'.repeat(21)}A`],
    ['a key of small order', formatPublicKey(new Uint8Array(32))],
  ])('are refused for %s', (_, text) => {
    expect(() => parsePublicKey(text)).toThrow(invalid);
  });

  it('are named by the first 8 bytes of SHA-256 of the raw key', () => {
    const key = new Uint8Array(32).fill(7);
    expect(toHex(keyId(key, crypto))).toBe(toHex(crypto.sha256(key)).slice(0, 16));
  });
});

describe('keys that are refused', () => {
  const weak = [
    '0100000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000080',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0000000000000000000000000000000000000000000000000000000000000080',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ];
  it.each(weak)('%s (small order or y not below the field prime)', (hex) => {
    expect(isUsableKey(fromHex(hex)!)).toBe(false);
  });

  it('and their neighbours are not', () => {
    for (const hex of ['ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', '0200000000000000000000000000000000000000000000000000000000000000']) {
      expect(isUsableKey(fromHex(hex)!)).toBe(true);
    }
    expect(Array.from({ length: 50 }, () => isUsableKey(generateKeyPair().publicKey))).not.toContain(false);
  });
});
