/** Masks of signature runs in few bytes: nearly all of them are all ff, and nearly all others made of whole nibbles. */

const byteOfCode = [0xff, 0xf0, 0x0f, 0x00] as const;

/** Form 0: nothing is written; 1: two bits a byte, the first byte in the lowest bits; 2: the mask itself. */
export interface PackedMask {
  readonly form: 0 | 1 | 2;
  readonly bytes: Uint8Array;
}

/** The shortest form of a mask. */
export function packMask(mask: Uint8Array): PackedMask {
  if (mask.every((byte) => byte === 0xff)) {
    return { form: 0, bytes: new Uint8Array(0) };
  }
  if (mask.some((byte) => codeOf(byte) < 0)) {
    return { form: 2, bytes: mask };
  }
  const packed = new Uint8Array(Math.ceil(mask.length / 4));
  mask.forEach((byte, i) => {
    packed[i >> 2] = packed[i >> 2]! | (codeOf(byte) << (2 * (i & 3)));
  });
  return { form: 1, bytes: packed };
}

/** The mask of `length` bytes in that form, `take` giving the bytes that it needs; undefined for a form that is none. */
export function unpackMask(form: number, length: number, take: (count: number) => Uint8Array): Uint8Array | undefined {
  switch (form) {
    case 0:
      return new Uint8Array(length).fill(0xff);
    case 1: {
      const packed = take(Math.ceil(length / 4));
      return Uint8Array.from({ length }, (_, i) => byteOfCode[((packed[i >> 2]! >> (2 * (i & 3))) & 3) as 0 | 1 | 2 | 3]);
    }
    case 2:
      return take(length);
    default:
      return undefined;
  }
}

function codeOf(byte: number): number {
  return byteOfCode.findIndex((known) => known === byte);
}
