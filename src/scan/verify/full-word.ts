/**
 * Modifier `f`: a body counts only where no letter or digit stands beside it. Beside a text in UTF-16 a character is two
 * bytes, the second one 0; the last byte of a content stands for a whole character (as observed of clamscan).
 */
import { isAlphanumeric } from './character-class.js';
import type { PositionSet, PositionSetBuilder } from './position-set.js';
import { append } from './position-set.js';

interface Bytes {
  readonly bytes: Uint8Array;
  readonly end: number;
}

/** The positions of the set at which a word may begin. */
export function wordStarts(starts: PositionSet, { bytes }: Bytes, wide: boolean): PositionSet {
  return filtered(starts, (at) => {
    const character = wide ? at - 2 : at - 1;
    return character < 0 || !isAlphanumeric(bytes[character]!) || (wide && bytes[at - 1] !== 0);
  });
}

/** The positions of the set at which a word may end. */
export function wordEnds(ends: PositionSet, { bytes, end }: Bytes, wide: boolean): PositionSet {
  return filtered(ends, (at) => at >= end || !isAlphanumeric(bytes[at]!) || (wide && at + 1 < end && bytes[at + 1] !== 0));
}

function filtered(set: PositionSet, keep: (position: number) => boolean): PositionSet {
  const out: PositionSetBuilder = [];
  for (let i = 0; i < set.length; i += 2) {
    for (let position = set[i]!; position <= set[i + 1]!; position++) {
      if (keep(position)) {
        append(out, position, position);
      }
    }
  }
  return out;
}
