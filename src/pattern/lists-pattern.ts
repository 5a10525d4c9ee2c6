/** A site's approved and blocked subjects as a component. docs/patterns.md, "Lists". */
import { assertInteger } from '../base/assert.js';
import { compareBytes, fromHex, fromUtf8, toHex, toUtf8 } from '../base/bytes.js';
import { ByteReader } from './bytes/byte-reader.js';
import { ByteWriter } from './bytes/byte-writer.js';
import type { Container } from './container.js';
import { requireSection } from './container.js';
import { refused } from './refused.js';

/** One rule of a list; the rooms that judge give it its meaning. Exactly one of `sha256` and `url` is given. */
export interface ListRuleData {
  /** Unique within the list; 1 to 256 bytes of UTF-8. */
  readonly id: string;
  readonly effect: 'approved' | 'blocked';
  /** 64 hex digits. */
  readonly sha256?: string;
  /** URL or `host/path`, up to 8192 bytes of UTF-8. */
  readonly url?: string;
  /** Epoch ms from which the rule no longer holds. */
  readonly untilAt?: number;
}

const maxIdBytes = 256;
const maxUrlBytes = 8192;
const flags = { blocked: 1, url: 2, until: 4 } as const;

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
  const { sha256, url, untilAt } = rule;
  if ((sha256 === undefined) === (url === undefined)) {
    throw new TypeError(`rule ${JSON.stringify(rule.id)}: exactly one of sha256 and url has to be given`);
  }
  const bits = (rule.effect === 'blocked' ? flags.blocked : 0) | (url === undefined ? 0 : flags.url) | (untilAt === undefined ? 0 : flags.until);
  writer.u8(bits);
  writeText(writer, id, { name: 'rule id', max: maxIdBytes });
  if (untilAt !== undefined) {
    assertInteger('untilAt', untilAt, { min: 0 });
    writer.u64(untilAt);
  }
  if (url !== undefined) {
    writeText(writer, toUtf8(url), { name: 'rule url', max: maxUrlBytes });
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
  if (bits > (flags.blocked | flags.url | flags.until)) {
    throw refused('malformed', `rules: flags ${bits} are not known here`, { at: reader.at });
  }
  const id = readText(reader, maxIdBytes);
  const until = (bits & flags.until) === 0 ? {} : { untilAt: reader.u64() };
  const subject = (bits & flags.url) === 0 ? { sha256: toHex(reader.bytes(32)) } : { url: fromUtf8(readText(reader, maxUrlBytes)) };
  const effect = (bits & flags.blocked) === 0 ? 'approved' : 'blocked';
  return { id, rule: { id: fromUtf8(id), effect, ...subject, ...until } };
}

function readText(reader: ByteReader, max: number): Uint8Array {
  const length = reader.u16();
  if (length === 0 || length > max) {
    throw refused('limit', `rules: a text of ${length} bytes is out of the limits`, { at: reader.at, max });
  }
  return reader.bytes(length);
}
