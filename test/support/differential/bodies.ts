/** Bodies for the differential test, and contents that hold them or nearly do. */
import type { Random } from '../../../src/base/seams.js';
import { between, characterClass, filler, gap, inner, literal, pick, toHex } from './pieces.js';
import type { Piece } from './pieces.js';

/** What a body may hold. */
export interface BodyShape {
  /** Classes at the ends of parts and between literals. */
  readonly hasClasses: boolean;
  readonly maxParts: number;
}

/** A body, now and then one of three or four bytes: those have no anchor of their own, and few places where offsets tell. */
export function randomBody(random: Random, shape: BodyShape): Piece {
  return random() < 0.15 ? literal(random, 3, 4) : longBody(random, shape);
}

/** A body of one to `maxParts` parts. */
function longBody(random: Random, shape: BodyShape): Piece {
  const parts = between(random, 1, shape.maxParts);
  const pieces: Piece[] = [];
  for (let part = 0; part < parts; part++) {
    if (part > 0) {
      pieces.push(gap(random));
    }
    const ends = { first: part === 0, last: part === parts - 1 };
    pieces.push(...(ends.first !== ends.last && random() < 0.15 ? anchoredRange(random, ends) : randomPart(random, shape)));
  }
  return joined(pieces);
}

/** Three exact bytes first: clamscan does not try alternatives before such in all ways (docs/signature-semantics.md). */
function randomPart(random: Random, { hasClasses }: BodyShape): Piece[] {
  const pieces = [literal(random, 3)];
  if (hasClasses && random() < 0.12) {
    pieces.unshift(characterClass(random));
  }
  for (let more = between(random, 0, 2); more > 0; more--) {
    const piece = inner(random);
    const isClass = /^!?\([BLW]\)$/.test(piece.text);
    pieces.push(isClass && !hasClasses ? literal(random) : piece, literal(random));
  }
  if (hasClasses && random() < 0.12) {
    pieces.push(characterClass(random));
  }
  return pieces;
}

/** The single byte on the outer side of the body: beside a gap, clamscan counts the gap from the other side of the range. */
function anchoredRange(random: Random, { first }: { readonly first: boolean }): Piece[] {
  const min = between(random, 1, 3);
  const max = min + between(random, 0, 4);
  const range: Piece = { text: `[${min}-${max}]`, make: (source) => filler(source, between(source, min, max)) };
  const byte = literal(random, 1, 1);
  return first ? [byte, range, literal(random, 3, 6)] : [literal(random, 3, 6), range, byte];
}

function joined(pieces: readonly Piece[]): Piece {
  return { text: pieces.map(({ text }) => text).join(''), make: (random) => pieces.map((piece) => piece.make(random)).join('') };
}

/** The bytes with one changed, left out or doubled. */
export function nearMiss(random: Random, bytes: string): string {
  const at = between(random, 0, Math.max(0, bytes.length - 1));
  const changed = String.fromCharCode(bytes.charCodeAt(at) ^ pick(random, [1, 2, 0x20, 0x80]));
  return bytes.slice(0, at) + pick(random, [changed, '', bytes.slice(at, at + 1).repeat(2)]) + bytes.slice(at + 1);
}

/** The bytes as UTF-16. */
export const wide = (bytes: string): string => [...bytes].map((character) => `${character}\0`).join('');

/** A literal as a subsignature with modifiers, and a maker of what it matches. */
export function modified(random: Random): Piece {
  const text = Array.from({ length: between(random, 3, 6) }, () => pick(random, [...'abAB9zQ'])).join('');
  const modifiers = pick(random, ['i', 'f', 'w', 'a', 'wa', 'fi', 'fw', 'fwa', 'iw', 'iwf', 'iwfa']);
  const make = (source: Random): string => {
    const cased = modifiers.includes('i') ? [...text].map((letter) => (source() < 0.5 ? letter.toLowerCase() : letter.toUpperCase())).join('') : text;
    return source() < (modifiers.includes('w') ? 0.7 : 0.1) ? wide(cased) : cased;
  };
  return { text: `${toHex(text)}::${modifiers}`, make };
}
