/** What compiling did with every line: the content of `report.json`. JSON data only. */
import type { HostRule } from '../base/fingerprint.js';
import type { HashEntry } from '../pattern/hash-entry.js';
import { groupCode, hashGroups } from '../pattern/hashes/hash-groups.js';
import type { SourceFormat } from './detect.js';
import type { ReaderOutput, SkippedLine } from './readers/reader.js';
import type { SignatureSet } from './split.js';

/** One source. `lines = loaded + skipped.length + blank and comment lines`. */
export interface SourceReport {
  readonly file: string;
  readonly format: SourceFormat;
  readonly lines: number;
  readonly loaded: number;
  /** Entries of loaded lines that were left out because an ignore list names them. */
  readonly ignored: number;
  /** Approvals by MD5 or SHA-1, which can be forged: they hold only for files of the given size. */
  readonly weakApprovals: number;
  readonly skipped: readonly SkippedLine[];
  /** Parts of loaded lines that were not used: what a warning list has, and conditions that cannot be checked. */
  readonly leftOut: readonly SkippedLine[];
}

/** What the components hold. */
export interface ContentCounts {
  /** Byte signatures: a body each (.ndb). */
  readonly signatures: number;
  /** Logical signatures (.ldb). */
  readonly logical: number;
  /** Bodies that only macros name. */
  readonly macros: number;
  readonly sectionHashes: number;
  readonly importHashes: number;
  /** In full on the server; their prefixes in the filter. */
  readonly hashes: { readonly file: { readonly sha256: number; readonly sha1: number; readonly md5: number }; readonly url: number };
  readonly allow: number;
}

/** The whole report. */
export interface CompileReport {
  readonly sources: readonly SourceReport[];
  readonly generation: number;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms. */
  readonly expiresAt: number;
  readonly hostRule: HostRule;
  readonly counts: ContentCounts;
  /** Entries that were there before word for word and are held once. */
  readonly duplicates: Duplicates;
  /** Sums over the sources. */
  readonly ignored: number;
  readonly weakApprovals: number;
  /** Size of each component in bytes. */
  readonly bytes: { readonly agent: number; readonly filter: number; readonly server: number };
  /** Bytes of each section of each component; a head of 48 bytes, 64 a section, and signature and digest come on top. */
  readonly sections: { readonly agent: SectionBytes; readonly filter: SectionBytes; readonly server: SectionBytes };
}

/** Bytes by name of the section. */
export type SectionBytes = Readonly<Record<string, number>>;

/** How many entries of each kind were left out because they were there already. */
export type Duplicates = Readonly<Record<keyof SignatureSet, number>>;

/** The report on one source. */
export function sourceReport(
  source: { readonly name: string; readonly format: SourceFormat },
  output: ReaderOutput,
  left: { readonly ignored: number; readonly skipped: readonly SkippedLine[] },
): SourceReport {
  return {
    file: source.name,
    format: source.format,
    lines: output.lines,
    loaded: output.loaded,
    ignored: left.ignored,
    weakApprovals: output.allow.filter((entry) => entry.algorithm !== 'sha256').length,
    skipped: [...output.skipped, ...left.skipped].sort((a, b) => a.line - b.line),
    leftOut: output.leftOut,
  };
}

/** What a set holds, by kind. */
export function contentCounts(set: SignatureSet): ContentCounts {
  const counts = hashGroups.map((_, code) => set.hashes.filter((one: HashEntry) => groupCode(one.kind, one.algorithm) === code).length);
  const [sha256 = 0, sha1 = 0, md5 = 0, url = 0] = counts;
  return {
    signatures: set.signatures.length,
    logical: set.logical.length,
    macros: set.macros.length,
    sectionHashes: set.sectionHashes.length,
    importHashes: set.importHashes.length,
    hashes: { file: { sha256, sha1, md5 }, url },
    allow: set.allow.length,
  };
}
