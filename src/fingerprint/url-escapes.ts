/**
 * Percent-escapes as Safe Browsing reads and writes them. Texts here are byte strings: one UTF-16 unit, 0 to 255, per
 * byte.
 */
import { toLatin1 } from '../base/bytes.js';

/** Rounds of unescaping after which a text is given up (DESIGN §5). */
export const maxUnescapeRounds = 1024;

const percent = 0x25;
const numberSign = 0x23;
const upperHexDigits = '0123456789ABCDEF';

/**
 * The text after as many rounds of percent-unescaping as it takes until nothing changes, or undefined when that takes
 * more than 1024 rounds.
 *
 * Linear in the text, however deep it is escaped: no two escapes overlap, so the order of reductions does not change
 * the outcome, and one pass with a stack does all rounds. The round in which an escape would have fallen is one more
 * than the latest round of its three characters.
 */
export function unescapeUntilStable(text: string): string | undefined {
  const first = text.indexOf('%');
  if (first < 0) {
    return text;
  }
  const tail = text.length - first;
  const stack = new Uint8Array(tail);
  const rounds = new Uint16Array(tail);
  let top = 0;
  for (let at = first; at < text.length; at++) {
    stack[top] = text.charCodeAt(at);
    rounds[top] = 0;
    top++;
    while (top >= 3 && stack[top - 3] === percent) {
      const byte = hexPair(stack[top - 2]!, stack[top - 1]!);
      if (byte < 0) {
        break;
      }
      const round = 1 + Math.max(rounds[top - 3]!, rounds[top - 2]!, rounds[top - 1]!);
      if (round > maxUnescapeRounds) {
        return undefined;
      }
      top -= 2;
      stack[top - 1] = byte;
      rounds[top - 1] = round;
    }
  }
  return text.slice(0, first) + toLatin1(stack.subarray(0, top));
}

/** Escapes bytes up to 0x20 and from 0x7f on, `#` and `%`, with upper-case hex. The result is ASCII. */
export function escapeBytes(text: string): string {
  const first = text.search(/[\x00-\x20#%\x7f-\xff]/);
  if (first < 0) {
    return text;
  }
  // Into one array: a replacement for each byte makes a string of as many parts, which takes more than linear time.
  const escaped = new Uint8Array(3 * (text.length - first));
  let length = 0;
  for (let at = first; at < text.length; at++) {
    const byte = text.charCodeAt(at);
    if (byte > 0x20 && byte < 0x7f && byte !== percent && byte !== numberSign) {
      escaped[length++] = byte;
    } else {
      escaped[length++] = percent;
      escaped[length++] = upperHexDigits.charCodeAt(byte >> 4);
      escaped[length++] = upperHexDigits.charCodeAt(byte & 15);
    }
  }
  return text.slice(0, first) + toLatin1(escaped.subarray(0, length));
}

function hexPair(high: number, low: number): number {
  const upper = hexDigit(high);
  const lower = hexDigit(low);
  return upper < 0 || lower < 0 ? -1 : 16 * upper + lower;
}

function hexDigit(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) {
    return unit - 0x30;
  }
  const letter = unit | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
