/** Method `copy`: a section as pieces of the old one and insertions. docs/updates.md, "Copy". */
import { ByteReader } from '../../../pattern/bytes/byte-reader.js';
import { refused } from '../../../pattern/refused.js';

/**
 * Fills `out`, whole.
 * @throws VedetteError `pattern-refused` for a payload that does not fill it exactly, or copies what is not there.
 */
export function applyCopies(payload: Uint8Array, base: Uint8Array, out: Uint8Array): void {
  const reader = new ByteReader(payload, 'copy');
  let at = 0;
  let from = 0;
  while (at < out.length) {
    const inserted = reader.varint();
    assertFits(inserted, out.length - at);
    out.set(reader.bytes(inserted), at);
    at += inserted;
    if (at === out.length) {
      break;
    }
    const length = reader.varint();
    from += unzigzag(reader.varint());
    assertFits(length, out.length - at);
    if (inserted + length === 0 || from < 0 || from + length > base.length) {
      throw refused('malformed', 'copy: a piece that is not in the base, or is empty', { at, from, length });
    }
    out.set(base.subarray(from, from + length), at);
    at += length;
    from += length;
  }
  reader.end();
}

/** Signed numbers as unsigned ones: 0, −1, 1, −2 as 0, 1, 2, 3. */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function assertFits(count: number, left: number): void {
  if (count > left) {
    throw refused('malformed', `copy: ${count} bytes where ${left} are left`, { count, left });
  }
}
