/**
 * A statement on the wire:
 * `[1, kind, algorithm, prefix, generation, issuedAt, expiresAt, ttlMs, keyId, [[hash, disposition, [[name, type], …], size, score], …]]`,
 * with `[category, …]` as a sixth value of a record that has any.
 *
 * A disposition that this version does not know makes the whole statement `not-understood`: leaving out just its
 * record could turn "listed for something new" into "not listed". Such a statement counts as unanswered.
 */
import { assertBytes, assertInteger } from '../base/assert.js';
import { hashBytes, prefixBytes, type AnswerRecord, type HashAlgorithm } from '../base/fingerprint.js';
import type { Threat } from '../base/verdict.js';
import { keyIdBytes, maxCategories, maxCategoryBytes, maxNameBytes, maxPrefixes, maxRecords, maxStatementBytes, maxStatementItems, maxThreats, maxTypeBytes } from './limits.js';
import { algorithmCodes, dispositionCodes, kindCodes, protocolVersion, wordOf, type Statement } from './messages.js';
import { readBytes, readInteger, readText } from './codec/shapes.js';
import { badMessage } from './codec/structure.js';
import { WireReader } from './codec/wire-reader.js';
import { integerBytes, WireWriter } from './codec/wire-writer.js';

/** What one record adds to a statement as a rule (bytes). */
const recordRoom = 96;
const noNegative = { min: 0 } as const;
const ten = { min: 10, max: 10 } as const;
const overLength = `a statement of more than ${maxStatementBytes} bytes`;

/** What the bytes of a statement say. */
export type ReadStatement =
  | { readonly kind: 'understood'; readonly statement: Statement }
  /** Well-formed, but with a disposition of a later version: unanswered. Its records are not given. */
  | { readonly kind: 'not-understood'; readonly statement: Omit<Statement, 'records'> };

/**
 * The canonical bytes of a statement.
 * @throws RangeError TypeError when a field is outside of its range.
 */
export function encodeStatement(statement: Statement): Uint8Array {
  const { kind, algorithm, prefix, generation, issuedAt, expiresAt, ttlMs, keyId, records } = statement;
  assertBytes('prefix', prefix, prefixBytes);
  const writer = new WireWriter(headLength(statement) + records.length * recordRoom);
  writer.list(10);
  writer.integer(protocolVersion);
  writer.integer(kindCodes[kind]);
  writer.integer(algorithmCodes[algorithm]);
  writer.bytes(prefix);
  writeCount(writer, 'generation', generation);
  writeCount(writer, 'issuedAt', issuedAt);
  writeCount(writer, 'expiresAt', expiresAt);
  writeCount(writer, 'ttlMs', ttlMs);
  writer.bytes(keyId);
  writer.list(records.length);
  for (const record of records) {
    writeRecord(writer, record);
  }
  return writer.finish();
}

/** The list of records with which a statement ends. @throws RangeError TypeError as `encodeStatement`. */
export function encodeRecords(records: readonly AnswerRecord[]): Uint8Array {
  const writer = new WireWriter(1 + records.length * recordRoom);
  writer.list(records.length);
  for (const record of records) {
    writeRecord(writer, record);
  }
  return writer.finish();
}

/**
 * Bytes of a statement without records. Met exactly: what has at most 64 bytes is kept on the heap of V8, and made in a
 * fifth of the time.
 */
function headLength({ generation, issuedAt, expiresAt, ttlMs, keyId }: Statement): number {
  const fixed = 1 + 3 + (2 + prefixBytes) + (2 + keyId.length) + 1;
  return fixed + integerBytes(generation) + integerBytes(issuedAt) + integerBytes(expiresAt) + integerBytes(ttlMs);
}

/** Byte strings that a reader of many statements has already: where one of them comes, it is given instead of a copy. */
export interface KnownBytes {
  readonly keyId: Uint8Array;
  /** By `prefixNumber`. */
  prefix(number: number): Uint8Array | undefined;
}

/**
 * The statement that the bytes are, its byte strings copied so that a kept record does not keep the whole answer.
 * @throws VedetteError `transport-failed` when they are none, or over a limit.
 */
export function decodeStatement(bytes: Uint8Array, known?: KnownBytes): ReadStatement {
  if (bytes.length > maxStatementBytes) {
    throw badMessage(overLength);
  }
  const reader = new WireReader(bytes, maxStatementItems);
  const read = readStatement(reader, known);
  reader.end();
  return read;
}

/**
 * The statements of a list as it stands in an answer, read where they lie: `decodeStatement` of each.
 * @throws VedetteError `transport-failed` as that does, and for what is no list of byte strings.
 */
export function decodeStatementList(list: Uint8Array, known: KnownBytes): ReadStatement[] {
  const reader = new WireReader(list, 1 + maxPrefixes);
  const statements: ReadStatement[] = [];
  for (let left = reader.list(); left > 0; left--) {
    if (reader.enter(maxStatementItems) > maxStatementBytes) {
      throw badMessage(overLength);
    }
    statements.push(readStatement(reader, known));
    reader.leave();
  }
  reader.end();
  return statements;
}

