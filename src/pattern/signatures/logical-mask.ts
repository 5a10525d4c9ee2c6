/**
 * Masks of runs in few bytes, in four forms: 0 all ff, 1 letters in either case, 2 whole nibbles, 3 any. The forms of
 * logical-body-codec.ts; most texts of logical signatures are of form 1, which costs nothing.
 */
import type { ByteWriter } from '../bytes/byte-writer.js';
import type { MaskedBytes } from '../signature.js';

const byteOfCode = [0xff, 0xf0, 0x0f, 0x00] as const;

/** The first form that the mask of a run fits. */
export function maskForm({ value, mask }: MaskedBytes): number {
  if (mask.every((byte) => byte === 0xff)) {
    return 0;
  }
  if (mask.every((byte, i) => byte === caselessMask(value[i]!))) {
    return 1;
  }
  return mask.every((byte) => codeOf(byte) >= 0) ? 2 : 3;
}

/** Appends what a form needs besides the bytes of the run. */
export function writeMask(out: ByteWriter, mask: Uint8Array, form: number): void {
  if (form === 2) {
    const packed = new Uint8Array(Math.ceil(mask.length / 4));
    mask.forEach((byte, i) => {
      packed[i >> 2] = packed[i >> 2]! | (codeOf(byte) << (2 * (i & 3)));
    });
    out.bytes(packed);
  } else if (form === 3) {
    out.bytes(mask);
  }
}

/** The mask of a run with these bytes in a form from 0 to 3; `take` gives what was written for it. */
export function maskOf(value: Uint8Array, form: number, take: (count: number) => Uint8Array): Uint8Array {
  switch (form) {
    case 0:
      return new Uint8Array(value.length).fill(0xff);
    case 1:
      return value.map(caselessMask);
    case 2: {
      const packed = take(Math.ceil(value.length / 4));
      return value.map((_, i) => byteOfCode[((packed[i >> 2]! >> (2 * (i & 3))) & 3) as 0 | 1 | 2 | 3]);
    }
    default:
      return take(value.length);
  }
}

function caselessMask(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? 0xdf : 0xff;
}

function codeOf(byte: number): number {
  return byteOfCode.findIndex((known) => known === byte);
}
