/**
 * Everything that changes the retro log, as data: a letter, and what it is about. Applying the same events in the same
 * order gives the same log, so its journal is a list of these. What leaves by the bounds is not written: they say so
 * again when the list is read.
 */
import { fromBase64Url, fromHex, toBase64Url, toHex } from '../base/bytes.js';
import { parseTimeMark, timeMarkRow, type TimeMark } from '../base/log-time.js';
import type { Json } from '../base/seams.js';

/** One change. Keys in hex; texts as `retro-text.ts` and `stored-finding.ts` make them. */
export type RetroEvent =
  /** An entry is as this text says from now on. */
  | { readonly kind: 'seen'; readonly key: string; readonly text: string }
  | { readonly kind: 'forgotten'; readonly key: string }
  /** The entry of the key, where it is there, has become these findings; `rest` is what is left of it. */
  | { readonly kind: 'found'; readonly key: string; readonly findings: readonly (readonly [id: string, text: string])[]; readonly rest?: string }
  | { readonly kind: 'intended'; readonly id: string; readonly intent: string }
  | { readonly kind: 'settled'; readonly id: string; readonly outcome: string }
  | { readonly kind: 'hunted'; readonly mark: string }
  /** The time of the log, and what the clocks said then. */
  | { readonly kind: 'timed'; readonly mark: TimeMark };

/** The line of an event. */
export function encodeRetro(event: RetroEvent): string {
  switch (event.kind) {
    case 'seen':
      // Nearly all lines are these: the text stands as it is, without another layer of quotes.
      return `s${toBase64Url(fromHex(event.key) ?? new Uint8Array(0))}${event.text}`;
    case 'forgotten':
      return JSON.stringify(['d', event.key]);
    case 'found':
      return JSON.stringify(['f', event.key, event.findings, ...(event.rest === undefined ? [] : [event.rest])]);
    case 'intended':
      return JSON.stringify(['i', event.id, event.intent]);
    case 'settled':
      return JSON.stringify(['o', event.id, event.outcome]);
    case 'hunted':
      return JSON.stringify(['h', event.mark]);
    case 'timed':
      return JSON.stringify(['t', timeMarkRow(event.mark)]);
  }
}

const keyChars = 43;

/** The event of a line, or undefined when it is none. Texts are left to the log to check. */
export function decodeRetro(line: string): RetroEvent | undefined {
  // untrusted: the line may come from a damaged or foreign file
  if (line.startsWith('s')) {
    const hash = fromBase64Url(line.slice(1, 1 + keyChars));
    return hash?.length === 32 ? { kind: 'seen', key: toHex(hash), text: line.slice(1 + keyChars) } : undefined;
  }
  const row = parse(line);
  if (!Array.isArray(row)) {
    return undefined;
  }
  const [letter, first, second, third] = row as readonly Json[];
  if (letter === 't') {
    const mark = parseTimeMark(first);
    return mark === undefined ? undefined : { kind: 'timed', mark };
  }
  if (typeof first !== 'string') {
    return undefined;
  }
  switch (letter) {
    case 'd':
      return { kind: 'forgotten', key: first };
    case 'h':
      return { kind: 'hunted', mark: first };
    case 'i':
      return typeof second === 'string' ? { kind: 'intended', id: first, intent: second } : undefined;
    case 'o':
      return typeof second === 'string' ? { kind: 'settled', id: first, outcome: second } : undefined;
    case 'f':
      return arePairs(second) ? { kind: 'found', key: first, findings: second, ...(typeof third === 'string' ? { rest: third } : {}) } : undefined;
    default:
      return undefined;
  }
}

function arePairs(value: Json | undefined): value is (readonly [string, string])[] & Json {
  return Array.isArray(value) && value.every((pair: Json) => Array.isArray(pair) && pair.length === 2 && pair.every((one) => typeof one === 'string'));
}

function parse(line: string): Json | undefined {
  try {
    return JSON.parse(line) as Json;
  } catch {
    return undefined;
  }
}
