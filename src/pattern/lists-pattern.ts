/** A site's approved and blocked subjects as a component. docs/patterns.md, "Lists". */
import { assertInteger } from '../base/assert.js';
import { compareBytes, fromHex, fromUtf8, toHex, toUtf8 } from '../base/bytes.js';
import { ByteReader } from './bytes/byte-reader.js';
import { ByteWriter } from './bytes/byte-writer.js';
import type { Container } from './container.js';
import { requireSection } from './container.js';
import { refused } from './refused.js';

/** One rule of a list; the rooms that judge give it its meaning. Exactly one of the four subjects is given. */
export interface ListRuleData {
  /** Unique within the list; 1 to 256 bytes of UTF-8. */
  readonly id: string;
  readonly effect: 'approved' | 'blocked';
  /** 64 hex digits. */
  readonly sha256?: string;
  /** URL or `host/path`, up to 8192 bytes of UTF-8. */
  readonly url?: string;
  /** With `url`: the subdomains are not meant. */
  readonly exactHost?: boolean;
  /** Up to 8192 bytes of UTF-8, as the expression. */
  readonly keyword?: string;
  readonly regex?: string;
  /** Epoch ms from which the rule no longer holds. */
  readonly untilAt?: number;
}

const maxIdBytes = 256;
const maxTextBytes = 8192;
const flags = { blocked: 1, url: 2, until: 4, exactHost: 8, keyword: 16, regex: 32 } as const;
const allFlags = 63;

/** The subjects that are texts. A rule with none of their flags is by SHA-256. */
const texts = ['url', 'keyword', 'regex'] as const;

/**
 * The sections of a list. The same rules, in any order, give the same bytes.
 * @throws TypeError, RangeError for a rule that cannot be and for an id that is there twice.
 */
export function encodeLists(rules: readonly ListRuleData[]): [string, Uint8Array][] {
  const rows = rules.map((rule) => ({ id: toUtf8(rule.id), rule })).sort((a, b) => compareBytes(a.id, b.id));
  const writer = new ByteWriter();
  writer.u32(rows.length);
  rows.forEach(({ id, rule }, index) => {
    if (index > 0 && compareBytes(rows[index - 1]!.id, id) === 0) {
      throw new TypeError(`two rules have the id ${JSON.stringify(rule.id)}`);
    }
    writeRule(writer, id, rule);
  });
  return [['rules', writer.finish()]];
}

/** The rules, sorted by id. @throws VedetteError `pattern-refused` for another component or rules that are none. */
export function decodeLists(container: Container): ListRuleData[] {
  const reader = new ByteReader(requireSection(container, 'lists', 'rules'), 'rules');
  const rules: ListRuleData[] = [];
  let previous: Uint8Array = new Uint8Array(0);
  for (let left = reader.u32(); left > 0; left--) {
    const { id, rule } = readRule(reader);
    if (compareBytes(previous, id) >= 0) {
      throw refused('malformed', 'rules: ids are not sorted and unique', { at: reader.at });
    }
    previous = id;
    rules.push(rule);
  }
  reader.end();
  return rules;
}

function writeRule(writer: ByteWriter, id: Uint8Array, rule: ListRuleData): void {
  const { sha256, untilAt } = rule;
  const given = texts.filter((one) => rule[one] !== undefined);
  if (given.length + (sha256 === undefined ? 0 : 1) !== 1) {
    throw new TypeError(`rule ${JSON.stringify(rule.id)}: exactly one of sha256, ${texts.join(', ')} has to be given`);
  }
  const [kind] = given;
  if (rule.exactHost === true && kind !== 'url') {
    throw new TypeError(`rule ${JSON.stringify(rule.id)}: exactHost is for rules with a url`);
  }
  writer.u8(
    (rule.effect === 'blocked' ? flags.blocked : 0) |
      (kind === undefined ? 0 : flags[kind]) |
      (untilAt === undefined ? 0 : flags.until) |
      (rule.exactHost === true ? flags.exactHost : 0),
  );
  writeText(writer, id, { name: 'rule id', max: maxIdBytes });
  if (untilAt !== undefined) {
    assertInteger('untilAt', untilAt, { min: 0 });
    writer.u64(untilAt);
  }
  if (kind !== undefined) {
    writeText(writer, toUtf8(rule[kind] ?? ''), { name: `rule ${kind}`, max: maxTextBytes });
    return;
  }
  const hash = fromHex(sha256!);
  if (hash?.length !== 32) {
    throw new TypeError(`rule ${JSON.stringify(rule.id)}: sha256 has to be 64 hex digits`);
  }
  writer.bytes(hash);
}

function writeText(writer: ByteWriter, bytes: Uint8Array, limit: { readonly name: string; readonly max: number }): void {
  assertInteger(`bytes of a ${limit.name}`, bytes.length, { min: 1, max: limit.max });
  writer.u16(bytes.length);
  writer.bytes(bytes);
}

function readRule(reader: ByteReader): { readonly id: Uint8Array; readonly rule: ListRuleData } {
  const bits = reader.u8();
  const kinds = texts.filter((one) => (bits & flags[one]) !== 0);
  if (bits > allFlags || kinds.length > 1 || ((bits & flags.exactHost) !== 0 && kinds[0] !== 'url')) {
    throw refused('malformed', `rules: flags ${bits} are not known here`, { at: reader.at });
  }
  const [kind] = kinds;
  const id = readText(reader, maxIdBytes);
  const until = (bits & flags.until) === 0 ? {} : { untilAt: reader.u64() };
  const subject = kind === undefined ? { sha256: toHex(reader.bytes(32)) } : { [kind]: fromUtf8(readText(reader, maxTextBytes)) };
  const host = (bits & flags.exactHost) === 0 ? {} : { exactHost: true };
  const effect = (bits & flags.blocked) === 0 ? 'approved' : 'blocked';
  return { id, rule: { id: fromUtf8(id), effect, ...subject, ...host, ...until } };
}

function readText(reader: ByteReader, max: number): Uint8Array {
  const length = reader.u16();
  if (length === 0 || length > max) {
    throw refused('limit', `rules: a text of ${length} bytes is out of the limits`, { at: reader.at, max });
  }
  return reader.bytes(length);
}
