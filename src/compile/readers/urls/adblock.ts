/**
 * Block lists in the syntax of AdGuard and EasyList, as far as they name hosts and paths: `||host^`, `||host/path`,
 * `|http://host/path|`. What needs a page to be understood (exceptions, cosmetic rules, rules for some resources or
 * sites) is reported: a rule is taken whole or not at all.
 */
import type { HashEntry } from '../../../pattern/hash-entry.js';
import type { LineResult } from '../../lines.js';
import { readLines } from '../../lines.js';
import type { Reader, ReaderContext } from '../reader.js';
import { nothingRead } from '../reader.js';
import { oneOf } from './merge-results.js';
import type { Listing } from './url-entries.js';
import { listedHost, listedUrl, loadedUrl, maliciousListing } from './url-entries.js';

/** Options with which a rule holds for pages, not only for what pages embed. */
const pageOptions: ReadonlySet<string> = new Set(['all', 'document', 'doc']);
/** Options that change nothing about that where they stand beside one of those, or alone. */
const harmless: ReadonlySet<string> = new Set(['important']);
const besidePages: ReadonlySet<string> = new Set(['popup', 'subdocument']);

/** Every rule becomes a malicious entry `<source>.rule`. A path without `^` or `|` at its end holds for whole segments. */
export const readAdblock: Reader = (text, context) => {
  const listing = maliciousListing(context.source, 'rule');
  const { items, ...account } = readLines<HashEntry>(text, (line) => readRule(line.trim(), listing, context));
  return { ...nothingRead, hashes: items, ...account };
};

function readRule(line: string, listing: Listing, context: ReaderContext): LineResult<HashEntry> {
  if (line === '' || line.startsWith('!') || /^#\s|^#$/.test(line) || /^\[[^\]]*\]$/.test(line)) {
    return { kind: 'blank' };
  }
  const unsupported = unsupportedKind(line);
  if (unsupported !== undefined) {
    return { kind: 'skipped', reason: unsupported };
  }
  const dollar = line.lastIndexOf('$');
  const options = dollar < 0 ? [] : line.slice(dollar + 1).split(',').map((option) => option.trim().toLowerCase());
  const forPages = options.some((option) => pageOptions.has(option));
  const narrowed = options.find((option) => !harmless.has(option) && !pageOptions.has(option) && !(forPages && besidePages.has(option)));
  if (narrowed !== undefined) {
    return { kind: 'skipped', reason: `the option ${shown(narrowed)} narrows the rule: not supported` };
  }
  return readPattern(dollar < 0 ? line : line.slice(0, dollar), listing, context);
}

function unsupportedKind(line: string): string | undefined {
  if (line.startsWith('@@')) {
    return 'an exception: not supported, see approved-urls and warninglist';
  }
  if (/#[@$?%]{0,3}#|\$\$/.test(line)) {
    return 'a cosmetic or scripting rule: not supported';
  }
  return /^\/.*\/(?:\$|$)/.test(line) ? 'a regular expression: not supported' : undefined;
}

function readPattern(pattern: string, listing: Listing, context: ReaderContext): LineResult<HashEntry> {
  const [, anchor, rest = '', end = ''] = /^(\|\|?)?(.*?)(\^\||[\^|])?$/s.exec(pattern) ?? [];
  if (anchor === undefined) {
    return { kind: 'skipped', reason: 'a part of an address: only rules that begin with || or | are supported' };
  }
  const body = rest.replace(/^\*\./, '');
  if (/[*^|]/.test(body)) {
    return { kind: 'skipped', reason: 'a wildcard within the rule: not supported' };
  }
  if (anchor === '|') {
    return /^https?:\/\//i.test(body) && end !== '' ? loadedUrl(listedUrl(body), listing, context) : { kind: 'skipped', reason: 'the beginning of an address: not supported' };
  }
  const slash = body.indexOf('/');
  if (slash < 0) {
    // Without a separator at its end `||example` means every host that begins so.
    return end === '^' || end === '^|' ? loadedUrl(listedHost(body), listing, context) : { kind: 'skipped', reason: 'the beginning of a host: expected ||host^' };
  }
  const host = listedHost(body.slice(0, slash));
  if (host.kind === 'unusable') {
    return { kind: 'skipped', reason: host.reason };
  }
  const isWhole = end === '|' || body.endsWith('/') || body.includes('?');
  const paths = isWhole ? [body] : [body, `${body}/`];
  return oneOf(paths.map((path) => loadedUrl(listedUrl(`http://${path}`), listing, context)), body);
}

function shown(option: string): string {
  return JSON.stringify(option.slice(0, 40));
}
