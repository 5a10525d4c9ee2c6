/**
 * Whether any pattern of patterns.ts may match in a head: most heads hold nothing that one of them begins with, and are
 * told so in one pass over their bytes. It may say yes for nothing, and never no for something.
 */

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** What every match has in it, anywhere. The first character is compared as it is, the others but for bit 5 (case). */
const ANYWHERE: readonly string[] = [
  ...['%PDF-', 'PE\0\0', 'PK\x03\x04', 'Rar!\x1a', '7z\xbc\xaf', 'MSCF\0', '\xa3\x48\x4b\xbe', '\xef\xbe\xad\xde', '<xdp:xdp'],
  ...['<head>', '<html>', '<iframe', '<img', '<object', '<script', '<table', '<a '],
  ...['\nmime-version: ', '\ncontent-type: ', '<w:wordDocument', 'Word.Document"?>', '<Workbook'],
];

/** The same, at a place of its own. */
const PLACED: readonly (readonly [at: number, text: string])[] = [
  [0, '\xca\xfe\xba\xbe'],
  [1, '\r\r\n'],
  [2, '-l'],
  [2, '-pm'],
  [8, '\x19\x04\0\x10'],
  [510, '\x55\xaa'],
  [0, 'ER'],
];

const placed = PLACED.map(([at, text]) => ({ at, bytes: latin1(text) }));
const byFirst: readonly (readonly Uint8Array[] | undefined)[] = Array.from({ length: 256 }, (_, byte) => {
  const texts = ANYWHERE.filter((text) => text.charCodeAt(0) === byte);
  return texts.length === 0 ? undefined : texts.map(latin1);
});
const isFirst: Uint8Array = Uint8Array.from(byFirst, (texts) => (texts === undefined ? 0 : 1));

/** False for a head in which no pattern matches. */
export function mayShowPattern(head: Uint8Array): boolean {
  if (placed.some(({ at, bytes }) => standsAt(bytes, head, at))) {
    return true;
  }
  let at = 0;
  for (; at + 8 <= head.length; at += 8) {
    // Few bytes begin anything: eight at a time are passed over in a third of the time.
    const first = isFirst[head[at]!]! | isFirst[head[at + 1]!]! | isFirst[head[at + 2]!]! | isFirst[head[at + 3]!]!;
    const second = isFirst[head[at + 4]!]! | isFirst[head[at + 5]!]! | isFirst[head[at + 6]!]! | isFirst[head[at + 7]!]!;
    if ((first | second) === 1 && showsIn(head, at, at + 8)) {
      return true;
    }
  }
  return showsIn(head, at, head.length);
}

/** Whether anything stands there that begins at one of these places. */
function showsIn(head: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = head[at]!;
    if (isFirst[byte] === 1 && standsAny(byFirst[byte]!, head, at)) {
      return true;
    }
  }
  return false;
}

function standsAny(texts: readonly Uint8Array[], head: Uint8Array, at: number): boolean {
  for (const text of texts) {
    if (standsAt(text, head, at)) {
      return true;
    }
  }
  return false;
}

function standsAt(text: Uint8Array, head: Uint8Array, at: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (at + i >= head.length || (text[i]! | 0x20) !== (head[at + i]! | 0x20)) {
      return false;
    }
  }
  return true;
}
