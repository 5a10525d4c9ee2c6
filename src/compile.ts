/**
 * Entry `./compile`: signature sources in, components out (agent pattern, filter, server pattern), and a site's rules in,
 * components out (lists, action table). Portable: sources are texts and components are bytes, reading and writing files is
 * the caller's.
 */
import type { HostRule } from './base/fingerprint.js';
import type { Crypto, Signer } from './base/seams.js';
import type { Compiled } from './compile/compile.js';
import { compileSources } from './compile/compile.js';
import type { CompileSource } from './compile/read-sources.js';
import { buildActionTable, buildLists } from './compile/site.js';
import type { ActionTableData } from './pattern/action-table-pattern.js';
import type { ListRuleData } from './pattern/lists-pattern.js';
import { createPortableCrypto } from './preset/portable-crypto.js';
import { registrableDomain } from './url.js';

export type { ActionRowData, ActionTableData } from './pattern/action-table-pattern.js';
export type { ListRuleData } from './pattern/lists-pattern.js';
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

/** How a component of a site is made. */
export interface SiteOptions {
  /** Counts up from one publication to the next. */
  readonly generation: number;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms. Default: 30 days after `createdAt`. From then on nobody takes it from a network any more; what is in use stays. */
  readonly expiresAt?: number | undefined;
  /** How often the site publishes it at least: it is stale after two of these. Default: 7 days. */
  readonly periodMs?: number | undefined;
  /** The site's own key. */
  readonly signer?: Signer | undefined;
  /** Default: the portable one. */
  readonly crypto?: Pick<Crypto, 'sha256'> | undefined;
}

/**
 * A site's approved and blocked subjects as a component: agents judge by them before anything else. Whether a rule can be
 * used is for who loads it to say.
 * @throws TypeError, RangeError for a rule without exactly one subject, over the limits, or with an id that is there twice.
 */
export async function compileLists(rules: readonly ListRuleData[], options: SiteOptions): Promise<Uint8Array> {
  return buildLists(rules, { ...options, crypto: options.crypto ?? createPortableCrypto() });
}

/**
 * What a site does about which type of threat, as a component: it takes the place of the default table of agents whose
 * configuration has none.
 * @throws TypeError, RangeError for a table without a row `other`, with unknown words, or with more than 1000 rows.
 */
export async function compileActionTable(table: ActionTableData, options: SiteOptions): Promise<Uint8Array> {
  return buildActionTable(table, { ...options, crypto: options.crypto ?? createPortableCrypto() });
}
