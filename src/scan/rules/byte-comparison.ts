/**
 * Numbers in a content compared with constants (docs.clamav.net, "Byte Compare Subsignatures"). How a number is read is
 * as observed of clamscan 1.4.6: texts as C's strtol reads them, hexadecimal little-endian texts two digits a byte.
 */
import type { ByteComparison } from '../../pattern/signature.js';

/** True when the bytes hold a number of which all conditions are true. There are `comparison.bytes` of them. */
export function comparesTrue(comparison: ByteComparison, bytes: Uint8Array): boolean {
  const value = numberIn(comparison, bytes);
  return value !== undefined && comparison.conditions.every(({ compare, value: wanted }) => (compare === '=' ? value === wanted : compare === '>' ? value > wanted : value < wanted));
}

/** The number in these bytes; undefined where they are none. */
export function numberIn({ format, endian, exact, bytes: length }: ByteComparison, bytes: Uint8Array): bigint | undefined {
  if (bytes.length < length) {
    return undefined;
  }
  const part = bytes.subarray(0, length);
  if (format === 'raw') {
    return rawNumber(part, endian);
  }
  const text = String.fromCharCode(...part);
  const isHex = format === 'hex' || (format === 'auto' && /^[ \t-\r]*0[xX]/.test(text));
  if (endian === 'little') {
    return isHex ? swappedHex(text, exact) : undefined;
  }
  return textNumber(text, isHex ? 16 : 10, exact);
}

/** One, two and four bytes are unsigned, eight are signed. */
function rawNumber(bytes: Uint8Array, endian: 'little' | 'big'): bigint {
  const ordered = endian === 'little' ? [...bytes].reverse() : [...bytes];
  const value = ordered.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return bytes.length === 8 ? BigInt.asIntN(64, value) : value;
}

const largest = 2n ** 63n - 1n;

/** White space, a sign, `0x` where the base is 16, digits; what is no number is 0. With `exact` all of it is the number. */
function textNumber(text: string, base: 10 | 16, exact: boolean): bigint | undefined {
  const form = base === 16 ? /^[ \t-\r]*([+-]?)(?:0[xX](?=[0-9a-fA-F]))?([0-9a-fA-F]+)/ : /^[ \t-\r]*([+-]?)([0-9]+)/;
  const [whole = '', sign = '', digits = ''] = form.exec(text) ?? [];
  if (exact && (digits === '' || whole.length < text.length)) {
    return undefined;
  }
  if (digits === '') {
    return 0n;
  }
  const value = BigInt(base === 16 ? `0x${digits}` : digits);
  return sign === '-' ? (value > largest ? -largest - 1n : -value) : value > largest ? largest : value;
}

/** Two digits a byte, the lowest byte first; an odd number of characters is read as if a 0 stood before them. */
function swappedHex(text: string, exact: boolean): bigint | undefined {
  const digits = text.replace(/^[ \t-\r]+/, '').replace(/^0[xX]/, '');
  if (exact && (digits.length < text.length || /^[xX]/.test(text))) {
    return undefined;
  }
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  const pairs = /^(?:[0-9a-fA-F]{2})*/.exec(even)![0];
  const bytes = Array.from({ length: pairs.length / 2 }, (_, i) => BigInt(Number.parseInt(pairs.slice(2 * i, 2 * i + 2), 16)));
  return BigInt.asIntN(64, bytes.reduceRight((sum, byte) => sum * 256n + byte, 0n));
}
