/** From the values of threat feeds to entries: what the readers of feeds share. */
import type { Threat } from '../../../base/verdict.js';
import type { HashEntry } from '../../../pattern/hash-entry.js';
import type { LineResult } from '../../lines.js';
import { isEmptyContent, parseHash, stemOf } from '../hashes/hash-text.js';
import type { Reader, ReaderContext, ReaderOutput } from '../reader.js';
import { nothingRead } from '../reader.js';
import { threatFromName } from '../threat-from-name.js';
import { listedHost, listedUrl, loadedUrl } from '../urls/url-entries.js';
import type { JsonSource } from './json-source.js';
import { readJson } from './json-source.js';

/** Characters of a name that are kept: feeds have sentences in its place. */
const maxNameLength = 200;

/** A value that a feed calls bad. */
export type Indicator =
  | { readonly kind: 'url' | 'host'; readonly value: string }
  | { readonly kind: 'file'; readonly hashes: readonly string[]; readonly size?: number | undefined };

/** A reader of JSON documents. What cannot be read at all counts as one line that was skipped. */
export function jsonReader(read: (value: unknown, context: ReaderContext) => Partial<ReaderOutput> & Pick<ReaderOutput, 'lines' | 'loaded' | 'skipped'>): Reader {
  return (text, context) => {
    if (text.trim() === '') {
      return { ...nothingRead, lines: 0, loaded: 0, skipped: [] };
    }
    const source: JsonSource = readJson(text);
    return source.kind === 'fault' ? unreadable(source.reason) : { ...nothingRead, ...read(source.value, context) };
  };
}

/** The output for a document that is none. */
export function unreadable(reason: string): ReaderOutput {
  return { ...nothingRead, lines: 1, loaded: 0, skipped: [{ line: 1, reason }] };
}

/** The threat of a feed's own words (the name of an indicator, the title of an event), else `<source>.<word>`. */
export function feedThreat(words: string | undefined, fallback: { readonly source: string; readonly word: string }, type?: string): Threat {
  const shown = (words ?? '').replaceAll(/[\s\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ').trim().slice(0, maxNameLength);
  const { name, type: told } = threatFromName(shown === '' ? `${stemOf(fallback.source)}.${fallback.word}` : shown);
  return { name, type: told === 'unclassified' ? (type ?? told) : told };
}

/** The entry of an indicator. Of several hashes of one file the strongest is taken, with the size if it is a weak one. */
export function readIndicator(indicator: Indicator, threat: Threat, context: ReaderContext): LineResult<HashEntry> {
  switch (indicator.kind) {
    case 'url':
      return loadedUrl(listedUrl(indicator.value), { disposition: 'malicious', threat: urlThreat(threat) }, context);
    case 'host':
      return loadedUrl(listedHost(indicator.value), { disposition: 'malicious', threat: urlThreat(threat) }, context);
    case 'file':
      return readFile(indicator, threat, context);
  }
}

function readFile(indicator: Extract<Indicator, { kind: 'file' }>, threat: Threat, context: ReaderContext): LineResult<HashEntry> {
  const parsed = [...indicator.hashes].sort((a, b) => b.length - a.length).map(parseHash).find((one) => one !== undefined);
  if (parsed === undefined) {
    return { kind: 'skipped', reason: 'not an MD5, SHA-1 or SHA-256', signature: threat.name };
  }
  if (isEmptyContent(parsed)) {
    return { kind: 'skipped', reason: 'the hash of empty content: every empty file would be a find', signature: threat.name };
  }
  const guarded = context.guard?.hash(parsed.hash);
  if (guarded !== undefined) {
    return { kind: 'loaded', items: [], leftOut: [{ signature: threat.name, reason: guarded }] };
  }
  const size = parsed.algorithm === 'sha256' || indicator.size === undefined ? {} : { size: indicator.size };
  return { kind: 'loaded', items: [{ kind: 'file', ...parsed, ...size, disposition: 'malicious', threat }] };
}

/** What a feed does not name any closer is still a URL that is not to be opened. */
function urlThreat(threat: Threat): Threat {
  return threat.type === 'unclassified' ? { ...threat, type: 'malicious-url' } : threat;
}
