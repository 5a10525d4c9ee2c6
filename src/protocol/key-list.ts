/**
 * A key list as bytes: `[content, [[keyId, signature], …]]`, the content a byte string that holds
 * `[1, sequence, [[publicKey, notBefore, notAfter, revoked], …]]`, instants in epoch ms or nil, revoked 0 or 1.
 *
 * The operator's list keys sign it offline; a host hands it to its key ring. Signatures are over the content as it came.
 */
import { assertInteger } from '../base/assert.js';
import { concatBytes, toUtf8 } from '../base/bytes.js';
import type { Crypto, Signer } from '../base/seams.js';
import { decodeValue, encodeValue, type WireValue } from './codec/codec.js';
import { readBlob, readBytes, readInteger, readList, readOptionalInteger, readTuple } from './codec/shapes.js';
import { badMessage } from './codec/structure.js';
import { isUsableKey, keyId } from './keys.js';
import type { TrustedKey } from './key-ring.js';
import { keyIdBytes, maxKeyListBytes, maxListedKeys, signatureBytes } from './limits.js';
import { protocolVersion } from './messages.js';

/** Appended to the address of a server: `POST` or `GET` gives its key list. */
export const keyListPath = '/v1/keys';

const domain = 'vedette keys v1\n';
const maxSignatures = 16;
const structure = { maxBytes: maxKeyListBytes, maxDepth: 3, maxItems: 4 + 3 * maxSignatures } as const;
const contentStructure = { maxBytes: maxKeyListBytes, maxDepth: 3, maxItems: 4 + 5 * maxListedKeys } as const;

/** A list that has been read; whether its signatures hold is the key ring's to find. */
export interface KeyList {
  /** Higher than that of every list before. */
  readonly sequence: number;
  readonly keys: readonly TrustedKey[];
  /** The bytes that are signed. */
  readonly content: Uint8Array;
  readonly signatures: readonly { readonly keyId: Uint8Array; readonly signature: Uint8Array }[];
}

/**
 * Makes a list: every key that is to count from now on, the next one too, and those that are revoked.
 * @throws RangeError over 64 keys, for a sequence below 1, or an instant that is no whole number of ms.
 */
export async function createKeyList(options: {
  readonly sequence: number;
  readonly keys: readonly TrustedKey[];
  readonly signers: readonly Signer[];
  readonly crypto: Pick<Crypto, 'sha256'>;
}): Promise<Uint8Array> {
  const { sequence, keys, signers, crypto } = options;
  assertInteger('sequence', sequence, { min: 1 });
  assertInteger('keys of a list', keys.length, { min: 1, max: maxListedKeys });
  assertInteger('signers of a list', signers.length, { min: 1, max: maxSignatures });
  const content = encodeValue([protocolVersion, sequence, keys.map(keyToWire)]);
  const payload = keyListPayload(content);
  const signatures = await Promise.all(
    signers.map(async (signer): Promise<WireValue> => [keyId(signer.publicKey, crypto), await signer.sign(payload)]),
  );
  return encodeValue([content, signatures]);
}

/** The message that list keys sign. */
export function keyListPayload(content: Uint8Array): Uint8Array {
  return concatBytes([toUtf8(domain), content]);
}

/**
 * The list that the bytes are.
 * @throws VedetteError `transport-failed` when they are none, over a limit, or name a key of small order.
 */
export function decodeKeyList(bytes: Uint8Array): KeyList {
  const [contentValue, signatureValues] = readTuple('key list', decodeValue(bytes, structure), 2);
  const content = readBlob('content', contentValue, maxKeyListBytes).slice();
  const [version, sequence, keys] = readTuple('content', decodeValue(content, contentStructure), 3);
  if (version !== protocolVersion) {
    throw badMessage('a version that is not 1');
  }
  return {
    sequence: readInteger('sequence', sequence),
    keys: readList('keys', keys, { min: 1, max: maxListedKeys }).map(keyFromWire),
    content,
    signatures: readList('signatures', signatureValues, { max: maxSignatures }).map((value) => {
      const [id, signature] = readTuple('signature', value, 2);
      return {
        keyId: readBytes('key id', id, keyIdBytes).slice(),
        signature: readBytes('signature', signature, signatureBytes).slice(),
      };
    }),
  };
}

function keyToWire(key: TrustedKey): WireValue {
  return [key.publicKey, instantToWire('notBefore', key.notBefore), instantToWire('notAfter', key.notAfter), key.revoked === true ? 1 : 0];
}

function instantToWire(name: string, instant: number | undefined): WireValue {
  if (instant === undefined) {
    return null;
  }
  assertInteger(name, instant, { min: 0 });
  return instant;
}

function keyFromWire(value: WireValue): TrustedKey {
  const [publicKeyValue, notBefore, notAfter, revoked] = readTuple('key', value, 4);
  const publicKey = readBytes('public key', publicKeyValue, 32).slice();
  if (!isUsableKey(publicKey)) {
    throw badMessage('a key that cannot be used');
  }
  return {
    publicKey,
    notBefore: readOptionalInteger('not before', notBefore),
    notAfter: readOptionalInteger('not after', notAfter),
    revoked: readInteger('revoked', revoked, 1) === 1,
  };
}
