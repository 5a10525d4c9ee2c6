/**
 * The form that an Ed25519 signature must have before any runtime is asked about it (RFC 8032, section 5.1.7): S is below
 * the group order, and R names a y below the field prime. Without the first a signature has a second spelling, S + L;
 * about the second verifiers differ. Together with `isUsableKey` and the equation without cofactor, which every runtime
 * that we know of uses, this makes all of them say the same: see the speccheck cases in test/node/node-crypto.test.ts.
 */
import { signatureBytes } from './limits.js';

/** L, the order of the group, little-endian. */
const groupOrder = Uint8Array.of(
  0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
);

/** True for 64 bytes whose R and S are written in the one way that there is. */
export function isStrictSignature(signature: Uint8Array): boolean {
  return signature.length === signatureBytes && isBelowPrime(signature) && isBelowOrder(signature.subarray(32));
}

/** True when the first 32 bytes, without their highest bit (the sign of x), are below 2^255 − 19. */
export function isBelowPrime(point: Uint8Array): boolean {
  return point[0]! < 0xed || (point[31]! & 0x7f) !== 0x7f || point.subarray(1, 31).some((byte) => byte !== 0xff);
}

function isBelowOrder(scalar: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    if (scalar[i] !== groupOrder[i]) {
      return scalar[i]! < groupOrder[i]!;
    }
  }
  return false;
}
