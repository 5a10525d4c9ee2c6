/**
 * The cryptography seam over node:crypto: native SHA-256, Ed25519 with parsed keys kept for reuse, system randomness.
 * Says the same about every signature as the portable one; the vectors of both are compared in the tests.
 */
import { createPublicKey, hash, randomBytes, verify, type KeyObject } from 'node:crypto';
import { toLatin1 } from '../base/bytes.js';
import type { Crypto } from '../base/seams.js';
import { isUsableKey } from '../protocol/keys.js';
import { isStrictSignature } from '../protocol/strict-signature.js';

/** DER of a SubjectPublicKeyInfo for Ed25519 (RFC 8410) up to the 32 raw bytes. */
const spkiPrefix = Uint8Array.from([0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]);

/** Synchronous throughout. Parsed keys are kept for the last `maxKeys` (default 64) public keys used. */
export function createNodeCrypto(options: { readonly maxKeys?: number } = {}): Crypto {
  const keys = new Map<string, KeyObject | undefined>();
  const maxKeys = options.maxKeys ?? 64;
  const keyFor = (raw: Uint8Array): KeyObject | undefined => {
    const id = toLatin1(raw);
    const key = keys.has(id) ? keys.get(id) : importKey(raw);
    // Re-inserted, so that the first key of the map is the one used longest ago.
    keys.delete(id);
    keys.set(id, key);
    if (keys.size > maxKeys) {
      keys.delete(keys.keys().next().value ?? id);
    }
    return key;
  };
  return {
    sha256: (bytes) => plain(hash('sha256', bytes, 'buffer')),
    verify: (publicKey, message, signature) => {
      if (publicKey.length !== 32 || !isStrictSignature(signature)) {
        return false;
      }
      const key = keyFor(publicKey);
      return key !== undefined && verify(null, message, key, signature);
    },
    randomBytes: (count) => plain(randomBytes(count)),
  };
}

function importKey(raw: Uint8Array): KeyObject | undefined {
  if (!isUsableKey(raw)) {
    return undefined;
  }
  try {
    return createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

/** The same bytes without Node's class. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
