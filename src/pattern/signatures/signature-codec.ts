/**
 * The section `signatures` of an agent pattern: byte signatures, one after the other, without padding.
 *
 *   version u8 · classes (name-classes.ts) · varint count · per signature: rest of its name, varint index of its class,
 *   varint target, body (logical-body-codec.ts)
 *   text: varint length, UTF-8
 *
 * This is the clear version, which makes an object of everything; signature-store.ts reads the bytes where they lie.
 */
import { ByteReader, plainBytes } from '../bytes/byte-reader.js';
import { ByteWriter } from '../bytes/byte-writer.js';
import { refused } from '../refused.js';
import { readBody, writeBody } from './logical-body-codec.js';
import type { NameClass } from './name-classes.js';
import { readNameClasses, readNamedThreat, writeNameClasses } from './name-classes.js';
import { ObjectBudget } from './object-budget.js';
import { readCount, readText, writeText } from './signature-fields.js';
import { signatureFault, signatureLimits } from './signature-shape.js';
import type { ByteSignature } from '../signature.js';

/** How much is made of the bytes. Each limit is the largest value that passes. */
export interface SignatureDecodeLimits {
  /** Default 2,000,000. */
  readonly maxSignatures?: number;
  /** Nodes and alternatives of all signatures: an object each in memory, a byte or two in the file. Default 8,000,000. */
  readonly maxParts?: number;
}

const codecVersion = 3;
const what = 'signatures';

/** Default of `maxParts`. */
export const defaultMaxParts = 8_000_000;

/**
 * The bytes of these signatures, in their order.
 * @throws TypeError for what `signatureFault` objects to, and for over 65,536 different pairs of threat type and detail.
 */
export function encodeSignatures(signatures: readonly ByteSignature[]): Uint8Array {
  for (const signature of signatures) {
    const fault = signatureFault(signature);
    if (fault !== undefined) {
      throw new TypeError(`signature ${JSON.stringify(signature.threat.name)}: ${fault}`);
    }
  }
  const out = new ByteWriter();
  out.u8(codecVersion);
  const classOf = writeNameClasses(out, signatures.map(({ threat }) => threat));
  out.varint(signatures.length);
  for (const signature of signatures) {
    const { index, rest } = classOf(signature.threat);
    writeText(out, rest);
    out.varint(index);
    out.varint(signature.target);
    writeBody(out, signature);
  }
  return out.finish();
}

/** What stands before the first signature. @throws VedetteError `pattern-refused`: version, limit, truncated, malformed. */
export function readSignaturesHead(reader: ByteReader, limits: SignatureDecodeLimits): { readonly classes: readonly NameClass[]; readonly count: number } {
  const version = reader.u8();
  if (version !== codecVersion) {
    throw refused('version', `${what}: encoding ${version} is not known`, { version });
  }
  const classes = readNameClasses(reader);
  return { classes, count: readCount(reader, 'signatures', limits.maxSignatures ?? 2_000_000) };
}

/**
 * The signatures in the bytes. Their values are views of `bytes`, which are kept and not to be changed.
 * @throws VedetteError `pattern-refused`, `detail.cause`: truncated, version, limit, malformed.
 */
export function decodeSignatures(bytes: Uint8Array, limits: SignatureDecodeLimits = {}): ByteSignature[] {
  // untrusted: a digest over the section says that it is whole, not that its author meant well
  const reader = new ByteReader(plainBytes(bytes), what);
  const { classes, count } = readSignaturesHead(reader, limits);
  const budget = new ObjectBudget(limits.maxParts ?? defaultMaxParts);
  const signatures: ByteSignature[] = [];
  for (let i = 0; i < count; i++) {
    signatures.push(readSignature(reader, classes, budget));
  }
  reader.end();
  return signatures;
}

/** One signature. @throws VedetteError `pattern-refused` when it breaks a rule. */
export function readSignature(reader: ByteReader, classes: readonly NameClass[], budget: ObjectBudget): ByteSignature {
  const at = reader.at;
  const threat = readNamedThreat(reader, readText(reader, signatureLimits.maxNameBytes), classes);
  const target = reader.varint();
  const signature: ByteSignature = { threat, target, ...readBody(reader, budget) };
  const fault = signatureFault(signature);
  if (fault !== undefined) {
    throw refused('malformed', `${what}: ${fault}`, { at });
  }
  return signature;
}
