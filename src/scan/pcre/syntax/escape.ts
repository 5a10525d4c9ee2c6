/** Backslashes: what means the same inside and outside of classes, single bytes and classes of a letter. */
import type { ByteSet } from './byte-set.js';
import { complementSet, letterClasses, setOf } from './byte-set.js';
import type { PatternReader } from './reader.js';
import { isHex, isOctal } from './reader.js';

const controls: ReadonlyMap<string, number> = new Map([
  ['a', 0x07],
  ['e', 0x1b],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
]);

/** The byte that an escape stands for; the reader stands behind its letter. Undefined where the letter means no byte. */
export function byteOfEscape(reader: PatternReader, letter: string): number | undefined {
  const control = controls.get(letter);
  if (control !== undefined) {
    return control;
  }
  switch (letter) {
    case 'x':
      return hexByte(reader);
    case 'o':
      return bracedByte(reader, isOctal, 8);
    case 'c':
      return controlByte(reader);
    case '0':
      return octalByte(reader, letter, 2);
    default:
      return isAlphanumeric(letter) ? undefined : plainByte(reader, letter);
  }
}

/** The set of `\d`, `\W`, `\h` and their like, or undefined for another letter. */
export function setOfEscape(letter: string): ByteSet | undefined {
  const holds = letterClasses.get(letter.toLowerCase());
  if (holds === undefined) {
    return undefined;
  }
  return letter === letter.toLowerCase() ? setOf(holds) : complementSet(setOf(holds));
}

/** An octal number that begins with a digit that was taken. */
export function octalByte(reader: PatternReader, first: string, more: number): number {
  return inByte(reader, Number.parseInt(first + reader.takeWhile(isOctal, more), 8));
}

function plainByte(reader: PatternReader, letter: string): number {
  if (letter === '') {
    throw reader.fault('a backslash stands at the end');
  }
  return letter.charCodeAt(0);
}

function hexByte(reader: PatternReader): number {
  if (reader.peek() === '{') {
    return bracedByte(reader, isHex, 16);
  }
  const digits = reader.takeWhile(isHex, 2);
  return digits === '' ? 0 : Number.parseInt(digits, 16);
}

function bracedByte(reader: PatternReader, isDigit: (character: string) => boolean, base: number): number {
  if (!reader.takes('{')) {
    throw reader.fault('"{" is missing');
  }
  const digits = reader.takeWhile(isDigit);
  if (digits === '' || !reader.takes('}')) {
    throw reader.fault('a number in braces was expected');
  }
  return inByte(reader, Number.parseInt(digits, base));
}

function controlByte(reader: PatternReader): number {
  const code = reader.next().charCodeAt(0);
  if (!(code >= 0x20 && code < 0x7f)) {
    throw reader.fault('a printable character was expected after "\\c"');
  }
  const upper = code >= 0x61 && code <= 0x7a ? code - 0x20 : code;
  return upper ^ 0x40;
}

function inByte(reader: PatternReader, value: number): number {
  if (value > 255) {
    throw reader.fault('a character is greater than one byte');
  }
  return value;
}

function isAlphanumeric(character: string): boolean {
  return /^[0-9A-Za-z]$/.test(character);
}
