/** What bytes are to the normaliser of HTML. */

/** White space: space and 09–0d hex. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/** A letter of ASCII in lower case, any other byte as it is. */
export function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

/** Bytes with a meaning in HTML. */
export const BYTE = {
  lineFeed: 0x0a,
  return: 0x0d,
  space: 0x20,
  exclamation: 0x21,
  doubleQuote: 0x22,
  hash: 0x23,
  ampersand: 0x26,
  singleQuote: 0x27,
  comma: 0x2c,
  stop: 0x2e,
  colon: 0x3a,
  semicolon: 0x3b,
  open: 0x3c,
  equals: 0x3d,
  close: 0x3e,
} as const;
