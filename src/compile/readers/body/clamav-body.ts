/**
 * Bodies of ClamAV signatures (docs.clamav.net, "Body-based Signature Content Format"), as extended signatures have
 * them and logical ones after them. What clamscan refuses is refused here too: such a line means something else to
 * whoever wrote it than to whoever loads it.
 *
 * Where clamscan 1.4.6 leaves its own documentation, the documentation is followed: a nibble beside `[n-m]` is compared
 * (clamscan takes any byte); a gap beside `HEX[x-y]aa` counts from `aa` (clamscan: from HEX); alternatives of several
 * bytes before the first exact bytes are all tried; bytes that would lie behind the end of the file are missed.
 */
import type { SignatureNode } from '../../../pattern/signature.js';
import { parseAlternatives } from './clamav-alternatives.js';
import type { ParsedGap } from './clamav-gap.js';
import { parseAnchoredRange, parseRange } from './clamav-gap.js';
import type { RunDraft } from './clamav-hex.js';
import { addAnyBytes, BodyCursor, BodyFault } from './clamav-hex.js';
import { partFault } from './clamav-part.js';
import { caseless, widened } from './clamav-modifiers.js';

/** A body, or why it is none. */
export type ParsedBody = { readonly kind: 'ok'; readonly nodes: readonly SignatureNode[] } | { readonly kind: 'fault'; readonly reason: string };

/** Exact gaps below this are so many bytes of anything and do not divide a body into parts. */
const dividingGap = 128;

/** How a body is meant. */
export interface BodyOptions {
  /** ClamAV target type of the signature. */
  readonly target: number;
  /** Letters match in either case (`::i`). */
  readonly caseless?: boolean;
  /** Every byte is followed by a zero (`::w`): texts in UTF-16. Gaps keep their width, as clamscan counts them. */
  readonly wide?: boolean;
  /** Any modifier was given: clamscan makes alternatives generic then, and generic ones cannot be negated. */
  readonly isModified?: boolean;
  /** Exact bytes that a body of nothing else needs; 2 in any case. */
  readonly minLiteral?: number;
}

/** Parses a body. The text is at most a line long; nothing that it says makes more than 64 KiB of it. */
export function parseBody(text: string, options: BodyOptions): ParsedBody {
  try {
    const nodes = new BodyParser(options.wide === true ? widened(text) : text, options).parse();
    return { kind: 'ok', nodes: options.caseless === true ? nodes.map(caseless) : nodes };
  } catch (error) {
    if (error instanceof BodyFault) {
      return { kind: 'fault', reason: error.message };
    }
    throw error;
  }
}

const classNames = [
  ['B)', 'word-boundary'],
  ['L)', 'line-boundary'],
  ['W)', 'non-alphanumeric'],
] as const;

class BodyParser {
  readonly #cursor: BodyCursor;
  /** Nodes of the part that is being read. */
  #part: SignatureNode[] = [];
  #run: RunDraft = { value: [], mask: [] };
  readonly #parts: (readonly SignatureNode[])[] = [];
  readonly #gaps: ParsedGap[] = [];

  readonly #options: BodyOptions;

  constructor(text: string, options: BodyOptions) {
    this.#cursor = new BodyCursor(text);
    this.#options = options;
  }

  parse(): SignatureNode[] {
    while (!this.#cursor.isAtEnd) {
      this.#takeOne();
    }
    this.#endPart();
    const { wide, minLiteral = 0, isModified = false, target } = this.#options;
    const rules = { anchorBytes: wide === true ? 2 : 1, minLiteral: this.#parts.length === 1 ? minLiteral : 0, isModified, target };
    const fault = this.#parts.map((part) => partFault(part, rules)).find((reason) => reason !== undefined);
    if (fault !== undefined) {
      throw new BodyFault(fault);
    }
    return this.#parts.flatMap((part, i) => [...part, ...this.#gaps.slice(i, i + 1).map((gap): SignatureNode => ({ kind: 'gap', ...gap }))]);
  }

  #takeOne(): void {
    const cursor = this.#cursor;
    if (cursor.takes('*')) {
      this.#divide({ min: 0 });
    } else if (cursor.takes('{')) {
      this.#takeRange(cursor.takeUntil('}'));
    } else if (cursor.takes('[')) {
      this.#takeAnchoredRange(cursor.takeUntil(']'));
    } else if (cursor.takes('!(')) {
      this.#takeParenthesis(true);
    } else if (cursor.takes('(')) {
      this.#takeParenthesis(false);
    } else {
      cursor.takeBytes(this.#run);
    }
  }

  #takeRange(text: string): void {
    const gap = parseRange(text);
    if (gap === undefined) {
      throw this.#cursor.fault(`{${text.slice(0, 40)}} is no range`);
    }
    if (gap.min === gap.max && gap.min < dividingGap) {
      addAnyBytes(this.#run, gap.min);
    } else {
      this.#divide(gap);
    }
  }

  #takeAnchoredRange(text: string): void {
    const gap = parseAnchoredRange(text);
    if (gap === undefined) {
      throw this.#cursor.fault(`[${text.slice(0, 40)}] is no range of at most 32 bytes`);
    }
    this.#endRun();
    this.#part.push({ kind: 'gap', ...gap });
  }

  #takeParenthesis(isNegated: boolean): void {
    this.#endRun();
    const name = classNames.find(([letter]) => this.#cursor.takes(letter))?.[1];
    if (name !== undefined) {
      this.#part.push({ kind: 'class', of: name, negated: isNegated });
      return;
    }
    if (isNegated && this.#options.isModified === true) {
      throw this.#cursor.fault('negated alternatives in a subsignature with modifiers');
    }
    this.#part.push(parseAlternatives(this.#cursor, isNegated));
  }

  #divide(gap: ParsedGap): void {
    this.#endPart();
    this.#gaps.push(gap);
  }

  #endRun(): void {
    if (this.#run.value.length > 0) {
      this.#part.push({ kind: 'bytes', value: Uint8Array.from(this.#run.value), mask: Uint8Array.from(this.#run.mask) });
      this.#run = { value: [], mask: [] };
    }
  }

  #endPart(): void {
    this.#endRun();
    this.#parts.push(this.#part);
    this.#part = [];
  }
}
