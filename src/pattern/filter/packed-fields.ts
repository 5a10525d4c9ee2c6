/** Fields of 1 to 9 bits, packed one after the other, the lowest bit first. */

/** An array of small numbers. */
export interface PackedFields {
  readonly bytes: Uint8Array;
  get(index: number): number;
  /** Bits of `value` beyond those of a field are dropped. */
  set(index: number, value: number): void;
}

/** Bytes that `count` fields take: one more than needed, so that the last field can be read with its neighbour. */
export function fieldBytes(count: number, bits: number): number {
  return Math.ceil((count * bits) / 8) + 1;
}

/** Fields that are all 0. */
export function createFields(count: number, bits: number): PackedFields {
  const bytes = new Uint8Array(fieldBytes(count, bits));
  const mask = (1 << bits) - 1;
  return {
    bytes,
    get: (index) => fieldAt(bytes, index, bits),
    set(index, value) {
      const bit = index * bits;
      const at = Math.floor(bit / 8);
      const shift = bit % 8;
      const pair = (bytes[at]! | (bytes[at + 1]! << 8)) & ~(mask << shift);
      const changed = pair | ((value & mask) << shift);
      bytes[at] = changed & 0xff;
      bytes[at + 1] = changed >>> 8;
    },
  };
}

/** One field. */
export function fieldAt(bytes: Uint8Array, index: number, bits: number): number {
  const bit = index * bits;
  const at = Math.floor(bit / 8);
  return ((bytes[at]! | (bytes[at + 1]! << 8)) >>> (bit % 8)) & ((1 << bits) - 1);
}
