import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { generateKeyPair, publicKeyFromPem, signerFromPem } from '../../src/node/node-keys.js';

const crypto = createNodeCrypto();
const message = new TextEncoder().encode('message');

describe('key pairs', () => {
  it('sign what their public half verifies, before and after a stay in PEM', async () => {
    const pair = generateKeyPair();
    expect(pair.publicKey).toEqual(pair.signer.publicKey);
    expect(pair.publicKey.length).toBe(32);
    for (const signer of [pair.signer, signerFromPem(pair.privateKeyPem)]) {
      const signature = await signer.sign(message);
      expect(signature.length).toBe(64);
      expect(crypto.verify(pair.publicKey, message, signature)).toBe(true);
      expect(signer.publicKey).toEqual(pair.publicKey);
    }
    expect(publicKeyFromPem(pair.publicKeyPem)).toEqual(pair.publicKey);
    expect(publicKeyFromPem(pair.privateKeyPem)).toEqual(pair.publicKey);
  });

  it('are new every time', () => {
    expect(generateKeyPair().publicKey).not.toEqual(generateKeyPair().publicKey);
  });

  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const locked = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-128-cbc', passphrase: 'x' }).toString();
  it.each([
    ['nothing', ''],
    ['text', 'not a key'],
    ['an RSA key', rsa.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()],
    ['an X25519 key', generateKeyPairSync('x25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()],
    ['a public key', generateKeyPair().publicKeyPem],
    ['a cut key', generateKeyPair().privateKeyPem.slice(0, 60)],
    ['an encrypted key', locked],
  ])('are not made of %s, and the text is not quoted', (_, pem) => {
    const attempt = (): unknown => signerFromPem(pem);
    expect(attempt).toThrow(expect.objectContaining({ code: 'config-invalid', message: 'private key: expected an Ed25519 key in PEM' }) as Error);
    if (!pem.includes('PUBLIC')) {
      expect(() => publicKeyFromPem(pem)).toThrow(expect.objectContaining({ code: 'config-invalid' }) as Error);
    }
  });
});
