/**
 * Whether a head without a magic is text, the second step of file-type.ts. ASCII text here means: no control bytes but
 * the usual ones; bytes from 80 hex up are text of some encoding. What fails is UTF-16, unless it starts without a byte
 * order mark and holds a 16-bit control character: few contents are binary data in this sense, as clamscan shows.
 */

/** 1 for bytes that occur in text: 07–0a, 0c, 0d, 1b, 20–7e, 80–ff. */
const TEXT_BYTES: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  (byte >= 0x20 && byte !== 0x7f) || (byte >= 0x07 && byte <= 0x0d && byte !== 0x0b) || byte === 0x1b ? 1 : 0,
);

/** The kind of text that the head is, or binary data. */
export function textTypeOf(head: Uint8Array): 'TEXT_ASCII' | 'TEXT_UTF16LE' | 'TEXT_UTF16BE' | 'BINARY_DATA' {
  if (isAscii(head)) {
    return 'TEXT_ASCII';
  }
  if (head[0] === 0xff && head[1] === 0xfe) {
    return 'TEXT_UTF16LE';
  }
  if (head[0] === 0xfe && head[1] === 0xff) {
    return 'TEXT_UTF16BE';
  }
  return hasWideControl(head) ? 'BINARY_DATA' : 'TEXT_UTF16BE';
}

/** Eight bytes at a time: a third of the time of one after the other, and every small file comes here. */
function isAscii(head: Uint8Array): boolean {
  let at = 0;
  for (; at + 8 <= head.length; at += 8) {
    const first = TEXT_BYTES[head[at]!]! & TEXT_BYTES[head[at + 1]!]! & TEXT_BYTES[head[at + 2]!]! & TEXT_BYTES[head[at + 3]!]!;
    const second = TEXT_BYTES[head[at + 4]!]! & TEXT_BYTES[head[at + 5]!]! & TEXT_BYTES[head[at + 6]!]! & TEXT_BYTES[head[at + 7]!]!;
    if ((first & second) === 0) {
      return false;
    }
  }
  for (; at < head.length; at++) {
    if (TEXT_BYTES[head[at]!] === 0) {
      return false;
    }
  }
  return true;
}

/** The first character is not looked at: it stands where the byte order mark would be. */
function hasWideControl(head: Uint8Array): boolean {
  for (let at = 2; at + 1 < head.length; at += 2) {
    const high = head[at];
    const low = head[at + 1] ?? 0;
    if ((high === 0 && TEXT_BYTES[low] === 0) || (high === 0xff && low === 0xfe)) {
      return true;
    }
  }
  return false;
}
