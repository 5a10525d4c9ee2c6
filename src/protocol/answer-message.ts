/**
 * The answer on the wire: `[1, proof, keyId, [statement, …], [signature, …]]`, statements as byte strings; the answer to a
 * padded request has zeros as a sixth value that fill it up to its size class.
 *
 * An answer has one spelling: `isCanonicalAnswer` says whether bytes are it. What a signature covers is then all there
 * is, and nothing about an answer can be changed on the way without it being refused.
 */
import { decodeValue, encodeValue, type WireValue } from './codec/codec.js';
import { keyIdBytes, maxAnswerBytes, maxPrefixes, maxStatementBytes, signatureBytes } from './limits.js';
import { proofCodes, protocolVersion, wordOf, type AnswerMessage, type Proof } from './messages.js';
import { readBlob, readBytes, readInteger, readList, readTuple } from './codec/shapes.js';
import { badMessage } from './codec/structure.js';
import { answerClass, isPaddedTo, padTo } from './size-classes.js';

const structure = { maxBytes: maxAnswerBytes, maxDepth: 2, maxItems: 7 + 2 * maxPrefixes } as const;
const noKey = new Uint8Array(0);

/** An answer that came. */
export interface ReadAnswer extends AnswerMessage {
  /** Whatever stood in its place: zeros, when the answer is canonical. */
  readonly padding?: Uint8Array;
}

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
 * True when the bytes that `message` was read from are those of `encodeAnswer`, the only ones that say so to that request.
 * Compares lengths instead of encoding it again: a length field or integer that is not the shortest makes the whole longer,
 * and that no padding makes up for.
 */
export function isCanonicalAnswer(bytes: Uint8Array, message: ReadAnswer, paddedFor: number | undefined): boolean {
  const plain = plainLength(message);
  if (paddedFor === undefined || message.padding === undefined) {
    return paddedFor === undefined && message.padding === undefined && bytes.length === plain;
  }
  const unpadded = plain + 1;
  return bytes.length === answerClass(paddedFor, message.proof.kind, unpadded) && isPaddedTo(bytes, unpadded, message.padding);
}

/** Bytes of the canonical answer without padding. */
function plainLength({ proof, statements }: AnswerMessage): number {
  const keyId = proof.kind === 'direct' ? proof.keyId : noKey;
  return 3 + blobLength(keyId) + listLength(statements) + listLength(signaturesOf(proof));
}

function listLength(blobs: readonly Uint8Array[]): number {
  let length = blobs.length < 16 ? 1 : 3;
  for (const blob of blobs) {
    length += blobLength(blob);
  }
  return length;
}

function blobLength({ length }: Uint8Array): number {
  return length + (length <= 0xff ? 2 : length <= 0xffff ? 3 : 5);
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
