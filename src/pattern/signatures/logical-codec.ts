/**
 * The sections `logical` and `macros` of an agent pattern, without padding.
 *
 *   logical  version u8 · classes (threat-classes.ts) · varint count · per signature: name text, varint index of its class,
 *            varint target, ranges, expression, varint count of subsignatures, these (logical-part-codec.ts)
 *   ranges   u8 1 file size + 2 entry point + 4 number of sections, then for each a varint min and a varint max + 1 (0 none)
 *   macros   version u8 · varint count · per body: varint target, varint group, body (logical-body-codec.ts)
 */
import { ByteReader, plainBytes } from '../bytes/byte-reader.js';
import { ByteWriter } from '../bytes/byte-writer.js';
import { refused } from '../refused.js';
import type { LogicalSignature, MacroBody, NumberRange, TargetDescription } from '../signature.js';
import { readBody, writeBody } from './logical-body-codec.js';
import { readExpression, readPart, writeExpression, writePart } from './logical-part-codec.js';
import { logicalFault, logicalLimits, macroFault } from './logical-shape.js';
import { ObjectBudget } from './object-budget.js';
import { readCount, readText, writeText } from './signature-fields.js';
import { signatureLimits } from './signature-shape.js';
import type { ThreatClass } from './threat-classes.js';
import { readThreat, readThreatClasses, writeThreatClasses } from './threat-classes.js';

/** How much is made of the bytes. Each limit is the largest value that passes. */
export interface LogicalDecodeLimits {
  /** Default 200,000. */
  readonly maxLogical?: number;
  /** Default 1,000,000. */
  readonly maxMacros?: number;
  /** Subsignatures, nodes, alternatives and terms of each of the two sections. Default 4,000,000. */
  readonly maxLogicalParts?: number;
}

const codecVersion = 1;
const ranges = ['fileSize', 'entryPoint', 'numberOfSections'] as const;

/** The bytes of these signatures, in their order. @throws TypeError for what `logicalFault` objects to. */
export function encodeLogical(signatures: readonly LogicalSignature[]): Uint8Array {
  const out = new ByteWriter();
  out.u8(codecVersion);
  const classOf = writeThreatClasses(out, signatures.map(({ threat }) => threat));
  out.varint(signatures.length);
  for (const signature of signatures) {
    const fault = logicalFault(signature);
    if (fault !== undefined) {
      throw new TypeError(`signature ${JSON.stringify(signature.threat.name)}: ${fault}`);
    }
    writeText(out, signature.threat.name);
    out.varint(classOf(signature.threat));
    writeDescription(out, signature.description);
    writeExpression(out, signature.expression);
    out.varint(signature.parts.length);
    signature.parts.forEach((part) => writePart(out, part));
  }
  return out.finish();
}

/**
 * The signatures in the bytes. Their values are views of `bytes`, which are kept and not to be changed.
 * @throws VedetteError `pattern-refused`, `detail.cause`: truncated, version, limit, malformed.
 */
export function decodeLogical(bytes: Uint8Array, limits: LogicalDecodeLimits = {}): LogicalSignature[] {
  const reader = openSection(bytes);
  const classes = readThreatClasses(reader);
  const count = readCount(reader, 'logical signatures', limits.maxLogical ?? 200_000);
  const budget = new ObjectBudget(limits.maxLogicalParts ?? 4_000_000);
  const signatures: LogicalSignature[] = [];
  for (let i = 0; i < count; i++) {
    signatures.push(readSignature(reader, classes, budget));
  }
  reader.end();
  return signatures;
}

/** The bytes of these bodies, in their order. @throws TypeError for what `macroFault` objects to. */
export function encodeMacros(macros: readonly MacroBody[]): Uint8Array {
  const out = new ByteWriter();
  out.u8(codecVersion);
  out.varint(macros.length);
  for (const macro of macros) {
    const fault = macroFault(macro);
    if (fault !== undefined) {
      throw new TypeError(`a body of macro group ${macro.group}: ${fault}`);
    }
    out.varint(macro.target);
    out.varint(macro.group);
    writeBody(out, macro);
  }
  return out.finish();
}

/** What `encodeMacros` wrote, as `decodeLogical` reads. */
export function decodeMacros(bytes: Uint8Array, limits: LogicalDecodeLimits = {}): MacroBody[] {
  const reader = openSection(bytes);
  const count = readCount(reader, 'macro bodies', limits.maxMacros ?? 1_000_000);
  const budget = new ObjectBudget(limits.maxLogicalParts ?? 4_000_000);
  const macros: MacroBody[] = [];
  for (let i = 0; i < count; i++) {
    const macro: MacroBody = { target: reader.varint(), group: reader.varint(), ...readBody(reader, budget) };
    assertWhole(reader, macroFault(macro));
    macros.push(macro);
  }
  reader.end();
  return macros;
}

function openSection(bytes: Uint8Array): ByteReader {
  // untrusted: a digest over the section says that it is whole, not that its author meant well
  const reader = new ByteReader(plainBytes(bytes), 'signatures');
  const version = reader.u8();
  if (version !== codecVersion) {
    throw refused('version', `signatures: encoding ${version} is not known`, { version });
  }
  return reader;
}

function readSignature(reader: ByteReader, classes: readonly ThreatClass[], budget: ObjectBudget): LogicalSignature {
  const threat = readThreat(reader, readText(reader, signatureLimits.maxNameBytes), classes);
  const description = readDescription(reader);
  const expression = readExpression(reader, budget);
  const count = budget.take(reader, readCount(reader, 'subsignatures', logicalLimits.maxParts));
  const parts = Array.from({ length: count }, () => readPart(reader, budget));
  const signature: LogicalSignature = { threat, description, expression, parts };
  assertWhole(reader, logicalFault(signature));
  return signature;
}

function assertWhole(reader: ByteReader, fault: string | undefined): void {
  if (fault !== undefined) {
    throw refused('malformed', `signatures: ${fault}`, { at: reader.at });
  }
}

function writeDescription(out: ByteWriter, description: TargetDescription): void {
  out.varint(description.target);
  out.u8(ranges.reduce((bits, name, i) => bits + (description[name] === undefined ? 0 : 1 << i), 0));
  for (const name of ranges) {
    const range = description[name];
    if (range !== undefined) {
      out.varint(range.min);
      out.varint(range.max === undefined ? 0 : range.max + 1);
    }
  }
}

function readDescription(reader: ByteReader): TargetDescription {
  const target = reader.varint();
  const bits = reader.u8();
  if (bits > 7) {
    throw refused('malformed', 'signatures: a range of an unknown kind', { at: reader.at });
  }
  const read = ranges.filter((_, i) => (bits & (1 << i)) !== 0).map((name): [string, NumberRange] => [name, readRange(reader)]);
  return { target, ...Object.fromEntries(read) };
}

function readRange(reader: ByteReader): NumberRange {
  const min = reader.varint();
  const max = reader.varint();
  return max === 0 ? { min } : { min, max: max - 1 };
}
