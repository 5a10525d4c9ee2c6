/**
 * The answer on the wire: `[1, proof, keyId, [statement, …], [signature, …]]`, statements as byte strings; the answer to a
 * padded request has zeros as a sixth value that fill it up to its size class.
 *
 * An answer has one spelling: `isCanonicalAnswer` says whether bytes are it. What a signature covers is then all there
 * is, and nothing about an answer can be changed on the way without it being refused.
 */
import { keyIdBytes, maxAnswerBytes, maxPrefixes, maxStatementBytes, signatureBytes } from './limits.js';
import { proofCodes, protocolVersion, wordOf, type AnswerMessage, type Proof } from './messages.js';
import { readBlob, readBytes, readInteger } from './codec/shapes.js';
import { badMessage } from './codec/structure.js';
import { WireReader } from './codec/wire-reader.js';
import { WireWriter } from './codec/wire-writer.js';
import { answerClass, isPaddedTo, padTo } from './size-classes.js';

const maxItems = 7 + 2 * maxPrefixes;
/** Room for all of an answer but its statements and their signatures, before its padding. */
const envelopeRoom = 128;
const noKey = new Uint8Array(0);

/** An answer that came. */
export interface ReadAnswer extends AnswerMessage {
  /** Whatever stood in its place: zeros, when the answer is canonical. */
  readonly padding?: Uint8Array;
}

/** The canonical bytes of an answer, padded for a padded request of `paddedFor` bytes. */
export function encodeAnswer(message: AnswerMessage, paddedFor?: number): Uint8Array {
  const { proof, statements } = message;
  const writer = new WireWriter(plainLength(proof, listLength(statements)) + envelopeRoom);
  writer.list(paddedFor === undefined ? 5 : 6);
  writer.integer(protocolVersion);
  writer.integer(proofCodes[proof.kind]);
  writer.bytes(proof.kind === 'direct' ? proof.keyId : noKey);
  writeBlobs(writer, statements);
  writeBlobs(writer, signaturesOf(proof));
  if (paddedFor === undefined) {
    return writer.finish();
  }
  writer.nil();
  const unpadded = writer.finish();
  return padTo(unpadded, answerClass(paddedFor, proof.kind, unpadded.length));
}

function writeBlobs(writer: WireWriter, blobs: readonly Uint8Array[]): void {
  writer.list(blobs.length);
  for (const blob of blobs) {
    writer.bytes(blob);
  }
}

/** The canonical bytes of a list of statements, as they stand in an answer: what the digest of a direct proof is of. */
export function encodeStatementList(statements: readonly Uint8Array[]): Uint8Array {
  const writer = new WireWriter(listLength(statements) + envelopeRoom);
  writeBlobs(writer, statements);
  return writer.finish();
}

/**
 * True when the bytes that `message` was read from are those of `encodeAnswer`, the only ones that say so to that request.
 * Compares lengths instead of encoding it again: a length field or integer that is not the shortest makes the whole longer,
 * and that no padding makes up for.
 */
export function isCanonicalAnswer(bytes: Uint8Array, message: ReadAnswer, paddedFor: number | undefined): boolean {
  return isCanonicalLength(bytes, { ...message, plain: plainLength(message.proof, listLength(message.statements)) }, paddedFor);
}

/** The same of an answer whose statements have not been taken apart. */
export function isCanonicalFrame(bytes: Uint8Array, frame: AnswerFrame, paddedFor: number | undefined): boolean {
  const { proof, canonicalListBytes, padding } = frame;
  return isCanonicalLength(bytes, { proof, padding, plain: plainLength(proof, canonicalListBytes) }, paddedFor);
}

function isCanonicalLength(
  bytes: Uint8Array,
  { proof, padding, plain }: { readonly proof: Proof; readonly padding?: Uint8Array | undefined; readonly plain: number },
  paddedFor: number | undefined,
): boolean {
  if (paddedFor === undefined || padding === undefined) {
    return paddedFor === undefined && padding === undefined && bytes.length === plain;
  }
  const unpadded = plain + 1;
  return bytes.length === answerClass(paddedFor, proof.kind, unpadded) && isPaddedTo(bytes, unpadded, padding);
}

/** Bytes of the canonical answer without padding. */
function plainLength(proof: Proof, listBytes: number): number {
  const keyId = proof.kind === 'direct' ? proof.keyId : noKey;
  return 3 + blobLength(keyId.length) + listBytes + listLength(signaturesOf(proof));
}

function listLength(blobs: readonly Uint8Array[]): number {
  let length = listHeadLength(blobs.length);
  for (const blob of blobs) {
    length += blobLength(blob.length);
  }
  return length;
}

