/**
 * A challenge: whoever is asked proves now that it holds a key, and says nothing else (docs/protocol.md, "Challenges").
 *
 * Request `[1, nonce, purpose]`, answer `[1, keyId, signature]`. What is signed begins with a line of its own and names
 * the purpose: the signature passes neither for an answer, a statement, a key list or a pattern, nor for a challenge
 * that was made for another purpose.
 */
import { assertBytes } from '../base/assert.js';
import { concatBytes, equalBytes, toUtf8 } from '../base/bytes.js';
import type { Crypto, Signer } from '../base/seams.js';
import { decodeValue, encodeValue } from './codec/codec.js';
import { readBytes, readInteger, readTuple } from './codec/shapes.js';
import { badMessage } from './codec/structure.js';
import { keyId } from './keys.js';
import { challengeNonceBytes, keyIdBytes, maxChallengeBytes, signatureBytes } from './limits.js';
import { protocolVersion, wordOf } from './messages.js';

/** Appended to the address of a server, in place of the path of queries. */
export const challengePath = '/v1/challenge';

/** What a proof is wanted for. `location`: that the one who is asked can only be reached from inside. */
export type ChallengePurpose = 'location';

/** Codes on the wire. */
const purposeCodes: Readonly<Record<ChallengePurpose, number>> = { location: 1 };

/** A challenge. */
export interface Challenge {
  /** 32 random bytes, new for each. */
  readonly nonce: Uint8Array;
  readonly purpose: ChallengePurpose;
}

const domain = 'vedette challenge v1\n';
const structure = { maxBytes: maxChallengeBytes, maxDepth: 1, maxItems: 4 } as const;

/** The bytes of a challenge. */
export function encodeChallenge(challenge: Challenge): Uint8Array {
  assertBytes('nonce', challenge.nonce, challengeNonceBytes);
  return encodeValue([protocolVersion, challenge.nonce, purposeCodes[challenge.purpose]]);
}

/**
 * The challenge that the bytes are.
 * @throws VedetteError `transport-failed` when they are none, or of a purpose that this version does not know.
 */
export function decodeChallenge(bytes: Uint8Array): Challenge {
  const [version, nonce, code] = readTuple('challenge', decodeValue(bytes, structure), 3);
  if (version !== protocolVersion) {
    throw badMessage('a version that is not 1');
  }
  const purpose = wordOf(purposeCodes, readInteger('purpose', code, 255));
  if (purpose === undefined) {
    throw badMessage('a purpose that this version does not know');
  }
  return { nonce: readBytes('nonce', nonce, challengeNonceBytes), purpose };
}

/** What is signed: domain, purpose and a line end, nonce. */
export function challengePayload({ nonce, purpose }: Challenge): Uint8Array {
  return concatBytes([toUtf8(`${domain}${purpose}\n`), nonce]);
}

/** The answer of whoever holds the key. */
export async function meetChallenge(challenge: Challenge, by: { readonly signer: Signer; readonly crypto: Pick<Crypto, 'sha256'> }): Promise<Uint8Array> {
  const signature = await by.signer.sign(challengePayload(challenge));
  return encodeValue([protocolVersion, keyId(by.signer.publicKey, by.crypto), signature]);
}

/** True when the bytes are the answer of one of these keys (raw, 32 bytes each) to exactly this challenge. Never rejects. */
export async function isChallengeMet(
  bytes: Uint8Array,
  challenge: Challenge,
  by: { readonly keys: readonly Uint8Array[]; readonly crypto: Pick<Crypto, 'sha256' | 'verify'> },
): Promise<boolean> {
  try {
    const { id, signature } = decodeAnswer(bytes);
    const publicKey = by.keys.find((key) => equalBytes(keyId(key, by.crypto), id));
    return publicKey !== undefined && (await by.crypto.verify(publicKey, challengePayload(challenge), signature));
  } catch {
    // untrusted: whatever cannot be read proves nothing.
    return false;
  }
}

function decodeAnswer(bytes: Uint8Array): { readonly id: Uint8Array; readonly signature: Uint8Array } {
  const [version, id, signature] = readTuple('answer to a challenge', decodeValue(bytes, structure), 3);
  if (version !== protocolVersion) {
    throw badMessage('a version that is not 1');
  }
  return { id: readBytes('key id', id, keyIdBytes), signature: readBytes('signature', signature, signatureBytes) };
}
