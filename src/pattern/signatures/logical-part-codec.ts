/**
 * Expressions and subsignatures of logical signatures in bytes.
 *
 *   expression   varint 6·n + kind: 0 part n | 1 and, 2 or of n expressions that follow | 3 =, 4 >, 5 < n, then varint
 *                distinct (0: not asked) and the expression that is counted
 *   subsignature u8: 0 a body | 1 two bodies | 2 macro: varints min, max, group | 3 byte comparison | 4 PCRE
 *   comparison   varint part, zigzag offset, u8 format + 4·big-endian + 8·exact, varint bytes, u8 count of conditions,
 *                each u8 0 = 1 > 2 < and 8 bytes of a signed number
 *   PCRE         offset, trigger as an expression, varint length and bytes of the source, text of the flags
 */
import type { ByteReader } from '../bytes/byte-reader.js';
import type { ByteWriter } from '../bytes/byte-writer.js';
import { refused } from '../refused.js';
import type { ByteComparison, LogicalExpression, PcreSubsignature, Subsignature } from '../signature.js';
import { readBody, readOffset, unzigzag, writeBody, writeOffset, zigzag } from './logical-body-codec.js';
import { logicalLimits } from './logical-shape.js';
import type { ObjectBudget } from './object-budget.js';
import { readCount, readText, writeText } from './signature-fields.js';

const comparisons = ['=', '>', '<'] as const;
const formats = ['hex', 'decimal', 'auto', 'raw'] as const;
const maxFlags = 16;

/** Appends an expression. */
export function writeExpression(out: ByteWriter, expression: LogicalExpression): void {
  switch (expression.kind) {
    case 'part':
      out.varint(6 * expression.part);
      return;
    case 'and':
    case 'or':
      out.varint(6 * expression.terms.length + (expression.kind === 'and' ? 1 : 2));
      expression.terms.forEach((term) => writeExpression(out, term));
      return;
    case 'count':
      out.varint(6 * expression.count + 3 + comparisons.indexOf(expression.compare));
      out.varint(expression.distinct ?? 0);
      writeExpression(out, expression.of);
  }
}

/** What `writeExpression` wrote. */
export function readExpression(reader: ByteReader, budget: ObjectBudget, depth = 1): LogicalExpression {
  if (depth > logicalLimits.maxDepth) {
    throw refused('limit', 'signatures: an expression nested too deep', { at: reader.at, max: logicalLimits.maxDepth });
  }
  const head = reader.varint();
  const [kind, n] = [head % 6, Math.floor(head / 6)];
  if (kind === 0) {
    return { kind: 'part', part: n };
  }
  if (kind <= 2) {
    const count = budget.take(reader, n);
    return { kind: kind === 1 ? 'and' : 'or', terms: Array.from({ length: count }, () => readExpression(reader, budget, depth + 1)) };
  }
  budget.take(reader, 1);
  const distinct = reader.varint();
  const of = readExpression(reader, budget, depth + 1);
  return { kind: 'count', of, compare: comparisons[(kind - 3) as 0 | 1 | 2], count: n, ...(distinct === 0 ? {} : { distinct }) };
}

/** Appends a subsignature. */
export function writePart(out: ByteWriter, part: Subsignature): void {
  switch (part.kind) {
    case 'bodies':
      out.u8(part.bodies.length - 1);
      part.bodies.forEach((body) => writeBody(out, body));
      return;
    case 'macro':
      out.u8(2);
      [part.min, part.max, part.group].forEach((value) => out.varint(value));
      return;
    case 'byte-comparison':
      out.u8(3);
      writeComparison(out, part);
      return;
    case 'pcre':
      out.u8(4);
      writePcre(out, part);
  }
}

/** What `writePart` wrote; whether it keeps the rules is for the caller to ask. */
export function readPart(reader: ByteReader, budget: ObjectBudget): Subsignature {
  const kind = reader.u8();
  switch (kind) {
    case 0:
      return { kind: 'bodies', bodies: [readBody(reader, budget)] };
    case 1:
      return { kind: 'bodies', bodies: [readBody(reader, budget), readBody(reader, budget)] };
    case 2:
      return { kind: 'macro', min: reader.varint(), max: reader.varint(), group: reader.varint() };
    case 3:
      return readComparison(reader);
    case 4:
      return readPcre(reader, budget);
    default:
      throw refused('malformed', `signatures: subsignature kind ${kind}`, { at: reader.at });
  }
}

function writeComparison(out: ByteWriter, part: ByteComparison): void {
  out.varint(part.part);
  out.varint(zigzag(part.offset));
  out.u8(formats.indexOf(part.format) + (part.endian === 'big' ? 4 : 0) + (part.exact ? 8 : 0));
  out.varint(part.bytes);
  out.u8(part.conditions.length);
  for (const { compare, value } of part.conditions) {
    const bits = BigInt.asUintN(64, value);
    out.u8(comparisons.indexOf(compare));
    out.u32(Number(bits & 0xffff_ffffn));
    out.u32(Number(bits >> 32n));
  }
}

function readComparison(reader: ByteReader): ByteComparison {
  const [part, offset, options, bytes, count] = [reader.varint(), unzigzag(reader.varint()), reader.u8(), reader.varint(), reader.u8()];
  if (options > 15 || count > 2) {
    throw refused('malformed', 'signatures: a byte comparison that is none', { at: reader.at });
  }
  return {
    kind: 'byte-comparison',
    part,
    offset,
    format: formats[(options & 3) as 0 | 1 | 2 | 3],
    endian: (options & 4) === 0 ? 'little' : 'big',
    exact: (options & 8) !== 0,
    bytes,
    conditions: Array.from({ length: count }, () => readCondition(reader)),
  };
}

function readCondition(reader: ByteReader): ByteComparison['conditions'][number] {
  const compare = comparisons[reader.u8()];
  if (compare === undefined) {
    throw refused('malformed', 'signatures: a condition that is none', { at: reader.at });
  }
  const low = BigInt(reader.u32());
  return { compare, value: BigInt.asIntN(64, (BigInt(reader.u32()) << 32n) | low) };
}

function writePcre(out: ByteWriter, part: PcreSubsignature): void {
  writeOffset(out, part.offset);
  writeExpression(out, part.trigger);
  out.varint(part.source.length);
  out.bytes(Uint8Array.from(part.source, (character) => character.charCodeAt(0)));
  writeText(out, part.flags);
}

function readPcre(reader: ByteReader, budget: ObjectBudget): PcreSubsignature {
  const offset = readOffset(reader);
  const trigger = readExpression(reader, budget);
  const source = reader.bytes(readCount(reader, 'bytes of an expression', logicalLimits.maxSourceBytes));
  const flags = readText(reader, maxFlags);
  return { kind: 'pcre', offset, trigger, source: Array.from(source, (byte) => String.fromCharCode(byte)).join(''), flags };
}
