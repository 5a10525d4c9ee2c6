/** Bytes that no state of a program tells apart: a row of the automaton has one cell for each class instead of 256. */
import type { ByteSet } from '../syntax/byte-set.js';
import { isWordByte, setOf } from '../syntax/byte-set.js';
import { neighbour } from './context.js';

/** The classes, numbered from 0; two more numbers follow that stand for no plain byte. */
export interface ByteClasses {
  /** The class of each byte. */
  readonly classOf: Uint8Array;
  /** A byte of each class. */
  readonly sample: readonly number[];
  /** What the bytes of a class are to a place beside them; by class, the two more included. */
  readonly neighbours: readonly number[];
  /** The class of a newline at the very end. */
  readonly finalNewline: number;
  /** The class of what is beyond either end. */
  readonly outside: number;
  /** Number of classes, these two included. */
  readonly count: number;
}

/** Classes for these sets, and for what places look at if there are any. */
export function byteClasses(sets: readonly ByteSet[], places: boolean): ByteClasses {
  const classOf = new Uint8Array(256);
  const telling = places ? [...sets, setOf(isWordByte)] : sets;
  // A newline is always a class of its own: it is another one at the very end.
  for (const set of [...telling, setOf((byte) => byte === 0x0a)]) {
    refine(classOf, set);
  }
  const sample: number[] = [];
  classOf.forEach((number, byte) => {
    sample[number] ??= byte;
  });
  const kinds = sample.map((byte) => kindOf(byte));
  return {
    classOf,
    sample: [...sample, 0x0a, 0],
    neighbours: [...kinds, neighbour.finalNewline, neighbour.outside],
    finalNewline: sample.length,
    outside: sample.length + 1,
    count: sample.length + 2,
  };
}

/** Parts every class by whether its bytes are in the set. */
function refine(classOf: Uint8Array, set: ByteSet): void {
  const numbers = new Map<number, number>();
  classOf.forEach((old, byte) => {
    const key = old * 2 + (set[byte] ?? 0);
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    classOf[byte] = number;
  });
}

function kindOf(byte: number): number {
  if (byte === 0x0a) {
    return neighbour.newline;
  }
  return isWordByte(byte) ? neighbour.word : neighbour.other;
}
