/** Narrowing of decoded values, one function per shape: whatever is not exactly that shape is refused by name. */
import type { WireValue } from './codec.js';
import { badMessage } from './structure.js';

/** Control characters (C0, DEL, C1) and lone surrogates. */
const unpresentable = /[\p{Cc}\p{Cs}]/gu;

/** A list of `min` to `max` values. */
export function readList(what: string, value: WireValue | undefined, size: { readonly min?: number; readonly max: number }): readonly WireValue[] {
  if (!isList(value)) {
    throw badMessage(`${what} is no list`);
  }
  if (value.length < (size.min ?? 0) || value.length > size.max) {
    throw badMessage(`${what} has ${value.length} values, expected ${size.min ?? 0} to ${size.max}`);
  }
  return value;
}

/** A list of exactly `length` values. */
export function readTuple(what: string, value: WireValue | undefined, length: number): readonly WireValue[] {
  return readList(what, value, { min: length, max: length });
}

/** A byte string of one of the lengths. A view, not a copy. */
export function readBytes(what: string, value: WireValue | undefined, ...lengths: readonly number[]): Uint8Array {
  if (!(value instanceof Uint8Array) || !lengths.includes(value.length)) {
    throw badMessage(`${what} is no byte string of ${lengths.join(' or ')} bytes`);
  }
  return value;
}

/** A byte string of at most `maxBytes`. A view, not a copy. */
export function readBlob(what: string, value: WireValue | undefined, maxBytes: number): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length > maxBytes) {
    throw badMessage(`${what} is no byte string of at most ${maxBytes} bytes`);
  }
  return value;
}

/** An integer of 0 to `max`. */
export function readInteger(what: string, value: WireValue | undefined, max: number = Number.MAX_SAFE_INTEGER): number {
  // One that no double holds exactly comes as bigint, and is over `max` in any case.
  const integer = typeof value === 'bigint' ? Number(value) : value;
  if (typeof integer !== 'number' || !Number.isSafeInteger(integer) || integer < 0 || integer > max) {
    throw badMessage(`${what} is no integer from 0 to ${max}`);
  }
  return integer;
}

/** The same, or nil for "absent". */
export function readOptionalInteger(what: string, value: WireValue | undefined, max?: number): number | undefined {
  return value === null ? undefined : readInteger(what, value, max);
}

/** Text of 1 to `maxBytes` bytes without control characters: names end up in logs and on terminals. */
export function readText(what: string, value: WireValue | undefined, maxBytes: number): string {
  if (typeof value !== 'string' || value === '' || !isPresentable(value, maxBytes)) {
    throw badMessage(`${what} is no text of 1 to ${maxBytes} bytes`);
  }
  return value;
}

/** Nearly every name is ASCII, and told by its units: 20 ns instead of 300. */
function isPresentable(text: string, maxBytes: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit > 0x7e) {
      return text.search(unpresentable) < 0 && utf8Length(text) <= maxBytes;
    }
  }
  return text.length <= maxBytes;
}

/** The text as `readText` takes it: controls become U+FFFD, and what is over the limit is cut between characters. */
export function presentableText(text: string, maxBytes: number): string {
  if (isPresentable(text, maxBytes)) {
    return text;
  }
  const whole = text.replaceAll(unpresentable, '\ufffd');
  if (utf8Length(whole) <= maxBytes) {
    return whole;
  }
  let kept = '';
  let bytes = 0;
  for (const character of whole) {
    bytes += utf8Length(character);
    if (bytes > maxBytes) {
      break;
    }
    kept += character;
  }
  return kept;
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

function isList(value: WireValue | undefined): value is readonly WireValue[] {
  return Array.isArray(value);
}
