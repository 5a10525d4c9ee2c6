/**
 * Sets of bytes: 256 entries, 1 for each byte in the set. Expressions see bytes only, never Unicode, and letters have a
 * case in ASCII alone, as in PCRE without UTF.
 */

/** 256 entries of 0 or 1. Shared between nodes: never written to after it was made. */
export type ByteSet = Uint8Array;

/** The bytes for which the test holds. */
export function setOf(holds: (byte: number) => boolean): ByteSet {
  const set = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) {
    set[byte] = holds(byte) ? 1 : 0;
  }
  return set;
}

/** One byte, and its other case where case does not count. */
export function setOfByte(byte: number, ignoreCase: boolean): ByteSet {
  const set = new Uint8Array(256);
  set[byte] = 1;
  if (ignoreCase) {
    set[otherCase(byte)] = 1;
  }
  return set;
}

/** The other case of an ASCII letter; any other byte is its own. */
export function otherCase(byte: number): number {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a ? byte ^ 0x20 : byte;
}

/** The set with both cases of every letter in it. */
export function foldSet(set: ByteSet): ByteSet {
  return setOf((byte) => set[byte] === 1 || set[otherCase(byte)] === 1);
}

/** All other bytes. */
export function complementSet(set: ByteSet): ByteSet {
  return setOf((byte) => set[byte] === 0);
}

/** Adds the bytes of a set to one that is still being made. */
export function addSet(into: Uint8Array, set: ByteSet): void {
  for (let byte = 0; byte < 256; byte++) {
    into[byte]! |= set[byte]!;
  }
}

/** A text that is equal for equal sets. */
export function setKey(set: ByteSet): string {
  let key = '';
  for (let byte = 0; byte < 256; byte += 16) {
    let bits = 0;
    for (let bit = 0; bit < 16; bit++) {
      bits |= (set[byte + bit] ?? 0) << bit;
    }
    key += String.fromCharCode(bits);
  }
  return key;
}

/** Different sets, numbered from 0. */
export class SetNumbers {
  readonly sets: ByteSet[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #known = new Map<ByteSet, number>();

  numberOf(set: ByteSet): number {
    const known = this.#known.get(set);
    if (known !== undefined) {
      return known;
    }
    const key = setKey(set);
    const number = this.#byKey.get(key) ?? this.sets.push(set) - 1;
    this.#byKey.set(key, number);
    this.#known.set(set, number);
    return number;
  }
}

/** Letters, digits and the underscore: what `\w` takes and `\b` looks at. */
export function isWordByte(byte: number): boolean {
  return isDigit(byte) || isLetter(byte) || byte === 0x5f;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isUpper(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

function isLower(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a;
}

function isLetter(byte: number): boolean {
  return isUpper(byte) || isLower(byte);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

function isGraphic(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f;
}

/** The POSIX classes by their names, in the C locale. */
export const posixClasses: ReadonlyMap<string, (byte: number) => boolean> = new Map([
  ['alpha', isLetter],
  ['lower', isLower],
  ['upper', isUpper],
  ['alnum', (byte: number) => isLetter(byte) || isDigit(byte)],
  ['ascii', (byte: number) => byte < 0x80],
  ['blank', (byte: number) => byte === 0x20 || byte === 0x09],
  ['cntrl', (byte: number) => byte < 0x20 || byte === 0x7f],
  ['digit', isDigit],
  ['graph', isGraphic],
  ['print', (byte: number) => isGraphic(byte) || byte === 0x20],
  ['punct', (byte: number) => isGraphic(byte) && !isLetter(byte) && !isDigit(byte)],
  ['space', isSpace],
  ['word', isWordByte],
  ['xdigit', (byte: number) => isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)],
]);

/** The classes that a letter after a backslash stands for; the capital is the complement. */
export const letterClasses: ReadonlyMap<string, (byte: number) => boolean> = new Map([
  ['d', isDigit],
  ['w', isWordByte],
  ['s', isSpace],
  ['h', (byte: number) => byte === 0x09 || byte === 0x20 || byte === 0xa0],
  ['v', (byte: number) => (byte >= 0x0a && byte <= 0x0d) || byte === 0x85],
]);
