/** Reads every source with the reader of its format; leaves out what ignore lists name and what warning lists have. */
import type { HostRule } from '../base/fingerprint.js';
import type { Threat } from '../base/verdict.js';
import { createExtractor } from '../fingerprint/create-extractor.js';
import { createPortableHash, sha256 } from '../fingerprint/digests.js';
import type { SourceFormat } from './detect.js';
import { createGuard } from './guard/create-guard.js';
import type { Guard } from './guard/guard.js';
import type { IgnoreList } from './ignore.js';
import { createIgnoreList } from './ignore.js';
import { readers } from './readers/index.js';
import { regexFault } from './regex-fault.js';
import type { ReaderContext, ReaderOutput } from './readers/reader.js';
import type { SourceReport } from './report.js';
import { sourceReport } from './report.js';

/** One file of signatures, already read. */
export interface CompileSource {
  /** The file's name without its folder: it appears in threat names and reports. */
  readonly name: string;
  readonly format: SourceFormat;
  readonly text: string;
}

/** How the URLs in sources become expressions. */
export interface UrlSettings {
  readonly hostRule: HostRule;
  readonly registrableDomain?: ((host: string) => string | undefined) | undefined;
  /** Instant (epoch ms) of the publication. */
  readonly createdAt?: number | undefined;
}

/** What the sources brought. */
export interface ReadSources {
  /** What is left of each source after the ignore lists, in the order of the sources. */
  readonly outputs: readonly ReaderOutput[];
  readonly reports: readonly SourceReport[];
}

/** Pure. @throws TypeError for the host rule `psl` without `registrableDomain`. */
export function readSources(sources: readonly CompileSource[], settings: UrlSettings): ReadSources {
  const extractor = createExtractor(settings);
  const contextOf = (source: CompileSource, guard: Guard | undefined): ReaderContext => ({
    source: source.name,
    hostRule: settings.hostRule,
    url: (url) => extractor.url(url),
    sha256,
    regexFault,
    now: settings.createdAt,
    guard,
  });
  const read = (source: CompileSource, text: string, guard?: Guard): ReaderOutput => readers[source.format](text, contextOf(source, guard));
  const ignoreLists = sources.filter((source) => source.format === 'ign2');
  const ignore = createIgnoreList(ignoreLists.flatMap((source) => read(source, source.text).ignored), md5);
  const guard = createGuard(sources.filter((source) => source.format === 'warninglist').flatMap((source) => read(source, source.text).warnings));
  const outputs: ReaderOutput[] = [];
  const reports: SourceReport[] = [];
  for (const source of sources) {
    const { text, skipped } = source.format === 'ign2' ? { text: source.text, skipped: [] } : ignore.withoutLines(source.text);
    const output = read(source, text, guard);
    const kept = withoutIgnored(output, ignore);
    outputs.push(kept);
    reports.push(sourceReport(source, kept, { ignored: entriesOf(output) - entriesOf(kept), skipped }));
  }
  return { outputs, reports };
}

function withoutIgnored(output: ReaderOutput, ignore: IgnoreList): ReaderOutput {
  const isKept = ({ threat }: { readonly threat: Threat }): boolean => !ignore.ignoresName(threat.name);
  return {
    ...output,
    signatures: output.signatures.filter(isKept),
    logical: output.logical.filter(isKept),
    macros: output.macros.filter(({ name }) => !ignore.ignoresName(name)),
    sectionHashes: output.sectionHashes.filter(isKept),
    importHashes: output.importHashes.filter(isKept),
    hashes: output.hashes.filter(isKept),
    allow: output.allow.filter(isKept),
  };
}

function entriesOf(output: ReaderOutput): number {
  const { signatures, logical, macros, sectionHashes, importHashes, hashes, allow } = output;
  return [signatures, logical, macros, sectionHashes, importHashes, hashes, allow].reduce((sum, entries) => sum + entries.length, 0);
}

function md5(bytes: Uint8Array): Uint8Array {
  const hash = createPortableHash('md5');
  hash.update(bytes);
  return hash.digest();
}
