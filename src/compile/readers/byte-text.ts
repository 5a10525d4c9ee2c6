/** Texts as expressions see them: one character a byte. */
import { toUtf8 } from '../../base/bytes.js';

/** The UTF-8 bytes of a text as characters from 0 to 255. */
export function byteText(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text : Array.from(toUtf8(text), (byte) => String.fromCharCode(byte)).join('');
}
