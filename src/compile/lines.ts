/**
 * The lines of a source, and the account that every reader owes: each line is loaded, skipped with a reason, or blank.
 * Lines end in LF or CRLF; a byte order mark is no part of the first one.
 */
import type { SkippedLine } from './readers/reader.js';

/** Longest line that is looked at, in UTF-16 units. */
export const maxLineLength = 1_048_576;

/** What became of one line. */
export type LineResult<T> =
  /** Nothing on it, a comment or a heading. */
  | { readonly kind: 'blank' }
  | { readonly kind: 'loaded'; readonly items: readonly T[]; readonly leftOut?: readonly LeftOut[] }
  | { readonly kind: 'skipped'; readonly reason: string; readonly signature?: string | undefined };

/** A part of a loaded line that was not used. */
export type LeftOut = Omit<SkippedLine, 'line'>;

/** What all lines brought. */
export interface LinesAccount<T> {
  readonly items: readonly T[];
  readonly lines: number;
  readonly loaded: number;
  readonly skipped: readonly SkippedLine[];
  /** Parts of loaded lines that were not used. */
  readonly leftOut: readonly SkippedLine[];
}

/** True for a line with nothing on it, and for a comment: `#` stands before everything else. */
export function isBlank(line: string): boolean {
  return line.trim() === '' || line.startsWith('#');
}

/** The lines without their ends. The end of the last line begins no further one. */
export function* linesOf(text: string): Generator<string> {
  let start = text.startsWith('\ufeff') ? 1 : 0;
  while (start < text.length) {
    const end = text.indexOf('\n', start);
    const stop = end === -1 ? text.length : end;
    yield text.slice(start, stop > start && text[stop - 1] === '\r' ? stop - 1 : stop);
    start = stop + 1;
  }
}

/** Reads line by line. `read` never sees a line over the limit: that one is skipped. */
export function readLines<T>(text: string, read: (line: string) => LineResult<T>): LinesAccount<T> {
  return accountFor(linesOf(text), (line) => (line.length > maxLineLength ? tooLong : loneSurrogate.test(line) ? noText : read(line)));
}

/** Reads one thing after the other: the lines of a text, or the objects of a document, which count as its lines. */
export function accountFor<S, T>(things: Iterable<S>, read: (thing: S) => LineResult<T>): LinesAccount<T> {
  const items: T[] = [];
  const skipped: SkippedLine[] = [];
  const leftOut: SkippedLine[] = [];
  let lines = 0;
  let loaded = 0;
  for (const thing of things) {
    lines++;
    const result = read(thing);
    if (result.kind === 'loaded') {
      loaded++;
      // One by one: a document's block may hold millions, and the arguments of a call must fit on the stack.
      for (const item of result.items) {
        items.push(item);
      }
      for (const part of result.leftOut ?? []) {
        leftOut.push({ line: lines, ...part });
      }
    } else if (result.kind === 'skipped') {
      const { reason, signature } = result;
      skipped.push({ line: lines, ...(signature === undefined ? {} : { signature }), reason });
    }
  }
  return { items, lines, loaded, skipped, leftOut };
}

/** Half of a character, which no encoding can write. */
const loneSurrogate = /[\ud800-\udfff]/u;

const noText: LineResult<never> = { kind: 'skipped', reason: 'the line is no Unicode text' };

const tooLong: LineResult<never> = { kind: 'skipped', reason: 'the line is longer than 1 MiB' };
