/** The answer on the wire: `[1, proof, keyId, [statement, …], [signature, …]]`, statements as byte strings. */
import { decodeValue, encodeValue, type WireValue } from './codec/codec.js';
import { keyIdBytes, maxAnswerBytes, maxPrefixes, maxStatementBytes, signatureBytes } from './limits.js';
import { proofCodes, protocolVersion, wordOf, type AnswerMessage, type Proof } from './messages.js';
import { readBlob, readBytes, readInteger, readList, readTuple } from './codec/shapes.js';
import { badMessage } from './codec/structure.js';

const structure = { maxBytes: maxAnswerBytes, maxDepth: 2, maxItems: 6 + 2 * maxPrefixes } as const;
const noKey = new Uint8Array(0);

/** The bytes of an answer. */
export function encodeAnswer(message: AnswerMessage): Uint8Array {
  const { proof, statements } = message;
  const keyId = proof.kind === 'direct' ? proof.keyId : noKey;
  return encodeValue([protocolVersion, proofCodes[proof.kind], keyId, statements, signaturesOf(proof)]);
}

/**
 * The answer that the bytes are. Nothing in it is verified yet; statements and signatures are views of `bytes`.
 * @throws VedetteError `transport-failed` when they are none, or over a limit.
 */
export function decodeAnswer(bytes: Uint8Array): AnswerMessage {
  const [version, proofCode, keyId, statements, signatures] = readTuple('answer', decodeValue(bytes, structure), 5);
  if (version !== protocolVersion) {
    throw badMessage('a version that is not 1');
  }
  const blobs = readList('statements', statements, { max: maxPrefixes }).map((one) =>
    readBlob('statement', one, maxStatementBytes),
  );
  return { proof: readProof(proofCode, keyId, { signatures, count: blobs.length }), statements: blobs };
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
