/**
 * Sizes inside the matcher that change what it costs but never what it finds. Tests make them tiny, so that a hundred
 * bytes cross every border that a gigabyte crosses.
 */

/** Sizes inside the matcher. */
export interface Tuning {
  /** The stream is searched in cells of this size, at most 65,536, at fixed offsets, so that chunks leave no trace in the order of work. */
  readonly cellBytes: number;
  /** A gap of at most this many bytes is walked through during verification; a wider one splits the signature. */
  readonly innerGapBytes: number;
  /** A body that may begin at this many places at most is tried there, if it has no good anchor. */
  readonly maxPlaces: number;
  /** A two-byte anchor may stand for at most this many byte pairs, and all of them together for at most 2^20. */
  readonly maxPairs: number;
  /** Places that all wide gaps of one scan remember at once, 16 bytes each. */
  readonly maxRemembered: number;
}

/** What `createMatcher` uses: a cell and its candidates fit the L2 cache, and its fixed costs are spread over many bytes. */
export const defaultTuning: Tuning = {
  cellBytes: 65_536,
  innerGapBytes: 255,
  maxPlaces: 64,
  maxPairs: 4096,
  maxRemembered: 262_144,
};
