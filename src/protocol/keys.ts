/**
 * Public keys as people and files carry them, and the short id by which messages name them.
 *
 * Text form: `ed25519:` and the 32 raw bytes (RFC 8032) as base64url without padding. A key of small order is refused
 * wherever a key enters: under such a key a signature can be made that fits many messages.
 */
import { fromBase64Url, toBase64Url, toHex } from '../base/bytes.js';
import { VedetteError } from '../base/errors.js';
import type { Crypto } from '../base/seams.js';
import { keyIdBytes } from './limits.js';
import { isBelowPrime } from './strict-signature.js';

const publicKeyBytes = 32;
const textPrefix = 'ed25519:';

/** y of the points of order 1, 2, 4 and 8, little-endian without the sign bit: https://eprint.iacr.org/2020/1244, table 1. */
const smallOrderKeys: readonly string[] = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
];

/** The text form of 32 raw public bytes. */
export function formatPublicKey(publicKey: Uint8Array): string {
  return textPrefix + toBase64Url(publicKey);
}

/**
 * The 32 raw public bytes of the text form; white space around it is allowed, a second spelling of the bytes is not.
 * @throws VedetteError `config-invalid` when it is anything else, or a key of small order.
 */
export function parsePublicKey(text: string): Uint8Array {
  const trimmed = text.trim();
  const raw = trimmed.startsWith(textPrefix) ? fromBase64Url(trimmed.slice(textPrefix.length)) : undefined;
  if (raw?.length !== publicKeyBytes || formatPublicKey(raw) !== trimmed || !isUsableKey(raw)) {
    throw new VedetteError('config-invalid', 'public key: expected "ed25519:" and 32 bytes in base64url', {
      detail: { what: 'public-key' },
    });
  }
  return raw;
}

/**
 * True for 32 bytes that encode a y below the field prime and are not of small order. Runtimes differ about the keys
 * that are left out here; whether the bytes are a point at all, `verify` finds.
 */
export function isUsableKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== publicKeyBytes) {
    return false;
  }
  const y = publicKey.slice();
  y[31]! &= 0x7f;
  return isBelowPrime(y) && !smallOrderKeys.includes(toHex(y));
}

/** The first 8 bytes of SHA-256 of the raw public key. */
export function keyId(publicKey: Uint8Array, crypto: Pick<Crypto, 'sha256'>): Uint8Array {
  return crypto.sha256(publicKey).slice(0, keyIdBytes);
}
