/** The clear form of src/protocol/statement.ts: bytes become values, and values a statement. */
import { assertBytes, assertInteger } from '../../../src/base/assert.js';
import { equalBytes } from '../../../src/base/bytes.js';
import { hashBytes, hashPrefix, prefixBytes, type AnswerRecord, type HashAlgorithm } from '../../../src/base/fingerprint.js';
import type { Threat } from '../../../src/base/verdict.js';
import type { WireValue } from '../../../src/protocol/codec/codec.js';
import type { ReadStatement } from '../../../src/protocol/statement.js';
import { decodeValue, encodeValue, wireInteger } from '../../../src/testing/capture/packed.js';
import { keyIdBytes, maxCategories, maxCategoryBytes, maxNameBytes, maxRecords, maxStatementBytes, maxStatementItems, maxThreats, maxTypeBytes } from '../../../src/protocol/limits.js';
import { algorithmCodes, dispositionCodes, kindCodes, protocolVersion, wordOf, type Statement } from '../../../src/protocol/messages.js';
import { readBytes, readInteger, readList, readOptionalInteger, readText, readTuple } from '../../../src/protocol/codec/shapes.js';
import { badMessage } from '../../../src/protocol/codec/structure.js';

const structure = { maxBytes: maxStatementBytes, maxDepth: 5, maxItems: maxStatementItems } as const;

/**
 * The canonical bytes of a statement.
 * @throws RangeError TypeError when a field is outside of its range.
 */
export function encodeStatement(statement: Statement): Uint8Array {
  assertBytes('prefix', statement.prefix, prefixBytes);
  for (const field of ['generation', 'issuedAt', 'expiresAt', 'ttlMs'] as const) {
    assertInteger(field, statement[field], { min: 0 });
  }
  return encodeValue([
    protocolVersion,
    kindCodes[statement.kind],
    algorithmCodes[statement.algorithm],
    statement.prefix,
    wireInteger(statement.generation),
    wireInteger(statement.issuedAt),
    wireInteger(statement.expiresAt),
    wireInteger(statement.ttlMs),
    statement.keyId,
    statement.records.map(recordToWire),
  ]);
}

/**
 * The statement that the bytes are, its byte strings copied so that a kept record does not keep the whole answer.
 * @throws VedetteError `transport-failed` when they are none, or over a limit.
 */
export function decodeStatement(bytes: Uint8Array): ReadStatement {
  const fields = readTuple('statement', decodeValue(bytes, structure), 10);
  const head = readHead(fields);
  const records: AnswerRecord[] = [];
  let understood = true;
  for (const value of readList('records', fields[9], { max: maxRecords })) {
    const record = recordFromWire(value, head);
    understood &&= record !== undefined;
    if (record !== undefined) {
      records.push(record);
    }
  }
  return understood
    ? { kind: 'understood', statement: { ...head, records } }
    : { kind: 'not-understood', statement: head };
}

function readHead(fields: readonly WireValue[]): Omit<Statement, 'records'> {
  if (fields[0] !== protocolVersion) {
    throw badMessage('a version that is not 1');
  }
  const kind = wordOf(kindCodes, readInteger('kind', fields[1], 255));
  const algorithm = wordOf(algorithmCodes, readInteger('algorithm', fields[2], 255));
  if (kind === undefined || algorithm === undefined) {
    throw badMessage('a kind or algorithm that nobody asked for');
  }
  return {
    kind,
    algorithm,
    prefix: readBytes('prefix', fields[3], prefixBytes).slice(),
    generation: readInteger('generation', fields[4]),
    issuedAt: readInteger('issued', fields[5]),
    expiresAt: readInteger('expires', fields[6]),
    ttlMs: readInteger('ttl', fields[7]),
    keyId: readBytes('key id', fields[8], 0, keyIdBytes).slice(),
  };
}

function recordToWire(record: AnswerRecord): WireValue {
  return [
    record.hash,
    dispositionCodes[record.disposition],
    record.threats.map((threat) => [threat.name, threat.type]),
    record.size === undefined ? null : wireInteger(record.size),
    record.score ?? null,
    ...(record.categories === undefined || record.categories.length === 0 ? [] : [record.categories]),
  ];
}

/** Undefined for a disposition that this version does not know; everything else about the record must be in order. */
function recordFromWire(
  value: WireValue,
  under: { readonly algorithm: HashAlgorithm; readonly prefix: Uint8Array },
): AnswerRecord | undefined {
  const fields = readList('record', value, { min: 5, max: 6 });
  const [hashValue, code, threatValues, sizeValue, scoreValue] = fields;
  const hash = readBytes('hash', hashValue, hashBytes[under.algorithm]).slice();
  if (!equalBytes(hashPrefix(hash), under.prefix)) {
    throw badMessage('a record whose hash is not under the prefix');
  }
  const disposition = wordOf(dispositionCodes, readInteger('disposition', code, 255));
  const threats = readList('threats', threatValues, { max: maxThreats }).map(threatFromWire);
  const size = readOptionalInteger('size', sizeValue);
  const score = readOptionalInteger('score', scoreValue, 100);
  const categories = fields.length < 6 ? undefined : categoriesFromWire(fields[5]);
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

/** A record without categories has no list of them: there is one way to say nothing. */
function categoriesFromWire(value: WireValue | undefined): readonly string[] {
  return readList('categories', value, { min: 1, max: maxCategories }).map((one) => readText('category', one, maxCategoryBytes));
}

function threatFromWire(value: WireValue): Threat {
  const [name, type] = readTuple('threat', value, 2);
  return { name: readText('name', name, maxNameBytes), type: readText('type', type, maxTypeBytes) };
}
