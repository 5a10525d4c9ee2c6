import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/base/bytes.js';
import { generateKeyPair } from '../../src/node/node-keys.js';
import { isStrictSignature } from '../../src/protocol/strict-signature.js';

const order = 'edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010';
const below = 'ecd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010';
const zero = '00'.repeat(32);

describe('the form of a signature', () => {
  it.each([
    ['S = 0', zero + zero, true],
    ['S = L − 1', zero + below, true],
    ['S = L', zero + order, false],
    ['S = L + 1', zero + `ee${order.slice(2)}`, false],
    ['S = 2^256 − 1', zero + 'ff'.repeat(32), false],
    ['S with its highest bit set', `${zero}${'00'.repeat(31)}80`, false],
    ['R with y = p − 1', `ec${'ff'.repeat(30)}7f${zero}`, true],
    ['R with y = p', `ed${'ff'.repeat(30)}7f${zero}`, false],
    ['R with y = p and the sign of x', `ed${'ff'.repeat(30)}ff${zero}`, false],
    ['R with y = 2^255 − 1', `${'ff'.repeat(31)}7f${zero}`, false],
    ['63 bytes', zero + zero.slice(2), false],
    ['65 bytes', `${zero}${zero}00`, false],
    ['nothing', '', false],
  ])('%s', (_, hex, strict) => {
    expect(isStrictSignature(fromHex(hex)!)).toBe(strict);
  });

  it('is that of every signature that is made', async () => {
    const { signer } = generateKeyPair();
    for (let i = 0; i < 50; i++) {
      expect(isStrictSignature(await signer.sign(Uint8Array.of(i)))).toBe(true);
    }
  });
});
