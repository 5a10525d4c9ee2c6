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
  const fields: readonly Json[] = [
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
  ];
  if (rowOf(fields) === undefined) {
    return undefined;
  }
  const text = JSON.stringify(fields);
  return text.length <= maxRecordChars ? text : undefined;
}

/** The subject of a text, or undefined when it is none. */
export function unpackSubject(text: string): NewPending | undefined {
  const row = readRow(text);
  if (row === undefined) {
    return undefined;
  }
  const { owner, kind, key, reason, url, prints, scannedBy } = row;
  return {
    owner,
    kind,
    key,
    ...(url === undefined ? {} : { url }),
    fingerprints: prints.map((one) => unpackFingerprint(one, key)),
    reason,
    subject: unpackInfo(row),
    ...(scannedBy === undefined ? {} : { scannedBy }),
  };
}

/** What makes two subjects one entry. */
export type SubjectIdentity = Pick<NewPending, 'owner' | 'kind' | 'key' | 'url'>;

/** Kind and key in one text. The kind belongs to it: a file may hold just the text of a URL, and is not that URL. */
export function identityOf(subject: { readonly kind: string; readonly key: string }): string {
  return `${subject.kind}:${subject.key}`;
}

/** The identity in a text, or undefined when it is none: checks as much as `unpackSubject` and makes far less. */
export function identifySubject(text: string): SubjectIdentity | undefined {
  return readRow(text);
}

/** The place in a text, as `placeOf` gives it. */
export function placeInText(text: string): string | undefined {
  const row = readRow(text);
  return row === undefined ? undefined : placeOf(unpackInfo(row));
}

/** A text that is equal for two locators exactly when they are the same place. */
export function placeOf(subject: SubjectInfo): string | undefined {
  return subject.locator === undefined ? undefined : JSON.stringify([subject.locator.scheme, subject.locator.ref]);
}

interface Row extends Pick<NewPending, 'owner' | 'kind' | 'key' | 'reason' | 'url' | 'scannedBy'> {
  readonly prints: readonly PrintRow[];
  readonly label: string | undefined;
  readonly scheme: string | undefined;
  readonly ref: string | undefined;
  readonly tag: Json | undefined;
}

/** Kind and algorithm, hash in hex or `same` as the key, size. */
type PrintRow = readonly [string, string | 1, number?];

function readRow(text: string): Row | undefined {
  // untrusted: the text may come from a damaged or foreign file
  const fields = text.length <= maxRecordChars ? parseArray(text) : undefined;
  return fields === undefined ? undefined : rowOf(fields);
}

function rowOf(fields: readonly Json[]): Row | undefined {
  if (fields.length < 10 || fields.length > 11) {
    return undefined;
  }
  const [owner, kind, key, reason, url, prints, label, scheme, ref, scannedBy, tag] = fields;
  if (
    typeof owner !== 'string' || typeof key !== 'string' || !isKind(kind) || !isReason(reason) || !isTextOr0(url) ||
    !arePrints(prints, key) || !isTextOr0(scheme) || !isTextOr0(ref) || (scheme === 0) !== (ref === 0) ||
    !(isTextOr0(label) || (label === same && ref !== 0)) || !(scannedBy === null || isCount(scannedBy))
  ) {
    return undefined;
  }
  return {
    owner,
    kind,
    key,
    reason,
    ...(url === 0 ? {} : { url }),
    prints,
    label: label === same ? textOf(ref) : textOf(label),
    scheme: textOf(scheme),
    ref: textOf(ref),
    ...(scannedBy === null ? {} : { scannedBy }),
    tag,
  };
}

const kinds: Readonly<Record<NewPending['kind'], true>> = { file: true, url: true, digest: true };

const hexPattern = /^[0-9a-f]*$/;

/** Every kind and algorithm by the name that a record has for them. */
const printNames: ReadonlyMap<string, readonly [FingerprintKind, HashAlgorithm]> = new Map(
  (['file', 'url'] as const).flatMap((kind) =>
    (['sha256', 'sha1', 'md5'] as const).map((algorithm) => [`${kind}-${algorithm}`, [kind, algorithm]] as const),
  ),
);

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

function isTextOr0(value: Json | undefined): value is string | 0 {
  return value === 0 || typeof value === 'string';
}

function textOf(value: string | 0): string | undefined {
  return value === 0 ? undefined : value;
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

function arePrints(value: Json | undefined, key: string): value is PrintRow[] & Json {
  return Array.isArray(value) && value.length <= maxFingerprints && value.every((one: Json) => isPrint(one, key));
}

function isPrint(value: Json, key: string): boolean {
  if (!Array.isArray(value)) {
    return false;
  }
  const [name, text, size] = value as readonly Json[];
  const algorithm = typeof name === 'string' ? printNames.get(name)?.[1] : undefined;
  const hex = text === same ? key : text;
  return (
    algorithm !== undefined && typeof hex === 'string' && hex.length === 2 * hashBytes[algorithm] && hexPattern.test(hex) &&
    (size === undefined || isCount(size))
  );
}

function unpackFingerprint([name, text, size]: PrintRow, key: string): Fingerprint {
  const [kind, algorithm] = printNames.get(name)!;
  const hash = fromHex(text === same ? key : text)!;
  return { kind, algorithm, hash, ...(size === undefined ? {} : { size }) };
}

function unpackInfo({ label, scheme, ref, tag }: Row): SubjectInfo {
  return {
    ...(label === undefined ? {} : { label }),
    ...(scheme === undefined || ref === undefined ? {} : { locator: { scheme, ref } }),
    ...(tag === undefined ? {} : { tag }),
  };
}
