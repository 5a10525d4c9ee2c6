/**
 * Where the three slots of a key lie in a binary fuse filter, and which bits it leaves there (Graf and Lemire, "Binary
 * Fuse Filters", 2022, arity 3). Keys are the two lanes of a host hash; of lane b the upper 19 bits count. Reader and
 * builder share these functions: what one writes the other finds.
 */

/** Dimensions of one filter. */
export interface FuseLayout {
  /** 32 bits, drawn by the builder. */
  readonly seed: number;
  /** Slots of a segment are 2 to this. */
  readonly segmentBits: number;
  /** Segments in which a first slot may lie; two more follow. */
  readonly segmentCount: number;
}

/** Slots in all. */
export function slotCount({ segmentBits, segmentCount }: FuseLayout): number {
  return (segmentCount + 2) * 2 ** segmentBits;
}

/** The first mixed word of a key, from lane a. */
export function firstWord(a: number, seed: number): number {
  return mix(a ^ seed);
}

/**
 * The second mixed word of a key, from lane b and the first word. The bits of lane b stay above, on those of the first
 * word that choose the first slot: so no two keys share all three slots (from below, some of a million did).
 */
export function secondWord(b: number, first: number): number {
  return mix((b & 0xffffe000) ^ first);
}

/** Slot in the first of the three segments: the upper bits of the first word, spread over `starts` slots. */
export function firstSlot(first: number, starts: number): number {
  return Math.floor(((first >>> 0) * starts) / 0x1_0000_0000);
}

/** Slot in the segment after it. */
export function secondSlot(slot: number, second: number, segmentBits: number): number {
  const length = 1 << segmentBits;
  return (slot + length) ^ (second & (length - 1));
}

/** Slot in the segment after that. */
export function thirdSlot(slot: number, second: number, segmentBits: number): number {
  const length = 1 << segmentBits;
  return (slot + 2 * length) ^ ((second >>> (32 - segmentBits)) & (length - 1));
}

/** 14 bits that tell a key from others: the lower 8 go to the first plane, the others to the second. */
export function markOf(first: number, second: number): number {
  return Math.imul(first ^ ((second << 13) | (second >>> 19)), 0x9e3779b1) >>> 18;
}

/** The finalizer of MurmurHash3: every bit of the input changes every bit of the output half of the time. */
function mix(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
