/** Backslashes outside of classes: places, references, and what stands for more than one byte. */
import { setOf } from './byte-set.js';
import { byteOfEscape, octalByte, setOfEscape } from './escape.js';
import { readName } from './group-names.js';
import type { ExpressionNode, Place } from './node.js';
import type { Atom, Parser } from './parse.js';
import { isDecimal, isOctal } from './reader.js';

const places: ReadonlyMap<string, Place> = new Map([
  ['A', 'text-start'],
  ['z', 'text-end'],
  ['Z', 'text-end-or-final-newline'],
  ['b', 'word-boundary'],
  ['B', 'no-word-boundary'],
  ['G', 'search-start'],
]);

/** Reads an escape; the reader stands behind the backslash. */
export function readEscape(parser: Parser): Atom {
  const { reader } = parser;
  const letter = reader.next();
  const place = places.get(letter);
  if (place !== undefined) {
    return { node: { kind: 'place', place }, repeatable: false };
  }
  const set = setOfEscape(letter);
  if (set !== undefined) {
    return { node: { kind: 'set', set }, repeatable: true };
  }
  if (letter === 'K') {
    return readKeep(parser);
  }
  return { node: readReference(parser, letter) ?? readOther(parser, letter), repeatable: true };
}

function readKeep(parser: Parser): Atom {
  if (parser.lookDepth > 0) {
    throw parser.reader.fault('"\\K" is not allowed in a look');
  }
  return { node: { kind: 'keep' }, repeatable: false };
}

function readOther(parser: Parser, letter: string): ExpressionNode {
  if (letter === 'C' || (letter === 'N' && !isNamedCharacter(parser))) {
    return { kind: 'set', set: setOf((byte) => letter === 'C' || byte !== 0x0a) };
  }
  if (letter === 'R') {
    return newline();
  }
  const byte = byteOfEscape(parser.reader, letter);
  if (byte === undefined) {
    throw parser.reader.fault(`"\\${letter}" is not supported`);
  }
  return parser.byteNode(byte);
}

/** `\N{...}` names a character, unless the braces are a quantifier. */
function isNamedCharacter({ reader }: Parser): boolean {
  return reader.peek() === '{' && !isDecimal(reader.peek(1));
}

/** `\R`: CR LF as one, or any single byte that ends a line; no second thoughts. */
function newline(): ExpressionNode {
  const pair = [0x0d, 0x0a].map((wanted): ExpressionNode => ({ kind: 'set', set: setOf((byte) => byte === wanted) }));
  const single: ExpressionNode = { kind: 'set', set: setOf((byte) => (byte >= 0x0a && byte <= 0x0d) || byte === 0x85) };
  return { kind: 'atomic', body: { kind: 'alternatives', branches: [{ kind: 'sequence', items: pair }, single] } };
}

function readReference(parser: Parser, letter: string): ExpressionNode | undefined {
  if (letter === 'g') {
    return referenceTo(parser, readG(parser));
  }
  if (letter === 'k') {
    return referenceTo(parser, readName(parser.reader, nameTerminator(parser)));
  }
  return isDecimal(letter) && letter !== '0' ? readNumber(parser, letter) : undefined;
}

/** A group that was read up to here, or any of one digit; else an octal number. */
function readNumber(parser: Parser, first: string): ExpressionNode {
  const { reader } = parser;
  const mark = reader.at;
  const number = Number(first + reader.takeWhile(isDecimal, 6));
  if (number < 10 || !isOctal(first) || number <= parser.groups.opened) {
    return referenceTo(parser, number);
  }
  reader.at = mark;
  return parser.byteNode(octalByte(reader, first, 2));
}

/** `\g1`, `\g{-1}`, `\g{+1}`, `\g{name}`. */
function readG({ reader, groups }: Parser): string | number {
  if (reader.peek() === '<' || reader.peek() === "'") {
    throw reader.fault('calls of groups are not supported');
  }
  const braced = reader.takes('{');
  const sign = reader.peek() === '-' || reader.peek() === '+' ? reader.next() : '';
  const digits = reader.takeWhile(isDecimal, 6);
  if (digits === '') {
    if (!braced || sign !== '') {
      throw reader.fault('a group was expected after "\\g"');
    }
    return readName(reader, '}');
  }
  if (braced && !reader.takes('}')) {
    throw reader.fault('"}" is missing');
  }
  return relativeGroup(Number(digits), sign, groups.opened);
}

/** The number of a group that is counted from the last one that was opened. */
export function relativeGroup(number: number, sign: string, opened: number): number {
  if (sign === '-') {
    return opened - number + 1;
  }
  return sign === '+' ? opened + number : number;
}

function nameTerminator({ reader }: Parser): string {
  switch (reader.next()) {
    case '{':
      return '}';
    case '<':
      return '>';
    case "'":
      return "'";
    default:
      throw reader.fault('a name was expected after "\\k"');
  }
}

/** A reference in the case that holds here. */
export function referenceTo(parser: Parser, group: string | number): ExpressionNode {
  return { kind: 'reference', groups: parser.groups.await(group), ignoreCase: parser.options.ignoreCase };
}
