/**
 * The real type of a content, told from its first bytes, named as ClamAV's documentation names types ("ClamAV File
 * Types", "File Type Magic"), and the target type that signatures ask for. Pure and total: any bytes have a type.
 *
 * Three steps, each observed on clamscan 1.4.6 (docs/patterns.md has what is scanned for each type):
 * 1. a magic at a fixed offset decides at once (head/magic.ts);
 * 2. else the head is ASCII text, UTF-16 or binary data (head/text.ts);
 * 3. and patterns anywhere in the head may then say more: HTML, PDF, mail, Java … (head/patterns.ts).
 */
import { magicOf } from './head/magic.js';
import { patternTypeOf } from './head/patterns.js';
import { isOldTar } from './head/old-tar.js';
import { textTypeOf } from './head/text.js';
import { decodeUtf16, isWideEncoding } from './html/wide-html.js';

/** How many first bytes decide: a streaming session keeps these (or the whole content, if it is shorter). */
export const FILE_TYPE_HEAD_BYTES = 1024;

/** Contents below this size are not scanned at all. */
export const MIN_SCANNED_BYTES = 6;

/**
 * Target types of signatures: 1 PE, 2 OLE2, 3 HTML, 4 mail, 5 graphics, 6 ELF, 7 text, 9 Mach-O, 10 PDF, 11 Flash,
 * 12 Java; 0 for a content that has none of them. 8 and 13 name nothing that a file can be.
 */
export type TargetType = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13;

/**
 * In which views a content is matched (normalise.ts says more). Every view is matched with its own targets, and offsets
 * and anchors are the view's own.
 */
export type ScanPlan =
  /** Nothing: not even signatures of target 0. */
  | 'none'
  /** The raw bytes, with target 0 and the target of the type. */
  | 'raw'
  /** The raw bytes with target 0, the normalised text with targets 0 and 7; HtmlMarks says when HTML takes the place of the text. */
  | 'text'
  /** HTML that the head shows: its normalised views, with targets 0 and 3. The raw bytes are not matched. */
  | 'html'
  /** The same of the decoded bytes, and the raw bytes with target 0. */
  | 'html-utf16';

/** What a content is. */
export interface FileType {
  /** As documented, without `CL_TYPE_`: `MSEXE`, `TEXT_ASCII`, `BINARY_DATA`, … */
  readonly name: string;
  readonly target: TargetType;
  readonly plan: ScanPlan;
}

const TARGETS: Readonly<Record<string, TargetType>> = {
  MSEXE: 1,
  MSOLE2: 2,
  HTML: 3,
  HTML_UTF16: 3,
  MAIL: 4,
  GRAPHICS: 5,
  GIF: 5,
  PNG: 5,
  JPEG: 5,
  TIFF: 5,
  ELF: 6,
  TEXT_ASCII: 7,
  TEXT_UTF16LE: 7,
  TEXT_UTF16BE: 7,
  MACHO: 9,
  MACHO_UNIBIN: 9,
  PDF: 10,
  SWF: 11,
  JAVA: 12,
};

/** The type of a content that begins with `head` and has `size` bytes in all. Bytes past the head's limit are not looked at. */
export function fileTypeOf(head: Uint8Array, size: number = head.length): FileType {
  if (size < MIN_SCANNED_BYTES) {
    return { name: 'IGNORED', target: 0, plan: 'none' };
  }
  return describe(typeNameOf(head.subarray(0, FILE_TYPE_HEAD_BYTES)));
}

function typeNameOf(head: Uint8Array): string {
  const magic = magicOf(head);
  if (magic !== undefined) {
    return magic;
  }
  const text = textTypeOf(head);
  const shown = patternTypeOf(head);
  if (shown !== undefined) {
    return shown === 'SFX' ? text : shown;
  }
  if (text !== 'TEXT_ASCII') {
    const isWide = patternTypeOf(decodeUtf16(head)) === 'HTML';
    const isOtherwiseWide = !isWide && isWideEncoding(head) && patternTypeOf(head.filter((byte) => byte !== 0)) === 'HTML';
    if (isWide || isOtherwiseWide) {
      return isWide ? 'HTML_UTF16' : 'HTML';
    }
  }
  return text === 'BINARY_DATA' && isOldTar(head) ? 'OLD_TAR' : text;
}

function describe(name: string): FileType {
  const target = TARGETS[name] ?? 0;
  return { name, target, plan: planOf(name, target) };
}

function planOf(name: string, target: TargetType): ScanPlan {
  if (name === 'IGNORED') {
    return 'none';
  }
  if (name === 'HTML_UTF16') {
    return 'html-utf16';
  }
  return target === 7 ? 'text' : target === 3 ? 'html' : 'raw';
}
