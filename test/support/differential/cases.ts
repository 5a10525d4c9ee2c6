/** Signatures of every construct, each with contents that were made for it. */
import type { Random } from '../../../src/base/seams.js';
import { modified, nearMiss, randomBody, wide } from './bodies.js';
import { executableCase } from './executable-cases.js';
import { between, filler, literal, pick, toHex } from './pieces.js';
import type { Piece } from './pieces.js';

/** A signature named `T`, as lines, and contents to scan with it. */
export interface DifferentialCase {
  readonly ndb: readonly string[];
  readonly ldb: readonly string[];
  readonly contents: readonly Uint8Array[];
}

/** Neither text nor any other type that is more than its bytes: a NUL near both ends makes it so. */
const head = '\0\0\0\0\x01\x02\x03\x04zz';
const tail = 'zz\0\0\0\0\x01zzzzzzzz';

const content = (latin1: string): Uint8Array => Uint8Array.from(latin1, (character) => character.charCodeAt(0));

/** A content in which each piece stands some times, whole or nearly, between random bytes. */
function contentOf(random: Random, pieces: readonly Piece[], end: string): string {
  const parts = pieces.flatMap((piece) => Array.from({ length: pick(random, [0, 1, 1, 1, 2, 3]) }, () => (random() < 0.75 ? piece.make(random) : nearMiss(random, piece.make(random)))));
  const shuffled = parts.map((part) => ({ part, key: random() })).sort((a, b) => a.key - b.key).map(({ part }) => part);
  return head + shuffled.map((part) => filler(random, between(random, 0, 3)) + part).join('') + end;
}

