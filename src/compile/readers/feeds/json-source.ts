/**
 * Documents in JSON, read under limits. untrusted: every value is looked at before it is used, and only what an object
 * itself has counts. The objects of interest count as the lines of the source.
 */

/** An object with unknown values. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** What a text came to. */
export type JsonSource = { readonly kind: 'json'; readonly value: unknown } | { readonly kind: 'fault'; readonly reason: string };

/** Limits of a document: characters, and objects or lists within one another. */
const maxLength = 134_217_728;
const maxDepth = 64;

/** Reads a whole document. A byte order mark is no part of it. */
export function readJson(text: string, limits: { readonly maxLength?: number; readonly maxDepth?: number } = {}): JsonSource {
  const most = limits.maxLength ?? maxLength;
  const deepest = limits.maxDepth ?? maxDepth;
  if (text.length > most) {
    return { kind: 'fault', reason: `the document is longer than ${most} characters` };
  }
  const body = text.startsWith('\ufeff') ? text.slice(1) : text;
  if (depthOf(body) > deepest) {
    return { kind: 'fault', reason: `the document is nested more than ${deepest} deep` };
  }
  try {
    return { kind: 'json', value: JSON.parse(body) as unknown };
  } catch {
    return { kind: 'fault', reason: 'the document is not JSON' };
  }
}

/** True for an object that is no list. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value under a key of an object, undefined for anything else. */
export function valueAt(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The text under a key, undefined where there is another value or none. */
export function textAt(value: unknown, key: string): string | undefined {
  const found = valueAt(value, key);
  return typeof found === 'string' ? found : undefined;
}

/** The list under a key, empty where there is none. */
export function listAt(value: unknown, key: string): readonly unknown[] {
  const found = valueAt(value, key);
  return Array.isArray(found) ? (found as readonly unknown[]) : [];
}

/** The texts of the list under a key. */
export function textsAt(value: unknown, key: string): readonly string[] {
  return listAt(value, key).filter((one) => typeof one === 'string');
}

/** How deep brackets are nested outside of texts. Linear, and without a call for each of them. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = endOfText(text, at);
    } else if (code === 0x5b || code === 0x7b) {
      depth++;
      deepest = Math.max(deepest, depth);
    } else if (code === 0x5d || code === 0x7d) {
      depth--;
    }
  }
  return deepest;
}

function endOfText(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) {
      at++;
    } else if (code === 0x22) {
      return at;
    }
  }
  return text.length;
}
