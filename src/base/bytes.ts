/** Byte strings: hex, base64url, comparison, concatenation. No Node `Buffer`: this runs in browsers and Workers too. */

const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The codes of both digits of a byte. */
const hexCodes = Uint8Array.from(hexDigits.join(''), (digit) => digit.charCodeAt(0));

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  let at = 0;
  // Eight bytes at a time: fewer strings to be put together, and then flattened (85 ns instead of 140 for 32 bytes).
  for (; at + 8 <= bytes.length; at += 8) {
    text += eightInHex(bytes, at);
  }
  for (; at < bytes.length; at++) {
    text += hexDigits[bytes[at]!]!;
  }
  return text;
}

function eightInHex(bytes: Uint8Array, at: number): string {
  const [a, b, c, d] = [2 * bytes[at]!, 2 * bytes[at + 1]!, 2 * bytes[at + 2]!, 2 * bytes[at + 3]!];
  const [e, f, g, h] = [2 * bytes[at + 4]!, 2 * bytes[at + 5]!, 2 * bytes[at + 6]!, 2 * bytes[at + 7]!];
  return String.fromCharCode(
    hexCodes[a]!, hexCodes[a + 1]!, hexCodes[b]!, hexCodes[b + 1]!, hexCodes[c]!, hexCodes[c + 1]!, hexCodes[d]!, hexCodes[d + 1]!,
    hexCodes[e]!, hexCodes[e + 1]!, hexCodes[f]!, hexCodes[f + 1]!, hexCodes[g]!, hexCodes[g + 1]!, hexCodes[h]!, hexCodes[h + 1]!,
  );
}

/** The bytes of a hex string of even length and any case, or undefined when it is not one. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0) {
    return undefined;
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = hexValue(text.charCodeAt(2 * i));
    const low = hexValue(text.charCodeAt(2 * i + 1));
    if (high < 0 || low < 0) {
      return undefined;
    }
    bytes[i] = (high << 4) | low;
  }
  return bytes;
}

/** The value of a hex digit by its code, or -1. */
function hexValue(code: number): number {
  if (code >= 48 && code <= 57) {
    return code - 48;
  }
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** base64url without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return btoa(toLatin1(bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** The bytes of a base64 or base64url string, padded or not, or undefined when it is neither. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_+/-]*={0,2}$/.test(text)) {
    return undefined;
  }
  try {
    return fromLatin1(atob(text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')));
  } catch {
    return undefined;
  }
}

/** One UTF-16 unit per byte: the cheapest string that can be a Map key. */
export function toLatin1(bytes: Uint8Array): string {
  let text = '';
  if (bytes.length <= 64) {
    // Prefixes and hashes: a view and a spread cost more than they save.
    for (let i = 0; i < bytes.length; i++) {
      text += String.fromCharCode(bytes[i]!);
    }
    return text;
  }
  for (let at = 0; at < bytes.length; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return text;
}

/** The inverse of `toLatin1`. Units above 255 keep their low byte. */
export function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    bytes[i] = text.charCodeAt(i);
  }
  return bytes;
}

/** UTF-8. */
export function toUtf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Text from UTF-8; bytes that are no UTF-8 become U+FFFD. */
export function fromUtf8(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** One new array with all parts in order. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) {
    length += part.length;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** True when both have the same bytes. Not constant-time: for digests and names, not for secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) {
    return false;
  }
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) {
      return false;
    }
  }
  return true;
}

/** Bytewise order, a shorter prefix first: negative, 0 or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) {
      return difference;
    }
  }
  return a.length - b.length;
}
