/** Reads fields of JSON that nobody vouches for. Only own fields count: `__proto__` in a body is a name like any other. */
import { fromHex } from '../../base/bytes.js';

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value when it is an object and no array. */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** An own field of an object; undefined where there is none. */
export function field(value: unknown, name: string): unknown {
  const object = asObject(value);
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}

/** A field that is a list, cut to its first `max` items; empty for anything else. */
export function listField(value: unknown, name: string, max: number): readonly unknown[] {
  const list = field(value, name);
  return Array.isArray(list) ? list.slice(0, max) : [];
}

/** A whole number from 0 on, as a number or as its digits; undefined for anything else. */
export function countOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined;
}

/** The bytes of a hash in hex, of either case. */
export function hashField(value: unknown, name: string): Uint8Array | undefined {
  const hex = field(value, name);
  return typeof hex === 'string' && hex.length <= 64 ? fromHex(hex) : undefined;
}

/** A text fit for a name: printable, trimmed, at most 120 characters; undefined where nothing is left. */
export function nameOf(value: unknown): string | undefined {
  if (typeof value !== 'string') {
    return undefined;
  }
  const name = value.slice(0, 1000).replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim();
  return name === '' ? undefined : [...name].slice(0, 120).join('').trim();
}