function readStatement(reader: WireReader, known: KnownBytes | undefined): ReadStatement {
  const records: AnswerRecord[] = [];
  const statement = readHead(reader, known, records);
  let understood = true;
  for (let left = readCount(reader, 'records', { max: maxRecords }); left > 0; left--) {
    const record = readRecord(reader, statement);
    understood &&= record !== undefined;
    if (record !== undefined) {
      records.push(record);
    }
  }
  if (understood) {
    return { kind: 'understood', statement };
  }
  const { records: _, ...head } = statement;
  return { kind: 'not-understood', statement: head };
}

/** All but the records, for which there is a list already: one object instead of two for each statement. */
function readHead(reader: WireReader, known: KnownBytes | undefined, records: readonly AnswerRecord[]): Statement {
  readCount(reader, 'statement', ten);
  if (reader.integer() !== protocolVersion) {
    throw badMessage('a version that is not 1');
  }
  const kind = wordOf(kindCodes, readInteger('kind', reader.integer(), 255));
  const algorithm = wordOf(algorithmCodes, readInteger('algorithm', reader.integer(), 255));
  if (kind === undefined || algorithm === undefined) {
    throw badMessage('a kind or algorithm that nobody asked for');
  }
  return {
    kind,
    algorithm,
    prefix: readPrefix(reader, known),
    generation: readInteger('generation', reader.integer()),
    issuedAt: readInteger('issued', reader.integer()),
    expiresAt: readInteger('expires', reader.integer()),
    ttlMs: readInteger('ttl', reader.integer()),
    keyId: readKeyId(reader, known),
    records,
  };
}

function readPrefix(reader: WireReader, known: KnownBytes | undefined): Uint8Array {
  const number = reader.fourBytes('prefix');
  return known?.prefix(number) ?? Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number);
}

function readKeyId(reader: WireReader, known: KnownBytes | undefined): Uint8Array {
  return known !== undefined && reader.isBytes(known.keyId) ? known.keyId : readBytes('key id', reader.bytes(), 0, keyIdBytes).slice();
}

function writeRecord(writer: WireWriter, record: AnswerRecord): void {
  const { hash, disposition, threats, size, score, categories = [] } = record;
  writer.list(categories.length === 0 ? 5 : 6);
  writer.bytes(hash);
  writer.integer(dispositionCodes[disposition]);
  writer.list(threats.length);
  for (const { name, type } of threats) {
    writer.list(2);
    writer.text(name);
    writer.text(type);
  }
  writeOptional(writer, size);
  writeOptional(writer, score);
  if (categories.length > 0) {
    writer.list(categories.length);
    categories.forEach((category) => writer.text(category));
  }
}

/** Undefined for a disposition that this version does not know; everything else about the record must be in order. */
function readRecord(
  reader: WireReader,
  under: { readonly algorithm: HashAlgorithm; readonly prefix: Uint8Array },
): AnswerRecord | undefined {
  const fields = readCount(reader, 'record', { min: 5, max: 6 });
  const hash = reader.copy('hash', hashBytes[under.algorithm]);
  if (!startsWith(hash, under.prefix)) {
    throw badMessage('a record whose hash is not under the prefix');
  }
  const disposition = wordOf(dispositionCodes, readInteger('disposition', reader.integer(), 255));
  const threats = readThreats(reader);
  const size = readOptional(reader, 'size');
  const score = readOptional(reader, 'score', 100);
  const categories = fields < 6 ? undefined : readCategories(reader);
  return disposition === undefined
    ? undefined
    : {
        hash,
        disposition,
        threats,
        ...(size === undefined ? {} : { size }),
        ...(score === undefined ? {} : { score }),
        ...(categories === undefined ? {} : { categories }),
      };
}

function readThreats(reader: WireReader): Threat[] {
  const threats: Threat[] = [];
  for (let left = readCount(reader, 'threats', { max: maxThreats }); left > 0; left--) {
    readCount(reader, 'threat', { min: 2, max: 2 });
    threats.push({ name: readText('name', reader.text(), maxNameBytes), type: readText('type', reader.text(), maxTypeBytes) });
  }
  return threats;
}

/** A record without categories has no list of them: there is one way to say nothing. */
function readCategories(reader: WireReader): readonly string[] {
  const categories: string[] = [];
  for (let left = readCount(reader, 'categories', { min: 1, max: maxCategories }); left > 0; left--) {
    categories.push(readText('category', reader.text(), maxCategoryBytes));
  }
  return categories;
}

function readCount(reader: WireReader, what: string, size: { readonly min?: number; readonly max: number }): number {
  const count = reader.list();
  if (count < (size.min ?? 0) || count > size.max) {
    throw badMessage(`${what} has ${count} values, expected ${size.min ?? 0} to ${size.max}`);
  }
  return count;
}

function readOptional(reader: WireReader, what: string, max?: number): number | undefined {
  return reader.nil() ? undefined : readInteger(what, reader.integer(), max);
}

function writeCount(writer: WireWriter, name: string, value: number): void {
  assertInteger(name, value, noNegative);
  writer.integer(value);
}

function writeOptional(writer: WireWriter, value: number | undefined): void {
  if (value === undefined) {
    writer.nil();
  } else {
    writer.integer(value);
  }
}

function startsWith(hash: Uint8Array, prefix: Uint8Array): boolean {
  for (let i = 0; i < prefixBytes; i++) {
    if (hash[i] !== prefix[i]) {
      return false;
    }
  }
  return true;
}
