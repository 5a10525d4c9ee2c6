/**
 * The filter as a component: the first 32 bits of everything that the server pattern of one generation lists, by kind
 * and algorithm, the listed hosts, and for which file sizes MD5 and SHA-1 are worth computing. docs/patterns.md,
 * "Filter"; the sections are in `filter/`.
 */
import type { FingerprintKind, HashAlgorithm, HostRule, Wants } from '../base/fingerprint.js';
import { hostClass } from '../base/host-hash.js';
import { ByteReader } from './bytes/byte-reader.js';
import { ByteWriter } from './bytes/byte-writer.js';
import type { Container } from './container.js';
import { requireSection } from './container.js';
import { buildHostFuse } from './filter/host-fuse-build.js';
import type { ListedHost } from './filter/host-fuse-build.js';
import { encodeHosts, openHosts } from './filter/host-section.js';
import type { HostSet } from './filter/host-section.js';
import { decodePrefixes, encodePrefixes } from './filter/prefix-section.js';
import type { Prefixes } from './filter/prefix-section.js';
import { decodeSizes, encodeSizes } from './filter/size-section.js';
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
  /** The filter knows the listed hosts when every URL entry tells its expression. */
  readonly entries: readonly HashEntry[];
}

/** The prefixes of one kind and algorithm. */
export interface PrefixTable extends Pick<Prefixes, 'sorted'> {
  readonly kind: FingerprintKind;
  readonly algorithm: HashAlgorithm;
}

/** What a filter says. */
export interface FilterTables {
  readonly covers: number;
  readonly hostRule: HostRule;
  readonly wants: Wants;
  /** A kind and algorithm without a table lists nothing. Of URLs, only parts of hosts where there are `hosts`. */
  readonly prefixes: readonly PrefixTable[];
  /** The hosts of all listed URLs; undefined where the filter does not know them. */
  readonly hosts: HostSet | undefined;
}

const urlCode = groupCode('url', 'sha256');

const sectionOf = (code: number): string => `prefixes-${hashGroups[code]!.kind}-${hashGroups[code]!.algorithm}`;

/** The sections of a filter. The same entries, in any order, give the same bytes. */
export function encodeFilter(data: FilterData): [string, Uint8Array][] {
  const sections: [string, Uint8Array][] = [['meta', encodeMeta(data)]];
  hashGroups.forEach((_, code) => {
    const entries = data.entries.filter((one) => groupCode(one.kind, one.algorithm) === code);
    if (entries.length > 0) {
      sections.push(...(code === urlCode ? encodeUrls(entries) : [allPrefixes(code, entries)]));
    }
  });
  const wants = wantsOf(data.entries);
  for (const algorithm of ['md5', 'sha1'] as const) {
    const sizes = wants[algorithm];
    if (sizes !== undefined) {
      sections.push([`sizes-${algorithm}`, encodeSizes(sizes)]);
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
  const hostSection = container.sections.get('hosts');
  const prefixes = hashGroups.flatMap(({ kind, algorithm }, code) => {
    const read = prefixesOf(container, code);
    // What one of the two leaves to the other and the other does not have would pass as not listed.
    if ((read?.partsOnly ?? false) !== (code === urlCode && hostSection !== undefined)) {
      throw refused('malformed', `${sectionOf(code)}: prefixes of parts and hosts come together`, { section: sectionOf(code) });
    }
    return read === undefined ? [] : [{ kind, algorithm, sorted: read.sorted }];
  });
  return {
    covers,
    hostRule,
    wants: decodeWants(container),
    prefixes,
    hosts: hostSection === undefined ? undefined : openHosts(hostSection),
  };
}

function encodeMeta(data: FilterData): Uint8Array {
  const writer = new ByteWriter();
  writer.u64(data.covers);
  writer.u8(hostRuleCode(data.hostRule));
  return writer.finish();
}

function allPrefixes(code: number, entries: readonly HashEntry[]): [string, Uint8Array] {
  return [sectionOf(code), encodePrefixes(prefixNumbers(entries), { partsOnly: false })];
}

/** Whole hosts go to section `hosts`, which knows them better than 32 bits do and in half the bytes. */
function encodeUrls(entries: readonly HashEntry[]): [string, Uint8Array][] {
  const hosts = entries.map(listedHost);
  if (!hosts.every((one) => one !== undefined)) {
    return [allPrefixes(urlCode, entries)];
  }
  const parts = entries.filter((_, i) => hosts[i]!.classes !== hostClass.whole);
  return [
    ['hosts', encodeHosts(buildHostFuse(hosts))],
    [sectionOf(urlCode), encodePrefixes(prefixNumbers(parts), { partsOnly: true })],
  ];
}

function listedHost({ expression }: HashEntry): ListedHost | undefined {
  const slash = expression?.indexOf('/') ?? -1;
  if (expression === undefined || slash < 1) {
    return undefined;
  }
  const isWhole = slash === expression.length - 1;
  return { host: expression.slice(0, slash), classes: isWhole ? hostClass.whole : hostClass.parts };
}

function prefixNumbers(entries: readonly HashEntry[]): Uint32Array {
  return Uint32Array.from(entries, (one) => prefixNumber(one.hash));
}

function prefixesOf(container: Container, code: number): Prefixes | undefined {
  const section = container.sections.get(sectionOf(code));
  return section === undefined ? undefined : decodePrefixes(section, sectionOf(code), { ofUrls: code === urlCode });
}

function decodeWants(container: Container): Wants {
  const md5 = wantedSizes(container, 'md5');
  const sha1 = wantedSizes(container, 'sha1');
  return { ...(md5 === undefined ? {} : { md5 }), ...(sha1 === undefined ? {} : { sha1 }) };
}

function wantedSizes(container: Container, algorithm: 'md5' | 'sha1'): Wants['md5'] {
  const name = `sizes-${algorithm}`;
  const section = container.sections.get(name);
  // Prefixes whose sizes are missing would never be looked at: what is listed would pass as not listed.
  if ((section === undefined) !== (container.sections.get(`prefixes-file-${algorithm}`) === undefined)) {
    throw refused('malformed', `${name}: prefixes and sizes come together`, { section: name });
  }
  return section === undefined ? undefined : decodeSizes(section, name);
}
