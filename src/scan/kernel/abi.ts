/**
 * The memory map and the numbers that kernel, twin and table builder agree on. This file is compiled twice: by
 * TypeScript for the callers and by AssemblyScript for the kernel, so that there is no second copy to get out of step.
 *
 *   input   one cell of the subject, with a few bytes before and after it
 *   first   positions that passed the first bit map of a lane
 *   second  positions that passed the second, per lane
 *   hits    (position, row) pairs, per lane
 *   params  what a lane's search needs to know, per lane
 *   bits    two bit maps per lane, then the flags of byte pairs, and the places of windows in the first lane's keys
 *   tables  from here on what `kernel/load.ts` lays out: starts and rows of each lane, one state byte per anchor
 *
 * Bit maps lie at constant addresses, so that a probe is one load with an immediate offset.
 */

/** Lanes by the exact bytes of their anchors: eight, five to seven, four, and pairs of two. */
export const laneWide = 0;
export const laneMiddle = 1;
export const laneNarrow = 2;
export const lanePairs = 3;
export const laneCount = 4;

/** Bytes around a cell (of 64 KiB at most) that a search may read. */
export const padBytes = 0x200;

export const paramsAt = 0x1000;
export const paramBytes = 64;

export const inputAt = 0x2000;
export const cellAt = 0x2200;

export const firstAt = 0x14000;
export const secondAt = 0x55000;
export const secondBytes = 0x41000;

/** (position, row) pairs that fit; a cell with more of them is a flood and is walked by the caller. */
export const maxHits = 0x4000;
export const hitsAt = 0x159000;
export const hitsBytes = 0x20000;

export const pairFlagsAt = 0x1b9000;
/** log2 of the bytes of the largest first bit map of each lane, and of the second ones. A word may begin at their last byte. */
export const maxBits0 = 19;
export const maxBits1 = 18;
export const maxBits2 = 18;
export const maxMoreBits = 17;
export const bitsAt0 = 0x1c0000;
export const bitsAt1 = 0x241000;
export const bitsAt2 = 0x282000;
export const moreBitsAt0 = 0x2c3000;
export const moreBitsAt1 = 0x2e4000;
export const moreBitsAt2 = 0x305000;
/** The same of the map of places: four bits for each hash of a window, one for each place that it may have in its key. */
export const maxPlaceBits = 18;
export const placesAt0 = 0x326000;
/** Positions at which keys of the first lane may begin. */
export const placedAt = 0x367000;
export const tablesAt = 0x3a8000;

/**
 * A row of a lane: low and high half of the key (folded), what it is (anchor · 2048 + form of the check · 256 + follower +
 * distance + 64), and the check: four bytes (folded), or a hash of more.
 */
export const rowBytes = 16;
export const distanceMask = 127;
/** Added to the distance from the key to its check bytes. */
export const distanceBias = 64;
/** Set in a row whose anchor is asleep until its state byte is set; others sleep when it is set. */
export const followerFlag = 128;
/** By how much that flag is shifted beside the number of an anchor in a hit: to the highest bit. */
export const followerShift = 24;
/** log2 of what the form of the check is multiplied by: one less than its words, which are folded where there are several. */
export const checkShift = 8;
export const checkMask = 7;
/** log2 of what the anchor's number is multiplied by. */
export const anchorShift = 11;
/** Hash of check bytes: each word is added, and the sum multiplied by this. */
export const checkMultiplier = 0x9e3779b1;
export const checkFold = 0x20202020;
/** Anchors that a row can name. */
export const maxAnchors = 0x1fffff;

/** Rows that one search may walk before the cell counts as a flood. */
export const maxRowsWalked = 0x80000;

/** Hash of a key in a lane's table; the same in kernel and twin. */
export const bucketMultiplierLow = 0x9e3779b1;
export const bucketMultiplierHigh = 0x85ebca6b;

/** Words of a lane's parameter block. */
export const paramShift = 0;
export const paramMoreShift = 4;
export const paramFold = 8;
export const paramStarts = 12;
export const paramBucketShift = 16;
export const paramRows = 20;
export const paramState = 24;
/** Written by a search: entries in `second`. */
export const paramSecondCount = 28;
export const paramPlaceShift = 32;
