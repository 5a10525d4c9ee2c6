/**
 * The corpus of the scan contest: contents by kind, one behind the other, and 100,000 literals from files that are not
 * in it. "Mixed" is the first five kinds together, 64 MiB; PDF stands beside it. Engines are given slices: a kind or
 * the mixture, whole or the same share of each kind.
 */

/** Kinds of content, in the order in which they stand. */
export const kinds = ['elf', 'js', 'text', 'zip', 'random', 'pdf'] as const;
/** One kind of content. */
export type ContentKind = (typeof kinds)[number];

/** What can be scanned: the mixture, or one kind. */
export const contents = ['mixed', ...kinds] as const;
/** One of them. */
export type Content = (typeof contents)[number];

/** MiB of each kind. */
export const mebibytes: Readonly<Record<ContentKind, number>> = { elf: 24, js: 16, text: 8, zip: 8, random: 8, pdf: 8 };

/** Kinds of the mixture. */
export const mixedKinds: readonly ContentKind[] = ['elf', 'js', 'text', 'zip', 'random'];

/** Of the recipe: another version makes another corpus. */
export const corpusVersion = 1;

/** What a record says about a corpus: nothing of it names a file. */
export interface CorpusDescription {
  readonly version: number;
  readonly sha256: string;
  /** Bytes of each kind, and how many files they come from. */
  readonly byKind: Readonly<Record<ContentKind, { readonly bytes: number; readonly files: number }>>;
  readonly literals: number;
  readonly literalsSha256: string;
  /** Literals that were written into it at random places. Others are in it by themselves. */
  readonly planted: number;
}

/** Bytes to search and literals to search for. */
export interface Corpus {
  readonly bytes: Buffer;
  readonly literals: readonly Buffer[];
  readonly description: CorpusDescription;
}

/** A part of the corpus as one subject. */
export interface Slice {
  readonly content: Content;
  /** Of each kind the first `1/share` is in it. */
  readonly share: number;
}

/** A run of bytes of the corpus. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Which ranges of the corpus a slice is made of, in order. */
export function rangesOf({ byKind }: CorpusDescription, { content, share }: Slice): Range[] {
  const wanted = content === 'mixed' ? mixedKinds : [content];
  return wanted.map((kind) => {
    const from = kinds.slice(0, kinds.indexOf(kind)).reduce((sum, before) => sum + byKind[before].bytes, 0);
    return { from, to: from + Math.floor(byKind[kind].bytes / share) };
  });
}

/** The slice as bytes; a copy unless it is one range. */
export function bytesOf({ bytes, description }: Corpus, slice: Slice): Buffer {
  const parts = rangesOf(description, slice).map(({ from, to }) => bytes.subarray(from, to));
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}
