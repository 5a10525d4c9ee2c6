/**
 * The filter as a component: the first 32 bits of everything that the server pattern of one generation lists, by kind
 * and algorithm, and for which file sizes MD5 and SHA-1 are worth computing. docs/patterns.md, "Filter".
 */
import type { FingerprintKind, HashAlgorithm, HostRule, Wants } from '../base/fingerprint.js';
import { ByteReader } from './bytes/byte-reader.js';
import { ByteWriter } from './bytes/byte-writer.js';
import type { Container } from './container.js';
import { requireSection } from './container.js';
import type { HashEntry } from './hash-entry.js';
import { groupCode, hashGroups, prefixNumber } from './hashes/hash-groups.js';
import { hostRuleCode, hostRuleOf } from './host-rule.js';
import { refused } from './refused.js';
import { wantsOf } from './wants.js';

/** What a filter is made from. */
export interface FilterData {
  /** Generation of the server pattern that holds the entries in full. */
  readonly covers: number;
  readonly hostRule: HostRule;
  readonly entries: readonly HashEntry[];
}

/** The prefixes of one kind and algorithm. */
export interface PrefixTable {
  readonly kind: FingerprintKind;
  readonly algorithm: HashAlgorithm;
  /** Strictly ascending; the first four bytes of each hash, big-endian. */
  readonly sorted: Uint32Array;
}

/** What a filter says. */
export interface FilterTables {
  readonly covers: number;
  readonly hostRule: HostRule;
  readonly wants: Wants;
  /** A kind and algorithm without a table lists nothing. */
  readonly prefixes: readonly PrefixTable[];
}

/** How prefixes are written. Only the first is known; another one may come without a new container version. */
const plainEncoding = 0;

/** More sizes than this cost more to keep than MD5 or SHA-1 of every file. */
const maxSizes = 1_000_000;

const sectionOf = (code: number): string => `prefixes-${hashGroups[code]!.kind}-${hashGroups[code]!.algorithm}`;

/** The sections of a filter. The same entries, in any order, give the same bytes. */
export function encodeFilter(data: FilterData): [string, Uint8Array][] {
  const sections: [string, Uint8Array][] = [['meta', encodeMeta(data)]];
  hashGroups.forEach((_, code) => {
    const entries = data.entries.filter((one) => groupCode(one.kind, one.algorithm) === code);
    if (entries.length > 0) {
      sections.push([sectionOf(code), encodePrefixes(Uint32Array.from(entries, (one) => prefixNumber(one.hash)).sort())]);
    }
  });
  const wants = wantsOf(data.entries);
  for (const algorithm of ['md5', 'sha1'] as const) {
    const sizes = wants[algorithm];
    if (sizes !== undefined) {
      sections.push([`sizes-${algorithm}`, encodeSizes(sizes.length > maxSizes ? 'any' : sizes)]);
    }
  }
  return sections;
}

/** @throws VedetteError `pattern-refused` for another component, or a filter whose tables are not as they have to be. */
export function decodeFilter(container: Container): FilterTables {
  const meta = new ByteReader(requireSection(container, 'filter', 'meta'), 'meta');
  const covers = meta.u64();
  const hostRule = hostRuleOf(meta.u8());
  meta.end();
  const prefixes = hashGroups.flatMap(({ kind, algorithm }, code) => {
    const section = container.sections.get(sectionOf(code));
    return section === undefined ? [] : [{ kind, algorithm, sorted: decodePrefixes(section, sectionOf(code)) }];
  });
  return { covers, hostRule, wants: decodeWants(container), prefixes };
}

function encodeMeta(data: FilterData): Uint8Array {
  const writer = new ByteWriter();
  writer.u64(data.covers);
  writer.u8(hostRuleCode(data.hostRule));
  return writer.finish();
}

function encodePrefixes(sorted: Uint32Array): Uint8Array {
  const unique = sorted.filter((prefix, i) => i === 0 || prefix !== sorted[i - 1]);
  const writer = new ByteWriter();
  writer.u8(plainEncoding);
  for (const prefix of unique) {
    writer.u32(prefix);
  }
  return writer.finish();
}

function decodePrefixes(section: Uint8Array, name: string): Uint32Array {
  const reader = new ByteReader(section, name);
  const encoding = reader.u8();
  if (encoding !== plainEncoding) {
    throw refused('version', `${name}: encoding ${encoding} is not known here`, { section: name });
  }
  if (reader.left === 0 || reader.left % 4 !== 0) {
    throw refused('malformed', `${name}: ${reader.left} bytes are no prefixes`, { section: name });
  }
  const sorted = new Uint32Array(reader.left / 4);
  for (let i = 0; i < sorted.length; i++) {
    sorted[i] = reader.u32();
    if (i > 0 && sorted[i]! <= sorted[i - 1]!) {
      throw refused('malformed', `${name}: prefixes are not strictly ascending`, { section: name, index: i });
    }
  }
  return sorted;
}

/** No byte for any size, else the sizes as the steps from one to the next. */
function encodeSizes(sizes: 'any' | readonly number[]): Uint8Array {
  const writer = new ByteWriter();
  let next = 0;
  for (const size of sizes === 'any' ? [] : sizes) {
    writer.varint(size - next);
    next = size + 1;
  }
  return writer.finish();
}

function decodeWants(container: Container): Wants {
  const md5 = decodeSizes(container, 'md5');
  const sha1 = decodeSizes(container, 'sha1');
  return { ...(md5 === undefined ? {} : { md5 }), ...(sha1 === undefined ? {} : { sha1 }) };
}

function decodeSizes(container: Container, algorithm: 'md5' | 'sha1'): Wants['md5'] {
  const name = `sizes-${algorithm}`;
  const section = container.sections.get(name);
  // Prefixes whose sizes are missing would never be looked at: what is listed would pass as not listed.
  if ((section === undefined) !== (container.sections.get(`prefixes-file-${algorithm}`) === undefined)) {
    throw refused('malformed', `${name}: prefixes and sizes come together`, { section: name });
  }
  if (section === undefined) {
    return undefined;
  }
  const reader = new ByteReader(section, name);
  const sizes: number[] = [];
  for (let next = 0; reader.left > 0; ) {
    const size = next + reader.varint();
    if (!Number.isSafeInteger(size) || sizes.length === maxSizes) {
      throw refused('limit', `${name}: too many sizes, or one over 2^53 - 1`, { section: name });
    }
    sizes.push(size);
    next = size + 1;
  }
  return sizes.length === 0 ? 'any' : sizes;
}