function listHeadLength(count: number): number {
  return count < 16 ? 1 : 3;
}

function blobLength(length: number): number {
  return length + (length <= 0xff ? 2 : length <= 0xffff ? 3 : 5);
}

/**
 * The answer that the bytes are. Nothing in it is verified yet; statements and signatures are views of `bytes`.
 * @throws VedetteError `transport-failed` when they are none, or over a limit.
 */
export function decodeAnswer(bytes: Uint8Array): ReadAnswer {
  const reader = readerOf(bytes);
  const { fields, kind, keyId } = readEnvelope(reader);
  const statements = readBlobs(reader, 'statement');
  const proof = proofOf(kind, { keyId, signatures: readBlobs(reader, 'signature'), count: statements.length });
  const padding = readPadding(reader, fields);
  return { proof, statements, ...(padding === undefined ? {} : { padding }) };
}

/** An answer that came, its statements left where they lie. */
export interface AnswerFrame {
  readonly proof: Proof;
  /** The list of statements, its head included; a view. */
  readonly list: Uint8Array;
  /** How long the list is in its canonical form. */
  readonly canonicalListBytes: number;
  readonly padding: Uint8Array | undefined;
}

/**
 * The same without an array for each statement: `decodeStatementList` reads them.
 * @throws VedetteError `transport-failed` as `decodeAnswer` does.
 */
export function decodeFrame(bytes: Uint8Array): AnswerFrame {
  const reader = readerOf(bytes);
  const { fields, kind, keyId } = readEnvelope(reader);
  const start = reader.at;
  const count = readListHead(reader, 'statement');
  let canonicalListBytes = listHeadLength(count);
  for (let i = 0; i < count; i++) {
    const length = reader.skipBytes();
    if (length > maxStatementBytes) {
      throw badMessage(`statement is no byte string of at most ${maxStatementBytes} bytes`);
    }
    canonicalListBytes += blobLength(length);
  }
  const list = bytes.subarray(start, reader.at);
  const proof = proofOf(kind, { keyId, signatures: readBlobs(reader, 'signature'), count });
  return { proof, list, canonicalListBytes, padding: readPadding(reader, fields) };
}

function readerOf(bytes: Uint8Array): WireReader {
  if (bytes.length > maxAnswerBytes) {
    throw badMessage(`more than ${maxAnswerBytes} bytes`);
  }
  return new WireReader(bytes, maxItems);
}

/** All before the statements. */
function readEnvelope(reader: WireReader): { readonly fields: number; readonly kind: Proof['kind'] | undefined; readonly keyId: Uint8Array } {
  const fields = reader.list();
  if (fields < 5 || fields > 6) {
    throw badMessage(`an answer of ${fields} values`);
  }
  if (reader.integer() !== protocolVersion) {
    throw badMessage('a version that is not 1');
  }
  return { fields, kind: wordOf(proofCodes, readInteger('proof', reader.integer(), 255)), keyId: reader.bytes() };
}

/** The last value, and that it is the last. */
function readPadding(reader: WireReader, fields: number): Uint8Array | undefined {
  const padding = fields === 5 ? undefined : readBlob('padding', reader.bytes(), maxAnswerBytes);
  reader.end();
  return padding;
}

function readListHead(reader: WireReader, what: string): number {
  const count = reader.list();
  if (count > maxPrefixes) {
    throw badMessage(`${count} ${what}s`);
  }
  return count;
}

function readBlobs(reader: WireReader, what: string): Uint8Array[] {
  const count = readListHead(reader, what);
  const blobs: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    blobs.push(readBlob(what, reader.bytes(), maxStatementBytes));
  }
  return blobs;
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

function proofOf(
  kind: Proof['kind'] | undefined,
  given: { readonly keyId: Uint8Array; readonly signatures: readonly Uint8Array[]; readonly count: number },
): Proof {
  const counts: Readonly<Record<Proof['kind'], number>> = { none: 0, direct: 1, statement: given.count };
  if (kind === undefined) {
    throw badMessage('a proof that this version does not know');
  }
  if (given.signatures.length !== counts[kind]) {
    throw badMessage(`${given.signatures.length} signatures where ${counts[kind]} are expected`);
  }
  const signatures = given.signatures.map((one) => readBytes('signature', one, signatureBytes));
  const keyId = readBytes('key id', given.keyId, kind === 'direct' ? keyIdBytes : 0);
  switch (kind) {
    case 'none':
      return { kind };
    case 'direct':
      return { kind, keyId, signature: signatures[0]! };
    case 'statement':
      return { kind, signatures };
  }
}
