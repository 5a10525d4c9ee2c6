/**
 * The section `signatures` of an agent pattern: byte signatures, one after the other, without padding.
 *
 *   version u8 · classes: varint count, per class the threat's type and its detail as JSON (empty: none), both as text
 *   varint count · per signature: name text, varint index of its class, varint target, offset, varint count of nodes, nodes
 *   offset: 0 any | 1 start, varint at, varint shift | 2 end, varint before, varint shift
 *   node: 0 run | 1 gap, varint min, varint max | 2 gap, varint min | 3 alternatives, varint count, runs | 4 negated, same
 *   run: varint 4·length + form, bytes, then the mask: form 0 all ff, 1 two bits a byte (0 ff, 1 f0, 2 0f, 3 00), 2 as it is
 *   text: varint length, UTF-8
 */
import type { Json } from '../../base/seams.js';
import type { Threat } from '../../base/verdict.js';
import { ByteReader, plainBytes } from '../bytes/byte-reader.js';
import { ByteWriter } from '../bytes/byte-writer.js';
import { refused } from '../refused.js';
import { readCount, readText, writeText } from './signature-fields.js';
import { readNode, readOffset, readParts, writeNode, writeOffset } from './signature-node-codec.js';
import type { PartBudget } from './signature-node-codec.js';
import { signatureFault, signatureLimits } from './signature-shape.js';
import type { ByteSignature } from '../signature.js';

/** How much is made of the bytes. Each limit is the largest value that passes. */
export interface SignatureDecodeLimits {
  /** Default 2,000,000. */
  readonly maxSignatures?: number;
  /** Nodes and alternatives of all signatures: an object each in memory, a byte or two in the file. Default 8,000,000. */
  readonly maxParts?: number;
}

/** What many threats have in common. */
type ThreatClass = Omit<Threat, 'name'>;

const codecVersion = 1;
const maxClasses = 65_536;
const what = 'signatures';

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
  const classes = writeClasses(out, signatures);
  out.varint(signatures.length);
  for (const { threat, target, offset, nodes } of signatures) {
    writeText(out, threat.name);
    out.varint(classes.get(classKey(threat))!);
    out.varint(target);
    writeOffset(out, offset);
    out.varint(nodes.length);
    nodes.forEach((node) => writeNode(out, node));
  }
  return out.finish();
}

/**
 * The signatures in the bytes. Their values are views of `bytes`, which are kept and not to be changed.
 * @throws VedetteError `pattern-refused`, `detail.cause`: truncated, version, limit, malformed.
 */
export function decodeSignatures(bytes: Uint8Array, limits: SignatureDecodeLimits = {}): ByteSignature[] {
  // untrusted: a digest over the section says that it is whole, not that its author meant well
  const reader = new ByteReader(plainBytes(bytes), what);
  const version = reader.u8();
  if (version !== codecVersion) {
    throw refused('version', `${what}: encoding ${version} is not known`, { version });
  }
  const classes = Array.from({ length: readCount(reader, 'classes', maxClasses) }, () => readClass(reader));
  const count = readCount(reader, 'signatures', limits.maxSignatures ?? 2_000_000);
  const parts = { left: limits.maxParts ?? 8_000_000, max: limits.maxParts ?? 8_000_000 };
  const signatures: ByteSignature[] = [];
  for (let i = 0; i < count; i++) {
    signatures.push(readSignature(reader, classes, parts));
  }
  reader.end();
  return signatures;
}

function readSignature(reader: ByteReader, classes: readonly ThreatClass[], parts: PartBudget): ByteSignature {
  const at = reader.at;
  const name = readText(reader, signatureLimits.maxNameBytes);
  const threatClass = classes[reader.varint()];
  if (threatClass === undefined) {
    throw refused('malformed', `${what}: a class that is not in the table`, { at });
  }
  const target = reader.varint();
  const offset = readOffset(reader);
  const nodes = Array.from({ length: readParts(reader, 'nodes', parts) }, () => readNode(reader, parts));
  const signature: ByteSignature = { threat: { name, ...threatClass }, target, offset, nodes };
  const fault = signatureFault(signature);
  if (fault !== undefined) {
    throw refused('malformed', `${what}: ${fault}`, { at });
  }
  return signature;
}

/** Writes the table of classes, sorted. @returns the index of each by its key. */
function writeClasses(out: ByteWriter, signatures: readonly ByteSignature[]): Map<string, number> {
  const byKey = new Map(signatures.map(({ threat }) => [classKey(threat), threat]));
  const keys = [...byKey.keys()].sort();
  if (keys.length > maxClasses) {
    throw new TypeError(`signatures: ${keys.length} different types and details, the limit is ${maxClasses}`);
  }
  out.varint(keys.length);
  for (const key of keys) {
    const { type, detail } = byKey.get(key)!;
    writeText(out, type);
    writeText(out, detail === undefined ? '' : JSON.stringify(detail));
  }
  return new Map(keys.map((key, i) => [key, i]));
}

function classKey({ type, detail }: ThreatClass): string {
  return JSON.stringify([type, detail]);
}

function readClass(reader: ByteReader): ThreatClass {
  const at = reader.at;
  const type = readText(reader, signatureLimits.maxTypeBytes);
  const detail = readText(reader, signatureLimits.maxDetailBytes);
  try {
    return { type, ...(detail === '' ? {} : { detail: JSON.parse(detail) as Json }) };
  } catch {
    throw refused('malformed', `${what}: a detail is no JSON`, { at });
  }
}
