/** Chance that can be repeated: mulberry32, after Tommy Ettinger's public-domain generator. */
import type { Random } from '../../base/seams.js';

/** A generator of numbers in [0, 1) that gives the same sequence for the same seed. */
export function createSeededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
