/** Numbers in headers: unsigned, in either byte order, 0 past the end of what was read. */

/** Reads numbers of a range of bytes. */
export class Fields {
  readonly #bytes: Uint8Array;
  readonly #little: boolean;

  constructor(bytes: Uint8Array, order: 'little' | 'big') {
    this.#bytes = bytes;
    this.#little = order === 'little';
  }

  get length(): number {
    return this.#bytes.length;
  }

  u8(at: number): number {
    return this.#bytes[at] ?? 0;
  }

  u16(at: number): number {
    return this.#little ? this.u8(at) | (this.u8(at + 1) << 8) : (this.u8(at) << 8) | this.u8(at + 1);
  }

  u32(at: number): number {
    const [low, high] = this.#little ? [this.u16(at), this.u16(at + 2)] : [this.u16(at + 2), this.u16(at)];
    return high * 0x1_0000 + low;
  }

  u64(at: number): bigint {
    const [low, high] = this.#little ? [this.u32(at), this.u32(at + 4)] : [this.u32(at + 4), this.u32(at)];
    return (BigInt(high) << 32n) | BigInt(low);
  }
}

/** The low 32 bits, as an unsigned number. */
export function low32(value: bigint): number {
  return Number(value & 0xffff_ffffn);
}
