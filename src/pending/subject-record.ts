/**
 * One flagged subject as one line of text: what both queues keep in memory and what the journal writes to disk. Text,
 * because its length is an honest measure for the bound on bytes, because a copy of the caller's data is made on the
 * way, and because an entry of 100,000 costs a fraction of what its objects would.
 *
 * The text is a JSON array in a fixed order. Reading it back checks every shape: the journal is input from outside.
 */
import { fromHex, toHex } from '../base/bytes.js';
import { hashBytes, type Fingerprint, type FingerprintKind, type HashAlgorithm } from '../base/fingerprint.js';
import type { Json } from '../base/seams.js';
import type { SubjectInfo } from '../base/subject.js';
import type { Reason } from '../base/verdict.js';
import type { NewPending } from './pending-queue.js';

/** Longest text of one subject (UTF-16 units): a path of 4096 bytes twice, a URL and a tag fit many times over. */
export const maxRecordChars: number = 131_072;

/** Fingerprints of one subject at most: a URL has 30 expressions, a file three digests. */
const maxFingerprints = 64;

/** Written in place of what is the same as the field beside it: most labels are the locator's path. */
const same = 1;

/** The text of a subject, or undefined when it could not be read back: too long, or no shape that a record has. */
export function packSubject(subject: NewPending): string | undefined {
  const { label, locator, tag } = subject.subject;
  const text = JSON.stringify([
    subject.owner,
    subject.kind,
    subject.key,
    subject.reason,
    subject.url ?? 0,
    subject.fingerprints.map((one) => packFingerprint(one, subject.key)),
    label === undefined ? 0 : label === locator?.ref ? same : label,
    locator?.scheme ?? 0,
    locator?.ref ?? 0,
    subject.scannedBy ?? null,
    ...(tag === undefined ? [] : [tag]),
  ]);
  return text.length <= maxRecordChars && unpackSubject(text) !== undefined ? text : undefined;
}

/** The subject of a text, or undefined when it is none. */
export function unpackSubject(text: string): NewPending | undefined {
  // untrusted: the text may come from a damaged or foreign file
  const row = text.length <= maxRecordChars ? parseArray(text) : undefined;
  if (row === undefined || row.length < 10 || row.length > 11) {
    return undefined;
  }
  const [owner, kind, key, reason, url, prints, label, scheme, ref, scannedBy, tag] = row;
  const fingerprints = typeof key === 'string' ? unpackFingerprints(prints, key) : undefined;
  const subject = unpackInfo({ label, scheme, ref, tag });
  if (
    typeof owner !== 'string' || typeof key !== 'string' || !isKind(kind) || !isReason(reason) ||
    (url !== 0 && typeof url !== 'string') || (scannedBy !== null && !isCount(scannedBy)) || fingerprints === undefined || subject === undefined
  ) {
    return undefined;
  }
  return {
    owner,
    kind,
    key,
    ...(url === 0 ? {} : { url }),
    fingerprints,
    reason,
    subject,
    ...(scannedBy === null ? {} : { scannedBy }),
  };
}

/** A text that is equal for two locators exactly when they are the same place. */
export function placeOf(subject: SubjectInfo): string | undefined {
  return subject.locator === undefined ? undefined : JSON.stringify([subject.locator.scheme, subject.locator.ref]);
}

const kinds: Readonly<Record<NewPending['kind'], true>> = { file: true, url: true, digest: true };

const reasons: Readonly<Record<Reason, true>> = {
  unreachable: true,
  throttled: true,
  'bad-answer': true,
  'server-behind': true,
  'pattern-expired': true,
  'no-pattern': true,
  'not-asked': true,
  deadline: true,
  overloaded: true,
  limit: true,
  budget: true,
  encrypted: true,
  unsupported: true,
  unreadable: true,
  changed: true,
  gone: true,
  'no-content': true,
  untested: true,
  'pending-full': true,
  internal: true,
};

function isKind(value: Json | undefined): value is NewPending['kind'] {
  return typeof value === 'string' && Object.hasOwn(kinds, value);
}

function isReason(value: Json | undefined): value is Reason {
  return typeof value === 'string' && Object.hasOwn(reasons, value);
}

function isCount(value: Json | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseArray(text: string): readonly Json[] | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return Array.isArray(value) ? (value as readonly Json[]) : undefined;
  } catch {
    return undefined;
  }
}

function packFingerprint(one: Fingerprint, key: string): Json {
  const hash = toHex(one.hash);
  return [`${one.kind}-${one.algorithm}`, hash === key ? same : hash, ...(one.size === undefined ? [] : [one.size])];
}

function unpackFingerprints(value: Json | undefined, key: string): Fingerprint[] | undefined {
  if (!Array.isArray(value) || value.length > maxFingerprints) {
    return undefined;
  }
  const prints = (value as readonly Json[]).map((one) => unpackFingerprint(one, key));
  return prints.every((one) => one !== undefined) ? prints : undefined;
}

function unpackFingerprint(value: Json, key: string): Fingerprint | undefined {
  if (!Array.isArray(value)) {
    return undefined;
  }
  const [name, text, size] = value as readonly Json[];
  const [kind, algorithm] = typeof name === 'string' ? name.split('-') : [];
  const hash = text === same ? fromHex(key) : typeof text === 'string' ? fromHex(text) : undefined;
  if (!isFingerprintKind(kind) || !isAlgorithm(algorithm) || hash?.length !== hashBytes[algorithm]) {
    return undefined;
  }
  if (size === undefined) {
    return { kind, algorithm, hash };
  }
  return isCount(size) ? { kind, algorithm, hash, size } : undefined;
}

function isFingerprintKind(value: string | undefined): value is FingerprintKind {
  return value === 'file' || value === 'url';
}

function isAlgorithm(value: string | undefined): value is HashAlgorithm {
  return value !== undefined && Object.hasOwn(hashBytes, value);
}

function unpackInfo(row: Readonly<Record<'label' | 'scheme' | 'ref' | 'tag', Json | undefined>>): SubjectInfo | undefined {
  const { scheme, ref, tag } = row;
  const label = row.label === same ? ref : row.label;
  if ((label !== 0 && typeof label !== 'string') || (scheme !== 0 && typeof scheme !== 'string')) {
    return undefined;
  }
  if (scheme === 0 ? ref !== 0 : typeof ref !== 'string') {
    return undefined;
  }
  return {
    ...(label === 0 ? {} : { label }),
    ...(scheme === 0 || typeof ref !== 'string' ? {} : { locator: { scheme, ref } }),
    ...(tag === undefined ? {} : { tag }),
  };
}
