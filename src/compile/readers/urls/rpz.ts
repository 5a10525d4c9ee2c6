/**
 * Response policy zones (draft-vixie-dnsop-dns-rpz) as zone files (RFC 1035 section 5): a name that is answered with
 * nothing, or with another place, is blocked. `*.name` holds for the name as well: expressions know no difference.
 */
import type { HashEntry } from '../../../pattern/hash-entry.js';
import type { LineResult } from '../../lines.js';
import { readLines } from '../../lines.js';
import type { Reader, ReaderContext } from '../reader.js';
import { nothingRead } from '../reader.js';
import type { Listing } from './url-entries.js';
import { listedHost, loadedUrl, maliciousListing } from './url-entries.js';

/** What goes from line to line: the names that are left out, and records over several lines. */
interface Zone {
  /** Name of the zone: that of its SOA record, else the first origin; undefined until a line tells it. */
  apex: string | undefined;
  /** What is behind names without a dot at their end. It changes within a zone where servers write their own files. */
  origin: string | undefined;
  owner: string | undefined;
  /** Parentheses that are open. */
  depth: number;
}

/** Triggers that are not a name that was asked for. */
const otherTrigger = /\.rpz-(?:ip|client-ip|nsip|nsdname)$/i;
const recordType = /^(?:A|AAAA|CNAME|TXT|MX|SRV|NS|SOA|DNAME|PTR|DS|DNSKEY|RRSIG|NSEC3?|HTTPS|SVCB|LOC|SPF)$/i;
/** Fields of a record; a longer one is none that blocks. */
const maxFields = 64;
/** A name has 255 characters at most, 4 times as many where they are escaped. Origins under origins would grow line by line. */
const maxOriginLength = 1020;

/** Every blocked name becomes a malicious entry `<source>.zone`. */
export const readRpz: Reader = (text, context) => {
  const listing = maliciousListing(context.source, 'zone');
  const zone: Zone = { apex: undefined, origin: undefined, owner: undefined, depth: 0 };
  const { items, ...account } = readLines<HashEntry>(text, (line) => readLine(line, zone, { listing, context }));
  return { ...nothingRead, hashes: items, ...account };
};

function readLine(line: string, zone: Zone, how: { readonly listing: Listing; readonly context: ReaderContext }): LineResult<HashEntry> {
  const { bare, depth } = withoutComment(line);
  const isContinued = zone.depth > 0;
  zone.depth = Math.max(0, zone.depth + depth);
  if (isContinued || bare.trim() === '') {
    return { kind: 'blank' };
  }
  const fields = bare.trim().split(/\s+/, maxFields);
  if (fields[0]?.startsWith('$') === true) {
    return directive(fields, zone);
  }
  const named = /^\s/.test(bare) ? undefined : fields.shift();
  const owner = named === undefined ? zone.owner : absoluteName(named, zone.origin);
  if (owner === undefined) {
    return { kind: 'skipped', reason: 'a record without a name, and none before it' };
  }
  zone.owner = owner;
  const typeAt = fields.findIndex((field) => recordType.test(field));
  // Before the type stand at most a time to live and a class.
  if (typeAt < 0 || typeAt > 2) {
    return { kind: 'skipped', reason: 'expected a record: name, type and data' };
  }
  return readRecord({ owner, type: fields[typeAt]!.toUpperCase(), data: fields[typeAt + 1] ?? '' }, zone, how);
}

function directive([name, value]: readonly string[], zone: Zone): LineResult<HashEntry> {
  if (name?.toUpperCase() === '$ORIGIN' && value !== undefined) {
    const origin = absoluteName(value, zone.origin);
    if (origin.length > maxOriginLength) {
      return { kind: 'skipped', reason: `an origin of more than ${maxOriginLength} characters` };
    }
    zone.origin = origin;
    zone.apex ??= /[^.]\.$/.test(origin) ? origin : undefined;
  }
  return name?.toUpperCase() === '$INCLUDE' || name?.toUpperCase() === '$GENERATE'
    ? { kind: 'skipped', reason: `${name.toUpperCase()} is not supported` }
    : { kind: 'blank' };
}

function readRecord(
  record: { readonly owner: string; readonly type: string; readonly data: string },
  zone: Zone,
  how: { readonly listing: Listing; readonly context: ReaderContext },
): LineResult<HashEntry> {
  const { owner, type, data } = record;
  if (type === 'SOA' && owner.endsWith('.')) {
    zone.apex = owner;
  }
  if (owner === '@' || owner.toLowerCase() === zone.apex?.toLowerCase() || /^(?:SOA|NS|DNSKEY|RRSIG|NSEC3?|DS)$/.test(type)) {
    return { kind: 'blank' };
  }
  const target = data.toLowerCase();
  const name = relativeName(owner, zone.apex);
  // A name that is led to itself is how exceptions were written before there was a word for them.
  if (target === 'rpz-passthru.' || target.replace(/\.$/, '') === name.toLowerCase()) {
    return { kind: 'skipped', reason: 'an exception (passthru): not supported, see approved-urls and warninglist' };
  }
  if (target === 'rpz-tcp-only.' || type === 'TXT') {
    return { kind: 'skipped', reason: type === 'TXT' ? 'a text blocks nothing' : 'asks for TCP and blocks nothing' };
  }
  if (otherTrigger.test(name)) {
    return { kind: 'skipped', reason: 'a trigger that is no name: addresses and name servers are not supported' };
  }
  return loadedUrl(listedHost(name.replace(/^\*\./, '')), how.listing, how.context);
}

/** A name with its origin behind it; as it stands where no line has told one. */
function absoluteName(name: string, origin: string | undefined): string {
  if (origin === undefined || name.endsWith('.')) {
    return name;
  }
  return name === '@' ? origin : `${name}.${origin === '.' ? '' : origin}`;
}

/** The owner without the name of its zone. */
function relativeName(owner: string, apex: string | undefined): string {
  const suffix = `.${apex ?? ''}`.toLowerCase();
  return apex !== undefined && owner.toLowerCase().endsWith(suffix) ? owner.slice(0, -suffix.length) : owner.replace(/\.$/, '');
}

/** The line without what follows a `;`, and by how many parentheses it opens more than it closes. Quoted ones do not count. */
function withoutComment(line: string): { readonly bare: string; readonly depth: number } {
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    if (character === '\\') {
      at++;
    } else if (character === '"') {
      isQuoted = !isQuoted;
    } else if (!isQuoted && character === ';') {
      return { bare: line.slice(0, at), depth };
    } else if (!isQuoted && (character === '(' || character === ')')) {
      depth += character === '(' ? 1 : -1;
    }
  }
  return { bare: line, depth };
}
