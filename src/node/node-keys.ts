/** Ed25519 key pairs in Node: made, read from PEM and written as PEM (private: PKCS #8, public: SubjectPublicKeyInfo). */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { VedetteError } from '../base/errors.js';
import type { Signer } from '../base/seams.js';

/** A new key pair. */
export interface KeyPair {
  readonly signer: Signer;
  /** The 32 raw public bytes. */
  readonly publicKey: Uint8Array;
  /** PKCS #8, not encrypted: write it with mode 0600. */
  readonly privateKeyPem: string;
  /** SubjectPublicKeyInfo. */
  readonly publicKeyPem: string;
}

/** In front of the raw bytes of an Ed25519 key in SubjectPublicKeyInfo (RFC 8410): always the same 12. */
const spkiHeadBytes = 12;

/**
 * A new Ed25519 key pair from the system's randomness. The keys are written as PEM where they are made: to export the objects that
 * Node makes keeps it standing still for ever when it collects garbage at that moment (Node 20: the export holds the key's lock,
 * and what made the key takes it once more as it is let go).
 */
export function generateKeyPair(): KeyPair {
  const { privateKey: privateKeyPem, publicKey: publicKeyPem } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
    publicKeyEncoding: { format: 'pem', type: 'spki' },
  });
  return { signer: signerFromPem(privateKeyPem), publicKey: publicKeyFromPem(publicKeyPem), privateKeyPem, publicKeyPem };
}

/**
 * A signer over a private key in PEM.
 * @throws VedetteError `config-invalid` when it is no unencrypted Ed25519 private key. The text is never quoted.
 */
export function signerFromPem(pem: string): Signer {
  return signerOf(readKey('private key', () => createPrivateKey(pem)));
}

/**
 * The 32 raw public bytes of a public key in PEM. A private key is taken too: its public half is meant.
 * @throws VedetteError `config-invalid` when it is no Ed25519 key.
 */
export function publicKeyFromPem(pem: string): Uint8Array {
  return rawPublicKey(readKey('public key', () => createPublicKey(pem)));
}

function signerOf(privateKey: KeyObject): Signer {
  return {
    publicKey: rawPublicKey(createPublicKey(privateKey)),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

function rawPublicKey(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }).subarray(spkiHeadBytes));
}

function readKey(what: string, read: () => KeyObject): KeyObject {
  const key = attempt(read);
  if (key?.asymmetricKeyType !== 'ed25519') {
    throw new VedetteError('config-invalid', `${what}: expected an Ed25519 key in PEM`, { detail: { what } });
  }
  return key;
}

/** The cause is dropped on purpose: OpenSSL's messages may speak about the key. */
function attempt(read: () => KeyObject): KeyObject | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
