/**
 * From signature sources to components: read every line, leave out what is ignored or there twice, split by kind, and
 * put each part into its container. The same sources and options give the same bytes.
 */
import type { HostRule } from '../base/fingerprint.js';
import type { Json, Crypto, Signer } from '../base/seams.js';
import { VedetteError } from '../base/errors.js';
import { encodeAgentPattern } from '../pattern/agent-pattern.js';
import type { ComponentKind } from '../pattern/container.js';
import { buildContainer } from '../pattern/container.js';
import { encodeFilter } from '../pattern/filter-pattern.js';
import { encodeServerPattern } from '../pattern/server-pattern.js';
import { joinGaps } from '../pattern/signatures/join-gaps.js';
import { goodwareHistogram } from './goodware/histogram.js';
import { dedupeEntries, dedupeSignatures } from './dedupe.js';
import type { CompileSource } from './read-sources.js';
import { readSources } from './read-sources.js';
import type { ReaderOutput } from './readers/reader.js';
import type { CompileReport, SectionBytes } from './report.js';
import { contentCounts } from './report.js';
import type { SignatureSet, Split } from './split.js';
import { splitSignatures } from './split.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How often each component is published: it is stale after two periods. */
const periods = { 'agent-pattern': dayMs, filter: hourMs, 'server-pattern': hourMs } as const;

/** DESIGN §1 (e). */
const defaultLifeMs = 30 * dayMs;

/** How sources are compiled. */
export interface CompileSettings {
  /** Of all three components; the filter covers the server pattern of this generation. */
  readonly generation: number;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms. Default: 30 days after `createdAt`. */
  readonly expiresAt?: number | undefined;
  /** Which hosts of a URL become expressions. */
  readonly hostRule: HostRule;
  readonly registrableDomain?: ((host: string) => string | undefined) | undefined;
  readonly signer?: Signer | undefined;
  readonly crypto: Pick<Crypto, 'sha256'>;
  /** A line that cannot be used is an error. */
  readonly strict?: boolean | undefined;
  /** Hashes go to the agent pattern as well: for closed sites without a server. */
  readonly localHashes?: boolean | undefined;
}

/** The three components as files, and what became of every line. */
export interface Compiled {
  readonly agent: Uint8Array;
  readonly filter: Uint8Array;
  readonly server: Uint8Array;
  readonly report: CompileReport;
}

/**
 * Compiles sources.
 * @throws VedetteError `pattern-refused` with every skipped line in `detail.skipped` when `strict`; RangeError, TypeError
 * for settings that cannot be.
 */
export async function compileSources(sources: readonly CompileSource[], settings: CompileSettings): Promise<Compiled> {
  const read = readSources(sources, settings);
  if (settings.strict === true) {
    assertNothingSkipped(sources, read.outputs);
  }
  const { set, duplicates } = unite(read.outputs);
  const { generation, hostRule, localHashes = false } = settings;
  const components = await buildComponents(splitSignatures(set, { generation, hostRule, localHashes }), settings);
  const report: CompileReport = {
    sources: read.reports,
    generation,
    createdAt: settings.createdAt,
    expiresAt: expiresAt(settings),
    hostRule,
    counts: contentCounts(set),
    duplicates,
    ignored: sum(read.reports, (one) => one.ignored),
    weakApprovals: sum(read.reports, (one) => one.weakApprovals),
    bytes: { agent: components.agent.bytes.length, filter: components.filter.bytes.length, server: components.server.bytes.length },
    sections: { agent: components.agent.sections, filter: components.filter.sections, server: components.server.sections },
  };
  return { agent: components.agent.bytes, filter: components.filter.bytes, server: components.server.bytes, report };
}

function unite(outputs: readonly ReaderOutput[]): { readonly set: SignatureSet; readonly duplicates: CompileReport['duplicates'] } {
  const united = {
    signatures: dedupeSignatures(outputs.flatMap((one) => one.signatures)),
    logical: dedupeSignatures(outputs.flatMap((one) => one.logical)),
    macros: dedupeSignatures(outputs.flatMap((one) => one.macros.map(({ body }) => body))),
    sectionHashes: dedupeEntries(outputs.flatMap((one) => one.sectionHashes)),
    importHashes: dedupeEntries(outputs.flatMap((one) => one.importHashes)),
    hashes: dedupeEntries(outputs.flatMap((one) => one.hashes)),
    allow: dedupeEntries(outputs.flatMap((one) => one.allow)),
  };
  const { signatures, logical, macros, sectionHashes, importHashes, hashes, allow } = united;
  return {
    set: {
      signatures: signatures.kept.map(joinGaps),
      logical: logical.kept,
      macros: macros.kept,
      sectionHashes: sectionHashes.kept,
      importHashes: importHashes.kept,
      hashes: hashes.kept,
      allow: allow.kept,
    },
    duplicates: {
      signatures: signatures.duplicates,
      logical: logical.duplicates,
      macros: macros.duplicates,
      sectionHashes: sectionHashes.duplicates,
      importHashes: importHashes.duplicates,
      hashes: hashes.duplicates,
      allow: allow.duplicates,
    },
  };
}

/** A component as a file, and what its sections weigh. */
interface Component {
  readonly bytes: Uint8Array;
  readonly sections: SectionBytes;
}

async function buildComponents(split: Split, settings: CompileSettings): Promise<Record<'agent' | 'filter' | 'server', Component>> {
  const build = async (kind: ComponentKind & keyof typeof periods, sections: [string, Uint8Array][]): Promise<Component> => {
    const { generation, createdAt, crypto, signer } = settings;
    const head = { kind, generation, createdAt, expiresAt: expiresAt(settings), periodMs: periods[kind] };
    const bytes = await buildContainer({ head, sections, crypto, signer });
    return { bytes, sections: Object.fromEntries(sections.map(([name, content]) => [name, content.length])) };
  };
  return {
    agent: await build('agent-pattern', encodeAgentPattern(split.agent, goodwareHistogram())),
    filter: await build('filter', encodeFilter(split.filter)),
    server: await build('server-pattern', encodeServerPattern(split.server)),
  };
}

/** What an ignore list leaves out is no fault: only lines that a reader could not use count. */
function assertNothingSkipped(sources: readonly CompileSource[], outputs: readonly ReaderOutput[]): void {
  const skipped: Json[] = outputs.flatMap((output, i) => output.skipped.map((line) => ({ file: sources[i]!.name, ...line })));
  if (skipped.length > 0) {
    throw new VedetteError('pattern-refused', `${skipped.length} lines cannot be used`, { detail: { cause: 'skipped-lines', skipped } });
  }
}

function expiresAt(settings: CompileSettings): number {
  return settings.expiresAt ?? settings.createdAt + defaultLifeMs;
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
