/**
 * Signatures as trees: what the readers produce, the agent pattern carries and the matcher understands. The meaning
 * follows ClamAV's public documentation of its extended (.ndb) and logical (.ldb) signature formats.
 */
import type { Threat } from '../base/verdict.js';

/** Bytes under a mask: ff for a byte, f0 and 0f for a nibble, 00 for any byte, df for a letter in either case. */
export interface MaskedBytes {
  readonly value: Uint8Array;
  readonly mask: Uint8Array;
}

/** One run of a body, matched at one place and then left behind. */
export type SignatureNode =
  /** `value[i]` must equal the byte under `mask[i]`. */
  | ({ readonly kind: 'bytes' } & MaskedBytes)
  /** Between `min` and `max` bytes of anything; without `max` any number. `*` is `min: 0`. */
  | { readonly kind: 'gap'; readonly min: number; readonly max?: number }
  /** One of the options, or none of them when negated (then all options have one length, which is passed over). */
  | { readonly kind: 'alternatives'; readonly negated: boolean; readonly options: readonly MaskedBytes[] }
  /** A place between or at characters: `(B)`, `(L)`, `(W)`, or their negation. */
  | { readonly kind: 'class'; readonly of: 'word-boundary' | 'line-boundary' | 'non-alphanumeric'; readonly negated: boolean };

/** Where a body may begin. `shift` bytes further are allowed as well (`n,m` in the text form). */
export type SignatureOffset =
  | { readonly kind: 'any' }
  | { readonly kind: 'start'; readonly at: number; readonly shift: number }
  | { readonly kind: 'end'; readonly before: number; readonly shift: number }
  /** From the entry point of an executable (`EP+n`, `EP-n`); `by` may be negative. */
  | { readonly kind: 'entry-point'; readonly by: number; readonly shift: number }
  /** From the beginning of section `section`, 0 the first (`Sx+n`), or of the last one (`SL+n`). */
  | { readonly kind: 'section'; readonly section: number | 'last'; readonly by: number; readonly shift: number }
  /** Anywhere in a section (`SEx`). */
  | { readonly kind: 'in-section'; readonly section: number }
  /** In the version information of a PE file (`VI`). */
  | { readonly kind: 'version-information' };

/** A body: where it may begin, and what it is made of. It begins and ends with a node that is no gap. */
export interface SignatureBody {
  readonly offset: SignatureOffset;
  readonly nodes: readonly SignatureNode[];
  /** Only between characters that are not alphanumeric (modifier `f`). */
  readonly fullword?: boolean;
  /** The text is UTF-16 (modifier `w`, already in `nodes`): the characters beside it are of two bytes as well. */
  readonly wide?: boolean;
}

/** A named body: a line of an .ndb. */
export interface ByteSignature extends SignatureBody {
  readonly threat: Threat;
  /** ClamAV target type; 0 is any file. */
  readonly target: number;
}

/** A closed range of numbers; without `max` it has no upper end. */
export interface NumberRange {
  readonly min: number;
  readonly max?: number;
}

/** Which files a logical signature is tried on (its TargetDescriptionBlock). Engine levels are settled at import. */
export interface TargetDescription {
  /** ClamAV target type; 0 is any file. */
  readonly target: number;
  /** Bytes. */
  readonly fileSize?: NumberRange;
  /** Offset of the entry point in the file. */
  readonly entryPoint?: NumberRange;
  readonly numberOfSections?: NumberRange;
}

/** What has to be true of the counts of subsignatures. Numbers are indices into the signature's `parts`. */
export type LogicalExpression =
  | { readonly kind: 'part'; readonly part: number }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly LogicalExpression[] }
  /** How often the parts of `of` matched in all, compared with `count`; `distinct`: how many different parts at least. */
  | { readonly kind: 'count'; readonly of: LogicalExpression; readonly compare: '=' | '>' | '<'; readonly count: number; readonly distinct?: number };

/** One subsignature of a logical signature. */
export type Subsignature =
  /** Bodies, each match of any of them counts: one, or two where a text is looked for as ASCII and as UTF-16 (`::wa`). */
  | { readonly kind: 'bodies'; readonly bodies: readonly SignatureBody[] }
  /** A body of the group begins `min` to `max` bytes after a match of the part before this one does (`${min-max}group$`). */
  | { readonly kind: 'macro'; readonly min: number; readonly max: number; readonly group: number }
  /** A number in the file, at a distance from the first match of another part, compared with constants. */
  | ByteComparison
  /** A Perl-compatible regular expression, tried once `trigger` holds. */
  | PcreSubsignature;

/** `part(>>offset#options#comparison)`. */
export interface ByteComparison {
  readonly kind: 'byte-comparison';
  readonly part: number;
  /** From the beginning of the match that ends last, may be negative (as observed of clamscan). */
  readonly offset: number;
  readonly format: 'hex' | 'decimal' | 'auto' | 'raw';
  readonly endian: 'little' | 'big';
  /** All `bytes` have to be part of the number (option `e`). */
  readonly exact: boolean;
  /** Bytes to read. */
  readonly bytes: number;
  readonly conditions: readonly { readonly compare: '=' | '>' | '<'; readonly value: bigint }[];
}

/** `offset:trigger/expression/flags`. */
export interface PcreSubsignature {
  readonly kind: 'pcre';
  readonly offset: SignatureOffset;
  readonly trigger: LogicalExpression;
  /** The expression, one character a byte. */
  readonly source: string;
  /** The flags as written, each once. */
  readonly flags: string;
}

/** A line of an .ldb: subsignatures and what has to be true of them. */
export interface LogicalSignature {
  readonly threat: Threat;
  readonly description: TargetDescription;
  readonly expression: LogicalExpression;
  readonly parts: readonly Subsignature[];
}

/** A body that only macros name: it belongs to a group, and never finds anything by itself. */
export interface MacroBody extends SignatureBody {
  /** ClamAV target type: a logical signature uses the bodies of its own target only (as observed of clamscan). */
  readonly target: number;
  readonly group: number;
}
