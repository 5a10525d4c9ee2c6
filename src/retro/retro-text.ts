/**
 * One remembered fingerprint as one line of text: what the log keeps in memory and what its journal writes. The key
 * stands beside it and not in it. An entry with one place takes about 35 bytes and its path, with key and index about 180
 * and its path.
 *
 * The text is a JSON array in a fixed order; reading it back checks every shape: a journal is input from outside.
 */
import { fromBase64Url, fromHex, toBase64Url } from '../base/bytes.js';
import { hashBytes, type Fingerprint } from '../base/fingerprint.js';
import type { Json } from '../base/seams.js';
import type { SubjectInfo } from '../base/subject.js';
import type { Allowed, RetroEntry, RetroPlace } from './retro-log.js';

/** Places of one entry at most. */
export const maxPlaces = 16;

/** Longest JSON of one place, and of a URL (UTF-16 units). */
const maxPlaceChars = 8192;
const maxUrlChars = 8192;
const maxTextChars: number = maxUrlChars + maxPlaces * (maxPlaceChars + 1) + 1000;

/** An entry without its key. */
export type Remembered = Pick<RetroEntry, 'kind' | 'url' | 'fingerprints' | 'places'> & {
  /** Number of the stretch of time in which it was last seen. */
  readonly seen: number;
};

const kinds = ['file', 'url', 'digest'] as const;

/** Written in place of what nearly all places have. */
const usual = { owner: 'default', scheme: 'file' } as const;
const same = 1;

/** What a sighting comes to before it joins an entry, or undefined when it is too long to be kept. */
export function rememberedFrom(allowed: Allowed, seen: number): Remembered | undefined {
  const { kind, url, fingerprints } = allowed;
  if (url !== undefined && url.length > maxUrlChars) {
    return undefined;
  }
  return { kind, ...(url === undefined ? {} : { url }), fingerprints, places: [fitting(allowed)], seen };
}

/** The text of an entry. */
export function packEntry(entry: Remembered): string {
  const hash = (algorithm: 'sha1' | 'md5'): string | 0 => {
    const found = entry.fingerprints.find((one) => one.algorithm === algorithm);
    return found === undefined ? 0 : toBase64Url(found.hash);
  };
  const size = entry.fingerprints.find((one) => one.size !== undefined)?.size ?? -1;
  return JSON.stringify([kinds.indexOf(entry.kind), entry.seen, size, hash('sha1'), hash('md5'), entry.url ?? 0, entry.places.map(packPlace)]);
}

/** The entry of a text, or undefined when it is none. `key` in hex. */
export function unpackEntry(key: string, text: string): Remembered | undefined {
  // untrusted: the text may come from a damaged or foreign file
  const row = text.length <= maxTextChars ? parse(text) : undefined;
  if (!Array.isArray(row) || row.length !== 7) {
    return undefined;
  }
  const [kindNumber, seen, size, sha1, md5, url, rows] = row as readonly Json[];
  const kind = kinds[typeof kindNumber === 'number' ? kindNumber : -1];
  const places = Array.isArray(rows) && rows.length <= maxPlaces ? rows.map(unpackPlace) : [];
  if (kind === undefined || !isCount(seen) || !(size === -1 || isCount(size)) || places.length === 0 || !(url === 0 || typeof url === 'string')) {
    return undefined;
  }
  const known = places.filter((place) => place !== undefined);
  const fingerprints = kind === 'url' ? [] : unpackHashes(key, { sha1, md5, size: size === -1 ? undefined : size });
  if (known.length !== places.length || fingerprints === undefined) {
    return undefined;
  }
  return { kind, ...(url === 0 ? {} : { url }), fingerprints, places: known, seen };
}

/** When an entry was last seen, without unpacking the rest; undefined for a text that is none. */
export function seenIn(text: string): number | undefined {
  const seen = /^\[\d,(\d{1,15}),/.exec(text)?.[1];
  return seen === undefined ? undefined : Number(seen);
}

/** A text that is equal for two places exactly when they are the same. */
export function placeKey({ owner, subject }: RetroPlace): string {
  const { label, locator } = subject;
  return JSON.stringify(locator === undefined ? [owner, label ?? ''] : [owner, locator.scheme, locator.ref]);
}

/** A place that is not too long: without the host's tag, or only by its name, where that is needed. */
function fitting({ owner, subject }: RetroPlace): RetroPlace {
  const { label, locator } = subject;
  const bare: SubjectInfo = { ...(label === undefined ? {} : { label }), ...(locator === undefined ? {} : { locator }) };
  const named: SubjectInfo = { label: (label ?? locator?.ref ?? '').slice(0, 1000) };
  const fits = [subject, bare, named].find((one) => JSON.stringify(packPlace({ owner, subject: one })).length <= maxPlaceChars);
  return { owner, subject: fits ?? named };
}

function packPlace({ owner, subject }: RetroPlace): Json {
  const { label, locator, tag } = subject;
  return [
    owner === usual.owner ? 0 : owner,
    label === undefined ? 0 : label === locator?.ref ? same : label,
    ...(locator === undefined ? (tag === undefined ? [] : [0, 0]) : [locator.scheme === usual.scheme ? same : locator.scheme, locator.ref]),
    ...(tag === undefined ? [] : [tag]),
  ];
}

function unpackPlace(row: Json): RetroPlace | undefined {
  if (!Array.isArray(row) || row.length < 2 || row.length > 5) {
    return undefined;
  }
  const [owner, label, scheme = 0, ref = 0, tag] = row as readonly Json[];
  const hasLocator = ref !== 0;
  if (
    !(owner === 0 || typeof owner === 'string') || !(ref === 0 || typeof ref === 'string') ||
    !(typeof scheme === 'string' || scheme === (hasLocator ? same : 0) ) || !(label === 0 || typeof label === 'string' || (label === same && hasLocator))
  ) {
    return undefined;
  }
  const text = label === same ? ref : label;
  return {
    owner: owner === 0 ? usual.owner : owner,
    subject: {
      ...(typeof text === 'string' ? { label: text } : {}),
      ...(typeof ref === 'string' ? { locator: { scheme: typeof scheme === 'string' ? scheme : usual.scheme, ref } } : {}),
      ...(tag === undefined ? {} : { tag }),
    },
  };
}

function unpackHashes(
  key: string,
  of: { readonly sha1: Json | undefined; readonly md5: Json | undefined; readonly size: number | undefined },
): Fingerprint[] | undefined {
  const size = of.size === undefined ? {} : { size: of.size };
  const weak = (['sha1', 'md5'] as const).filter((algorithm) => of[algorithm] !== 0);
  const hashes = weak.map((algorithm) => hashOf(of[algorithm], hashBytes[algorithm]));
  const sha256 = fromHex(key);
  if (sha256?.length !== hashBytes.sha256 || hashes.includes(undefined)) {
    return undefined;
  }
  return [
    { kind: 'file', algorithm: 'sha256', hash: sha256, ...size },
    ...weak.map((algorithm, i) => ({ kind: 'file' as const, algorithm, hash: hashes[i]!, ...size })),
  ];
}

function hashOf(text: Json | undefined, length: number): Uint8Array | undefined {
  const bytes = typeof text === 'string' && text.length < 100 ? fromBase64Url(text) : undefined;
  return bytes?.length === length ? bytes : undefined;
}

function isCount(value: Json | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
