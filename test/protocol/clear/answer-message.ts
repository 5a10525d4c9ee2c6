/** The clear form of src/protocol/answer-message.ts: bytes become values, and values an answer. */
import type { ReadAnswer } from '../../../src/protocol/answer-message.js';
import type { WireValue } from '../../../src/protocol/codec/codec.js';
import { decodeValue, encodeValue } from '../../../src/testing/capture/packed.js';
import { keyIdBytes, maxAnswerBytes, maxPrefixes, maxStatementBytes, signatureBytes } from '../../../src/protocol/limits.js';
import { proofCodes, protocolVersion, wordOf, type AnswerMessage, type Proof } from '../../../src/protocol/messages.js';
import { readBlob, readBytes, readInteger, readList, readTuple } from '../../../src/protocol/codec/shapes.js';
import { badMessage } from '../../../src/protocol/codec/structure.js';
import { answerClass, padTo } from '../../../src/protocol/size-classes.js';

const structure = { maxBytes: maxAnswerBytes, maxDepth: 2, maxItems: 7 + 2 * maxPrefixes } as const;
const noKey = new Uint8Array(0);

/** The canonical bytes of an answer, padded for a padded request of `paddedFor` bytes. */
export function encodeAnswer(message: AnswerMessage, paddedFor?: number): Uint8Array {
  const { proof, statements } = message;
  const keyId = proof.kind === 'direct' ? proof.keyId : noKey;
  const plain: WireValue[] = [protocolVersion, proofCodes[proof.kind], keyId, statements, signaturesOf(proof)];
  if (paddedFor === undefined) {
    return encodeValue(plain);
  }
  const unpadded = encodeValue([...plain, null]);
  return padTo(unpadded, answerClass(paddedFor, proof.kind, unpadded.length));
}

/**
 * The answer that the bytes are. Nothing in it is verified yet; statements and signatures are views of `bytes`.
 * @throws VedetteError `transport-failed` when they are none, or over a limit.
 */
export function decodeAnswer(bytes: Uint8Array): ReadAnswer {
  const [version, proofCode, keyId, statements, signatures, padding] = readList('answer', decodeValue(bytes, structure), { min: 5, max: 6 });
  if (version !== protocolVersion) {
    throw badMessage('a version that is not 1');
  }
  const blobs = readList('statements', statements, { max: maxPrefixes }).map((one) =>
    readBlob('statement', one, maxStatementBytes),
  );
  const proof = readProof(proofCode, keyId, { signatures, count: blobs.length });
  return { proof, statements: blobs, ...(padding === undefined ? {} : { padding: readBlob('padding', padding, maxAnswerBytes) }) };
}

function signaturesOf(proof: Proof): readonly Uint8Array[] {
  switch (proof.kind) {
    case 'none':
      return [];
    case 'direct':
      return [proof.signature];
    case 'statement':
      return proof.signatures;
  }
}

function readProof(
  code: WireValue | undefined,
  keyId: WireValue | undefined,
  given: { readonly signatures: WireValue | undefined; readonly count: number },
): Proof {
  const kind = wordOf(proofCodes, readInteger('proof', code, 255));
  const counts: Readonly<Record<Proof['kind'], number>> = { none: 0, direct: 1, statement: given.count };
  if (kind === undefined) {
    throw badMessage('a proof that this version does not know');
  }
  const signatures = readTuple('signatures', given.signatures, counts[kind]).map((one) =>
    readBytes('signature', one, signatureBytes),
  );
  const key = readBytes('key id', keyId, kind === 'direct' ? keyIdBytes : 0);
  switch (kind) {
    case 'none':
      return { kind };
    case 'direct':
      return { kind, keyId: key, signature: signatures[0]! };
    case 'statement':
      return { kind, signatures };
  }
}
