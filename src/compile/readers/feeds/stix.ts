/**
 * STIX 2.1 bundles: indicators whose pattern names URLs, hosts or hashes of files. Objects of other types are no
 * indicators and count as comments; an indicator that is revoked, over or not understood is reported.
 */
import type { Threat } from '../../../base/verdict.js';
import type { HashEntry } from '../../../pattern/hash-entry.js';
import type { LineResult } from '../../lines.js';
import { accountFor } from '../../lines.js';
import type { Reader, ReaderContext } from '../reader.js';
import { oneOf } from '../urls/merge-results.js';
import type { Indicator } from './feed-entries.js';
import { feedThreat, jsonReader, readIndicator } from './feed-entries.js';
import { listAt, textAt, textsAt, valueAt } from './json-source.js';
import type { StixComparison } from './stix-pattern.js';
import { parseStixPattern } from './stix-pattern.js';

/** Reads a bundle, or a bare list of objects. The objects count as its lines. */
export const readStix: Reader = jsonReader((value, context) => {
  const objects = Array.isArray(value) ? (value as readonly unknown[]) : listAt(value, 'objects');
  const { items, ...account } = accountFor(objects, (object) => readObject(object, context));
  return { hashes: items, ...account };
});

function readObject(object: unknown, context: ReaderContext): LineResult<HashEntry> {
  if (textAt(object, 'type') !== 'indicator') {
    return { kind: 'blank' };
  }
  const threat = feedThreat(textAt(object, 'name'), { source: context.source, word: 'indicator' });
  const fault = faultOf(object, context);
  if (fault !== undefined) {
    return { kind: 'skipped', reason: fault, signature: threat.name };
  }
  const pattern = parseStixPattern(textAt(object, 'pattern') ?? '');
  if (pattern.kind === 'unsupported') {
    return { kind: 'skipped', reason: `a pattern that cannot be compared: ${pattern.reason}`, signature: threat.name };
  }
  return oneOf(pattern.alternatives.map((set) => readAlternative(set, threat, context)), threat.name);
}

function faultOf(object: unknown, { now }: ReaderContext): string | undefined {
  if (valueAt(object, 'revoked') === true) {
    return 'the indicator is revoked';
  }
  if ((textAt(object, 'pattern_type') ?? 'stix') !== 'stix') {
    return 'a pattern in another language than STIX';
  }
  if (textsAt(object, 'indicator_types').includes('benign')) {
    return 'the indicator is benign';
  }
  const until = Date.parse(textAt(object, 'valid_until') ?? '');
  return now !== undefined && until <= now ? 'the indicator is no longer valid' : undefined;
}

const hashPath = /^file:hashes\.(?:md5|sha-?1|sha-?256)$/;

/** Comparisons that hold together: of one file, or a single one of a URL or host. */
function readAlternative(set: readonly StixComparison[], threat: Threat, context: ReaderContext): LineResult<HashEntry> {
  const [only] = set;
  const indicator = set.length === 1 && only !== undefined ? webIndicator(only) : undefined;
  const file = indicator ?? fileIndicator(set);
  return file === undefined
    ? { kind: 'skipped', reason: `conditions that cannot be compared: ${set.map(({ path }) => path).join(' and ').slice(0, 200)}` }
    : readIndicator(file, threat, context);
}

function webIndicator({ path, value }: StixComparison): Indicator | undefined {
  switch (path) {
    case 'url:value':
      return { kind: 'url', value };
    case 'domain-name:value':
    case 'ipv4-addr:value':
      return { kind: 'host', value: value.replace(/\/32$/, '') };
    default:
      return undefined;
  }
}

/** Digests of one file, with its size or without; a further condition (a name) could not be checked. */
function fileIndicator(set: readonly StixComparison[]): Indicator | undefined {
  const hashes = set.filter(({ path }) => hashPath.test(path)).map(({ value }) => value);
  const sizes = set.filter(({ path, value }) => path === 'file:size' && /^\d{1,15}$/.test(value));
  if (hashes.length === 0 || sizes.length > 1 || hashes.length + sizes.length !== set.length) {
    return undefined;
  }
  return { kind: 'file', hashes, size: sizes[0] === undefined ? undefined : Number(sizes[0].value) };
}
