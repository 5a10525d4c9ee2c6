/**
 * Internationalized host names to their ASCII form: the mapping of UTS 46 (non-transitional), then Punycode.
 *
 * It is not done by `new URL()`: runtimes carry different tables (U+1E9E becomes `ss` here and `ß` there) and refuse
 * different names, while a fingerprint has to be the same everywhere. The mapping is built from what the language
 * itself guarantees to be stable, case mapping and NFKC; validity (bidi, joiners, unassigned) is not judged, because a
 * name that no browser opens needs no protection.
 */
import { fromLatin1 } from '../../base/bytes.js';
import { encodePunycode } from './punycode.js';

/** A DNS label has at most 63 octets, and Punycode needs at least one for each code point. */
const maxLabelPoints = 63;

/**
 * A DNS name has at most 253 octets, and no more than four code points compose to one. Beyond it nothing is mapped:
 * ordering 30,000 combining marks took ICU 300 ms.
 */
const maxUnits = 2048;

/** UTS 46 status `ignored`. */
const ignored = /[\u00ad\u034f\u180b-\u180d\u180f\u200b\u2060\u2064\ufe00-\ufe0f\ufeff\u{1bca0}-\u{1bca3}\u{e0100}-\u{e01ef}]/gu;

/** The forbidden domain code points of the URL standard: a mapping may not produce structure (U+FF0F is a slash). */
const forbidden = /[\x00-\x20#%/:<>?@[\\\]^|\x7f]/;

/**
 * The ASCII form of a host given as a byte string with bytes above 0x7f; undefined when the bytes are no UTF-8,
 * too long for a name, or map to what no host name can hold. The mapping may bring new dots.
 */
export function domainToAscii(bytes: string): string | undefined {
  const text = decodeUtf8(bytes)?.replace(ignored, '');
  if (text === undefined || text.length > maxUnits) {
    return undefined;
  }
  const mapped = mapUnicode(text);
  if (forbidden.test(mapped)) {
    return undefined;
  }
  const labels: string[] = [];
  for (const label of mapped.split('.')) {
    const ascii = labelToAscii(label);
    if (ascii === undefined) {
      return undefined;
    }
    labels.push(ascii);
  }
  return labels.join('.');
}

function decodeUtf8(bytes: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(fromLatin1(bytes));
  } catch {
    return undefined;
  }
}

function mapUnicode(text: string): string {
  let mapped = '';
  for (const character of text) {
    mapped += mapCharacter(character);
  }
  return mapped.normalize('NFKC').replace(ignored, '').replaceAll('\u3002', '.');
}

function mapCharacter(character: string): string {
  if (character < '\u0080') {
    return character.toLowerCase();
  }
  // The deviation characters of UTS 46 stand as they are, and dotless i is no i.
  if (character === 'ß' || character === 'ς' || character === 'ı') {
    return character;
  }
  return foldCase(foldCase(character).normalize('NFKC')).replaceAll('ς', 'σ');
}

/** Full case folding: lower case of the upper case, letter by letter; Cherokee alone folds to its capitals. */
function foldCase(text: string): string {
  let folded = '';
  for (const letter of text) {
    for (const capital of letter === 'ß' || letter === 'ı' ? letter : letter.toUpperCase()) {
      folded += capital >= '\u13a0' && capital <= '\u13f5' ? capital : capital.toLowerCase();
    }
  }
  return folded;
}

function labelToAscii(label: string): string | undefined {
  if (/^[\x00-\x7f]*$/.test(label)) {
    return label;
  }
  const points = Array.from(label, (character) => character.codePointAt(0)!);
  return points.length > maxLabelPoints ? undefined : `xn--${encodePunycode(points)}`;
}
