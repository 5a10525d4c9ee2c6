/** CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), the checksum of iSCSI (RFC 3720 B.4), ext4 and Btrfs. */

const table: Uint32Array = makeTable();

/** The checksum of `bytes` from `from` (inclusive) to `to` (exclusive), as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  let crc = 0xffffffff;
  for (let i = from; i < to; i++) {
    crc = table[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function makeTable(): Uint32Array {
  const made = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) {
      value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    }
    made[byte] = value >>> 0;
  }
  return made;
}
