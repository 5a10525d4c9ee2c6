/**
 * A set of 32-bit hash prefixes that answers in a few dozen nanoseconds and takes 2 to 4 bytes a prefix.
 *
 * Small sets are searched as they are. Large ones are cut at the upper 16 bits: an index says where the prefixes with
 * these bits begin, and only their lower 16 bits are kept. A Set of strings takes 100 bytes a prefix and is slower.
 */

/** Which 32-bit numbers are in the set. */
export interface PrefixSet {
  /** `prefix` is an unsigned 32-bit number: the first four bytes of a hash, big-endian. */
  has(prefix: number): boolean;
  /** Prefixes in the set. */
  readonly size: number;
  /** Memory that the set keeps. */
  readonly bytes: number;
}

/** From here on the 256 KiB of an index pay: 3 times the lookups, and less memory from 131,072 prefixes on. */
const indexedFrom = 65_536;

/**
 * A set of prefixes; the array is not kept.
 * @throws RangeError unless `sorted` is strictly ascending.
 */
export function createPrefixSet(sorted: Uint32Array): PrefixSet {
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i]! <= sorted[i - 1]!) {
      throw new RangeError(`prefixes are not strictly ascending at index ${i}`);
    }
  }
  return sorted.length < indexedFrom ? createPlainSet(sorted.slice()) : createIndexedSet(sorted);
}

function createPlainSet(sorted: Uint32Array): PrefixSet {
  return {
    size: sorted.length,
    bytes: sorted.byteLength,
    has: (prefix) => includes(sorted, prefix >>> 0, 0, sorted.length),
  };
}

function createIndexedSet(sorted: Uint32Array): PrefixSet {
  const starts = new Uint32Array(65_537);
  const tails = new Uint16Array(sorted.length);
  for (let i = 0; i < sorted.length; i++) {
    const prefix = sorted[i]!;
    starts[(prefix >>> 16) + 1]!++;
    tails[i] = prefix & 0xffff;
  }
  for (let i = 1; i < starts.length; i++) {
    starts[i]! += starts[i - 1]!;
  }
  return {
    size: sorted.length,
    bytes: starts.byteLength + tails.byteLength,
    has: (prefix) => {
      const upper = prefix >>> 16;
      return includes(tails, prefix & 0xffff, starts[upper]!, starts[upper + 1]!);
    },
  };
}

/** Binary search in [from, to). */
function includes(sorted: Uint16Array | Uint32Array, value: number, from: number, to: number): boolean {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < to && sorted[low] === value;
}
