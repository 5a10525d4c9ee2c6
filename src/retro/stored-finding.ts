/** One finding as a text: everything but what was begun and done about it. */
import type { Verdict } from '../base/verdict.js';
import type { Json } from '../base/seams.js';
import type { RetroEntry, RetroFinding, RetroPlace } from './retro-log.js';

/** A finding as it is held. */
export interface StoredFinding {
  readonly text: string;
  /** JSON. */
  intent?: string;
  /** JSON. */
  outcome?: string;
}

/** Threats that are kept, and characters of their names. */
const maxThreats = 32;
const maxNameChars = 256;
const maxExpressionChars = 8192;

const dispositions: readonly Json[] = ['malicious', 'suspicious', 'clean', 'unknown'];

/** The text of a finding at one of the places of an entry. */
export function packFinding(entry: Omit<RetroEntry, 'places' | 'untilAt'>, place: RetroPlace, found: { readonly verdict: Verdict; readonly at: number }): string {
  const size = entry.fingerprints.find((one) => one.size !== undefined)?.size;
  return JSON.stringify({
    kind: entry.kind,
    key: entry.key,
    ...(entry.url === undefined ? {} : { url: entry.url }),
    ...(size === undefined ? {} : { size }),
    owner: place.owner,
    subject: place.subject,
    verdict: boundedVerdict(found.verdict),
    foundAt: found.at,
  });
}

/** The finding, or undefined for a text that is none. */
export function unpackFinding(id: string, stored: StoredFinding): RetroFinding | undefined {
  // untrusted: the text may come from a damaged or foreign file
  const body: unknown = parse(stored.text);
  return isFinding(body)
    ? {
        ...body,
        id,
        ...(stored.intent === undefined ? {} : { intent: JSON.parse(stored.intent) as Json }),
        ...(stored.outcome === undefined ? {} : { outcome: JSON.parse(stored.outcome) as Json }),
      }
    : undefined;
}

/** JSON in a text. */
export function isJson(text: string): boolean {
  return parse(text) !== undefined;
}

/** What a server or a source may make as long as it likes is cut. */
function boundedVerdict({ expression, categories, ...verdict }: Verdict): Verdict {
  const threats = verdict.threats.slice(0, maxThreats).map(({ name, type }) => ({ name: name.slice(0, maxNameChars), type: type.slice(0, maxNameChars) }));
  return {
    ...verdict,
    threats,
    ...(expression === undefined ? {} : { expression: expression.slice(0, maxExpressionChars) }),
    ...(categories === undefined ? {} : { categories: categories.slice(0, maxThreats).map((name) => name.slice(0, maxNameChars)) }),
  };
}

function isFinding(body: unknown): body is Omit<RetroFinding, 'id' | 'intent' | 'outcome'> {
  if (!isObject(body)) {
    return false;
  }
  const { kind, key, url, size, owner, subject, verdict, foundAt } = body;
  return (
    (kind === 'file' || kind === 'url' || kind === 'digest') && typeof key === 'string' && typeof owner === 'string' &&
    typeof foundAt === 'number' && (url === undefined || typeof url === 'string') && (size === undefined || typeof size === 'number') &&
    isSubject(subject) && isVerdict(verdict)
  );
}

function isSubject(value: unknown): boolean {
  if (!isObject(value)) {
    return false;
  }
  const { label, locator } = value;
  const placed = locator === undefined || (isObject(locator) && typeof locator['scheme'] === 'string' && typeof locator['ref'] === 'string');
  return placed && (label === undefined || typeof label === 'string');
}

function isVerdict(value: unknown): boolean {
  if (!isObject(value)) {
    return false;
  }
  const { disposition, threats, source, generations } = value;
  return (
    dispositions.includes(disposition ?? null) && typeof source === 'string' && isObject(generations) && Array.isArray(threats) &&
    threats.every((threat: Json) => isObject(threat) && typeof threat['name'] === 'string' && typeof threat['type'] === 'string')
  );
}

function isObject(value: unknown): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
