/** Character classes: `[...]` with ranges, escapes and POSIX names. */
import type { ByteSet } from './byte-set.js';
import { addSet, complementSet, foldSet, posixClasses, setOf, setOfByte } from './byte-set.js';
import { byteOfEscape, octalByte, setOfEscape } from './escape.js';
import type { Options } from './options.js';
import type { PatternReader } from './reader.js';
import { isOctal } from './reader.js';

type ClassItem = { readonly kind: 'byte'; readonly byte: number } | { readonly kind: 'set'; readonly set: ByteSet };

/** Reads a class; the reader stands behind its `[`. */
export function readClass(reader: PatternReader, options: Options): ByteSet {
  if (reader.sees('[:<:]]') || reader.sees('[:>:]]')) {
    throw reader.fault('the word boundaries [[:<:]] and [[:>:]] are not supported');
  }
  const negated = reader.takes('^');
  const set = new Uint8Array(256);
  for (let first = true; ; first = false) {
    skipInClass(reader, options);
    if (reader.done) {
      throw reader.fault('"]" is missing');
    }
    if (!first && !reader.quoting && reader.takes(']')) {
      return negated ? complementSet(set) : set;
    }
    addSet(set, readPart(reader, options));
  }
}

/** One byte, range or class within a class. */
function readPart(reader: PatternReader, options: Options): ByteSet {
  const item = readItem(reader, options);
  const mark = { at: reader.at, quoting: reader.quoting };
  skipInClass(reader, options);
  const ranged = !reader.quoting && reader.takes('-');
  skipInClass(reader, options);
  if (!ranged || reader.done || (!reader.quoting && reader.peek() === ']')) {
    reader.at = mark.at;
    reader.quoting = mark.quoting;
    return item.kind === 'set' ? item.set : setOfByte(item.byte, options.ignoreCase);
  }
  const last = item.kind === 'byte' ? readItem(reader, options) : item;
  if (item.kind !== 'byte' || last.kind !== 'byte' || last.byte < item.byte) {
    throw reader.fault('a range in a class is not from a byte to a greater one');
  }
  const range = setOf((byte) => byte >= item.byte && byte <= last.byte);
  return options.ignoreCase ? foldSet(range) : range;
}

function readItem(reader: PatternReader, options: Options): ClassItem {
  if (!reader.quoting) {
    const posix = reader.peek() === '[' ? readPosix(reader, options) : undefined;
    if (posix !== undefined) {
      return { kind: 'set', set: posix };
    }
    if (reader.takes('\\')) {
      return readEscape(reader);
    }
  }
  return { kind: 'byte', byte: reader.next().charCodeAt(0) };
}

function readEscape(reader: PatternReader): ClassItem {
  const letter = reader.next();
  const set = setOfEscape(letter);
  if (set !== undefined) {
    return { kind: 'set', set };
  }
  if (letter === 'b') {
    return { kind: 'byte', byte: 0x08 };
  }
  if (letter === '8' || letter === '9') {
    return { kind: 'byte', byte: letter.charCodeAt(0) };
  }
  const byte = isOctal(letter) ? octalByte(reader, letter, 2) : byteOfEscape(reader, letter);
  if (byte === undefined) {
    throw reader.fault(`"\\${letter}" in a class is not supported`);
  }
  return { kind: 'byte', byte };
}

function readPosix(reader: PatternReader, options: Options): ByteSet | undefined {
  const mark = reader.peek(1);
  const end = mark === ':' || mark === '.' || mark === '=' ? posixEnd(reader, mark) : -1;
  if (end < 0) {
    return undefined;
  }
  const text = reader.text.slice(reader.at + 2, end);
  const negated = text.startsWith('^');
  const name = negated ? text.slice(1) : text;
  // Where case does not count, a class of one case is the class of letters, and its complement that of all others.
  const holds = posixClasses.get(options.ignoreCase && (name === 'upper' || name === 'lower') ? 'alpha' : name);
  if (mark !== ':' || holds === undefined) {
    throw reader.fault('there is no such POSIX class');
  }
  reader.at = end + 2;
  return negated ? complementSet(setOf(holds)) : setOf(holds);
}

/** Where the closing mark of `[:name:]` stands, or -1 where this is no such thing. */
function posixEnd(reader: PatternReader, mark: string): number {
  for (let at = reader.at + 2; at + 1 < reader.text.length; at++) {
    const character = reader.text[at];
    const following = reader.text[at + 1];
    if (character === '\\' && (following === ']' || following === '\\')) {
      at += 1;
    } else if (character === mark && following === ']') {
      return at;
    } else if (character === ']' || (character === '[' && following === mark)) {
      return -1;
    }
  }
  return -1;
}

function skipInClass(reader: PatternReader, options: Options): void {
  do {
    reader.skipQuoteMarks();
  } while (!reader.quoting && options.extendedClasses && (reader.takes(' ') || reader.takes('\t')));
}
