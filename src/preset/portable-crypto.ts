/** The cryptography seam where only the web platform is there: noble for small synchronous digests, WebCrypto for Ed25519. */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Crypto } from '../base/seams.js';
import { isUsableKey } from '../protocol/keys.js';
import { isStrictSignature } from '../protocol/strict-signature.js';

/** Works on every runtime with WebCrypto Ed25519 (Node 20, Bun, Deno, Workers, current browsers). */
export function createPortableCrypto(): Crypto {
  return {
    sha256: (bytes) => sha256(bytes),
    verify: verifyWithWebCrypto,
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  };
}

async function verifyWithWebCrypto(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  // Keys of small order sign everything, and about other spellings of a number runtimes differ.
  if (!isUsableKey(publicKey) || !isStrictSignature(signature)) {
    return false;
  }
  try {
    const key = await crypto.subtle.importKey('raw', new Uint8Array(publicKey), { name: 'Ed25519' }, false, ['verify']);
    return await crypto.subtle.verify({ name: 'Ed25519' }, key, new Uint8Array(signature), new Uint8Array(message));
  } catch {
    return false;
  }
}
