/**
 * What every source format is turned into. A reader never throws for what stands in its input: a line that cannot be
 * used is reported with its number and reason, and 100 % of the lines are accounted for.
 */
import type { Guard, WarningList } from '../guard/guard.js';
import type { HostRule, UrlFingerprint } from '../../base/fingerprint.js';
import type { HashEntry } from '../../pattern/hash-entry.js';
import type { ByteSignature, LogicalSignature, MacroBody } from '../../pattern/signature.js';

/** A line that was not used. */
export interface SkippedLine {
  /** 1-based. */
  readonly line: number;
  /** Name of the signature, where the line gets as far as naming one. */
  readonly signature?: string;
  readonly reason: string;
}

/** What one source brought. `lines = loaded + skipped + blank and comment lines`. */
export interface ReaderOutput {
  readonly signatures: readonly ByteSignature[];
  readonly logical: readonly LogicalSignature[];
  /** Bodies that belong to macro groups; they find nothing by themselves. */
  readonly macros: readonly NamedMacroBody[];
  /** Hashes of sections of PE files, with the size of the section. */
  readonly sectionHashes: readonly HashEntry[];
  /** Hashes of the import tables of PE files. */
  readonly importHashes: readonly HashEntry[];
  readonly hashes: readonly HashEntry[];
  /** Allow list: `disposition` is `clean`; MD5 and SHA-1 entries always carry a size. */
  readonly allow: readonly HashEntry[];
  /** Names of signatures (of any source) that are not to be loaded. */
  readonly ignored: readonly IgnoredSignature[];
  readonly lines: number;
  readonly loaded: number;
  readonly skipped: readonly SkippedLine[];
  /** Parts of loaded lines that were not used: what a warning list has, and conditions that cannot be checked. */
  readonly leftOut: readonly SkippedLine[];
  /** What must not be listed by any source. */
  readonly warnings: readonly WarningList[];
}

/** A member of a macro group with the name of its line, by which an ignore list may leave it out. */
export interface NamedMacroBody {
  readonly name: string;
  readonly body: MacroBody;
}

/** What a source brings of which it has nothing: readers add to it what their format has. */
export const nothingRead: Omit<ReaderOutput, 'lines' | 'loaded' | 'skipped'> = {
  signatures: [],
  logical: [],
  macros: [],
  sectionHashes: [],
  importHashes: [],
  hashes: [],
  allow: [],
  ignored: [],
  leftOut: [],
  warnings: [],
};

/** A signature to be left out: by name, and by the MD5 (hex) of its line where one is given. */
export interface IgnoredSignature {
  readonly name: string;
  readonly md5?: string;
}

/** What a reader may use. */
export interface ReaderContext {
  /** Name of the source in names and reports: the file's name without its folder. */
  readonly source: string;
  readonly hostRule: HostRule;
  /** Canonical form and expressions of a URL. */
  url(url: string): UrlFingerprint;
  sha256(bytes: Uint8Array): Uint8Array;
  /** Instant (epoch ms) of the publication: what is no longer valid then is not listed. Absent: everything is. */
  readonly now?: number | undefined;
  /** What warning lists have. Absent while these are read themselves. */
  readonly guard?: Guard | undefined;
  /** Why a Perl-compatible expression (one character a byte) cannot be used with these flags, or undefined. */
  regexFault(source: string, flags: string): string | undefined;
}

/** Pure: the same text, the same output. Lines end in LF or CRLF; a line over 1 MiB is skipped with a reason. */
export type Reader = (text: string, context: ReaderContext) => ReaderOutput;
