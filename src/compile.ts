/**
 * Entry `./compile`: signature sources in, components out (agent pattern, filter, server pattern). Portable: sources
 * are texts and components are bytes, reading and writing files is the caller's.
 */
import type { HostRule } from './base/fingerprint.js';
import type { Crypto, Signer } from './base/seams.js';
import type { Compiled } from './compile/compile.js';
import { compileSources } from './compile/compile.js';
import type { CompileSource } from './compile/read-sources.js';
import { createPortableCrypto } from './preset/portable-crypto.js';
import { registrableDomain } from './url.js';

export type { Compiled } from './compile/compile.js';
export type { SourceArgument, SourceFormat } from './compile/detect.js';
export { detectFormat, parseSourceArgument, sourceFormats } from './compile/detect.js';
export type { CompileSource } from './compile/read-sources.js';
export type { SkippedLine } from './compile/readers/reader.js';
export type { CompileReport, ContentCounts, Duplicates, SectionBytes, SourceReport } from './compile/report.js';

/** How sources are compiled. */
export interface CompileOptions {
  /** Of all three components; counts up from one publication to the next. */
  readonly generation: number;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms. Default: 30 days after `createdAt`. */
  readonly expiresAt?: number | undefined;
  /** Which hosts of a URL become expressions; engines refuse a filter with another rule than theirs. Default `psl`. */
  readonly hostRule?: HostRule | undefined;
  /** eTLD+1 of a host, for the rule `psl`. Default: the Public Suffix List of the entry `./url`. */
  readonly registrableDomain?: ((host: string) => string | undefined) | undefined;
  /** Signs the components. Unsigned ones load only where their user names them himself. */
  readonly signer?: Signer | undefined;
  /** Default: the portable one. */
  readonly crypto?: Pick<Crypto, 'sha256'> | undefined;
  /** A line that cannot be used is an error instead of a line in the report. */
  readonly strict?: boolean | undefined;
  /** Hashes go to the agent pattern as well: for closed sites without a server to ask. */
  readonly localHashes?: boolean | undefined;
}

/**
 * Compiles sources into the three components. The same sources and options give the same bytes.
 * @throws VedetteError `pattern-refused` with every skipped line in `detail.skipped` when `strict`.
 */
export async function compile(sources: readonly CompileSource[], options: CompileOptions): Promise<Compiled> {
  return compileSources(sources, {
    ...options,
    hostRule: options.hostRule ?? 'psl',
    registrableDomain: options.registrableDomain ?? registrableDomain,
    crypto: options.crypto ?? createPortableCrypto(),
  });
}
