/**
 * MISP events as feeds and exports have them: attributes of an event and of its objects. Attributes that are not meant
 * for detection (`to_ids`) or deleted are reported, those of kinds that say nothing about URLs or files count as
 * comments. Of several digests in one object the strongest is listed, with the size of the object.
 */
import type { HashEntry } from '../../../pattern/hash-entry.js';
import type { LineResult } from '../../lines.js';
import { accountFor } from '../../lines.js';
import { parseHash, parseSize } from '../hashes/hash-text.js';
import type { Reader, ReaderContext } from '../reader.js';
import type { Indicator } from './feed-entries.js';
import { feedThreat, jsonReader, readIndicator } from './feed-entries.js';
import { isRecord, listAt, textAt, valueAt } from './json-source.js';

/** An attribute with what stands around it. */
interface Attribute {
  readonly value: unknown;
  /** Title of its event. */
  readonly info: string | undefined;
  /** The object that it belongs to. */
  readonly object: MispObject;
}

/** What an object says of its file, worked out once: every attribute asks. */
interface MispObject {
  readonly size: number | undefined;
  /** Digits of its longest digest that can be used, 0 without one. */
  readonly longestDigest: number;
}

const noObject: MispObject = { size: undefined, longestDigest: 0 };

/** Reads events. The attributes count as its lines. */
export const readMisp: Reader = jsonReader((value, context) => {
  const { items, ...account } = accountFor(attributesOf(value), (attribute) => readAttribute(attribute, context));
  return { hashes: items, ...account };
});

/** `{ Event }`, `{ response: [ { Event } ] }`, `{ response: { Attribute } }` or a list of any of these. */
function* attributesOf(value: unknown): Generator<Attribute> {
  const response = valueAt(value, 'response');
  const documents = Array.isArray(value) ? (value as readonly unknown[]) : Array.isArray(response) ? (response as readonly unknown[]) : [response ?? value];
  for (const document of documents) {
    const event = isRecord(valueAt(document, 'Event')) ? valueAt(document, 'Event') : document;
    const info = textAt(event, 'info');
    for (const attribute of listAt(event, 'Attribute')) {
      yield { value: attribute, info: info ?? textAt(valueAt(attribute, 'Event'), 'info'), object: noObject };
    }
    for (const object of listAt(event, 'Object')) {
      const attributes = valueAt(object, 'deleted') === true ? [] : listAt(object, 'Attribute');
      const said = objectOf(attributes);
      for (const attribute of attributes) {
        yield { value: attribute, info, object: said };
      }
    }
  }
}

function readAttribute(attribute: Attribute, context: ReaderContext): LineResult<HashEntry> {
  const type = textAt(attribute.value, 'type') ?? '';
  const text = textAt(attribute.value, 'value') ?? '';
  const indicator = indicatorOf(type, text, attribute.object);
  if (indicator === undefined) {
    return { kind: 'blank' };
  }
  const threat = feedThreat(attribute.info, { source: context.source, word: 'attribute' });
  const fault = unusable(attribute.value);
  if (fault !== undefined) {
    return { kind: 'skipped', reason: fault, signature: threat.name };
  }
  // A weaker digest of a file that has a stronger one beside it: what it says is said already.
  if (indicator.kind === 'file' && isWeaker(indicator.hashes[0] ?? '', attribute.object)) {
    return { kind: 'loaded', items: [] };
  }
  return readIndicator(indicator, threat, context);
}

function unusable(attribute: unknown): string | undefined {
  const flag = valueAt(attribute, 'to_ids');
  if (flag === false || flag === 0 || flag === '0') {
    return 'not meant for detection (to_ids)';
  }
  const deleted = valueAt(attribute, 'deleted');
  return deleted === true || deleted === 1 || deleted === '1' ? 'deleted' : undefined;
}

function indicatorOf(type: string, value: string, { size }: MispObject): Indicator | undefined {
  const [first = '', last = ''] = [value.split('|')[0], value.split('|').at(-1)];
  switch (type) {
    case 'url':
    case 'uri':
    case 'link':
      return { kind: 'url', value };
    case 'domain':
    case 'hostname':
    case 'ip-dst':
      return { kind: 'host', value };
    case 'domain|ip':
    case 'hostname|port':
    case 'ip-dst|port':
      return { kind: 'host', value: first };
    case 'md5':
    case 'sha1':
    case 'sha256':
    case 'filename|md5':
    case 'filename|sha1':
    case 'filename|sha256':
    case 'malware-sample':
      return { kind: 'file', hashes: [last], size };
    default:
      return undefined;
  }
}

function objectOf(attributes: readonly unknown[]): MispObject {
  const size = attributes.find((one) => textAt(one, 'type') === 'size-in-bytes');
  const longestDigest = attributes.reduce<number>((most, one) => Math.max(most, digestLength(one)), 0);
  return { size: parseSize(textAt(size, 'value') ?? ''), longestDigest };
}

function digestLength(attribute: unknown): number {
  const digest = (textAt(attribute, 'value') ?? '').split('|').at(-1) ?? '';
  const isDigest = /(?:^|\|)(?:md5|sha1|sha256)$/.test(textAt(attribute, 'type') ?? '') && parseHash(digest) !== undefined;
  return isDigest && unusable(attribute) === undefined ? digest.length : 0;
}

function isWeaker(hash: string, { longestDigest }: MispObject): boolean {
  return parseHash(hash) !== undefined && hash.length < longestDigest;
}
