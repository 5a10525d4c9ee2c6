/**
 * Where a key lies in the host section, and which bits it leaves there. Keys are the two lanes of a host hash; of lane b
 * the upper 19 bits count. A gate of one word a look-up turns four of five unlisted hosts away; behind it stands a
 * binary fuse filter (Graf and Lemire, 2022, arity 3). Reader and builder share these functions: what one writes the
 * other finds.
 */

/** Dimensions of one section. */
export interface FuseLayout {
  /** 32 bits, drawn by the builder. */
  readonly seed: number;
  /** Slots of a segment are 2 to this. */
  readonly segmentBits: number;
  /** Segments in which a first slot may lie; two more follow. */
  readonly segmentCount: number;
  /** 32-bit words of the gate. */
  readonly gateWords: number;
}

/** Slots in all. */
export function slotCount({ segmentBits, segmentCount }: Pick<FuseLayout, 'segmentBits' | 'segmentCount'>): number {
  return (segmentCount + 2) * 2 ** segmentBits;
}

/** The first word of a key, from lane a. Its upper bits are the well mixed ones. */
export function firstWord(a: number, seed: number): number {
  return Math.imul(a ^ seed, 0xc2b2ae35);
}

/**
 * The second word of a key, from lane b and the first word. The bits of lane b stay above, on those of the first word
 * that choose the first slot: so no two keys share all three slots (from below, some of a million did).
 */
export function secondWord(b: number, first: number): number {
  return Math.imul((b & 0xffffe000) ^ first ^ (first >>> 15), 0x85ebca6b);
}

/** A number below `count` from the upper bits of the first word: the word of the gate, the first slot. */
export function placeOf(first: number, count: number): number {
  return ((first >>> 0) * count * 2 ** -32) >>> 0;
}

/** The two bits in its word of the gate; they may be one. */
export function gateMask(second: number): number {
  return (1 << (second >>> 27)) | (1 << (second >>> 22));
}

/** Slot in the segment after that of the first one. */
export function secondSlot(slot: number, second: number, segmentBits: number): number {
  const length = 1 << segmentBits;
  return (slot + length) ^ ((second ^ (second >>> 15)) & (length - 1));
}

/** Slot in the segment after that. */
export function thirdSlot(slot: number, second: number, segmentBits: number): number {
  return (slot + (2 << segmentBits)) ^ (second >>> (32 - segmentBits));
}

/** 14 bits that tell a key from others: the lower 8 go to the first plane, the others to the second. */
export function markOf(first: number, second: number): number {
  return Math.imul(first ^ ((second << 13) | (second >>> 19)), 0x9e3779b1) >>> 18;
}
