/**
 * Types that patterns anywhere in the head tell, the third step of file-type.ts: for contents that no magic told. When
 * several match, the one of the higher rank decides, among equals the later one. Ranks are as clamscan shows them.
 */

import { mayShowPattern } from './pattern-gate.js';

interface HeadPattern {
  readonly type: string;
  readonly rank: number;
  /** Over the head as Latin-1 text. Only bounded or plain gaps: linear in the head. */
  readonly shape: RegExp;
}

/** HTML marks, in exactly the spellings that count. A `<a` and a later `href` make a link however far apart. */
export const HTML_MARKS: readonly string[] = [
  ...['<head>', '<Head>', '<HEAD>', '<html>', '<Html>', '<HTML>', '<iframe', '<IFRAME', '<img', '<Img', '<IMG'],
  ...['<object', '<Object', '<OBJECT', '<script', '<Script', '<SCRIPT', '<table', '<TABLE'],
];

const HTML_SHAPE: RegExp = new RegExp(HTML_MARKS.join('|'), 'g');

const PATTERNS: readonly HeadPattern[] = [
  { type: 'MACHO_UNIBIN', rank: 1, shape: /^\xca\xfe\xba\xbe\0\0\0[\0-\x1f]/g },
  { type: 'PDF', rank: 2, shape: /%PDF-[^]\.[^]/g },
  { type: 'JAVA', rank: 3, shape: /^\xca\xfe\xba\xbe\0\0\0[\x20-\x3f]/g },
  { type: 'PYTHON_COMPILED', rank: 3, shape: /^[^]\r\r\n/g },
  { type: 'LHA_LZH', rank: 3, shape: /^[^]{2}-(?:lh[0-7dx]|lz[45s]|pm0)-/g },
  { type: 'SIS', rank: 3, shape: /^[^]{8}\x19\x04\0\x10/g },
  { type: 'MBR', rank: 4, shape: /^[^]{510}\x55\xaa/g },
  { type: 'HTML', rank: 5, shape: HTML_SHAPE },
  { type: 'MSEXE', rank: 6, shape: /MZ[^]{60,300}?PE\0\0/g },
  { type: 'SFX', rank: 6, shape: /PK\x03\x04|Rar!\x1a\x07\0|7z\xbc\xaf\x27\x1c|MSCF\0\0\0\0/g },
  { type: 'AUTOIT', rank: 6, shape: /\xa3\x48\x4b\xbe\x98\x6c\x4a\xa9\x99\x4c\x53\x0a\x86\xd6\x48\x7dAU3!EA0[56]/g },
  { type: 'NULSFT', rank: 6, shape: /\xef\xbe\xad\xdeNullsoftInst/g },
  { type: 'XDP', rank: 6, shape: /<xdp:xdp/g },
  { type: 'APM', rank: 9, shape: /^ER[^]{510}PM\0\0/g },
];

/** Gaps of any length: the parts must follow each other. */
const SEQUENCES: readonly (readonly [type: string, rank: number, first: RegExp, then: RegExp])[] = [
  ['HTML', 5, /<[Aa] /, /[hH][rR](?:ef|EF)/],
  ['MAIL', 7, /\n[Ff]rom: /, /\n[Mm][Ii][Mm][Ee]-[Vv]ersion: |\n[Cc]ontent-[Tt]ype: /],
  ['MAIL', 7, /\nReceived: /, /\n[Cc]ontent-[Tt]ype: /],
  ['MHTML', 8, /(?:^|\n)[Mm][Ii][Mm][Ee]-[Vv]ersion: /, /\n[Cc]ontent-[Tt]ype: /],
  ['XML_WORD', 8, /^<\?xml version="1\.0"/, /<w:wordDocument|progid="Word\.Document"\?>/],
  ['XML_XL', 8, /^<\?xml version="1\.0"/, /<Workbook/],
];

/** The type that patterns in the head tell. `SFX` is an archive embedded in something else: it has no type of its own. */
export function patternTypeOf(head: Uint8Array): string | undefined {
  if (!mayShowPattern(head)) {
    return undefined;
  }
  const text = latin1Text(head);
  let best: { readonly type: string; readonly rank: number; readonly end: number } | undefined;
  const offer = (type: string, rank: number, end: number): void => {
    if (best === undefined || rank > best.rank || (rank === best.rank && end >= best.end)) {
      best = { type, rank, end };
    }
  };
  for (const { type, rank, shape } of PATTERNS) {
    for (const match of text.matchAll(shape)) {
      offer(type, rank, match.index + match[0].length);
    }
  }
  for (const [type, rank, first, then] of SEQUENCES) {
    const start = first.exec(text);
    const from = start === null ? text.length : start.index + start[0].length;
    const rest = then.exec(text.slice(from));
    if (rest !== null) {
      offer(type, rank, from + rest.index + rest[0].length);
    }
  }
  return best?.type;
}

function latin1Text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
