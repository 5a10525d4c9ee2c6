/** Pieces of bodies for the differential test: text in ClamAV's format, bytes that it matches, and bytes that nearly do. */
import type { Random } from '../../../src/base/seams.js';

/** A stretch of a body. `make` gives bytes that match it; texts and bytes are latin1. */
export interface Piece {
  readonly text: string;
  make(random: Random): string;
}

export const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
export const between = (random: Random, min: number, max: number): number => min + Math.floor(random() * (max - min + 1));
export const toHex = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('hex');

/** Bytes between and beside matches: characters that classes and whole words ask about, and others. */
export function filler(random: Random, length: number): string {
  return Array.from({ length }, () => pick(random, [...'abAB09 \n\r<>./-_=@"\'\0\x01\x80\xff', '\r\n'])).join('').slice(0, length);
}

/** Exact bytes: letters of a small alphabet, so that neighbours overlap by chance. */
export function literal(random: Random, min = 2, max = 6): Piece {
  const alphabet = pick(random, ['abAB', 'abcdefgh', 'aQ\x01\xfe', 'xyz09']);
  const text = Array.from({ length: between(random, min, max) }, () => pick(random, [...alphabet])).join('');
  return { text: toHex(text), make: () => text };
}

function wildcard(random: Random): Piece {
  const digit = pick(random, [...'3467']);
  const other = (source: Random): string => Math.floor(source() * 16).toString(16);
  switch (between(random, 0, 2)) {
    case 0:
      return { text: '??', make: (source) => filler(source, 1) };
    case 1:
      return { text: `${digit}?`, make: (source) => byte(`${digit}${other(source)}`) };
    default:
      return { text: `?${digit}`, make: (source) => byte(`${other(source)}${digit}`) };
  }
}

const byte = (hex: string): string => String.fromCharCode(Number.parseInt(hex, 16));

function alternatives(random: Random): Piece {
  const isOneLength = random() < 0.6;
  const length = between(random, 1, 3);
  const options = Array.from({ length: between(random, 2, 3) }, () => literal(random, isOneLength ? length : 1, isOneLength ? length : 3));
  return { text: `(${options.map(({ text }) => text).join('|')})`, make: (source) => pick(source, options).make(source) };
}

function negated(random: Random): Piece {
  const length = between(random, 1, 2);
  const options = Array.from({ length: between(random, 1, 3) }, () => literal(random, length, length));
  return { text: `!(${options.map(({ text }) => text).join('|')})`, make: (source) => filler(source, length) };
}

const classes: Readonly<Record<string, string>> = { '(B)': ' ', '(L)': '\n', '(W)': '-', '!(B)': 'a', '!(L)': 'a', '!(W)': 'a' };

/** A class, and a byte that it takes. */
export function characterClass(random: Random): Piece {
  const text = pick(random, Object.keys(classes));
  return { text, make: () => classes[text]! };
}

/** Something between two literals of one part. */
export function inner(random: Random): Piece {
  const choice = random();
  if (choice < 0.3) {
    return wildcard(random);
  }
  if (choice < 0.5) {
    return alternatives(random);
  }
  if (choice < 0.65) {
    return negated(random);
  }
  if (choice < 0.8) {
    return characterClass(random);
  }
  const length = between(random, 1, 5);
  return { text: `{${length}}`, make: (source) => filler(source, length) };
}

/** A gap that divides a body into parts. */
export function gap(random: Random): Piece {
  const min = between(random, 0, 5);
  const max = min + between(random, 1, 6);
  const wide = between(random, 128, 160);
  return pick(random, [
    { text: '*', make: (source: Random) => filler(source, between(source, 0, 12)) },
    { text: `{${min}-${max}}`, make: (source: Random) => filler(source, between(source, min, max)) },
    { text: `{-${max}}`, make: (source: Random) => filler(source, between(source, 0, max)) },
    { text: `{${min + 1}-}`, make: (source: Random) => filler(source, between(source, min + 1, min + 9)) },
    { text: `{${wide}}`, make: (source: Random) => filler(source, wide) },
    { text: `{${wide}-${wide + 40}}`, make: (source: Random) => filler(source, between(source, wide, wide + 40)) },
  ]);
}
