/**
 * How often runs of five bytes occur in ordinary files, roughly: hashed into 2^18 buckets, each count kept as a
 * logarithm in four bits. `scripts/histogram.mjs` makes the data from what npm and Debian packages hold.
 */

/** log2 of the number of buckets. */
export const gramBits = 18;

/** Counts of five-byte runs. */
export interface GramHistogram {
  /** About how often the five bytes at `at` occurred; caseless letters are asked for as they stand. */
  countOf(bytes: Uint8Array, at: number): number;
}

/** The bucket of the five bytes at `at`. */
export function gramBucket(bytes: Uint8Array, at: number): number {
  const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  const mixed = Math.imul(low, 0x9e3779b1) ^ Math.imul(bytes[at + 4]! + 1, 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> (32 - gramBits);
}

/** Opens packed counts: four bits a bucket, the even bucket in the low half; a value v stands for about 2^v − 1. */
export function openHistogram(packed: Uint8Array): GramHistogram {
  return {
    countOf(bytes, at) {
      const bucket = gramBucket(bytes, at);
      const log = (packed[bucket >> 1]! >> (4 * (bucket & 1))) & 15;
      return 2 ** log - 1;
    },
  };
}
