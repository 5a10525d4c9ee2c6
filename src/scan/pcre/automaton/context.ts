/** What stands on either side of a place: all that `^`, `$` and `\b` look at. */
import { isWordByte } from '../syntax/byte-set.js';
import type { Place } from '../syntax/node.js';

/** Kinds of neighbours. `outside` is where the subject begins and ends. */
export const neighbour = { outside: 0, newline: 1, finalNewline: 2, word: 3, other: 4 } as const;

/** The kind of a byte at an index; an index beyond either end is outside. */
export function neighbourAt(bytes: Uint8Array, index: number): number {
  const byte = bytes[index];
  if (byte === undefined) {
    return neighbour.outside;
  }
  if (byte === 0x0a) {
    return index === bytes.length - 1 ? neighbour.finalNewline : neighbour.newline;
  }
  return isWordByte(byte) ? neighbour.word : neighbour.other;
}

/** True where the place is between these two. `search-start` is not told by neighbours. */
export function holds(place: Place, before: number, after: number): boolean {
  switch (place) {
    case 'text-start':
      return before === neighbour.outside;
    case 'line-start':
      return before === neighbour.outside || (before === neighbour.newline && after !== neighbour.outside);
    case 'text-end':
      return after === neighbour.outside;
    case 'text-end-or-final-newline':
      return after === neighbour.outside || after === neighbour.finalNewline;
    case 'line-end':
      return after === neighbour.outside || after === neighbour.finalNewline || after === neighbour.newline;
    case 'word-boundary':
      return (before === neighbour.word) !== (after === neighbour.word);
    case 'no-word-boundary':
      return (before === neighbour.word) === (after === neighbour.word);
    case 'search-start':
      return false;
  }
}
