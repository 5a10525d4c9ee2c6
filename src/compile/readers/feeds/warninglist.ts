/**
 * A MISP warning list: `{ name, type, matching_attributes, list }`. Its entries are left out of what other sources list,
 * each with a line in the report. `hostname` holds for subdomains too; where the list does not speak of URLs
 * (`matching_attributes`), only entries for whole hosts are left out by it.
 */
import type { WarningList } from '../../guard/guard.js';
import { ipv4Network } from '../../guard/ipv4-network.js';
import { exactExpression } from '../../../fingerprint/url-expressions.js';
import type { LineResult } from '../../lines.js';
import { accountFor } from '../../lines.js';
import { parseHash, stemOf } from '../hashes/hash-text.js';
import type { Reader } from '../reader.js';
import { listedHost, listedUrl } from '../urls/url-entries.js';
import { jsonReader, unreadable } from './feed-entries.js';
import { listAt, textAt, textsAt } from './json-source.js';

/** How the entries of a list are compared. */
const types = ['string', 'substring', 'hostname', 'cidr'] as const;

/** Substrings cost a search of every listed URL each. */
const maxSubstrings = 1000;
/** A shorter text occurs in everything. */
const minSubstring = 4;

/** One entry, by the column that it goes to. */
type Entry =
  | { readonly to: 'hosts' | 'exact' | 'substrings'; readonly value: string }
  | { readonly to: 'networks'; readonly value: { readonly first: number; readonly bits: number } };

/** Reads one list. Its entries count as its lines. */
export const readWarningList: Reader = jsonReader((value, context) => {
  const type = types.find((one) => one === (textAt(value, 'type') ?? 'string'));
  if (type === undefined) {
    return unreadable(`a warning list of type ${types.join(', ')} was expected: regular expressions and others are not supported`);
  }
  let substrings = 0;
  const { items, ...account } = accountFor(listAt(value, 'list'), (entry): LineResult<Entry> => {
    const read = typeof entry === 'string' ? readEntry(entry.trim(), type) : 'not a text';
    if (typeof read === 'string') {
      return { kind: 'skipped', reason: read };
    }
    substrings += read.to === 'substrings' ? 1 : 0;
    return substrings > maxSubstrings ? { kind: 'skipped', reason: `more than ${maxSubstrings} substrings` } : { kind: 'loaded', items: [read] };
  });
  const name = (textAt(value, 'name') ?? stemOf(context.source)).replaceAll(/\p{Cc}/gu, ' ').slice(0, 200);
  return { ...account, warnings: [listOf(name, textsAt(value, 'matching_attributes'), items)] };
});

function readEntry(text: string, type: (typeof types)[number]): Entry | string {
  switch (type) {
    case 'substring':
      return text.length >= minSubstring ? { to: 'substrings', value: text.toLowerCase() } : `a substring of less than ${minSubstring} characters`;
    case 'hostname': {
      const listed = listedHost(text.replace(/^\*?\./, ''));
      return listed.kind === 'url' ? { to: 'hosts', value: listed.host } : listed.reason;
    }
    case 'cidr': {
      const network = ipv4Network(text);
      return network === undefined ? 'not an IPv4 network: others are not compared' : { to: 'networks', value: network };
    }
    case 'string':
      return readExact(text);
  }
}

function readExact(text: string): Entry | string {
  if (parseHash(text) !== undefined) {
    return { to: 'exact', value: text.toLowerCase() };
  }
  const network = ipv4Network(text);
  if (network !== undefined && text.includes('/')) {
    return { to: 'networks', value: network };
  }
  const listed = listedUrl(text);
  return listed.kind === 'url' ? { to: 'exact', value: exactExpression(listed) } : 'neither a URL, a domain nor a hash';
}

function listOf(name: string, attributes: readonly string[], entries: readonly Entry[]): WarningList {
  const texts = (to: 'hosts' | 'exact' | 'substrings'): string[] => entries.flatMap((one) => (one.to === to ? [one.value] : []));
  const speaksOf = (pattern: RegExp): boolean => attributes.length === 0 || attributes.some((one) => pattern.test(one));
  return {
    name,
    about: {
      urls: speaksOf(/^(?:url|uri|link)$/),
      hosts: speaksOf(/^(?:url|domain|hostname|ip-(?:src|dst))(?:\||$)/),
      files: speaksOf(/(?:^|\|)(?:md5|sha1|sha256)$/),
    },
    hosts: new Set(texts('hosts')),
    exact: new Set(texts('exact')),
    substrings: texts('substrings'),
    networks: entries.flatMap((one) => (one.to === 'networks' ? [one.value] : [])),
  };
}