/** clamscan counts an offset of `aa[x-y]HEX` to HEX, and of `!(B)HEX` to both: such bodies stand anywhere here. */
const mayBePlaced = (text: string): boolean => !/^[^*{]{2}\[|^!\([BLW]\)/.test(text);

const isOneLength = (text: string): boolean => !/[*{[(]/.test(text);

/** A byte signature with an offset. */
function ndbCase(random: Random, files: number): DifferentialCase {
  const body = randomBody(random, { hasClasses: true, maxParts: 3 });
  const offset = mayBePlaced(body.text) ? randomOffset(random, isOneLength(body.text)) : '*';
  const contents = Array.from({ length: files }, () => content(contentOf(random, [body], tail)));
  return { ndb: [`T:0:${offset}:${body.text}`], ldb: [], contents };
}

function randomOffset(random: Random, mayBeEnd: boolean): string {
  const place = between(random, 8, 22);
  const shift = between(random, 1, 12);
  const end = between(random, 10, 30);
  return pick(random, ['*', '*', '*', `${place}`, `${place},${shift}`, `${between(random, 0, 10)},${between(random, 1, 40)}`, ...(mayBeEnd ? [`EOF-${end}`, `EOF-${end},${shift}`] : [])]);
}

/** A logical signature over bodies. */
function ldbCase(random: Random, files: number): DifferentialCase {
  const parts = Array.from({ length: between(random, 1, 4) }, () => (random() < 0.35 ? modified(random) : randomBody(random, { hasClasses: random() < 0.3, maxParts: 2 })));
  const size = pick(random, ['', '', '', `,FileSize:${between(random, 20, 60)}-${between(random, 60, 90)}`]);
  const line = `T;Engine:81-255,Target:0${size};${randomExpression(random, parts.length)};${parts.map((part) => withOffset(random, part.text)).join(';')}`;
  return { ndb: [], ldb: [line], contents: Array.from({ length: files }, () => content(contentOf(random, parts, tail))) };
}

function withOffset(random: Random, text: string): string {
  return random() < 0.15 && mayBePlaced(text) ? `${between(random, 0, 20)},${between(random, 5, 60)}:${text}` : text;
}

/** An expression in which every part stands. */
function randomExpression(random: Random, parts: number): string {
  const term = (part: number): string => `${part}${pick(random, ['', '', '', '=0', '=1', '=2', '>1', '<2', '>0', '=1,1'])}`;
  const join = (terms: readonly string[]): string => terms.reduce((all, one) => `${all}${pick(random, ['&', '|', '|'])}${one}`);
  const numbers = Array.from({ length: parts }, (_, i) => i);
  if (parts > 1 && random() < 0.6) {
    const grouped = between(random, 2, parts);
    const count = pick(random, ['', '=0', '=1', '=2', '=3', '>1', '>2', '<2', '<3', '=2,2', '>1,2', '>2,2', '<4,2', '>1,3']);
    // One operator within a counted block: clamscan counts a mixed one in ways of its own.
    const block = `(${numbers.slice(0, grouped).map((part) => (random() < 0.8 ? `${part}` : term(part))).join(pick(random, ['&', '|', '|', '|']))})${count}`;
    return join([block, ...numbers.slice(grouped).map(term)]);
  }
  return join(numbers.map(term));
}

/** A byte comparison behind a mark. */
function comparisonCase(random: Random, files: number): DifferentialCase {
  const mark = literal(random, 4, 6);
  const text = mark.make(random);
  const [options, numbers] = pick(random, [
    ['il1', ['\x10', '\x20', '\xff', '\0']],
    ['ib2', ['\0\x10', '\x10\0', '\xff\xff', '\x01\x02']],
    ['il4', ['\x10\0\0\0', '\0\0\0\x10', '\xff\xff\xff\xff']],
    ['ib8', ['\0\0\0\0\0\0\0\x10', '\xff\xff\xff\xff\xff\xff\xff\xf0']],
    ['hb4', ['0x10', '10..', '0010', ' 10 ', '+010', 'g010', '-010', 'ffff']],
    ['hbe4', ['0x10', '10..', '0010', ' 10 ', 'ffff', '010g']],
    ['hl4', ['10..', '0010', '1234', '12g4']],
    ['hle4', ['10..', '0010', '1234', 'abcd']],
    ['d4', ['16..', '0016', ' 16 ', '1600', '-016', '0x16']],
    ['de4', ['16..', '0016', ' 16 ', '1600']],
    ['ab6', ['0x10..', '16....', '000016', '0X0010', ' 16   ']],
  ] as const);
  const comparison = pick(random, ['=16', '=0x10', '>15', '<17', '>15,<17', '>0', '<0', '=4096', '>1000', '=0']);
  // In little-endian hexadecimal texts, clamscan has odd ways with an x that is not at the beginning.
  const distance = random() < 0.8 || options.startsWith('hl') ? text.length : between(random, 0, 9);
  const sign = random() < 0.85 || options.startsWith('hl') ? '>>' : '<<';
  const contents = Array.from({ length: files }, () => {
    const pieces = Array.from({ length: between(random, 1, 3) }, () => filler(random, between(random, 0, 2)) + (random() < 0.85 ? text : nearMiss(random, text)) + pick(random, numbers));
    return content(head + pieces.join('') + tail);
  });
  const expression = pick(random, ['0&1', '0&1', '1', '0&1=0', '(0|1)>2', '(0|1)=2', '1=1']);
  return { ndb: [], ldb: [`T;Engine:81-255,Target:0;${expression};${mark.text};0(${sign}${distance}#${options}#${comparison})`], contents };
}

/** An expression that a mark triggers. */
function pcreCase(random: Random, files: number): DifferentialCase {
  const mark = literal(random, 4, 6);
  const expression = pick(random, ['ab[0-9]', 'a.b', 'a+b', '(a|b)c', 'ab?c', '\\d\\d', 'x(?=y)', '^\\x00', 'b$', 'a{2,3}', '[^a]a', 'Q\\b', '(?i)ab', 'a.*b']);
  const flags = [...'gresim'].filter(() => random() < 0.25).join('');
  const place = between(random, 8, 24);
  const offset = pick(random, ['', '', `${place}:`, `${place},${between(random, 1, 20)}:`]);
  const trigger = pick(random, ['0', '0', '0', '0=0', '0=1', '0>1']);
  const line = `T;Engine:81-255,Target:0;${pick(random, ['0&1', '1', '1=1', '1=2', '1>1', '(0|1)=2', '(0|1)>2', '1=0', '0|1'])};${mark.text};${offset}${trigger}/${expression}/${flags}`;
  const noise = (): string => Array.from({ length: between(random, 0, 12) }, () => pick(random, [...'aabbcxy019QA\n '])).join('');
  const contents = Array.from({ length: files }, () => content(head + Array.from({ length: between(random, 1, 3) }, () => noise() + (random() < 0.7 ? mark.make(random) : '')).join('') + noise() + tail));
  return { ndb: [], ldb: [line], contents };
}

/**
 * A macro. clamscan tells the distance of the last body of the group, and only when the part before it stands again later:
 * here it always does, and bodies stand once.
 */
function macroCase(random: Random, files: number): DifferentialCase {
  const mark = 'Mark!';
  const members = ['Uvw', 'XYz12'].map((text): Piece => ({ text: toHex(text), make: () => text }));
  const min = between(random, mark.length, 9);
  const max = min + between(random, 0, 4);
  const contents = Array.from({ length: files }, () => {
    const member = pick(random, members).make(random);
    const distance = between(random, 0, 8);
    return content(`${head}${random() < 0.9 ? mark : 'Nark!'}${'.'.repeat(distance)}${member}${'.'.repeat(20)}${mark}${tail}`);
  });
  return { ndb: members.map(({ text }, i) => `M${i}:0:$7:${text}`), ldb: [`T;Engine:81-255,Target:0;0&1;${toHex(mark)};\${${min}-${max}}7$`], contents };
}

/** Texts of two bytes a character beside others. */
function wideCase(random: Random, files: number): DifferentialCase {
  const part = modified(random);
  const beside = (): string => pick(random, ['a', 'a\0', '-', '-\0', 'a\x01', '', ' ', '\0', wide('z')]);
  const contents = Array.from({ length: files }, () => content(head + beside() + part.make(random) + beside() + tail));
  return { ndb: [], ldb: [`T;Engine:81-255,Target:0;${pick(random, ['0', '0=1', '0=2', '0>0'])};${part.text}`], contents };
}

/** A text, of which there is a second view: in lower case, with single spaces. clamscan does not place EOF-n there, nor does
 * it look for expressions and numbers in all of it. */
function textCase(random: Random, files: number): DifferentialCase {
  const words = ['alpha', 'beta1', 'Gamma', 'delta x', 'a  b'];
  const parts = Array.from({ length: between(random, 1, 3) }, () => pick(random, words));
  const target = pick(random, [0, 7, 7]);
  const cased = (text: string): string => (random() < 0.5 ? text.toLowerCase() : text);
  const offset = pick(random, ['', '', `${between(random, 0, 12)},${between(random, 0, 20)}:`]);
  const expression = parts.map((_, part) => `${part}${pick(random, ['', '', '=1', '=0', '>1'])}`).join(pick(random, ['&', '|']));
  const size = pick(random, ['', '', `,FileSize:${between(random, 20, 60)}-${between(random, 60, 90)}`]);
  const subs = parts.map((text) => `${offset}${toHex(cased(text))}${pick(random, ['', '', '::i'])}`);
  const line = `T;Engine:81-255,Target:${target}${size};${expression};${subs.join(';')}`;
  const spaces = ['  ', ' ', '\n', '\t ', '\r\n'];
  const contents = Array.from({ length: files }, () => content(Array.from({ length: between(random, 4, 12) }, () => pick(random, [...parts, ...words, 'other', 'words']).toString() + pick(random, spaces)).map((text) => pick(random, [text, text.toUpperCase(), text])).join('')));
  return { ndb: [], ldb: [line], contents };
}

/** HTML, which is searched in its normalised views; or a text in which it begins late. Scripts have a view that vedette does not make. */
function htmlCase(random: Random, files: number): DifferentialCase {
  const words = ['alpha', 'beta1', 'Gamma', '<p>', '<b class="x">', 'href="a.b"', 'a  b', '&amp;'];
  const parts = Array.from({ length: between(random, 1, 3) }, () => pick(random, ['alpha', 'beta1', 'gamma', '<p>', 'a b', 'Gamma', '<b class="x">']));
  const target = pick(random, [0, 3, 3, 7]);
  const expression = parts.map((_, part) => `${part}${pick(random, ['', '', '=1', '=0', '>1'])}`).join(pick(random, ['&', '|']));
  const subs = parts.map((text) => `${toHex(text)}${pick(random, ['', '', '::i'])}`);
  const contents = Array.from({ length: files }, () => {
    const noise = (count: number): string => Array.from({ length: count }, () => pick(random, words) + pick(random, [' ', '  ', '\n', '</p>'])).join('');
    const late = random() < 0.2 ? 'word word '.repeat(150) : '';
    return content(`${late}${pick(random, ['<html><body>', '<!DOCTYPE html><html>', '<head>'])}${noise(between(random, 2, 9))}${pick(random, ['</body></html>', ''])}\n`);
  });
  return { ndb: [], ldb: [`T;Engine:81-255,Target:${target};${expression};${subs.join(';')}`], contents };
}

const kinds: readonly (readonly [number, (random: Random, files: number) => DifferentialCase])[] = [
  [0.03, htmlCase],
  [0.06, textCase],
  [0.16, executableCase],
  [0.3, ndbCase],
  [0.65, ldbCase],
  [0.75, comparisonCase],
  [0.9, pcreCase],
  [0.93, macroCase],
  [1, wideCase],
];

/** The next case. */
export function randomCase(random: Random, files: number): DifferentialCase {
  const choice = random();
  return kinds.find(([upTo]) => choice < upTo)![1](random, files);
}
