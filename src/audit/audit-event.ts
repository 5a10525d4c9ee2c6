/**
 * What the audit log writes down, as one line of JSON each: a subject was let through, or became known for what it is.
 * Reading a line back checks every shape: the file is input from outside.
 */
import { parseTimeMark, timeMarkRow, type TimeMark } from '../base/log-time.js';
import type { Json } from '../base/seams.js';
import type { SubjectInfo } from '../base/subject.js';
import { reasons } from '../base/verdict.js';
import type { AuditResolution, TemporaryAllow } from './audit-log.js';

/** Further allows at the same place that were folded into one when room was made. */
export interface Repeats {
  readonly times: number;
  /** Instant of the last of them, epoch ms. */
  readonly lastAt: number;
}

/** One line of the log. */
export type AuditEvent =
  | { readonly kind: 'allowed'; readonly allow: TemporaryAllow; readonly repeats?: Repeats }
  | { readonly kind: 'resolved'; readonly resolution: AuditResolution }
  /** The time of the log, and what the clocks said then. */
  | { readonly kind: 'timed'; readonly mark: TimeMark };

/** Longest line (UTF-16 units). A host's tag that makes it longer is left out. */
export const maxEventChars: number = 65_536;

/** The line of an event. @throws RangeError when it is too long even without the host's tag. */
export function encodeAudit(event: AuditEvent): string {
  const whole = lineOf(event);
  const line = whole.length <= maxEventChars ? whole : lineOf(withoutTag(event));
  if (line.length > maxEventChars) {
    throw new RangeError(`audit record: expected at most ${maxEventChars} characters, got ${line.length}`);
  }
  return line;
}

/** The event of a line, or undefined when it is none. */
export function decodeAudit(line: string): AuditEvent | undefined {
  // untrusted: the line may come from a damaged or foreign file
  const row = line.length <= maxEventChars ? parse(line) : undefined;
  if (!Array.isArray(row)) {
    return undefined;
  }
  const [letter, body, times, lastAt] = row as readonly Json[];
  if (letter === 't') {
    const mark = parseTimeMark(body);
    return mark === undefined ? undefined : { kind: 'timed', mark };
  }
  if (letter === 'r') {
    return isResolution(body) ? { kind: 'resolved', resolution: body } : undefined;
  }
  if (letter !== 'a' || !isAllow(body)) {
    return undefined;
  }
  return isCount(times) && isCount(lastAt) ? { kind: 'allowed', allow: body, repeats: { times, lastAt } } : { kind: 'allowed', allow: body };
}

/** What makes an allow and a resolution one: the entry and the place. */
export function joinKey(of: { readonly pendingId: string; readonly subject: SubjectInfo }): string {
  return `${of.pendingId}\n${auditPlace(of.subject)}`;
}

/** A text that is equal for the same place; empty without one. */
export function auditPlace({ locator }: SubjectInfo): string {
  return locator === undefined ? '' : `${locator.scheme}:${locator.ref}`;
}

function lineOf(event: AuditEvent): string {
  switch (event.kind) {
    case 'allowed':
      return JSON.stringify(['a', event.allow, ...(event.repeats === undefined ? [] : [event.repeats.times, event.repeats.lastAt])]);
    case 'resolved':
      return JSON.stringify(['r', event.resolution]);
    case 'timed':
      return JSON.stringify(['t', timeMarkRow(event.mark)]);
  }
}

function withoutTag(event: AuditEvent): AuditEvent {
  const bare = ({ label, locator }: SubjectInfo): SubjectInfo => ({
    ...(label === undefined ? {} : { label }),
    ...(locator === undefined ? {} : { locator }),
  });
  switch (event.kind) {
    case 'allowed':
      return { ...event, allow: { ...event.allow, subject: bare(event.allow.subject) } };
    case 'resolved':
      return { ...event, resolution: { ...event.resolution, subject: bare(event.resolution.subject) } };
    case 'timed':
      return event;
  }
}

type Fields = Readonly<Record<string, Json | undefined>>;
type Check = (value: Json | undefined) => boolean;

const isText: Check = (value) => typeof value === 'string';
const oneOf = (...words: readonly Json[]): Check => (value) => words.includes(value ?? null);
const optional = (check: Check): Check => (value) => value === undefined || check(value);
const isReason: Check = (value) => (reasons as readonly unknown[]).includes(value);
const accesses = ['allow', 'warn', 'hold', 'block'] as const;

const allowFields: Readonly<Record<keyof TemporaryAllow, Check>> = {
  pendingId: isText,
  at: isInstant,
  owner: isText,
  kind: oneOf('file', 'url', 'digest'),
  subject: isSubject,
  url: optional(isText),
  sha256: optional((value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)),
  reason: isReason,
  access: oneOf('allow', 'warn'),
  policy: isText,
};

const resolutionFields: Readonly<Record<keyof AuditResolution, Check>> = {
  pendingId: isText,
  at: isInstant,
  subject: isSubject,
  disposition: oneOf('malicious', 'suspicious', 'clean', 'unknown'),
  reason: optional(isReason),
  threats: (value) => Array.isArray(value) && value.every((name) => typeof name === 'string'),
  access: oneOf(...accesses),
  remedy: oneOf('none', 'quarantine', 'delete', 'rename'),
  outcome: optional(oneOf('done', 'not-needed', 'unable', 'uncertain')),
};

function isAllow(value: Json | undefined): value is Json & TemporaryAllow {
  return hasFields(value, allowFields);
}

function isResolution(value: Json | undefined): value is Json & AuditResolution {
  return hasFields(value, resolutionFields);
}

function isSubject(value: Json | undefined): boolean {
  if (!isObject(value)) {
    return false;
  }
  const { label, locator } = value;
  return optional(isText)(label) && (locator === undefined || (isObject(locator) && isText(locator['scheme']) && isText(locator['ref'])));
}

function hasFields(value: Json | undefined, fields: Readonly<Record<string, Check>>): boolean {
  return isObject(value) && Object.entries(fields).every(([name, check]) => check(Object.hasOwn(value, name) ? value[name] : undefined));
}

function isObject(value: Json | undefined): value is Fields & Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isInstant(value: Json | undefined): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}

function isCount(value: Json | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parse(line: string): Json | undefined {
  try {
    return JSON.parse(line) as Json;
  } catch {
    return undefined;
  }
}
